"""The tables as they stand, for a new database at once; a database in use goes on through the steps it replaces.

The steps may go when no database stands before the last of them. tests/test_migrations.py compares both ways.
"""

import accountability.models.search
import accountability.models.signing_in
import accountability.models.timekeeping
import datetime
import django.contrib.auth.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


def index_terms(apps, schema_editor):
    """PostgreSQL finds a row by the pairs of signs in its words; no other database can."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX search_by_terms ON accountability_searchtext USING gin (terms)")


class Migration(migrations.Migration):
    replaces = [
        ("accountability", "0001_initial"),
        ("accountability", "0002_whole_flow"),
        ("accountability", "0003_attachments"),
        ("accountability", "0004_cases"),
        ("accountability", "0005_series"),
        ("accountability", "0006_papers"),
        ("accountability", "0007_papers_kept"),
        ("accountability", "0008_figures"),
        ("accountability", "0009_rules"),
        ("accountability", "0010_bulletins"),
        ("accountability", "0011_ranking"),
        ("accountability", "0012_answer_templates"),
        ("accountability", "0013_on_screen"),
        ("accountability", "0014_shortcuts"),
        ("accountability", "0015_search_text"),
        ("accountability", "0016_tour"),
        ("accountability", "0017_work_by_clock"),
        ("accountability", "0018_administrators"),
        ("accountability", "0019_privacy"),
        ("accountability", "0020_record"),
        ("accountability", "0021_rights"),
        ("accountability", "0022_unmasking"),
        ("accountability", "0023_exports"),
        ("accountability", "0024_rights_requests"),
        ("accountability", "0025_signing_in"),
        ("accountability", "0026_access_log_read"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Employee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "username",
                    models.CharField(
                        max_length=64,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="工号",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("is_active", models.BooleanField(default=True, verbose_name="在职")),
                (
                    "supervisor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supervised",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="分管领导",
                    ),
                ),
            ],
            options={
                "verbose_name": "员工",
                "verbose_name_plural": "员工",
                "ordering": ["username"],
            },
        ),
        migrations.CreateModel(
            name="ChannelHealth",
            fields=[
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "电子邮件"), ("sms", "短信"), ("robot", "群机器人")],
                        max_length=8,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("resume_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField(verbose_name="序号")),
                ("verb", models.CharField(max_length=32, verbose_name="操作")),
                ("at", models.DateTimeField(verbose_name="计入时刻")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时刻")),
                ("part", models.PositiveSmallIntegerField(default=0, verbose_name="轮次")),
                ("facts", models.JSONField(default=dict, verbose_name="内容")),
                ("key", models.CharField(max_length=64, null=True)),
                ("hmac", models.CharField(max_length=64, verbose_name="校验码")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
            ],
            options={
                "verbose_name": "操作台账",
                "verbose_name_plural": "操作台账",
                "ordering": ["matter_id", "seq"],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="序号")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("hmac", models.CharField(max_length=64, verbose_name="校验码")),
                ("entries", models.PositiveBigIntegerField(verbose_name="台账条数")),
                ("matters", models.PositiveIntegerField(verbose_name="涉及事项数")),
                ("rows", models.PositiveIntegerField(verbose_name="新封存日志与历史行数")),
            ],
            options={
                "verbose_name": "封存",
                "verbose_name_plural": "封存",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("name", models.CharField(max_length=48, primary_key=True, serialize=False)),
                ("last", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("entries", models.PositiveBigIntegerField(verbose_name="台账条数")),
                ("seals", models.PositiveIntegerField(verbose_name="封存数")),
                ("found", models.PositiveIntegerField(verbose_name="发现的问题数")),
                ("findings", models.JSONField(default=list, verbose_name="发现的问题")),
            ],
            options={
                "verbose_name": "核验",
                "verbose_name_plural": "核验",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                (
                    "employee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="authenticator",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="绑定时间")),
                ("last_step", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "动态口令",
                "verbose_name_plural": "动态口令",
            },
        ),
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "employee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("language", models.CharField(default="zh-hans", max_length=8, verbose_name="语言")),
                ("chosen", models.JSONField(default=dict)),
                ("counts_in_title", models.BooleanField(default=True)),
                ("plays_sound", models.BooleanField(default=False)),
                ("sealed", models.BinaryField(null=True)),
                ("shortcuts", models.BooleanField(default=True)),
                ("toured", models.PositiveSmallIntegerField(default=0)),
                ("tour_skipped", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SignInState",
            fields=[
                (
                    "employee",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="sign_in_state",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("password_set_at", models.DateTimeField(null=True, verbose_name="密码设定时间")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="停用登录")),
            ],
            options={
                "verbose_name": "登录状态",
                "verbose_name_plural": "登录状态",
            },
        ),
        migrations.CreateModel(
            name="ActivationCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("issued_at", models.DateTimeField(verbose_name="签发时间")),
                ("expires_at", models.DateTimeField(verbose_name="失效时间")),
                ("used_at", models.DateTimeField(null=True, verbose_name="使用时间")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
            ],
            options={
                "verbose_name": "激活码",
                "verbose_name_plural": "激活码",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("answered_by", models.CharField(default="branch", max_length=16, verbose_name="建议首问责任部门")),
                ("network_limits", models.BooleanField(default=False, verbose_name="适用网络类时限")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaves",
                        to="accountability.category",
                        verbose_name="大类",
                    ),
                ),
            ],
            options={
                "verbose_name": "投诉类别",
                "verbose_name_plural": "投诉类别",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("parent", "name"), name="one_leaf_a_name"),
                    models.UniqueConstraint(
                        condition=models.Q(("parent__isnull", True)), fields=("name",), name="one_head_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                (
                    "use",
                    models.CharField(
                        choices=[("answer", "答复客服中心"), ("reply", "回复客户")], max_length=8, verbose_name="用于"
                    ),
                ),
                ("text", models.TextField(verbose_name="内容")),
                ("is_withdrawn", models.BooleanField(default=False, verbose_name="已停用")),
                ("in_force_from", models.DateTimeField(verbose_name="生效")),
                ("reason", models.CharField(max_length=200, verbose_name="修订理由")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修订人",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.category",
                        verbose_name="投诉类别",
                    ),
                ),
            ],
            options={
                "verbose_name": "答复模板",
                "verbose_name_plural": "答复模板",
                "ordering": ["name", "-version"],
                "constraints": [models.UniqueConstraint(fields=("name", "version"), name="one_template_a_version")],
            },
        ),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128)),
                ("replaced_at", models.DateTimeField()),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAppointment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("agent", "客服代表"),
                            ("csc_supervisor", "客服中心主管"),
                            ("contact", "投诉处理接口人"),
                            ("deputy_contact", "副接口人"),
                            ("marketing", "市场部专员"),
                            ("marketing_leader", "市场部领导"),
                            ("auditor", "审计员"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全管理员"),
                            ("audit_admin", "审计管理员"),
                        ],
                        max_length=20,
                        verbose_name="角色",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 任职",
                "verbose_name_plural": "historical 任职",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCategory",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("answered_by", models.CharField(default="branch", max_length=16, verbose_name="建议首问责任部门")),
                ("network_limits", models.BooleanField(default=False, verbose_name="适用网络类时限")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.category",
                        verbose_name="大类",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 投诉类别",
                "verbose_name_plural": "historical 投诉类别",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalUnit",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("code", models.CharField(db_index=True, max_length=16, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service_centre", "客户服务中心"),
                            ("marketing", "市场部"),
                            ("department", "省公司机关部门"),
                            ("branch", "市州分公司"),
                            ("direct_unit", "直属单位"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "head",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="负责人",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 单位",
                "verbose_name_plural": "historical 单位",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="search_text",
                        serialize=False,
                        to="accountability.ledgerentry",
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("text", models.TextField()),
                ("terms", accountability.models.search.Tokens()),
            ],
        ),
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("complaint", "投诉"),
                            ("case", "案件"),
                            ("organisation", "组织"),
                            ("mass", "大面积投诉"),
                            ("plan", "整改方案"),
                            ("bulletin", "定期通报"),
                            ("ranking", "年度排名"),
                            ("export", "数据导出"),
                            ("rights", "客户权利请求"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.CharField(max_length=24, null=True, unique=True, verbose_name="编号")),
                ("opened_at", models.DateTimeField(verbose_name="建立")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结")),
                ("deidentified_at", models.DateTimeField(null=True, verbose_name="去标识")),
                ("part", models.PositiveSmallIntegerField(default=0)),
                ("awaits", models.CharField(blank=True, default="", max_length=24, verbose_name="待办")),
                ("waiting_since", models.DateTimeField(null=True, verbose_name="等待自")),
                ("alarm_at", models.DateTimeField(null=True, verbose_name="等待预警")),
                ("work_rank", models.PositiveSmallIntegerField(default=9)),
                (
                    "work_due_at",
                    models.DateTimeField(default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.timezone.utc)),
                ),
                ("work_warned", models.BooleanField(default=False)),
                ("ledger_length", models.PositiveIntegerField(default=0)),
                ("ledger_head", models.CharField(default="", max_length=64)),
                (
                    "holder",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="持有人",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="matter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accountability.matter",
                verbose_name="事项",
            ),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16, verbose_name="类别")),
                ("token", models.CharField(max_length=43, unique=True)),
                ("uploaded_at", models.DateTimeField(verbose_name="上传时间")),
                ("claimed_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                ("erased_at", models.DateTimeField(null=True, verbose_name="清除时间")),
                ("media_type", models.CharField(max_length=80, verbose_name="格式")),
                ("size", models.PositiveIntegerField(verbose_name="字节数")),
                ("sha256", models.CharField(max_length=64, verbose_name="校验码")),
                ("sealed", models.BinaryField(null=True)),
                ("place", models.CharField(max_length=32, unique=True)),
                ("key", models.CharField(max_length=64, null=True)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "附件",
                "verbose_name_plural": "附件",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("matter__isnull", True)), fields=["uploaded_at"], name="attachment_draft"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key__isnull", False)),
                        fields=("uploaded_by", "key", "kind", "sha256"),
                        name="one_file_a_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("claimed_at__isnull", True), ("matter__isnull", True)),
                            models.Q(("claimed_at__isnull", False), ("matter__isnull", False)),
                            _connector="OR",
                        ),
                        name="attachment_claimed_for_a_matter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at__isnull", False), ("sealed__isnull", True)),
                            models.Q(("erased_at__isnull", True), ("sealed__isnull", False)),
                            _connector="OR",
                        ),
                        name="attachment_named_or_erased",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("action", models.CharField(max_length=32, verbose_name="动作")),
                ("result", models.CharField(max_length=16, verbose_name="结果")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="网络地址")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="访问人",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "访问日志",
                "verbose_name_plural": "访问日志",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["actor", "action", "at"], name="access_counted"),
                    models.Index(fields=["action", "-id"], name="access_by_action"),
                    models.Index(fields=["at"], name="access_by_day"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("actor__isnull", False),
                            models.Q(("action", "sign_in"), models.Q(("result", "ok"), _negated=True)),
                            _connector="OR",
                        ),
                        name="no_null_actor",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="accountability.matter",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["recipient", "-id"], name="notification_inbox"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["recipient"], name="notification_unread"
                    ),
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)), fields=["id"], name="notification_unsent"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "电子邮件"), ("sms", "短信"), ("robot", "群机器人")],
                        max_length=8,
                        verbose_name="渠道",
                    ),
                ),
                ("is_clock", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待发送"),
                            ("sent", "已发送"),
                            ("failed", "未送达"),
                            ("dropped", "无需发送"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("message", models.CharField(blank=True, default="", max_length=32)),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                ("planned_at", models.DateTimeField(verbose_name="计划时间")),
                ("next_try_at", models.DateTimeField(verbose_name="下次发送")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                ("problem", models.CharField(blank=True, default="", max_length=40, verbose_name="问题")),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="收件人",
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="accountability.notification",
                    ),
                ),
            ],
            options={
                "verbose_name": "屏外通知",
                "verbose_name_plural": "屏外通知",
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["next_try_at"], name="delivery_due"),
                    models.Index(fields=["recipient", "channel", "sent_at"], name="delivery_recent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notification", "channel"), name="one_delivery_a_notice_and_channel"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, unique=True)),
                ("since", models.DateTimeField(verbose_name="登录时间")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="网络地址")),
                ("device", models.CharField(blank=True, max_length=200, verbose_name="设备")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="open_sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "登录会话",
                "verbose_name_plural": "登录会话",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24, verbose_name="文种")),
                ("part", models.PositiveBigIntegerField(default=0)),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="版次")),
                ("number", models.CharField(blank=True, default="", max_length=60, verbose_name="发文字号")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("digest", models.CharField(max_length=64, verbose_name="校验码")),
                ("issued_at", models.DateTimeField(null=True, verbose_name="印发时间")),
                ("drafted_at", models.DateTimeField(null=True)),
                ("token", models.CharField(max_length=43, unique=True)),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="印发人",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "公文",
                "verbose_name_plural": "公文",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="PaperFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "form",
                    models.CharField(
                        choices=[("html", "HTML"), ("pdf", "PDF"), ("docx", "DOCX"), ("xlsx", "XLSX")], max_length=4
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, default="", max_length=64, verbose_name="校验码")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="字节数")),
                ("place", models.CharField(max_length=32, null=True, unique=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="accountability.paper"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("made_at__isnull", True)), fields=["id"], name="paper_file_to_make"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("paper", "form"), name="one_file_a_form_of_paper"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("made_at__isnull", True), ("place__isnull", True)),
                            models.Q(("made_at__isnull", False), ("place__isnull", False)),
                            _connector="OR",
                        ),
                        name="paper_file_made_with_bytes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperWording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="版本")),
                ("in_force_from", models.DateTimeField(verbose_name="生效")),
                ("reason", models.CharField(max_length=200, verbose_name="修订理由")),
                ("phrases", models.JSONField(default=dict, verbose_name="用语")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修订人",
                    ),
                ),
            ],
            options={
                "verbose_name": "公文用语",
                "verbose_name_plural": "公文用语",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="PersonalData",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                ("sealed", models.BinaryField(null=True)),
                ("phone_digest", models.CharField(blank=True, default="", max_length=32)),
                ("last4_digest", models.CharField(blank=True, default="", max_length=32)),
                ("name_digest", models.CharField(blank=True, default="", max_length=32)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="personal_data",
                        to="accountability.matter",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("phone_digest", ""), _negated=True),
                        fields=["phone_digest"],
                        name="personal_by_phone",
                    ),
                    models.Index(
                        condition=models.Q(("last4_digest", ""), _negated=True),
                        fields=["last4_digest"],
                        name="personal_by_last4",
                    ),
                    models.Index(
                        condition=models.Q(("name_digest", ""), _negated=True),
                        fields=["name_digest"],
                        name="personal_by_name_",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="paper",
            name="content",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accountability.personaldata"
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="texts",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accountability.personaldata",
            ),
        ),
        migrations.CreateModel(
            name="HistoricalAbsence",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="离岗开始")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="离岗结束")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="提前返岗")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 离岗",
                "verbose_name_plural": "historical 离岗",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="离岗开始")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="离岗结束")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="提前返岗")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "离岗",
                "verbose_name_plural": "离岗",
                "ordering": ["starts_at", "pk"],
                "indexes": [models.Index(fields=["employee", "ends_at"], name="absence_by_employee")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                        ),
                        name="absence_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivacyPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="版本")),
                ("in_force_from", models.DateTimeField(verbose_name="生效时间")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                (
                    "unmask_per_hour",
                    models.PositiveSmallIntegerField(default=30, verbose_name="每小时查看号码超过几次预警"),
                ),
                (
                    "unmask_stop_per_hour",
                    models.PositiveSmallIntegerField(default=60, verbose_name="每小时凭理由查看至多几次"),
                ),
                (
                    "retention_years",
                    models.PositiveSmallIntegerField(default=3, verbose_name="归档后保存客户信息（年）"),
                ),
                ("circular_months", models.PositiveSmallIntegerField(default=12, verbose_name="通报公示姓名（月）")),
                ("export_rows", models.PositiveIntegerField(default=20000, verbose_name="一次导出至多几行")),
                ("export_hours", models.PositiveSmallIntegerField(default=72, verbose_name="导出文件保留几小时")),
                ("export_fetches", models.PositiveSmallIntegerField(default=3, verbose_name="导出文件至多下载几次")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修订人",
                    ),
                ),
            ],
            options={
                "verbose_name": "个人信息规则",
                "verbose_name_plural": "个人信息规则",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="RulesVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="版本")),
                ("in_force_from", models.DateTimeField(verbose_name="生效时间")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("rule", models.CharField(blank=True, default="", max_length=3, verbose_name="补充到")),
                ("supplement", models.TextField(blank=True, default="", verbose_name="补充内容")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
            ],
            options={
                "verbose_name": "规则版本",
                "verbose_name_plural": "规则版本",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="RuleReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read_at", models.DateTimeField(verbose_name="阅读时间")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_readings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="accountability.rulesversion",
                        verbose_name="版本",
                    ),
                ),
            ],
            options={
                "verbose_name": "规则阅读",
                "verbose_name_plural": "规则阅读",
                "constraints": [models.UniqueConstraint(fields=("version", "employee"), name="one_reading_a_version")],
            },
        ),
        migrations.CreateModel(
            name="SignInAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("address", models.GenericIPAddressField(null=True)),
                ("counts", models.BooleanField(default=True)),
                (
                    "employee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("counts", True)), fields=["employee", "at"], name="attempt_of_person"
                    ),
                    models.Index(
                        condition=models.Q(("counts", True)), fields=["address", "at"], name="attempt_of_address"
                    ),
                    models.Index(fields=["at"], name="attempt_by_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignInPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="版本")),
                ("in_force_from", models.DateTimeField(verbose_name="生效时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="修订理由")),
                ("min_length", models.PositiveSmallIntegerField(default=12, verbose_name="密码最短长度")),
                ("classes", models.PositiveSmallIntegerField(default=0, verbose_name="至少含几类字符")),
                ("max_age_days", models.PositiveSmallIntegerField(default=0, verbose_name="密码最长使用天数")),
                ("not_repeated", models.PositiveSmallIntegerField(default=0, verbose_name="不得重复最近几次密码")),
                ("lock_after", models.PositiveSmallIntegerField(default=5, verbose_name="连续失败几次锁定")),
                ("lock_within", models.PositiveSmallIntegerField(default=10, verbose_name="在几分钟内计数")),
                ("lock_for", models.PositiveSmallIntegerField(default=20, verbose_name="锁定几分钟")),
                ("address_after", models.PositiveSmallIntegerField(default=50, verbose_name="同一地址失败几次锁定")),
                (
                    "second_factor",
                    models.CharField(
                        choices=[
                            ("required", "管理员、市场部及可查看他人经办内容者"),
                            ("administrators", "仅三类管理员"),
                            ("everybody", "所有人"),
                        ],
                        default="required",
                        max_length=16,
                        verbose_name="双因素认证",
                    ),
                ),
                (
                    "idle_minutes",
                    models.PositiveSmallIntegerField(
                        default=accountability.models.signing_in.idle_minutes, verbose_name="无操作几分钟退出"
                    ),
                ),
                ("absolute_hours", models.PositiveSmallIntegerField(default=12, verbose_name="登录最长几小时")),
                (
                    "sessions_each",
                    models.PositiveSmallIntegerField(default=0, verbose_name="每人同时登录数（0：不限）"),
                ),
                ("dormant_days", models.PositiveSmallIntegerField(default=90, verbose_name="多少天未登录即停用登录")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修订人",
                    ),
                ),
            ],
            options={
                "verbose_name": "登录策略",
                "verbose_name_plural": "登录策略",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="TimeLimits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="版本")),
                ("in_force_from", models.DateTimeField(verbose_name="生效时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="修订理由")),
                ("handling", models.JSONField(verbose_name="处理时限")),
                ("returning", models.JSONField(verbose_name="退回时限")),
                (
                    "handoff_clock",
                    models.CharField(
                        choices=[("natural", "自然时间"), ("duty", "值守时间")],
                        default="natural",
                        max_length=8,
                        verbose_name="交办计时",
                    ),
                ),
                ("day_ends_at", models.CharField(default="24:00", max_length=5, verbose_name="工作日止于")),
                ("returns_before_ruling", models.PositiveSmallIntegerField(default=2, verbose_name="裁定前的退回次数")),
                ("repeat_within_hours", models.PositiveIntegerField(default=720, verbose_name="重复投诉期限(小时)")),
                ("allow_unsatisfied_archive", models.BooleanField(default=True, verbose_name="允许未满意归档")),
                ("rank_separately", models.BooleanField(default=False, verbose_name="分公司与部门分开排名")),
                ("fixed", models.JSONField(default=dict, verbose_name="其他时限")),
                ("waiting", models.JSONField(default=dict, verbose_name="等待预警(小时)")),
                (
                    "mass",
                    models.JSONField(default=accountability.models.timekeeping.mass_limits, verbose_name="大面积投诉"),
                ),
                (
                    "ladder",
                    models.JSONField(default=accountability.models.timekeeping.default_ladder, verbose_name="催办阶梯"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="修订人"
                    ),
                ),
            ],
            options={
                "verbose_name": "时限表",
                "verbose_name_plural": "时限表",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service_centre", "客户服务中心"),
                            ("marketing", "市场部"),
                            ("department", "省公司机关部门"),
                            ("branch", "市州分公司"),
                            ("direct_unit", "直属单位"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="headed_units",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="负责人",
                    ),
                ),
            ],
            options={
                "verbose_name": "单位",
                "verbose_name_plural": "单位",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30, unique=True, verbose_name="地区")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regions",
                        to="accountability.unit",
                        verbose_name="归属单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "地区",
                "verbose_name_plural": "地区",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="matter",
            name="holder_unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accountability.unit",
                verbose_name="持有单位",
            ),
        ),
        migrations.CreateModel(
            name="HistoricalRegion",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(db_index=True, max_length=30, verbose_name="地区")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="归属单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 地区",
                "verbose_name_plural": "historical 地区",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEmployee",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "username",
                    models.CharField(
                        db_index=True,
                        max_length=64,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="工号",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("is_active", models.BooleanField(default=True, verbose_name="在职")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supervisor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="分管领导",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 员工",
                "verbose_name_plural": "historical 员工",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDutyRoster",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="值班开始")),
                ("ends_at", models.DateTimeField(verbose_name="值班结束")),
                ("note", models.CharField(blank=True, max_length=30, verbose_name="班次")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="取消")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="值班人",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 值班",
                "verbose_name_plural": "historical 值班",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="DutyRoster",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="值班开始")),
                ("ends_at", models.DateTimeField(verbose_name="值班结束")),
                ("note", models.CharField(blank=True, max_length=30, verbose_name="班次")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="取消")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="值班人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="accountability.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "值班",
                "verbose_name_plural": "值班",
                "ordering": ["starts_at", "pk"],
                "indexes": [
                    models.Index(fields=["unit", "ends_at"], name="duty_by_unit"),
                    models.Index(fields=["employee", "ends_at"], name="duty_by_employee"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="duty_ends_after_start"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at", None)),
                        fields=("unit", "employee", "starts_at"),
                        name="one_duty_a_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("handoff", "交办"),
                            ("return", "退回窗口"),
                            ("ruling", "退回裁定"),
                            ("handling", "处理"),
                            ("cooperation", "协办"),
                            ("first_reply", "首次回复"),
                            ("contact_on_site", "联系上门测试"),
                            ("network_solution", "网络技术方案"),
                            ("legal", "法定答复"),
                            ("notice", "自查通知"),
                            ("report", "自查报告"),
                            ("discipline", "处理责任人"),
                            ("slip", "执行回执"),
                            ("rectification", "整改"),
                            ("bulletin", "定期通报"),
                            ("rights", "客户权利请求"),
                        ],
                        max_length=20,
                        verbose_name="时限",
                    ),
                ),
                ("part", models.PositiveSmallIntegerField(default=0, verbose_name="轮次")),
                ("party", models.CharField(blank=True, default="", max_length=16, verbose_name="协办单位")),
                ("cycle", models.PositiveSmallIntegerField(default=1, verbose_name="周期")),
                ("is_window", models.BooleanField(default=False)),
                ("limit_text", models.CharField(max_length=48, verbose_name="期限")),
                ("floor_at", models.DateTimeField(null=True, verbose_name="不早于")),
                ("calendar", models.JSONField(default=dict, verbose_name="日历版本")),
                ("started_at", models.DateTimeField(verbose_name="起算")),
                ("due_at", models.DateTimeField(null=True, verbose_name="到期")),
                ("met_at", models.DateTimeField(null=True, verbose_name="履行")),
                ("missed_at", models.DateTimeField(null=True, verbose_name="超时")),
                ("noticed_at", models.DateTimeField(null=True, verbose_name="发现超时")),
                ("voided_at", models.DateTimeField(null=True, verbose_name="取消")),
                ("suspended_at", models.DateTimeField(null=True, verbose_name="中止")),
                ("excuse_proposed_at", models.DateTimeField(null=True, verbose_name="提请免责")),
                ("excused_at", models.DateTimeField(null=True, verbose_name="免责")),
                ("warn_at", models.DateTimeField(null=True, verbose_name="下次预警")),
                ("warned", models.PositiveSmallIntegerField(default=0, verbose_name="已预警(%)")),
                ("chase_at", models.DateTimeField(null=True, verbose_name="下一步催办")),
                ("chased", models.PositiveSmallIntegerField(default=0, verbose_name="已催办步骤")),
                (
                    "excuse_proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "excused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="责任人",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deadlines",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "excuse_reason",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "limits",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.timelimits",
                        verbose_name="时限表版本",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="责任单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "时限",
                "verbose_name_plural": "时限",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("due_at__isnull", False),
                            ("is_window", False),
                            ("met_at__isnull", True),
                            ("missed_at__isnull", True),
                            ("suspended_at__isnull", True),
                            ("voided_at__isnull", True),
                        ),
                        fields=["due_at"],
                        name="deadline_running",
                    ),
                    models.Index(
                        condition=models.Q(("warn_at__isnull", False)), fields=["warn_at"], name="deadline_to_warn"
                    ),
                    models.Index(
                        condition=models.Q(("chase_at__isnull", False), ("met_at__isnull", True)),
                        fields=["chase_at"],
                        name="deadline_to_chase",
                    ),
                    models.Index(
                        condition=models.Q(("due_at__isnull", True)), fields=["kind"], name="deadline_without_calendar"
                    ),
                    models.Index(
                        condition=models.Q(("excuse_proposed_at__isnull", False), ("excused_at__isnull", True)),
                        fields=["excuse_proposed_at"],
                        name="deadline_excuse_asked",
                    ),
                    models.Index(
                        condition=models.Q(("missed_at__isnull", False)),
                        fields=["unit", "missed_at"],
                        name="deadline_missed_by_unit",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("kind__in", ("handoff", "handling", "ruling")),
                            ("voided_at__isnull", True),
                            ("missed_at__isnull", False),
                        ),
                        fields=["missed_at"],
                        name="deadline_missed",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("kind__in", ("handoff", "handling", "ruling")),
                            ("voided_at__isnull", True),
                            ("met_at__isnull", False),
                            ("missed_at__isnull", True),
                        ),
                        fields=["met_at"],
                        name="deadline_kept",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("matter", "kind", "part", "party", "cycle"), name="one_deadline_a_duty_and_cycle"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("missed_at__isnull", True), ("missed_at", models.F("due_at")), _connector="OR"
                        ),
                        name="missed_at_the_due_instant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, verbose_name="标识")),
                ("kind", models.CharField(max_length=32, verbose_name="类别")),
                ("facts", models.JSONField(default=dict, verbose_name="内容")),
                ("since", models.DateTimeField(verbose_name="起始时间")),
                ("raised_at", models.DateTimeField(verbose_name="发出时间")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="解除时间")),
                (
                    "matter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alarms",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "预警",
                "verbose_name_plural": "预警",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)), fields=("key",), name="one_open_alarm_a_key"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="employee",
            name="unit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="employees",
                to="accountability.unit",
                verbose_name="单位",
            ),
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "authenticator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to="accountability.authenticator",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("agent", "客服代表"),
                            ("csc_supervisor", "客服中心主管"),
                            ("contact", "投诉处理接口人"),
                            ("deputy_contact", "副接口人"),
                            ("marketing", "市场部专员"),
                            ("marketing_leader", "市场部领导"),
                            ("auditor", "审计员"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全管理员"),
                            ("audit_admin", "审计管理员"),
                        ],
                        max_length=20,
                        verbose_name="角色",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="员工",
                    ),
                ),
            ],
            options={
                "verbose_name": "任职",
                "verbose_name_plural": "任职",
                "ordering": ["employee_id", "role", "starts_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                        ),
                        name="appointment_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("version", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("days_off", models.JSONField(default=list, verbose_name="放假的工作日")),
                ("days_worked", models.JSONField(default=list, verbose_name="上班的周末")),
                ("published_at", models.DateTimeField(verbose_name="发布时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="发布人"
                    ),
                ),
            ],
            options={
                "verbose_name": "工作日历",
                "verbose_name_plural": "工作日历",
                "ordering": ["-year", "-version"],
                "constraints": [models.UniqueConstraint(fields=("year", "version"), name="one_calendar_a_version")],
            },
        ),
        migrations.AddField(
            model_name="searchtext",
            name="matter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accountability.matter"
            ),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(fields=["number"], name="paper_by_number", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                condition=models.Q(("issued_at__isnull", False)),
                fields=("matter", "kind", "part", "version"),
                name="one_paper_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("drafted_at__isnull", False), ("issued_at__isnull", True)),
                    models.Q(("drafted_at__isnull", True), ("issued_at__isnull", False)),
                    _connector="OR",
                ),
                name="paper_issued_or_drafted",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(fields=("matter", "seq"), name="one_entry_a_place"),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__isnull", False)), fields=("actor", "key"), name="one_effect_a_key"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["awaits", "holder_unit", "work_rank", "work_due_at", "id"], name="matter_by_unit"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["holder", "work_rank", "work_due_at", "id"], name="matter_by_holder"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["work_rank", "work_due_at", "id"], name="matter_by_urgency"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["awaits", "work_rank", "work_due_at", "id"], name="matter_by_verb"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["awaits", "work_warned", "work_due_at"], name="matter_by_clock"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["work_due_at", "id"], name="matter_by_due"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(condition=models.Q(("work_warned", True)), fields=["work_due_at"], name="matter_warned"),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("alarm_at__isnull", False)), fields=["alarm_at"], name="matter_alarm"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False), ("deidentified_at__isnull", True)),
                fields=["kind", "closed_at"],
                name="matter_to_clear",
            ),
        ),
        migrations.RunPython(index_terms, migrations.RunPython.noop),
    ]
