"""A customer's request about their own data: to have a copy, to have it corrected, deleted, or no longer used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.db.sql import by_key
from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject, subject
from accountability.models import Deadline, Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor, leads_or_audits
from complaints.models.complaints import Complaint


class RightsState(models.TextChoices):
    NEW = "new", _("未受理")
    OPEN = "open", _("办理中")
    PROPOSED = "proposed", _("待第二人批准")
    APPROVED = "approved", _("已批准")
    FULFILLED = "fulfilled", _("已办结")
    REFUSED = "refused", _("不予办理")


class Wish(models.TextChoices):
    """What is asked for (PIPL 44 to 47)."""

    COPY = "copy", _("查阅、复制")
    CORRECT = "correct", _("更正、补充")
    DELETE = "delete", _("删除")
    RESTRICT = "restrict", _("限制处理、撤回同意")


class Ground(models.TextChoices):
    """Why a request isn't followed. The reason in words is recorded with it and told to the customer (PIPL 50)."""

    IDENTITY = "identity", _("不能核实申请人身份")
    PENDING = "pending", _("投诉未办结，或在案件、整改中")
    LEGAL = "legal", _("法律、行政法规要求继续保存")
    NOTHING = "nothing", _("没有该申请人的数据")
    WITHDRAWN = "withdrawn", _("申请人撤回")
    OTHER = "other", _("其他")


RUNNING = (RightsState.OPEN, RightsState.PROPOSED, RightsState.APPROVED)
NEEDS_TWO = (Wish.COPY, Wish.DELETE)
"""What needs two people: handing over a copy, and deleting."""

COPY_WAITS = timedelta(days=7)
"""How long an approved copy may be fetched, once; after that it must be approved again."""

MAY_WAIT = timedelta(days=5)
"""How long the next step may wait before an alarm, unless the table of limits says otherwise."""


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def visible_to(self, actor: Actor) -> RightsRequestQuerySet:
        """For the centre's supervisors, marketing's leaders and auditors; none for anybody else."""
        return self if leads_or_audits(actor) else self.none()

    def running(self) -> RightsRequestQuerySet:
        return self.filter(state__in=RUNNING)


