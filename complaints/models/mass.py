"""Mass events: a matter above many complaints of one place and one head, each with its own clocks (S32)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.db.sql import by_key
from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject, subject
from accountability.models import Category, Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor


class MassState(models.TextChoices):
    NEW = "new", _("未形成")
    WARNED = "warned", _("疑似，待确认")
    CONFIRMED = "confirmed", _("已确认，处置中")
    DISMISSED = "dismissed", _("不是大面积投诉")
    CLOSED = "closed", _("已结束")


OPEN = (MassState.WARNED, MassState.CONFIRMED)


class Level(models.IntegerChoices):
    """How large it is; the first is the gravest. Only a person can judge the second, for a whole region."""

    NONE = 0, _("未达级")
    THIRD = 3, _("三级")
    SECOND = 2, _("二级（区域性）")
    FIRST = 1, _("一级")


def gravest(*levels: int) -> int:
    return min((level for level in levels if level), default=0)


class MassEventQuerySet(models.QuerySet["MassEvent"]):
    def visible_to(self, actor: Actor) -> MassEventQuerySet:
        """All of them for people who read every complaint; none for anybody else."""
        return self if actor.reads_every_complaint else self.none()

    def open(self) -> MassEventQuerySet:
        return self.filter(state__in=OPEN)

    def of(self, complaint: int) -> MassEventQuerySet:
        """The events of the complaint with this key, without dismissed ones."""
        mine = MassMember.objects.filter(complaint_id=complaint, removed_at=None)
        return self.filter(pk__in=mine.values("event_id")).exclude(state=MassState.DISMISSED)


@subject
class MassEvent(Subject, models.Model):
    """A mass event of one region and one head of the catalogue: suspected by the sweep, judged by the centre.

    Its own ledger has the decisions and texts about it; the members' ledgers have what was done to them.
    """

    matter_kind = "mass"
    page = "mass"
    series = "DM"

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="mass_event", verbose_name=_("事项")
    )
    state = FSMField(_("状态"), default=MassState.NEW, choices=MassState.choices, protected=True)
    region = models.CharField(_("地区"), max_length=30)
    head = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name=_("投诉大类"))
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level.choices, default=Level.NONE)
    peak = models.PositiveIntegerField(_("24小时内最多件数"), default=0)
    since = models.DateTimeField(_("达到标准时刻"))
    confirmed_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人"))
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    replies = models.PositiveSmallIntegerField(_("统一回复次数"), default=0)
    reply_text = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = MassEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("大面积投诉")
        ordering = ["-matter_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "head"], name="one_open_mass_event", condition=Q(state__in=[s.value for s in OPEN])
            )
        ]

    def __str__(self) -> str:
        return str(self.matter)

    # What the gate asks

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        found = by_key(cls, matters)
        people = by_key(Employee, [event.confirmed_by_id for event in found.values()])
        heads = by_key(Category, [event.head_id for event in found.values()])
        for pk, event in found.items():
            event.matter, event.head = matters[pk], heads[event.head_id]
            event.confirmed_by = people.get(event.confirmed_by_id)
        return found

    @property
    def position(self) -> str:  # type: ignore[override]
        return f"{self.state}.{self.level}.{self.replies}"

    @property
    def awaits(self) -> str:  # type: ignore[override]
        if self.state == MassState.CONFIRMED:
            return "close_mass" if self.replies else "reply_all"
        return "confirm_mass" if self.state == MassState.WARNED else ""

    def may_wait(self, limits: TimeLimits) -> timedelta:
        """An event that isn't judged yet: until it must be taken up, by its level."""
        if self.state == MassState.WARNED:
            return timedelta(minutes=limits.mass[f"start{self.level or Level.THIRD.value}_minutes"])
        return limits.may_wait(self.awaits)

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """The centre, until one of its people confirms the event; then that person."""
        if self.state == MassState.CONFIRMED and self.confirmed_by:
            return self.confirmed_by.pk, self.confirmed_by.unit_id
        centre = next((unit.pk for unit in lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE)), None)
        return None, centre if self.state == MassState.WARNED else None

    def describe_state(self) -> Any:
        return MassState(self.state).label

    # What the domain asks

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def facts(self) -> dict[str, Any]:
        """The facts in notices, alarms and the ledger: a place and a head, no personal data."""
        return {"region": self.region, "head": self.head.name, "count": self.peak}

    # Transitions

    @transition(field=state, source=MassState.NEW, target=MassState.WARNED)
    def warn(self) -> None:
        """By the sweep: enough complaints have come together."""

    @transition(field=state, source=MassState.WARNED, target=MassState.CONFIRMED)
    def confirm_mass(self) -> None: ...

    @transition(field=state, source=MassState.WARNED, target=MassState.DISMISSED)
    def dismiss_mass(self) -> None: ...

    @transition(field=state, source=MassState.CONFIRMED, target=MassState.CLOSED)
    def close_mass(self) -> None: ...


class MassMember(models.Model):
    """A complaint that belongs to a mass event, since when and added by whom (the system, if by the sweep).

    A removed one keeps its row, so that the sweep doesn't count it again.
    """

    event = models.ForeignKey(
        MassEvent, models.PROTECT, related_name="members", verbose_name=_("大面积投诉"), db_index=False
    )
    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, related_name="memberships", verbose_name=_("投诉")
    )
    added_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("列入人"))
    added_at = models.DateTimeField(_("列入时间"))
    removed_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("移出人"))
    removed_at = models.DateTimeField(_("移出时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("大面积投诉成员")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["event", "complaint"], name="one_membership_an_event")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.complaint_id}"
