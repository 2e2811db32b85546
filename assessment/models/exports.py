"""An export: data that leaves the company on request and with another person's approval, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.deadlines.limits import SHANGHAI
from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject, bound, subject
from accountability.models import Deadline, Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor
from accountability.web.listings import LISTINGS
from assessment.models.numbers import code_of


class What(models.TextChoices):
    COMPLAINTS = "complaints", _("投诉清单")
    ROUNDS = "rounds", _("派单轮次")
    CASES = "cases", _("案件清单")
    READINGS = "readings", _("规则阅读情况")
    ACCESS_LOG = "access_log", _("访问日志")
    LEDGER = "ledger", _("操作台账")
    LIST = "list", _("列表")


class ExportState(models.TextChoices):
    NEW = "new", _("未申请")
    REQUESTED = "requested", _("待批准")
    APPROVED = "approved", _("已批准，生成中")
    FAILED = "failed", _("生成失败")
    MADE = "made", _("可下载")
    EXPIRED = "expired", _("已到期销毁")
    DECLINED = "declined", _("未获批准")
    WITHDRAWN = "withdrawn", _("已撤回")


State = ExportState
RUNNING = (State.REQUESTED, State.APPROVED, State.FAILED, State.MADE)

TO_DECIDE = timedelta(days=7)
"""A request that nobody decides on lapses after this; the alarm for it is raised long before."""

ONE_DAY = timedelta(days=1)

DECIDED_BY_THE_CENTRE = ("complaints", "rounds")
"""What the centre's head and supervisors may decide on as well as marketing's leaders; never their own requests."""

TO_MAKE = timedelta(hours=1)
"""An approved export takes minutes to write; if the worker doesn't come within this time, an alarm is raised."""


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, actor: Actor) -> ExportQuerySet:
        """One's own, and those one may decide on; for marketing leaders and auditors all."""
        if actor.is_auditor or actor.leads_marketing:
            return self
        mine = Q(requested_by_id=actor.pk)
        if actor.is_csc_supervisor or actor.heads_centre:
            mine |= Q(what__in=DECIDED_BY_THE_CENTRE)
        return self.filter(mine)

    def with_everything(self) -> ExportQuerySet:
        """Joined with what a list row or an act needs."""
        return self.select_related("matter", "requested_by__unit", "unit", "decided_by")

    def running(self) -> ExportQuerySet:
        return self.filter(state__in=RUNNING)


