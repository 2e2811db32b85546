"""The tables as they stand, for a new database at once; a database in use goes on through the steps it replaces.

The steps may go when no database stands before the last of them. tests/test_migrations.py compares both ways.
"""

import accountability.subjects
import django.db.models.deletion
import django_fsm
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("complaints", "0001_initial"),
        ("complaints", "0002_whole_flow"),
        ("complaints", "0003_figures"),
        ("complaints", "0004_saved_views"),
        ("complaints", "0005_presence"),
        ("complaints", "0006_desk"),
        ("complaints", "0007_rights"),
    ]

    initial = True

    dependencies = [
        ("accountability", "0001_squashed_0026_access_log_read"),
        ("accountability", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Complaint",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="complaint",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未登记"),
                            ("forwarded", "已转交，待登记"),
                            ("registered", "已登记，待派单"),
                            ("handling", "客服中心直接处理"),
                            ("dispatched", "已派单"),
                            ("completed", "处理完毕，待回复"),
                            ("replied", "已回复客户"),
                            ("archived", "已归档"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        choices=[("none", "普通"), ("vip", "VIP")],
                        default="none",
                        max_length=4,
                        verbose_name="客户级别",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "客户来电"),
                            ("forward", "员工转交"),
                            ("superior", "上级转派"),
                            ("leader", "领导反映"),
                            ("important_customer", "重要客户反映"),
                        ],
                        max_length=20,
                        verbose_name="受理渠道",
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("P1", "重大紧急"), ("P2", "紧急"), ("P3", "一般")],
                        default="P3",
                        max_length=2,
                        verbose_name="紧急程度",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=30, verbose_name="归属地市")),
                ("cross_province", models.BooleanField(default=False, verbose_name="跨省")),
                ("other_operator", models.BooleanField(default=False, verbose_name="他网")),
                ("third_party", models.BooleanField(default=False, verbose_name="第三方")),
                ("escalated", models.BooleanField(default=False, verbose_name="升级")),
                ("major", models.BooleanField(default=False, verbose_name="重大")),
                ("forwarded_at", models.DateTimeField(null=True, verbose_name="转交时间")),
                ("registered_at", models.DateTimeField(null=True, verbose_name="受理时间")),
                ("round_count", models.PositiveSmallIntegerField(default=0, verbose_name="派单轮次")),
                ("out_of_scope_returns", models.PositiveSmallIntegerField(default=0, verbose_name="非职责退回次数")),
                ("second_dispatches", models.PositiveSmallIntegerField(default=0, verbose_name="二次派单次数")),
                ("returns_before_ruling", models.PositiveSmallIntegerField(default=2)),
                ("replies", models.PositiveSmallIntegerField(default=0, verbose_name="回复次数")),
                ("replied_at", models.DateTimeField(null=True, verbose_name="回复时间")),
                ("satisfied", models.BooleanField(null=True, verbose_name="客户满意")),
                ("coordinated", models.BooleanField(default=False, verbose_name="有协调")),
                ("criticism_due", models.BooleanField(default=False, verbose_name="待决定书面批评")),
                (
                    "ended_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("satisfied", "客户满意"),
                            ("unsatisfied", "未满意归档"),
                            ("duplicate", "重复登记"),
                            ("withdrawn", "客户撤诉"),
                            ("unreachable", "联系不上客户"),
                            ("imported", "历史导入"),
                        ],
                        max_length=12,
                        verbose_name="归档方式",
                    ),
                ),
                ("resolved", models.BooleanField(default=False, verbose_name="已解决")),
                ("archived_unsatisfied", models.BooleanField(default=False, verbose_name="未满意归档")),
                ("archived_at", models.DateTimeField(null=True, verbose_name="归档时间")),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受理人",
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
                (
                    "coordinator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="协调部门",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duplicates",
                        to="complaints.complaint",
                        verbose_name="与之重复",
                    ),
                ),
                (
                    "forwarded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forwarded_complaints",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="转交员工",
                    ),
                ),
                (
                    "intake",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "repeat_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeats",
                        to="complaints.complaint",
                        verbose_name="重复投诉",
                    ),
                ),
                (
                    "reply_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代为回复人",
                    ),
                ),
            ],
            options={
                "verbose_name": "投诉",
                "verbose_name_plural": "投诉",
                "ordering": ["-matter_id"],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
        migrations.CreateModel(
            name="ImportMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("columns", models.JSONField(default=dict)),
                ("fixed", models.JSONField(default=dict)),
                ("words", models.JSONField(default=dict)),
                ("encoding", models.CharField(blank=True, max_length=20)),
                ("date_formats", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Coordination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("convened_at", models.DateTimeField(verbose_name="召集时间")),
                ("recorded_at", models.DateTimeField(null=True, verbose_name="书面明确时间")),
                ("concluded_at", models.DateTimeField(null=True, verbose_name="议定时间")),
                ("called_off_at", models.DateTimeField(null=True, verbose_name="取消时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="全部完成时间")),
                (
                    "convened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="召集人",
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "跨部门协调",
                "verbose_name_plural": "跨部门协调",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCooperation",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("due_at", models.DateTimeField(null=True, verbose_name="完成期限")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("objected", models.BooleanField(default=False, verbose_name="有异议")),
                ("alarmed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "confirmed_by",
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
                    "coordination",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.coordination",
                    ),
                ),
                (
                    "finished_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="完成人",
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="配合处理人",
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
                    "leader",
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
                        verbose_name="配合单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 配合任务",
                "verbose_name_plural": "historical 配合任务",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalMassEvent",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未形成"),
                            ("warned", "疑似，待确认"),
                            ("confirmed", "已确认，处置中"),
                            ("dismissed", "不是大面积投诉"),
                            ("closed", "已结束"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("region", models.CharField(max_length=30, verbose_name="地区")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "未达级"), (3, "三级"), (2, "二级（区域性）"), (1, "一级")],
                        default=0,
                        verbose_name="级别",
                    ),
                ),
                ("peak", models.PositiveIntegerField(default=0, verbose_name="24小时内最多件数")),
                ("since", models.DateTimeField(verbose_name="达到标准时刻")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("replies", models.PositiveSmallIntegerField(default=0, verbose_name="统一回复次数")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "confirmed_by",
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
                    "head",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.category",
                        verbose_name="投诉大类",
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
                    "reply_text",
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
                "verbose_name": "historical 大面积投诉",
                "verbose_name_plural": "historical 大面积投诉",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRightsRequest",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未受理"),
                            ("open", "办理中"),
                            ("proposed", "待第二人批准"),
                            ("approved", "已批准"),
                            ("fulfilled", "已办结"),
                            ("refused", "不予办理"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "wish",
                    models.CharField(
                        choices=[
                            ("copy", "查阅、复制"),
                            ("correct", "更正、补充"),
                            ("delete", "删除"),
                            ("restrict", "限制处理、撤回同意"),
                        ],
                        max_length=10,
                        verbose_name="请求",
                    ),
                ),
                ("proposed_at", models.DateTimeField(null=True, verbose_name="提请时间")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="批准时间")),
                ("corrections", models.PositiveSmallIntegerField(default=0, verbose_name="更正次数")),
                ("handed_over_at", models.DateTimeField(null=True, verbose_name="交付时间")),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identity", "不能核实申请人身份"),
                            ("pending", "投诉未办结，或在案件、整改中"),
                            ("legal", "法律、行政法规要求继续保存"),
                            ("nothing", "没有该申请人的数据"),
                            ("withdrawn", "申请人撤回"),
                            ("other", "其他"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="不予办理的依据",
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
                    "answer",
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
                    "approved_by",
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
                    "intake",
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
                        verbose_name="受理人",
                    ),
                ),
                (
                    "proposed_by",
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
            ],
            options={
                "verbose_name": "historical 客户权利请求",
                "verbose_name_plural": "historical 客户权利请求",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRound",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="派单轮次")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("delivered", "待交办"),
                            ("handed_off", "已交办，待受理"),
                            ("reported", "已报分管领导"),
                            ("accepted", "处理中"),
                            ("return_requested", "申请退回，待裁定"),
                            ("returned", "非职责退回"),
                            ("answered", "已答复，待审核"),
                            ("closed", "判断处理完毕"),
                            ("cancelled", "已撤销"),
                        ],
                        default="delivered",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("notice_number", models.CharField(db_index=True, max_length=32, verbose_name="通知单号")),
                ("priority", models.CharField(max_length=2, verbose_name="派发时优先级")),
                ("is_ruling", models.BooleanField(default=False, verbose_name="裁定派发")),
                ("delivered_at", models.DateTimeField(verbose_name="派发时间")),
                ("reported_at", models.DateTimeField(null=True, verbose_name="报告时间")),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("system", "系统"),
                            ("phone", "电话"),
                            ("sms", "短信"),
                            ("face_to_face", "当面"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="交办方式",
                    ),
                ),
                ("handed_off_at", models.DateTimeField(null=True, verbose_name="交办时间")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="受理时间")),
                ("solution_at", models.DateTimeField(null=True, verbose_name="方案时间")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                ("return_requested_at", models.DateTimeField(null=True, verbose_name="申请退回时间")),
                ("state_before_return", models.CharField(blank=True, max_length=16)),
                ("late_return", models.BooleanField(default=False, verbose_name="超期申请退回")),
                ("coordinated", models.BooleanField(default=False, verbose_name="有协调")),
                ("told_at", models.DateTimeField(null=True, verbose_name="电话交办时刻")),
                ("extension_until", models.DateTimeField(null=True, verbose_name="申请延期至")),
                ("extended_at", models.DateTimeField(null=True, verbose_name="延期批准时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="本轮结束")),
                ("satisfied", models.BooleanField(null=True, verbose_name="客户满意")),
                ("satisfied_at", models.DateTimeField(null=True, verbose_name="满意度记录时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "acting_handler",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代为处理人",
                    ),
                ),
                (
                    "acting_leader",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代为协调人",
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="接口人",
                    ),
                ),
                (
                    "dispatched_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="派单员",
                    ),
                ),
                (
                    "handed_off_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="交办人",
                    ),
                ),
                (
                    "handler",
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
                    "head",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="单位负责人",
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
                    "leader",
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
                    "limits",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.timelimits",
                        verbose_name="时限表版本",
                    ),
                ),
                (
                    "reported_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="报告对象",
                    ),
                ),
                (
                    "suggested_unit",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="建议单位",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="电话交办人",
                    ),
                ),
                (
                    "told_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="电话交办对象",
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
                        verbose_name="首问责任部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 派单轮次",
                "verbose_name_plural": "historical 派单轮次",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MassEvent",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mass_event",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未形成"),
                            ("warned", "疑似，待确认"),
                            ("confirmed", "已确认，处置中"),
                            ("dismissed", "不是大面积投诉"),
                            ("closed", "已结束"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("region", models.CharField(max_length=30, verbose_name="地区")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "未达级"), (3, "三级"), (2, "二级（区域性）"), (1, "一级")],
                        default=0,
                        verbose_name="级别",
                    ),
                ),
                ("peak", models.PositiveIntegerField(default=0, verbose_name="24小时内最多件数")),
                ("since", models.DateTimeField(verbose_name="达到标准时刻")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("replies", models.PositiveSmallIntegerField(default=0, verbose_name="统一回复次数")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认人",
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.category",
                        verbose_name="投诉大类",
                    ),
                ),
                (
                    "reply_text",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
            ],
            options={
                "verbose_name": "大面积投诉",
                "verbose_name_plural": "大面积投诉",
                "ordering": ["-matter_id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["warned", "confirmed"])),
                        fields=("region", "head"),
                        name="one_open_mass_event",
                    )
                ],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
        migrations.CreateModel(
            name="MassMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("added_at", models.DateTimeField(verbose_name="列入时间")),
                ("removed_at", models.DateTimeField(null=True, verbose_name="移出时间")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="列入人",
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="complaints.complaint",
                        verbose_name="投诉",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="complaints.massevent",
                        verbose_name="大面积投诉",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="移出人",
                    ),
                ),
            ],
            options={
                "verbose_name": "大面积投诉成员",
                "verbose_name_plural": "大面积投诉成员",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("event", "complaint"), name="one_membership_an_event")],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                ("verb", models.CharField(blank=True, max_length=40)),
                ("typing_until", models.DateTimeField(null=True)),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="complaints.complaint"
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["seen_at"], name="presence_seen")],
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "employee"), name="one_presence_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="RightsRequest",
            fields=[
                (
                    "matter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="rights_request",
                        serialize=False,
                        to="accountability.matter",
                        verbose_name="事项",
                    ),
                ),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未受理"),
                            ("open", "办理中"),
                            ("proposed", "待第二人批准"),
                            ("approved", "已批准"),
                            ("fulfilled", "已办结"),
                            ("refused", "不予办理"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "wish",
                    models.CharField(
                        choices=[
                            ("copy", "查阅、复制"),
                            ("correct", "更正、补充"),
                            ("delete", "删除"),
                            ("restrict", "限制处理、撤回同意"),
                        ],
                        max_length=10,
                        verbose_name="请求",
                    ),
                ),
                ("proposed_at", models.DateTimeField(null=True, verbose_name="提请时间")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="批准时间")),
                ("corrections", models.PositiveSmallIntegerField(default=0, verbose_name="更正次数")),
                ("handed_over_at", models.DateTimeField(null=True, verbose_name="交付时间")),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("identity", "不能核实申请人身份"),
                            ("pending", "投诉未办结，或在案件、整改中"),
                            ("legal", "法律、行政法规要求继续保存"),
                            ("nothing", "没有该申请人的数据"),
                            ("withdrawn", "申请人撤回"),
                            ("other", "其他"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="不予办理的依据",
                    ),
                ),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.personaldata",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
                    ),
                ),
                (
                    "intake",
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
                        verbose_name="受理人",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提请人",
                    ),
                ),
            ],
            options={
                "verbose_name": "客户权利请求",
                "verbose_name_plural": "客户权利请求",
                "ordering": ["-matter_id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), models.Q(("ground", ""), _negated=True)),
                            models.Q(("state", "refused"), _negated=True),
                            _connector="OR",
                        ),
                        name="rights_refused_on_a_ground",
                    )
                ],
            },
            bases=(accountability.subjects.Subject, models.Model),
        ),
        migrations.CreateModel(
            name="RightsFind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by_name", models.BooleanField(default=False, verbose_name="仅姓名相同")),
                ("is_chosen", models.BooleanField(default=False)),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rights_finds",
                        to="complaints.complaint",
                        verbose_name="投诉",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="finds", to="complaints.rightsrequest"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("request", "complaint"), name="found_once")],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="派单轮次")),
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("delivered", "待交办"),
                            ("handed_off", "已交办，待受理"),
                            ("reported", "已报分管领导"),
                            ("accepted", "处理中"),
                            ("return_requested", "申请退回，待裁定"),
                            ("returned", "非职责退回"),
                            ("answered", "已答复，待审核"),
                            ("closed", "判断处理完毕"),
                            ("cancelled", "已撤销"),
                        ],
                        default="delivered",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                ("notice_number", models.CharField(max_length=32, unique=True, verbose_name="通知单号")),
                ("priority", models.CharField(max_length=2, verbose_name="派发时优先级")),
                ("is_ruling", models.BooleanField(default=False, verbose_name="裁定派发")),
                ("delivered_at", models.DateTimeField(verbose_name="派发时间")),
                ("reported_at", models.DateTimeField(null=True, verbose_name="报告时间")),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("system", "系统"),
                            ("phone", "电话"),
                            ("sms", "短信"),
                            ("face_to_face", "当面"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="交办方式",
                    ),
                ),
                ("handed_off_at", models.DateTimeField(null=True, verbose_name="交办时间")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="受理时间")),
                ("solution_at", models.DateTimeField(null=True, verbose_name="方案时间")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                ("return_requested_at", models.DateTimeField(null=True, verbose_name="申请退回时间")),
                ("state_before_return", models.CharField(blank=True, max_length=16)),
                ("late_return", models.BooleanField(default=False, verbose_name="超期申请退回")),
                ("coordinated", models.BooleanField(default=False, verbose_name="有协调")),
                ("told_at", models.DateTimeField(null=True, verbose_name="电话交办时刻")),
                ("extension_until", models.DateTimeField(null=True, verbose_name="申请延期至")),
                ("extended_at", models.DateTimeField(null=True, verbose_name="延期批准时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="本轮结束")),
                ("satisfied", models.BooleanField(null=True, verbose_name="客户满意")),
                ("satisfied_at", models.DateTimeField(null=True, verbose_name="满意度记录时间")),
                (
                    "acting_handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acting_rounds",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代为处理人",
                    ),
                ),
                (
                    "acting_leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代为协调人",
                    ),
                ),
                (
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="complaints.complaint"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="接口人",
                    ),
                ),
                (
                    "dispatched_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="派单员",
                    ),
                ),
                (
                    "handed_off_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="交办人",
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="首问责任人",
                    ),
                ),
                (
                    "head",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="单位负责人",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="分管领导",
                    ),
                ),
                (
                    "limits",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.timelimits",
                        verbose_name="时限表版本",
                    ),
                ),
                (
                    "reported_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="报告对象",
                    ),
                ),
                (
                    "suggested_unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="建议单位",
                    ),
                ),
                (
                    "told_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="电话交办人",
                    ),
                ),
                (
                    "told_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="电话交办对象",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="accountability.unit",
                        verbose_name="首问责任部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "派单轮次",
                "verbose_name_plural": "派单轮次",
                "ordering": ["complaint_id", "number"],
                "indexes": [
                    models.Index(fields=["unit", "state"], name="round_by_unit"),
                    models.Index(fields=["handler"], name="round_by_handler"),
                    models.Index(fields=["delivered_at"], name="round_by_delivery"),
                    models.Index(
                        condition=models.Q(("satisfied_at__isnull", False)),
                        fields=["satisfied_at"],
                        name="round_by_satisfaction",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("extended_at__isnull", True),
                            ("extension_until__isnull", False),
                        ),
                        fields=["extension_until"],
                        name="round_asks_for_time",
                    ),
                    models.Index(
                        condition=models.Q(("state", "cancelled")),
                        fields=["complaint", "number"],
                        name="round_cancelled",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("complaint", "number"), name="one_round_a_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["returned", "closed", "cancelled"]), _negated=True),
                        fields=("complaint",),
                        name="one_running_round",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCoordination",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("convened_at", models.DateTimeField(verbose_name="召集时间")),
                ("recorded_at", models.DateTimeField(null=True, verbose_name="书面明确时间")),
                ("concluded_at", models.DateTimeField(null=True, verbose_name="议定时间")),
                ("called_off_at", models.DateTimeField(null=True, verbose_name="取消时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="全部完成时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "convened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="召集人",
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
                    "problem",
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
                    "record",
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
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 跨部门协调",
                "verbose_name_plural": "historical 跨部门协调",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalComplaint",
            fields=[
                (
                    "state",
                    django_fsm.FSMField(
                        choices=[
                            ("new", "未登记"),
                            ("forwarded", "已转交，待登记"),
                            ("registered", "已登记，待派单"),
                            ("handling", "客服中心直接处理"),
                            ("dispatched", "已派单"),
                            ("completed", "处理完毕，待回复"),
                            ("replied", "已回复客户"),
                            ("archived", "已归档"),
                        ],
                        default="new",
                        max_length=50,
                        protected=True,
                        verbose_name="状态",
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        choices=[("none", "普通"), ("vip", "VIP")],
                        default="none",
                        max_length=4,
                        verbose_name="客户级别",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "客户来电"),
                            ("forward", "员工转交"),
                            ("superior", "上级转派"),
                            ("leader", "领导反映"),
                            ("important_customer", "重要客户反映"),
                        ],
                        max_length=20,
                        verbose_name="受理渠道",
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("P1", "重大紧急"), ("P2", "紧急"), ("P3", "一般")],
                        default="P3",
                        max_length=2,
                        verbose_name="紧急程度",
                    ),
                ),
                ("region", models.CharField(blank=True, max_length=30, verbose_name="归属地市")),
                ("cross_province", models.BooleanField(default=False, verbose_name="跨省")),
                ("other_operator", models.BooleanField(default=False, verbose_name="他网")),
                ("third_party", models.BooleanField(default=False, verbose_name="第三方")),
                ("escalated", models.BooleanField(default=False, verbose_name="升级")),
                ("major", models.BooleanField(default=False, verbose_name="重大")),
                ("forwarded_at", models.DateTimeField(null=True, verbose_name="转交时间")),
                ("registered_at", models.DateTimeField(null=True, verbose_name="受理时间")),
                ("round_count", models.PositiveSmallIntegerField(default=0, verbose_name="派单轮次")),
                ("out_of_scope_returns", models.PositiveSmallIntegerField(default=0, verbose_name="非职责退回次数")),
                ("second_dispatches", models.PositiveSmallIntegerField(default=0, verbose_name="二次派单次数")),
                ("returns_before_ruling", models.PositiveSmallIntegerField(default=2)),
                ("replies", models.PositiveSmallIntegerField(default=0, verbose_name="回复次数")),
                ("replied_at", models.DateTimeField(null=True, verbose_name="回复时间")),
                ("satisfied", models.BooleanField(null=True, verbose_name="客户满意")),
                ("coordinated", models.BooleanField(default=False, verbose_name="有协调")),
                ("criticism_due", models.BooleanField(default=False, verbose_name="待决定书面批评")),
                (
                    "ended_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("satisfied", "客户满意"),
                            ("unsatisfied", "未满意归档"),
                            ("duplicate", "重复登记"),
                            ("withdrawn", "客户撤诉"),
                            ("unreachable", "联系不上客户"),
                            ("imported", "历史导入"),
                        ],
                        max_length=12,
                        verbose_name="归档方式",
                    ),
                ),
                ("resolved", models.BooleanField(default=False, verbose_name="已解决")),
                ("archived_unsatisfied", models.BooleanField(default=False, verbose_name="未满意归档")),
                ("archived_at", models.DateTimeField(null=True, verbose_name="归档时间")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受理人",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.category",
                        verbose_name="投诉类别",
                    ),
                ),
                (
                    "coordinator",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accountability.unit",
                        verbose_name="协调部门",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.complaint",
                        verbose_name="与之重复",
                    ),
                ),
                (
                    "forwarded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="转交员工",
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
                    "intake",
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
                    "repeat_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.complaint",
                        verbose_name="重复投诉",
                    ),
                ),
                (
                    "reply_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代为回复人",
                    ),
                ),
                (
                    "latest_round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.round",
                    ),
                ),
                (
                    "result_round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="complaints.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical 投诉",
                "verbose_name_plural": "historical 投诉",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name="coordination",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="coordinations", to="complaints.round"
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="latest_round",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="complaints.round"
            ),
        ),
        migrations.AddField(
            model_name="complaint",
            name="result_round",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="complaints.round"
            ),
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30, verbose_name="名称")),
                ("asked", models.JSONField(default=dict)),
                ("is_default", models.BooleanField(default=False, verbose_name="打开清单时使用")),
                (
                    "employee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("employee", "name"), name="one_saved_view_a_name"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("employee",), name="one_default_view"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Origin",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="origin",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("source_key", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "source_key"), name="one_complaint_a_ticket")
                ],
            },
        ),
        migrations.CreateModel(
            name="Cooperation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(null=True, verbose_name="完成期限")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("objected", models.BooleanField(default=False, verbose_name="有异议")),
                ("alarmed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认人",
                    ),
                ),
                (
                    "finished_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="完成人",
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="配合处理人",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="分管领导",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cooperations",
                        to="accountability.unit",
                        verbose_name="配合单位",
                    ),
                ),
                (
                    "coordination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="complaints.coordination"
                    ),
                ),
            ],
            options={
                "verbose_name": "配合任务",
                "verbose_name_plural": "配合任务",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=["unit"],
                        name="cooperation_unfinished",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("coordination", "unit"), name="one_part_a_unit")],
            },
        ),
        migrations.AddConstraint(
            model_name="coordination",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at__isnull", True)), fields=("round",), name="one_open_coordination"
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["state", "-matter"], name="complaint_by_state"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["forwarded_by"], name="complaint_by_forwarder"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["registered_at"], name="complaint_by_registration"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", True), ("coordinator__isnull", False)),
                fields=["coordinator"],
                name="complaint_coordinated",
            ),
        ),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "forward"), _negated=True), ("forwarded_by__isnull", False), _connector="OR"
                ),
                name="forward_has_forwarder",
            ),
        ),
    ]
