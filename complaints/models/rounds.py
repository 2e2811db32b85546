"""A dispatch round: one unit is the first-inquiry unit, its people are stamped, its result goes back to the centre."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.db.sql import Read
from accountability.db.ways import Way, any_of
from accountability.models import Employee, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor

LAPSED = "lapse_told"
"""The ledger's verb for a recorded hand-over by telephone that wasn't confirmed in time."""


class RoundState(models.TextChoices):
    DELIVERED = "delivered", _("待交办")
    HANDED_OFF = "handed_off", _("已交办，待接单")
    REPORTED = "reported", _("已报分管领导")
    ACCEPTED = "accepted", _("处理中")
    RETURN_REQUESTED = "return_requested", _("申请退回，待裁定")
    RETURNED = "returned", _("非职责退回")
    ANSWERED = "answered", _("已答复，待审核")
    CLOSED = "closed", _("判断处理完毕")
    CANCELLED = "cancelled", _("已撤销")


class HandoffMethod(models.TextChoices):
    SYSTEM = "system", _("系统")
    PHONE = "phone", _("电话")
    SMS = "sms", _("短信")
    FACE_TO_FACE = "face_to_face", _("当面")
    OTHER = "other", _("其他")


class Dissatisfaction(models.TextChoices):
    """Why a customer isn't satisfied, as categories for statistics (R37)."""

    RESULT = "result", _("处理结果不认可")
    SLOW = "slow", _("处理太慢")
    ATTITUDE = "attitude", _("服务态度")
    RECURRED = "recurred", _("问题复发")
    COMPENSATION = "compensation", _("补偿不足")
    OTHER = "other", _("其他")


BEFORE_ANSWER = [RoundState.DELIVERED, RoundState.HANDED_OFF, RoundState.REPORTED, RoundState.ACCEPTED]
RUNNING = [*BEFORE_ANSWER, RoundState.RETURN_REQUESTED, RoundState.ANSWERED]
OVER = [RoundState.RETURNED, RoundState.CLOSED, RoundState.CANCELLED]

TOLD_FOR = timedelta(hours=24)
"""How long a hand-over by telephone waits for the person who was told; then its record lapses (R19)."""


class RoundQuerySet(models.QuerySet["Round"]):
    def running(self) -> RoundQuerySet:
        """Rounds that aren't over: of each dispatched complaint the latest one, and no others."""
        return self.filter(state__in=RUNNING)

    def visible_to(self, actor: Actor) -> RoundQuerySet:
        """A unit's own rounds, also after their end, never another unit's. All for people who read every complaint."""
        if actor.is_administrator:
            return self.none()
        if actor.reads_every_complaint:
            return self
        return self.filter(seen_by(actor))


OWN_PEOPLE = ("handler_id", "leader_id", "reported_to_id", "acting_handler_id", "acting_leader_id")
"""Who has a part in a round, besides those who answer for its unit."""


def ways_to_rounds(actor: Actor) -> list[Way]:
    """Rounds of the units one is contact, deputy or head of (or on duty for), and those one has a part in. Also a round
    handed over to one by telephone, for a day unless it went to somebody otherwise: while a return is asked for too.
    """
    told = Way("told_to_id", (actor.pk,), {"told_recorded_at__gte": actor.at - TOLD_FOR})
    return [Way("unit_id", actor.answers_for), told, *(Way(column, (actor.pk,)) for column in OWN_PEOPLE)]


def seen_by(actor: Actor) -> Q:
    return any_of(ways_to_rounds(actor))


def rounds_of(actor: Actor, exists: type[Exists] = Exists) -> Exists:
    """For a query over complaints: whether the person may see one of its rounds."""
    return exists(Round.objects.filter(seen_by(actor), complaint_id=OuterRef("pk")))


