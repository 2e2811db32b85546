"""A rectification plan: what a unit has to put right, by whom and by when, followed until it is accepted (R16)."""

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
from assessment.models.cases import Case
from assessment.models.numbers import code_of


class PlanState(models.TextChoices):
    NEW = "new", _("未建立")
    OPEN = "open", _("整改中")
    REPORTED = "reported", _("整改完成，待验收")
    CLOSED = "closed", _("已验收")
    CANCELLED = "cancelled", _("已取消")


State = PlanState
RUNNING = (State.OPEN, State.REPORTED)

AFTER_DUE = timedelta(days=7)
"""How long after its due instant a plan not reported done raises an alarm, in addition to reminders."""

TO_ACCEPT = timedelta(hours=5 * 24)
"""How long a reported plan may wait for the marketing department, unless the table of limits says otherwise."""


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, actor: Actor) -> PlanQuerySet:
        """Marketing and auditors all; contacts, deputies and head of the unit its own; an owner theirs."""
        if actor.is_administrator:
            return self.none()
        if actor.reads_every_case:
            return self
        return self.filter(Q(owner_id=actor.pk) | Q(unit_id__in=actor.answers_for))

    def with_everything(self) -> PlanQuerySet:
        """Joined with what a list row or an act needs."""
        return self.select_related("matter", "unit__head", "owner", "opened_by", "case__matter")

    def running(self) -> PlanQuerySet:
        return self.filter(state__in=RUNNING)


@subject
class Plan(Subject, models.Model):
    """The methods named like verbs are its transitions. What was asked and what came of it is in sealed rows."""

    matter_kind = "plan"
    named_with = ("unit",)
    page = "plan"
    stamped_people: ClassVar[frozenset[int]] = frozenset()
    """No people are stamped on a plan."""

    matter = models.OneToOneField(Matter, models.PROTECT, primary_key=True, related_name="plan", verbose_name=_("事项"))
    state = FSMField(_("状态"), default=State.NEW, choices=State.choices, protected=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plans", verbose_name=_("整改单位"), db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="plans", verbose_name=_("关联案件"))
    owner = models.ForeignKey(Employee, models.PROTECT, related_name="plans", verbose_name=_("整改责任人"))
    due = models.DateTimeField(_("整改期限"))
    content = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    opened_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("提出人"))
    opened_at = models.DateTimeField(_("提出时间"))
    result = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    reported_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("报告人"))
    reported_at = models.DateTimeField(_("报告完成时间"), null=True)
    sent_back = models.PositiveSmallIntegerField(_("退回次数"), default=0)

    history = History()
    objects = PlanQuerySet.as_manager()

    gone: frozenset[int] = frozenset()
    """Those leaving by the current act: nothing may be left waiting for them."""

    class Meta:
        verbose_name = verbose_name_plural = _("整改方案")
        ordering = ["-matter_id"]
        indexes = [
            models.Index(fields=["state", "due", "matter"], name="plan_by_due"),
            models.Index(fields=["unit", "state"], name="plan_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                name="plan_report_is_whole",
                condition=Q(result__isnull=True, reported_by__isnull=True, reported_at__isnull=True)
                | Q(result__isnull=False, reported_by__isnull=False, reported_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.matter)

    # What the gate asks

    @classmethod
    def shows_alarms(cls, actor: Actor) -> bool:
        """Marketing and auditors: what waits here is theirs to follow (R40)."""
        return actor.reads_every_case

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return bound(cls.objects.with_everything(), matters)

    @property
    def position(self) -> str:  # type: ignore[override]
        due = self.due.isoformat() if self.due else "-"
        return ".".join(map(str, (self.state, self.sent_back, self.owner_id or "-", due)))

    @property
    def awaits(self) -> str:  # type: ignore[override]
        return {State.OPEN: "report_plan_done", State.REPORTED: "accept_plan"}.get(State(self.state), "")

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """Its owner, or the unit's head if the owner has left. Once reported, the officer who asked for it, or a leader
        of the marketing department if the officer is gone.
        """
        if self.state == State.OPEN:
            return self._of_the_unit(lookups), self.unit_id
        if self.state == State.REPORTED:
            return self._of_marketing(lookups)
        return None, None

    def _of_the_unit(self, lookups: Lookups) -> int | None:
        if self.owner_serves and self.owner_id not in self.gone:
            return self.owner_id
        contacts = [contact.pk for contact in lookups.contacts_of(self.unit)]
        return next((pk for pk in (self.unit.head_id, *contacts) if pk and pk not in self.gone), None)

    def _of_marketing(self, lookups: Lookups) -> tuple[int | None, int | None]:
        unit = next((unit for unit in lookups.units_of_kind(Unit.Kind.MARKETING)), None)
        officer = self.officer_serving(lookups)
        able = [officer, *lookups.marketing_leader_ids, unit.head_id if unit else None]
        return next((pk for pk in able if pk and pk not in self.gone), None), unit.pk if unit else None

    def named_for(self, actor: Actor) -> list[str]:
        return [str(self.unit)]

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """Its owner, the person who holds it for them, the unit's head, and the officer who waits for it: those who are
        still there.
        """
        yield from (self.matter.holder_id, self.unit.head_id)
        if self.owner_serves:
            yield self.owner_id
        yield self.officer_serving(lookups)

    def told_of_waiting(self, lookups: Lookups) -> Iterable[int]:
        """The marketing department's leaders: the centre has no part in a plan."""
        return lookups.marketing_leader_ids

    def may_wait(self, limits: TimeLimits) -> timedelta:
        """An open plan until some time after its due instant; a reported one as long as the step allows."""
        if self.state == State.OPEN and self.matter.waiting_since is not None:
            return max(self.due - self.matter.waiting_since, timedelta()) + AFTER_DUE
        return limits.may_wait(self.awaits, TO_ACCEPT)

    def is_pursued(self, deadline: Deadline) -> bool:
        """Until it is reported done; of several cycles only the one with the present due instant."""
        return self.state == State.OPEN and deadline.due_at == self.due

    def describe_state(self) -> Any:
        return State(self.state).label

    def make_number(self, at: datetime) -> str:
        return f"ZG{at.astimezone(SHANGHAI):%Y}-{code_of('plan', self.matter_id)}"

    # What the domain asks

    @property
    def officer_id(self) -> int:
        """Who follows it in the marketing department."""
        return self.opened_by_id

    def officer_serving(self, lookups: Lookups) -> int | None:
        """The officer, while they serve there."""
        return self.officer_id if self.officer_id in lookups.marketing_ids else None

    @property
    def owner_serves(self) -> bool:
        """Whether the owner is still there to do it."""
        return self.owner.is_active and (self.owner.unit_id == self.unit_id or self.owner_id == self.unit.head_id)

    # Transitions: the verbs of the vocabulary

    @transition(field=state, source=State.NEW, target=State.OPEN)
    def open_plan(self) -> None: ...

    @transition(field=state, source=State.OPEN, target=State.REPORTED)
    def report_plan_done(self) -> None: ...

    @transition(field=state, source=State.REPORTED, target=State.CLOSED)
    def accept_plan(self) -> None: ...

    @transition(field=state, source=State.REPORTED, target=State.OPEN)
    def send_back_plan(self) -> None: ...

    @transition(field=state, source=list(RUNNING), target=State.CANCELLED)
    def cancel_plan(self) -> None: ...
