"""The monthly bulletin to all units: drafted automatically from the month's figures, sent by the centre (R54)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from accountability.gate.lookups import Lookups
from accountability.gate.subjects import Subject, bound, subject
from accountability.models import Appointment, Deadline, Employee, Matter, PersonalData, TimeLimits, Unit
from accountability.models.history import History
from accountability.permissions import Actor, Role


class BulletinState(models.TextChoices):
    NEW = "new", _("未拟稿")
    DRAFTED = "drafted", _("草稿，待发送")
    SENT = "sent", _("已发送")
    WITHDRAWN = "withdrawn", _("已撤回")


State = BulletinState
STANDING = (State.DRAFTED, State.SENT)
"""A bulletin in one of these states keeps its month from being drafted again."""

CIRCULATED = (State.SENT, State.WITHDRAWN)

TO_SEND = timedelta(days=10)
"""How long a draft may wait before the alarm, unless the table of limits says otherwise: more than five working days
with the longest holidays, so that the alarm follows the missed limit and comes even if no calendar is published.
"""


def reads_drafts(actor: Actor) -> bool:
    """Before a bulletin is sent or a ranking published: the centre's supervisors, marketing and the auditors."""
    return actor.is_csc_supervisor or actor.is_marketing or actor.is_auditor


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def visible_to(self, actor: Actor) -> BulletinQuerySet:
        """Sent bulletins are for everybody, withdrawn or not; drafts for those who make and audit them."""
        return self if reads_drafts(actor) else self.filter(state__in=CIRCULATED)

    def with_everything(self) -> BulletinQuerySet:
        """Joined with what a page or an act needs."""
        return self.select_related("matter__holder", "matter__holder_unit", "sent_by__unit", "remarks", "withdrawn_by")


@subject
class Bulletin(Subject, models.Model):
    """One month's bulletin. `figures` are frozen as of `cut_off_at`, so that what was sent never changes.

    A withdrawn one stays as it was sent; the next of the month is another `edition`.
    """

    matter_kind = "bulletin"
    page = "bulletin"
    stamped_people: ClassVar[frozenset[int]] = frozenset()
    """No people are stamped on a bulletin."""

    matter = models.OneToOneField(
        Matter, models.PROTECT, primary_key=True, related_name="bulletin", verbose_name=_("事项")
    )
    state = FSMField(_("状态"), default=State.NEW, choices=State.choices, protected=True)
    month = models.DateField(_("通报月份"))
    edition = models.PositiveSmallIntegerField(_("第几稿"), default=1)
    figures = models.JSONField(_("各单位指标"), default=dict)
    cut_off_at = models.DateTimeField(_("数据截止"))
    number = models.CharField(_("发文字号"), max_length=60, blank=True, default="")
    sent_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("发送人"))
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    remarks = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    withdrawn_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("撤回人"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)
    reason = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("定期通报")
        ordering = ["-month", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["month", "edition"], name="one_bulletin_an_edition"),
            models.UniqueConstraint(
                fields=["month"], name="one_standing_bulletin_a_month",
                condition=Q(state__in=[state.value for state in STANDING]),
            ),
            models.CheckConstraint(
                name="bulletin_sent_is_whole",
                condition=Q(state="drafted", number="", sent_by__isnull=True, sent_at__isnull=True)
                | Q(state__in=["sent", "withdrawn"], sent_by__isnull=False, sent_at__isnull=False) & ~Q(number=""),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.matter)

    # What the gate asks

    @classmethod
    def of_matters(cls, matters: dict[int, Matter]) -> dict[int, Self]:
        return bound(cls.objects.with_everything(), matters)

    @property
    def position(self) -> str:  # type: ignore[override]
        return f"{self.state}.{self.cut_off_at.isoformat()}" if self.cut_off_at else self.state

    @property
    def awaits(self) -> str:  # type: ignore[override]
        return "send_bulletin" if self.state == State.DRAFTED else ""

    def who_holds(self, lookups: Lookups) -> tuple[int | None, int | None]:
        """The centre; any of its supervisors may send it."""
        centre = next((unit.pk for unit in lookups.units_of_kind(Unit.Kind.SERVICE_CENTRE)), None)
        return None, centre if self.state == State.DRAFTED else None

    def told_of_miss(self, deadline: Deadline, lookups: Lookups) -> Iterable[int | None]:
        """The centre's supervisors, who also get the warning. The action notifies marketing."""
        at = deadline.due_at or deadline.started_at
        serving = Appointment.objects.serving(at).filter(role=Role.CSC_SUPERVISOR, employee__is_active=True)
        return serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()

    def may_wait(self, limits: TimeLimits) -> timedelta:
        return limits.may_wait(self.awaits, TO_SEND)

    def describe_state(self) -> Any:
        return State(self.state).label

    def make_number(self, at: datetime) -> str:
        """`TB2026-10`, the second of a month `TB2026-10-2`."""
        return f"TB{self.month:%Y-%m}" + (f"-{self.edition}" if self.edition > 1 else "")

    # What the domain asks

    @property
    def month_ends(self) -> date:
        """The month's last day."""
        return (self.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)

    @property
    def digest(self) -> str:
        """A digest of the frozen figures, by which the ledger records what was drafted and what was sent."""
        told = json.dumps(self.figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()

    # Transitions: the verbs of the vocabulary

    @transition(field=state, source=State.NEW, target=State.DRAFTED)
    def draft(self) -> None:
        """Run by the sweep once the month is over."""

    @transition(field=state, source=State.DRAFTED, target=State.SENT)
    def send_bulletin(self) -> None: ...

    @transition(field=state, source=State.SENT, target=State.WITHDRAWN)
    def withdraw_bulletin(self) -> None: ...