class Round(Read):
    """One dispatch and what came of it (R3, R11, R18).

    Handler, leader and head are stamped once and never overwritten. `limits` is the version of the time-limit table in
    force at the dispatch (R6). `draft` is the answer that waits for the leader's review (R18), `material_asked_at`
    since when the person who must reply waits for the unit's material (R36). State changes only through the complaint's
    verbs.
    """

    complaint = models.ForeignKey("complaints.Complaint", models.PROTECT, related_name="rounds", db_index=False)
    number = models.PositiveSmallIntegerField(_("派单轮次"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="rounds", verbose_name=_("首问责任部门"), db_index=False
    )
    state = FSMField(_("状态"), default=RoundState.DELIVERED, choices=RoundState.choices, protected=True)
    notice_number = models.CharField(_("通知单号"), max_length=32)
    limits = models.ForeignKey(
        TimeLimits, models.PROTECT, related_name="+", verbose_name=_("时限表版本"), db_index=False
    )
    priority = models.CharField(_("派发时优先级"), max_length=2)
    is_ruling = models.BooleanField(_("裁定派发"), default=False)

    dispatched_by = models.ForeignKey(
        Employee, models.PROTECT, related_name="+", verbose_name=_("派单员"), db_index=False
    )
    delivered_at = models.DateTimeField(_("派发时间"))
    contact = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("接口人"))
    head = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("单位负责人"))

    reported_to = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("报告对象"), db_index=False
    )
    reported_at = models.DateTimeField(_("报告时间"), null=True)
    handler = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("首问责任人"), db_index=False
    )
    leader = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("分管领导"), db_index=False
    )
    method = models.CharField(_("交办方式"), max_length=12, choices=HandoffMethod.choices, blank=True)
    handed_off_by = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("交办人"), db_index=False
    )
    handed_off_at = models.DateTimeField(_("交办时间"), null=True)
    accepted_at = models.DateTimeField(_("受理时间"), null=True)
    solution_at = models.DateTimeField(_("方案时间"), null=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)

    return_requested_at = models.DateTimeField(_("申请退回时间"), null=True)
    state_before_return = models.CharField(max_length=16, blank=True)
    late_return = models.BooleanField(_("超期申请退回"), default=False)
    suggested_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("建议单位"), db_index=False
    )
    acting_handler = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="acting_rounds", verbose_name=_("代为处理人"), db_index=False
    )
    acting_leader = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("代为协调人"), db_index=False
    )
    coordinated = models.BooleanField(_("有协调"), default=False)
    told_to = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("电话交办对象"))
    told_at = models.DateTimeField(_("电话交办时刻"), null=True)
    told_by = models.ForeignKey(
        Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("电话交办人"), db_index=False
    )
    told_recorded_at = models.DateTimeField(_("电话交办登记时间"), null=True)
    extension_until = models.DateTimeField(_("申请延期至"), null=True)
    extended_at = models.DateTimeField(_("延期批准时间"), null=True)
    draft = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name=_("送审的答复"))
    review_asked_at = models.DateTimeField(_("送审时间"), null=True)
    material_asked_at = models.DateTimeField(_("索要材料时间"), null=True)
    material_asked_by = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("索要材料人"),
        db_index=False,
    )
    material_alarmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("本轮结束"), null=True)
    satisfied = models.BooleanField(_("客户满意"), null=True)
    satisfied_at = models.DateTimeField(_("满意度记录时间"), null=True)
    dissatisfied_by = models.CharField(
        _("不满意原因"), max_length=12, choices=Dissatisfaction.choices, blank=True, default=""
    )

    history = History()
    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("派单轮次")
        ordering = ["complaint_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="one_round_a_number"),
            models.UniqueConstraint(fields=["notice_number"], name="one_round_a_notice"),
            models.UniqueConstraint(
                fields=["complaint"], name="one_running_round", condition=~Q(state__in=[s.value for s in OVER])
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="round_by_unit"),
            models.Index(fields=["unit", "complaint"], name="round_of_unit"),
            models.Index(fields=["handler", "complaint"], name="round_of_handler"),
            models.Index(fields=["leader", "complaint"], name="round_of_leader"),
            models.Index(
                fields=["leader"], name="round_run_by_leader", condition=Q(state__in=[s.value for s in RUNNING])
            ),
            models.Index(
                fields=["reported_to", "complaint"], name="round_of_reported_to", condition=Q(reported_to__isnull=False)
            ),
            models.Index(
                fields=["acting_handler", "complaint"],
                name="round_of_acting_handler",
                condition=Q(acting_handler__isnull=False),
            ),
            models.Index(
                fields=["acting_leader", "complaint"],
                name="round_of_acting_leader",
                condition=Q(acting_leader__isnull=False),
            ),
            models.Index(fields=["delivered_at"], name="round_by_delivery"),
            models.Index(
                fields=["satisfied_at"], name="round_by_satisfaction", condition=Q(satisfied_at__isnull=False)
            ),
            models.Index(
                fields=["extension_until"],
                name="round_asks_for_time",
                condition=Q(extension_until__isnull=False, extended_at__isnull=True, ended_at__isnull=True),
            ),
            models.Index(fields=["told_recorded_at"], name="round_told", condition=Q(told_to__isnull=False)),
            models.Index(
                fields=["review_asked_at"], name="round_under_review", condition=Q(review_asked_at__isnull=False)
            ),
            models.Index(
                fields=["material_asked_at"], name="round_owes_material", condition=Q(material_asked_at__isnull=False)
            ),
            models.Index(
                fields=["complaint", "number"], name="round_cancelled", condition=Q(state=RoundState.CANCELLED.value)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}#{self.number}"

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def asks_for_time(self) -> bool:
        return self.extension_until is not None and self.extended_at is None

    @property
    def works_on_it(self) -> int | None:
        """The person who answers it now: the stamped handler, or the one it was reassigned to."""
        return self.acting_handler_id or self.handler_id

    @property
    def people(self) -> set[int]:
        """Who has a part in it, by key."""
        return {pk for column in OWN_PEOPLE if (pk := getattr(self, column)) is not None}

    def is_visible_to(self, actor: Actor) -> bool:
        """The same as `RoundQuerySet.visible_to`, for a round at hand."""
        if actor.is_administrator:
            return False
        is_told = self.told_to_id == actor.pk and self.told_until is not None and self.told_until >= actor.at
        return actor.reads_every_complaint or self.has(actor) or is_told

    def has(self, actor: Actor) -> bool:
        """Whether the person has a part in it or answers for its unit."""
        return self.unit_id in actor.answers_for or actor.pk in self.people

    @property
    def told_until(self) -> datetime | None:
        """Until when who was told may read the round, and confirm the call while there is one (`told_at`)."""
        return self.told_recorded_at + TOLD_FOR if self.told_to_id and self.told_recorded_at else None

    @property
    def coordinates_it(self) -> int | None:
        """The leader it was reported to, or their substitute."""
        return self.acting_leader_id or self.reported_to_id

    @property
    def is_under_review(self) -> bool:
        """The handler's answer waits for the leader (R18)."""
        return self.review_asked_at is not None

    def end_review(self) -> None:
        """End a pending review."""
        self.draft = self.review_asked_at = None

    def lapse_told(self) -> None:
        """Drop an unconfirmed hand-over by telephone: the round took another way, the call was denied, or it waited too
        long. `told_recorded_at` stays, because a round may have one such record only.
        """
        self.told_to = None
        self.end_call()

    def end_call(self) -> None:
        """The call can't be confirmed any more. Who was told reads on until the day is over (`ways_to_rounds`)."""
        self.told_at = self.told_by = None

    @transition(field=state, source=RoundState.DELIVERED, target=RoundState.HANDED_OFF)
    def hand_off(self) -> None:
        self.lapse_told()

    @transition(field=state, source=RoundState.DELIVERED, target=RoundState.REPORTED)
    def report_to_leader(self) -> None:
        self.lapse_told()

    @transition(field=state, source=RoundState.REPORTED, target=RoundState.HANDED_OFF)
    def name_handler(self) -> None: ...

    @transition(field=state, source=RoundState.HANDED_OFF, target=RoundState.ACCEPTED)
    def accept(self) -> None: ...

    @transition(field=state, source=BEFORE_ANSWER, target=RoundState.RETURN_REQUESTED)
    def request_return(self) -> None:
        self.state_before_return = self.state
        self.end_call()
        self.end_review()

    @transition(field=state, source=RoundState.RETURN_REQUESTED, target=RoundState.RETURNED)
    def accept_return(self) -> None: ...

    def deny_return(self) -> None:
        """Return to the state before the request."""
        {
            RoundState.DELIVERED: self._resume_delivered,
            RoundState.HANDED_OFF: self._resume_handed_off,
            RoundState.REPORTED: self._resume_reported,
            RoundState.ACCEPTED: self._resume_accepted,
        }[RoundState(self.state_before_return)]()

    @transition(field=state, source=RoundState.RETURN_REQUESTED, target=RoundState.DELIVERED)
    def _resume_delivered(self) -> None: ...

    @transition(field=state, source=RoundState.RETURN_REQUESTED, target=RoundState.HANDED_OFF)
    def _resume_handed_off(self) -> None: ...

    @transition(field=state, source=RoundState.RETURN_REQUESTED, target=RoundState.REPORTED)
    def _resume_reported(self) -> None: ...

    @transition(field=state, source=RoundState.RETURN_REQUESTED, target=RoundState.ACCEPTED)
    def _resume_accepted(self) -> None: ...

    @transition(field=state, source=RoundState.ACCEPTED, target=RoundState.ANSWERED)
    def answer(self) -> None:
        self.end_review()

    @transition(field=state, source=RoundState.ANSWERED, target=RoundState.ACCEPTED)
    def reopen(self) -> None: ...

    @transition(field=state, source=RoundState.ANSWERED, target=RoundState.CLOSED)
    def close(self) -> None: ...

    @transition(field=state, source=RUNNING, target=RoundState.CANCELLED)
    def cancel(self) -> None:
        """The round ends without a result: recalled, or the complaint ended otherwise."""
        self.lapse_told()
        self.end_review()


class HasRound(Protocol):
    """A complaint, as far as its running round goes."""

    @property
    def round(self) -> Round | None: ...


def in_round(*states: RoundState) -> Callable[[HasRound], bool]:
    """Condition of a verb: the running round is in one of these states."""

    def met(complaint: HasRound) -> bool:
        return complaint.round is not None and complaint.round.state in states

    return met