@subject
class Export(Subject, models.Model):
    """The request is frozen; the rows are read when the file is written, as its requester may see them then. At
    `expires_at` it ends automatically, in any state: not decided, not written or not fetched.

    `listing` names the list whose rows it has; that list's filters stand in the sealed texts beside the reason, since
    anybody may have typed them.
    """

    matter_kind = "export"
    page = "export"
    other_labels = {
        "make_export": _("生成导出文件"), "fail_export": _("导出文件生成失败"), "expire_export": _("到期销毁"),
    }  # fmt: skip
    stamped_people: ClassVar[frozenset[int]] = frozenset()
    """No people are stamped on an export."""

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel 工作簿（xlsx）")
        CSV = "csv", _("文本表格（csv）")

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="export", verbose_name=_("事项")
    )
    state = FSMField(_("状态"), default=State.NEW, choices=State.choices, protected=True)
    what = models.CharField(_("导出内容"), max_length=12, choices=What.choices)
    format = models.CharField(_("文件格式"), max_length=4, choices=Format.choices)
    since = models.DateField(_("自"), null=True)
    until = models.DateField(_("至"), null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    states = models.JSONField(_("状态范围"), default=list)
    listing = models.CharField(_("列表"), max_length=60, blank=True, default="")
    columns = models.JSONField(_("列"), default=list)
    unmasked = models.BooleanField(_("不脱敏"), default=False)
    asked_rows = models.PositiveIntegerField(_("申请时行数"))
    most_rows = models.PositiveIntegerField(_("行数上限"))
    requested_by = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", verbose_name=_("申请人"), db_index=False
    )
    requested_at = models.DateTimeField(_("申请时间"))
    reason = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人"))
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    remark = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    token = models.CharField(max_length=43, unique=True)
    made_at = models.DateTimeField(_("生成时间"), null=True)
    made_rows = models.PositiveIntegerField(_("行数"), null=True)
    pieces = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(_("大小"), null=True)
    sha256 = models.CharField(_("摘要"), max_length=64, blank=True)
    fetched = models.PositiveSmallIntegerField(_("下载次数"), default=0)
    fetched_at = models.DateTimeField(_("最近下载"), null=True)
    expires_at = models.DateTimeField(_("到期"), null=True)
    destroyed_at = models.DateTimeField(_("销毁时间"), null=True)

    history = History(excluded_fields=["token"])
    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("数据导出")
        ordering = ["-matter_id"]
        indexes = [
            models.Index(fields=["expires_at"], name="export_to_expire", condition=Q(expires_at__isnull=False)),
            models.Index(fields=["requested_by", "-matter"], name="export_by_requester"),
            models.Index(fields=["state", "-matter"], name="export_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                name="export_is_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("requested_by")),
            ),
            models.CheckConstraint(
                name="export_has_a_leave",
                condition=~Q(state__in=["approved", "failed", "made"]) | Q(decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.matter)

    @property
    def title(self) -> str:
        """What it is called: its kind, or the list that it is of."""
        return str(LISTINGS[self.listing].label if self.listing in LISTINGS else self.get_what_display())

    # What the gate asks

    @classmethod
    def shows_alarms(cls, actor: Actor) -> bool:
        """Marketing and auditors: what waits here is theirs to follow (R40)."""
        return actor.is_marketing or actor.is_auditor

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return bound(cls.objects.with_everything(), matters)

    @property
    def position(self) -> str:  # type: ignore[override]
        return f"{self.state}.{self.fetched}"

    @property
    def awaits(self) -> str:  # type: ignore[override]
        return {
            State.REQUESTED: "approve_export",
            State.APPROVED: "make_export",
            State.FAILED: "retry_export",
            State.MADE: "fetch_export",
        }.get(State(self.state), "")

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """The office that may decide, without a named person; no holder while the worker writes it; then the
        requester.
        """
        if self.state == State.REQUESTED:
            return None, self._deciding_unit(lookups)
        if self.state in (State.FAILED, State.MADE):
            return self.requested_by_id, self.requested_by.unit_id
        return None, None

    def _deciding_unit(self, lookups: Lookups) -> int | None:
        """The centre for its own lists if another person there may decide, else the marketing department."""
        if self.what in DECIDED_BY_THE_CENTRE:
            centre = next(iter(lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE)), None)
            able = {*lookups.csc_supervisor_ids, centre.head_id if centre else None} - {self.requested_by_id, None}
            if centre and able:
                return centre.pk
        return next((unit.pk for unit in lookups.units_of_kind(Unit.Kind.MARKETING)), None)

    def deciders(self, lookups: Lookups) -> list[int]:
        """Everybody who may approve or decline, without the requester (primary keys)."""
        able = list(lookups.marketing_leader_ids)
        if self.what in DECIDED_BY_THE_CENTRE:
            heads = [unit.head_id for unit in lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE) if unit.head_id]
            able += [*lookups.csc_supervisor_ids, *heads]
        return [pk for pk in dict.fromkeys(able) if pk != self.requested_by_id]

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """Empty: an export has no limits. One that waits too long raises an alarm."""
        return ()

    def told_of_waiting(self, lookups: Lookups) -> Iterable[int]:
        return self.deciders(lookups) if self.state == State.REQUESTED else lookups.marketing_leader_ids

    def may_wait(self, limits: TimeLimits) -> timedelta:
        """A finished file waits for its requester until it expires, without an alarm."""
        if self.state == State.MADE:
            kept = self.expires_at - self.made_at if self.expires_at and self.made_at else timedelta()
            return kept + ONE_DAY
        return TO_MAKE if self.state == State.APPROVED else limits.may_wait(self.awaits)

    def describe_state(self) -> Any:
        return State(self.state).label

    def make_number(self, at: datetime) -> str:
        return f"DC{at.astimezone(SHANGHAI):%Y}-{code_of('export', self.matter_id)}"

    # Transitions: the verbs of the vocabulary, and what happens automatically

    @transition(field=state, source=State.NEW, target=State.REQUESTED)
    def request_export(self) -> None: ...

    @transition(field=state, source=State.REQUESTED, target=State.APPROVED)
    def approve_export(self) -> None: ...

    @transition(field=state, source=State.REQUESTED, target=State.DECLINED)
    def decline_export(self) -> None: ...

    @transition(field=state, source=list(RUNNING), target=State.WITHDRAWN)
    def withdraw_export(self) -> None: ...

    @transition(field=state, source=State.FAILED, target=State.APPROVED)
    def retry_export(self) -> None: ...

    @transition(field=state, source=State.APPROVED, target=State.MADE)
    def make(self) -> None:
        """Run by the worker: the file is complete."""

    @transition(field=state, source=State.APPROVED, target=State.FAILED)
    def fail(self) -> None:
        """Run by the worker: the file can't be written."""

    @transition(field=state, source=list(RUNNING), target=State.EXPIRED)
    def expire(self) -> None:
        """Run by the sweep: the export has expired, and its file with it."""


class ExportWork(models.Model):
    """A file to be written, and its claim: made by a guarded update, released after a while."""

    export = models.OneToOneField(Export, models.PROTECT, primary_key=True, related_name="work")
    asked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.export_id} {self.failures}"


class ExportPiece(models.Model):
    """A piece of an export's file, sealed in the vault: no more than one is in memory at once."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="piece_rows", db_index=False)
    number = models.PositiveIntegerField()
    place = models.CharField(max_length=32, unique=True)
    size = models.PositiveIntegerField()

    class Meta:
        ordering = ["export", "number"]
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="one_piece_a_number")]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"
