"""The tables as they stand, for a new database at once; a database in use goes on through the steps it replaces.

The steps may go when no database stands before the last of them. tests/test_migrations.py compares both ways.
"""

import accountability.subjects
import assessment.models.holding
import django.db.models.deletion
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("assessment", "0001_initial"),
        ("assessment", "0002_plans"),
        ("assessment", "0003_marks"),
        ("assessment", "0004_papers"),
        ("assessment", "0005_bulletins"),
        ("assessment", "0006_rankings"),
        ("assessment", "0007_exports"),
    ]

    initial = True

    dependencies = [
        ("accountability", "0001_squashed_0026_access_log_read"),
        ("accountability", "__first__"),
        ("complaints", "0001_squashed_0007_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="export",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未申请"),
                            ("requested", "待批准"),
                            ("approved", "已批准，生成中"),
                            ("failed", "生成失败"),
                            ("made", "可下载"),
                            ("expired", "已到期销毁"),
                            ("declined", "未获批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("complaints", "投诉清单"),
                            ("cases", "案件清单"),
                            ("readings", "规则阅读情况"),
                            ("access_log", "访问日志"),
                            ("ledger", "操作台账"),
                        ],
                        max_length=12,
                        verbose_name="导出内容",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("xlsx", "Excel 工作簿（xlsx）"), ("csv", "文本表格（csv）")],
                        max_length=4,
                        verbose_name="文件格式",
                    ),
                ),
                ("since", models.DateField(null=True, verbose_name="自")),
                ("until", models.DateField(null=True, verbose_name="至")),
                ("states", models.JSONField(default=list, verbose_name="状态范围")),
                ("columns", models.JSONField(default=list, verbose_name="列")),
                ("unmasked", models.BooleanField(default=False, verbose_name="不脱敏")),
                ("asked_rows", models.PositiveIntegerField(verbose_name="申请时行数")),
                ("most_rows", models.PositiveIntegerField(verbose_name="行数上限")),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("token", models.CharField(max_length=43, unique=True)),
                ("made_at", models.DateTimeField(null=True, verbose_name="生成时间")),
                ("made_rows", models.PositiveIntegerField(null=True, verbose_name="行数")),
                ("pieces", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(null=True, verbose_name="大小")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="摘要")),
                ("fetched", models.PositiveSmallIntegerField(default=0, verbose_name="下载次数")),
                ("fetched_at", models.DateTimeField(null=True, verbose_name="最近下载")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="到期")),
                ("destroyed_at", models.DateTimeField(null=True, verbose_name="销毁时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
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
                (
                    "remark",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
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
                "verbose_name": "数据导出",
                "verbose_name_plural": "数据导出",
                "ordering": ["-matter_id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("expires_at__isnull", False)),
                        fields=["expires_at"],
                        name="export_to_expire",
                    ),
                    models.Index(fields=["requested_by", "-matter"], name="export_by_requester"),
                    models.Index(fields=["state", "-matter"], name="export_by_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="export_is_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "failed", "made"]), _negated=True),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="export_has_a_leave",
                    ),
                ],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="case",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未立案"),
                            ("sheet_issued", "互动单已发出，待通知自查"),
                            ("opened", "已立案，待通知自查"),
                            ("fault_opened", "接口人处理不当，待提交处理意见"),
                            ("opinion_filed", "处理意见已提交，待决定"),
                            ("declined", "不予立案"),
                            ("notified", "已通知自查，待自查报告"),
                            ("admitted", "单位承认违反"),
                            ("disputed", "单位有异议，待评判"),
                            ("deemed_violation", "逾期未报，视为违反"),
                            ("violation", "判定违反"),
                            ("no_violation", "判定不违反"),
                            ("closed", "已结案"),
                            ("annulled", "已撤销认定"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("sheet", "客服中心互动单"),
                            ("superior", "上级转派"),
                            ("leader", "领导反映"),
                            ("important_customer", "重要客户反映"),
                            ("fault", "接口人处理不当"),
                        ],
                        max_length=20,
                        verbose_name="来源",
                    ),
                ),
                ("by_centre", models.BooleanField(default=False, verbose_name="客服中心提出")),
                ("opened_at", models.DateTimeField(verbose_name="提出时间")),
                ("notified_at", models.DateTimeField(null=True, verbose_name="通知自查时间")),
                ("document_number", models.CharField(blank=True, max_length=40, verbose_name="自查通知文号")),
                ("opinion_at", models.DateTimeField(null=True, verbose_name="意见提交时间")),
                ("determined_at", models.DateTimeField(null=True, verbose_name="认定时间")),
                ("violated", models.BooleanField(null=True, verbose_name="违反")),
                ("owed", models.JSONField(default=list, verbose_name="应处理")),
                ("approval", models.CharField(blank=True, max_length=20, verbose_name="待批事项")),
                ("approval_at", models.DateTimeField(null=True, verbose_name="提请时间")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="结案时间")),
                (
                    "approval_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提请人",
                    ),
                ),
                (
                    "approval_texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="决定人",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "opinion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "opinion_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="意见提交人",
                    ),
                ),
                (
                    "round",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fault",
                        to="complaints.round",
                        verbose_name="涉及轮次",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="accountability.unit",
                        verbose_name="被查单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "案件",
                "verbose_name_plural": "案件",
                "ordering": ["-matter_id"],
                "indexes": [
                    models.Index(fields=["state", "-matter"], name="case_by_state"),
                    models.Index(fields=["unit", "state"], name="case_by_unit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approval", ""), ("approver__isnull", True)),
                            models.Q(models.Q(("approval", ""), _negated=True), ("approver__isnull", False)),
                            _connector="OR",
                        ),
                        name="approval_is_whole",
                    )
                ],
            },
            bases=(assessment.models.holding.CaseIsHeld, models.Model),
        ),
        migrations.CreateModel(
            name="CaseComplaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="complaint_links",
                        to="assessment.case",
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_links",
                        to="complaints.complaint",
                        verbose_name="投诉",
                    ),
                ),
            ],
            options={
                "verbose_name": "案件关联的投诉",
                "verbose_name_plural": "案件关联的投诉",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("case", "complaint"), name="linked_once")],
            },
        ),
        migrations.CreateModel(
            name="Circular",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("drafted_at", models.DateTimeField(verbose_name="拟稿时间")),
                ("number", models.CharField(max_length=40, null=True, unique=True, verbose_name="发文字号")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="签发时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="circulars",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="拟稿人",
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="被通报单位",
                    ),
                ),
                (
                    "withdraws",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="assessment.circular",
                        verbose_name="撤回的通报",
                    ),
                ),
            ],
            options={
                "verbose_name": "通报批评",
                "verbose_name_plural": "通报批评",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number__isnull", True), ("signed_at__isnull", True)),
                            models.Q(
                                ("number__isnull", False), ("signed_at__isnull", False), ("signer__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="numbered_when_signed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportWork",
            fields=[
                (
                    "export",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="work",
                        serialize=False,
                        to="assessment.export",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ExportPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("place", models.CharField(max_length=32, unique=True)),
                ("size", models.PositiveIntegerField()),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="piece_rows", to="assessment.export"
                    ),
                ),
            ],
            options={
                "ordering": ["export", "number"],
                "constraints": [models.UniqueConstraint(fields=("export", "number"), name="one_piece_a_number")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalBulletin",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未拟稿"),
                            ("drafted", "草稿，待发送"),
                            ("sent", "已发送"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("month", models.DateField(verbose_name="通报月份")),
                ("edition", models.PositiveSmallIntegerField(default=1, verbose_name="第几稿")),
                ("figures", models.JSONField(default=dict, verbose_name="各单位数字")),
                ("cut_off_at", models.DateTimeField(verbose_name="数据截止")),
                ("number", models.CharField(blank=True, default="", max_length=60, verbose_name="发文字号")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
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
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.matter",
                        verbose_name="事项",
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
                (
                    "remarks",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发送人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤回人",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 定期通报",
                "verbose_name_plural": "historical 定期通报",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCase",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未立案"),
                            ("sheet_issued", "互动单已发出，待通知自查"),
                            ("opened", "已立案，待通知自查"),
                            ("fault_opened", "接口人处理不当，待提交处理意见"),
                            ("opinion_filed", "处理意见已提交，待决定"),
                            ("declined", "不予立案"),
                            ("notified", "已通知自查，待自查报告"),
                            ("admitted", "单位承认违反"),
                            ("disputed", "单位有异议，待评判"),
                            ("deemed_violation", "逾期未报，视为违反"),
                            ("violation", "判定违反"),
                            ("no_violation", "判定不违反"),
                            ("closed", "已结案"),
                            ("annulled", "已撤销认定"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("sheet", "客服中心互动单"),
                            ("superior", "上级转派"),
                            ("leader", "领导反映"),
                            ("important_customer", "重要客户反映"),
                            ("fault", "接口人处理不当"),
                        ],
                        max_length=20,
                        verbose_name="来源",
                    ),
                ),
                ("by_centre", models.BooleanField(default=False, verbose_name="客服中心提出")),
                ("opened_at", models.DateTimeField(verbose_name="提出时间")),
                ("notified_at", models.DateTimeField(null=True, verbose_name="通知自查时间")),
                ("document_number", models.CharField(blank=True, max_length=40, verbose_name="自查通知文号")),
                ("opinion_at", models.DateTimeField(null=True, verbose_name="意见提交时间")),
                ("determined_at", models.DateTimeField(null=True, verbose_name="认定时间")),
                ("violated", models.BooleanField(null=True, verbose_name="违反")),
                ("owed", models.JSONField(default=list, verbose_name="应处理")),
                ("approval", models.CharField(blank=True, max_length=20, verbose_name="待批事项")),
                ("approval_at", models.DateTimeField(null=True, verbose_name="提请时间")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="结案时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "approval_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提请人",
                    ),
                ),
                (
                    "approval_texts",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="决定人",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
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
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "opinion",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "opinion_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="意见提交人",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.round",
                        verbose_name="涉及轮次",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
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
                        verbose_name="被查单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 案件",
                "verbose_name_plural": "historical 案件",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCircular",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("drafted_at", models.DateTimeField(verbose_name="拟稿时间")),
                ("number", models.CharField(db_index=True, max_length=40, null=True, verbose_name="发文字号")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="签发时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="拟稿人",
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
                    "signer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
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
                        verbose_name="被通报单位",
                    ),
                ),
                (
                    "withdraws",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.circular",
                        verbose_name="撤回的通报",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 通报批评",
                "verbose_name_plural": "historical 通报批评",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalExport",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未申请"),
                            ("requested", "待批准"),
                            ("approved", "已批准，生成中"),
                            ("failed", "生成失败"),
                            ("made", "可下载"),
                            ("expired", "已到期销毁"),
                            ("declined", "未获批准"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("complaints", "投诉清单"),
                            ("cases", "案件清单"),
                            ("readings", "规则阅读情况"),
                            ("access_log", "访问日志"),
                            ("ledger", "操作台账"),
                        ],
                        max_length=12,
                        verbose_name="导出内容",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("xlsx", "Excel 工作簿（xlsx）"), ("csv", "文本表格（csv）")],
                        max_length=4,
                        verbose_name="文件格式",
                    ),
                ),
                ("since", models.DateField(null=True, verbose_name="自")),
                ("until", models.DateField(null=True, verbose_name="至")),
                ("states", models.JSONField(default=list, verbose_name="状态范围")),
                ("columns", models.JSONField(default=list, verbose_name="列")),
                ("unmasked", models.BooleanField(default=False, verbose_name="不脱敏")),
                ("asked_rows", models.PositiveIntegerField(verbose_name="申请时行数")),
                ("most_rows", models.PositiveIntegerField(verbose_name="行数上限")),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("made_at", models.DateTimeField(null=True, verbose_name="生成时间")),
                ("made_rows", models.PositiveIntegerField(null=True, verbose_name="行数")),
                ("pieces", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(null=True, verbose_name="大小")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="摘要")),
                ("fetched", models.PositiveSmallIntegerField(default=0, verbose_name="下载次数")),
                ("fetched_at", models.DateTimeField(null=True, verbose_name="最近下载")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="到期")),
                ("destroyed_at", models.DateTimeField(null=True, verbose_name="销毁时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
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
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.matter",
                        verbose_name="事项",
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
                (
                    "remark",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
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
                "verbose_name": "historical 数据导出",
                "verbose_name_plural": "historical 数据导出",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPanel",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("violated", "违反"), ("not_violated", "不违反")], max_length=12, verbose_name="结论"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("replaced_at", models.DateTimeField(null=True, verbose_name="改写时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.case",
                        verbose_name="案件",
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
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "texts",
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
                "verbose_name": "historical 评判会",
                "verbose_name_plural": "historical 评判会",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPenalty",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("grounds", models.JSONField(default=list, verbose_name="处理依据")),
                ("months", models.PositiveSmallIntegerField(verbose_name="扣除绩效奖金(月)")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("executed_on", models.DateField(null=True, verbose_name="执行日期")),
                ("voucher", models.CharField(blank=True, max_length=40, verbose_name="凭证号")),
                ("slip_at", models.DateTimeField(null=True, verbose_name="回执时间")),
                ("annulled_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.case",
                        verbose_name="案件",
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受处理人",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "slip_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="回执人",
                    ),
                ),
                (
                    "texts",
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
                "verbose_name": "historical 责任追究",
                "verbose_name_plural": "historical 责任追究",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPlan",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未建立"),
                            ("open", "整改中"),
                            ("reported", "整改完成，待验收"),
                            ("closed", "已验收"),
                            ("cancelled", "已取消"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("due", models.DateTimeField(verbose_name="整改期限")),
                ("opened_at", models.DateTimeField(verbose_name="提出时间")),
                ("reported_at", models.DateTimeField(null=True, verbose_name="报告完成时间")),
                ("sent_back", models.PositiveSmallIntegerField(default=0, verbose_name="退回次数")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.case",
                        verbose_name="关联案件",
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
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
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="整改责任人",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="报告人",
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
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
                        verbose_name="整改单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 整改方案",
                "verbose_name_plural": "historical 整改方案",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRanking",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未起草"),
                            ("drafted", "待确认"),
                            ("confirmed", "已公布"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("attempt", models.PositiveSmallIntegerField(default=1, verbose_name="本年度第几次")),
                ("edition", models.PositiveSmallIntegerField(default=0, verbose_name="稿次")),
                ("is_split", models.BooleanField(default=False, verbose_name="分公司与部门分开排名")),
                ("frozen_at", models.DateTimeField(verbose_name="数据封存时间")),
                ("rounds", models.PositiveIntegerField(default=0, verbose_name="计入轮次")),
                ("inputs_digest", models.CharField(max_length=64, verbose_name="依据校验码")),
                ("needs_decision", models.BooleanField(default=False, verbose_name="须由人决定")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("document_number", models.CharField(blank=True, default="", max_length=60, verbose_name="发文字号")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认人",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
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
                    "matter",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "withdrawal",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤回人",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 年度排名",
                "verbose_name_plural": "historical 年度排名",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReport",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("admitted", "承认违反"), ("disputed", "有异议")], max_length=10, verbose_name="结论"
                    ),
                ),
                ("filed_at", models.DateTimeField(verbose_name="提交时间")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="签发时间")),
                ("replaced_at", models.DateTimeField(null=True, verbose_name="改写时间")),
                ("late", models.BooleanField(default=False, verbose_name="逾期")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提交人",
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
                    "signer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "texts",
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
                "verbose_name": "historical 自查报告",
                "verbose_name_plural": "historical 自查报告",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSheet",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.CharField(db_index=True, max_length=24, verbose_name="编号")),
                ("issued_at", models.DateTimeField(verbose_name="发出时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.case",
                        verbose_name="案件",
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
                    "issued_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发出人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="首问责任人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
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
                        verbose_name="涉嫌单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 互动单",
                "verbose_name_plural": "historical 互动单",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LeadMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("marked_at", models.DateTimeField(verbose_name="时间")),
                ("restored_at", models.DateTimeField(null=True, verbose_name="恢复时间")),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="marks",
                        to="accountability.deadline",
                        verbose_name="超时的时限",
                    ),
                ),
                (
                    "marked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="操作人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "线索处置",
                "verbose_name_plural": "线索处置",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("case__isnull", False), ("restored_at__isnull", True)),
                        fields=("deadline",),
                        name="taken_up_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("case__isnull", True), ("restored_at__isnull", True)),
                        fields=("deadline",),
                        name="set_aside_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Panel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("violated", "违反"), ("not_violated", "不违反")], max_length=12, verbose_name="结论"
                    ),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("replaced_at", models.DateTimeField(null=True, verbose_name="改写时间")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panels",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "评判会",
                "verbose_name_plural": "评判会",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSeat",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "opinion",
                    models.CharField(
                        blank=True,
                        choices=[("violated", "违反"), ("not_violated", "不违反")],
                        max_length=12,
                        verbose_name="意见",
                    ),
                ),
                ("given_at", models.DateTimeField(null=True, verbose_name="发表时间")),
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
                    "member",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="成员",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessment.panel",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 评判会成员",
                "verbose_name_plural": "historical 评判会成员",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Penalty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("grounds", models.JSONField(default=list, verbose_name="处理依据")),
                ("months", models.PositiveSmallIntegerField(verbose_name="扣除绩效奖金(月)")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("executed_on", models.DateField(null=True, verbose_name="执行日期")),
                ("voucher", models.CharField(blank=True, max_length=40, verbose_name="凭证号")),
                ("slip_at", models.DateTimeField(null=True, verbose_name="回执时间")),
                ("annulled_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalties",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalties",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受处理人",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "slip_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="回执人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "责任追究",
                "verbose_name_plural": "责任追究",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "person"), name="one_penalty_a_person"),
                    models.CheckConstraint(
                        condition=models.Q(("months__gte", 1), ("months__lte", 3)), name="one_to_three_months"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("executed_on__isnull", True), ("slip_at__isnull", True), ("slip_by__isnull", True)
                            ),
                            models.Q(
                                ("executed_on__isnull", False), ("slip_at__isnull", False), ("slip_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="slip_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="plan",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未建立"),
                            ("open", "整改中"),
                            ("reported", "整改完成，待验收"),
                            ("closed", "已验收"),
                            ("cancelled", "已取消"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("due", models.DateTimeField(verbose_name="整改期限")),
                ("opened_at", models.DateTimeField(verbose_name="提出时间")),
                ("reported_at", models.DateTimeField(null=True, verbose_name="报告完成时间")),
                ("sent_back", models.PositiveSmallIntegerField(default=0, verbose_name="退回次数")),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="assessment.case",
                        verbose_name="关联案件",
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="整改责任人",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="报告人",
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="accountability.unit",
                        verbose_name="整改单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "整改方案",
                "verbose_name_plural": "整改方案",
                "ordering": ["-matter_id"],
                "indexes": [
                    models.Index(fields=["state", "due", "matter"], name="plan_by_due"),
                    models.Index(fields=["unit", "state"], name="plan_by_unit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("reported_at__isnull", True), ("reported_by__isnull", True), ("result__isnull", True)
                            ),
                            models.Q(
                                ("reported_at__isnull", False),
                                ("reported_by__isnull", False),
                                ("result__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="plan_report_is_whole",
                    )
                ],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
        migrations.CreateModel(
            name="Ranking",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="ranking",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未起草"),
                            ("drafted", "待确认"),
                            ("confirmed", "已公布"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("attempt", models.PositiveSmallIntegerField(default=1, verbose_name="本年度第几次")),
                ("edition", models.PositiveSmallIntegerField(default=0, verbose_name="稿次")),
                ("is_split", models.BooleanField(default=False, verbose_name="分公司与部门分开排名")),
                ("frozen_at", models.DateTimeField(verbose_name="数据封存时间")),
                ("rounds", models.PositiveIntegerField(default=0, verbose_name="计入轮次")),
                ("inputs_digest", models.CharField(max_length=64, verbose_name="依据校验码")),
                ("needs_decision", models.BooleanField(default=False, verbose_name="须由人决定")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("document_number", models.CharField(blank=True, default="", max_length=60, verbose_name="发文字号")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认人",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                (
                    "withdrawal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤回人",
                    ),
                ),
            ],
            options={
                "verbose_name": "年度排名",
                "verbose_name_plural": "年度排名",
                "ordering": ["-year", "-attempt"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "withdrawn"), _negated=True),
                        fields=("year",),
                        name="one_ranking_a_year",
                    ),
                    models.UniqueConstraint(fields=("year", "attempt"), name="one_ranking_an_attempt"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "drafted")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ["confirmed", "withdrawn"]),
                            ),
                            _connector="OR",
                        ),
                        name="ranking_is_decided_whole",
                    ),
                ],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
        migrations.CreateModel(
            name="RankingLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.PositiveSmallIntegerField()),
                (
                    "group",
                    models.CharField(
                        choices=[("all", "all"), ("cities", "cities"), ("offices", "offices")], max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="单位名称")),
                ("kind", models.CharField(max_length=16)),
                ("resolved", models.PositiveIntegerField(verbose_name="满意且按时的轮次")),
                ("asked", models.PositiveIntegerField(verbose_name="计入的轮次")),
                ("place", models.PositiveSmallIntegerField(null=True, verbose_name="名次")),
                ("is_lowest", models.BooleanField(default=False)),
                ("is_barred", models.BooleanField(null=True)),
                (
                    "ranking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="all_lines", to="assessment.ranking"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ranking", "edition", "unit"), name="one_line_a_unit_and_edition"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked", 0), ("place__isnull", True)),
                            models.Q(("asked__gt", 0), ("place__isnull", False)),
                            _connector="OR",
                        ),
                        name="ranked_where_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.PositiveSmallIntegerField()),
                ("resolved", models.BooleanField()),
                (
                    "ranking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assessment.ranking"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="complaints.round",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ranking", "edition", "round"), name="one_input_a_round_and_edition"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("admitted", "承认违反"), ("disputed", "有异议")], max_length=10, verbose_name="结论"
                    ),
                ),
                ("filed_at", models.DateTimeField(verbose_name="提交时间")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="签发时间")),
                ("replaced_at", models.DateTimeField(null=True, verbose_name="改写时间")),
                ("late", models.BooleanField(default=False, verbose_name="逾期")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提交人",
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "自查报告",
                "verbose_name_plural": "自查报告",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="NamedPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="责任人",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="persons", to="assessment.report"
                    ),
                ),
            ],
            options={
                "verbose_name": "责任人",
                "verbose_name_plural": "责任人",
                "constraints": [models.UniqueConstraint(fields=("report", "person"), name="named_once")],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accountability.attachment"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="assessment.report"
                    ),
                ),
            ],
            options={
                "verbose_name": "证据材料",
                "verbose_name_plural": "证据材料",
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "opinion",
                    models.CharField(
                        blank=True,
                        choices=[("violated", "违反"), ("not_violated", "不违反")],
                        max_length=12,
                        verbose_name="意见",
                    ),
                ),
                ("given_at", models.DateTimeField(null=True, verbose_name="发表时间")),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="成员",
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="assessment.panel"
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "评判会成员",
                "verbose_name_plural": "评判会成员",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("given_at__isnull", True)), fields=["member"], name="seat_to_speak"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("panel", "member"), name="one_seat_a_member")],
            },
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="编号")),
                ("issued_at", models.DateTimeField(verbose_name="发出时间")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheet",
                        to="assessment.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发出人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="首问责任人",
                    ),
                ),
                (
                    "texts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="涉嫌单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "互动单",
                "verbose_name_plural": "互动单",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="bulletin",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未拟稿"),
                            ("drafted", "草稿，待发送"),
                            ("sent", "已发送"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("month", models.DateField(verbose_name="通报月份")),
                ("edition", models.PositiveSmallIntegerField(default=1, verbose_name="第几稿")),
                ("figures", models.JSONField(default=dict, verbose_name="各单位数字")),
                ("cut_off_at", models.DateTimeField(verbose_name="数据截止")),
                ("number", models.CharField(blank=True, default="", max_length=60, verbose_name="发文字号")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                (
                    "reason",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "remarks",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发送人",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤回人",
                    ),
                ),
            ],
            options={
                "verbose_name": "定期通报",
                "verbose_name_plural": "定期通报",
                "ordering": ["-month", "-edition"],
                "constraints": [
                    models.UniqueConstraint(fields=("month", "edition"), name="one_bulletin_an_edition"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["drafted", "sent"])),
                        fields=("month",),
                        name="one_standing_bulletin_a_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("number", ""),
                                ("sent_at__isnull", True),
                                ("sent_by__isnull", True),
                                ("state", "drafted"),
                            ),
                            models.Q(
                                ("sent_at__isnull", False),
                                ("sent_by__isnull", False),
                                ("state__in", ["sent", "withdrawn"]),
                                models.Q(("number", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="bulletin_sent_is_whole",
                    ),
                ],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
    ]