@subject
class RightsRequest(Subject, models.Model):
    """The methods named like verbs are its transitions. Who asks, how they were identified and what they asked for is
    sealed in `intake`; `finds` are the complaints that bear their number or name.
    """

    matter_kind = "rights"
    page = "rights_request"
    series = "QL"

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="rights_request", verbose_name=_("事项")
    )
    state = FSMField(_("状态"), default=RightsState.NEW, choices=RightsState.choices, protected=True)
    wish = models.CharField(_("请求"), max_length=10, choices=Wish.choices)
    opened_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("受理人"))
    intake = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("提请人"))
    proposed_at = models.DateTimeField(_("提请时间"), null=True)
    approved_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人"))
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    corrections = models.PositiveSmallIntegerField(_("更正次数"), default=0)
    handed_over_at = models.DateTimeField(_("交付时间"), null=True)
    ground = models.CharField(_("不予办理的依据"), max_length=10, choices=Ground.choices, blank=True, default="")
    answer = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = RightsRequestQuerySet.as_manager()

    bundle: bytes | None = None
    """The copy that the present act made. It is handed over at once and not stored."""

    class Meta:
        verbose_name = verbose_name_plural = _("客户权利请求")
        ordering = ["-matter_id"]
        constraints = [
            models.CheckConstraint(
                name="rights_refused_on_a_ground",
                condition=models.Q(state="refused") & ~models.Q(ground="") | ~models.Q(state="refused"),
            )
        ]

    def __str__(self) -> str:
        return str(self.matter)

    # What the gate asks

    @classmethod
    def shows_alarms(cls, actor: Actor) -> bool:
        """Alarms about these requests are shown only to people who may read them."""
        return leads_or_audits(actor)

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        found = by_key(cls, matters)
        people = by_key(Employee, [row.opened_by_id for row in found.values()])
        for pk, row in found.items():
            row.matter, row.opened_by = matters[pk], people[row.opened_by_id]
        return found

    @property
    def position(self) -> str:  # type: ignore[override]
        asked = self.proposed_at.isoformat() if self.proposed_at else "-"
        return f"{self.state}.{asked}.{self.corrections}.{'y' if self.handed_over_at else '-'}"

    @property
    def awaits(self) -> str:  # type: ignore[override]
        if self.state == RightsState.OPEN:
            if self.wish in NEEDS_TWO:
                return "propose_fulfilment"
            return "correct_data" if self.wish == Wish.CORRECT and not self.corrections else "close_rights_request"
        if self.state == RightsState.PROPOSED:
            return "approve_fulfilment"
        if self.state == RightsState.APPROVED:
            return "hand_over_copy" if self.owes_copy else "close_rights_request"
        return ""

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """The person who took it in, or another supervisor if they no longer are one; to approve, somebody else."""
        if self.state not in RUNNING:
            return None, None
        centre = next((unit.pk for unit in lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE)), None)
        able = self.able(lookups)
        present = self.matter.holder_id
        first = [pk for pk in (self.opened_by_id, present) if pk in able]
        holder = next(iter([*first, *able]), None)
        if holder is None or holder in lookups.csc_supervisor_ids:
            return holder, centre
        return holder, next((unit.pk for unit in lookups.units_of_kind(Unit.Kind.MARKETING)), None)

    def able(self, lookups: Lookups) -> list[int]:
        """Who can do the awaited act. The approval must be by somebody other than the proposer."""
        if self.state != RightsState.PROPOSED:
            return lookups.csc_supervisor_ids
        several = [*lookups.csc_supervisor_ids, *lookups.marketing_leader_ids]
        return [pk for pk in several if pk != self.proposed_by_id]

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        return (self.matter.holder_id, *({self.opened_by_id} & set(lookups.csc_supervisor_ids)))

    def may_wait(self, limits: TimeLimits) -> timedelta:
        return limits.may_wait(self.awaits, MAY_WAIT)

    def describe_state(self) -> Any:
        return RightsState(self.state).label

    # What the domain asks

    @property
    def owes_copy(self) -> bool:
        return self.wish == Wish.COPY and self.handed_over_at is None

    @property
    def copy_expires_at(self) -> datetime | None:
        return self.approved_at + COPY_WAITS if self.approved_at and self.owes_copy else None

    @property
    def chosen(self) -> list[int]:
        """The complaints (primary keys) that the second person approves or approved."""
        return [row.complaint_id for row in self.finds.order_by("pk") if row.is_chosen]

    # Transitions: the verbs of the vocabulary

    @transition(field=state, source=RightsState.NEW, target=RightsState.OPEN)
    def open_rights_request(self) -> None: ...

    @transition(field=state, source=[RightsState.OPEN, RightsState.APPROVED], target=RightsState.PROPOSED)
    def propose_fulfilment(self) -> None: ...

    @transition(field=state, source=RightsState.PROPOSED, target=RightsState.APPROVED)
    def approve_fulfilment(self) -> None: ...

    @transition(field=state, source=RightsState.PROPOSED, target=RightsState.OPEN)
    def decline_fulfilment(self) -> None: ...

    @transition(field=state, source=[RightsState.OPEN, RightsState.PROPOSED], target=RightsState.REFUSED)
    def refuse_rights_request(self) -> None: ...

    @transition(field=state, source=[RightsState.OPEN, RightsState.APPROVED], target=RightsState.FULFILLED)
    def close_rights_request(self) -> None: ...


class RightsFind(models.Model):
    """A complaint that bears the number or exact name of the person who asks. `by_name`: only the name matches, which
    proves little, because many people share a name. `is_chosen`: the request is to be followed for it.
    """

    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="finds", db_index=False)
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="rights_finds", verbose_name=_("投诉"))
    by_name = models.BooleanField(_("仅姓名相同"), default=False)
    is_chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "complaint"], name="found_once")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.complaint_id}"
