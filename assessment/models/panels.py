"""The panel that judges an objection (R48): appointed, each member gives an opinion in their own session, then
recorded.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.models import Employee, PersonalData
from accountability.models.history import History
from accountability.permissions import Actor
from assessment.models.states import Finding


class Panel(models.Model):
    """Who judges, by when, and what came of it. Conclusion and reasons are empty until every opinion is in."""

    case = models.ForeignKey("assessment.Case", models.PROTECT, related_name="panels", verbose_name=_("案件"))
    appointed_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("召集人"))
    appointed_at = models.DateTimeField(_("召集时间"))
    due_at = models.DateTimeField(_("意见截止"))
    conclusion = models.CharField(_("结论"), max_length=12, choices=Finding.choices, blank=True)
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("记录人"))
    recorded_at = models.DateTimeField(_("记录时间"), null=True)

    history = History()

    class Meta:
        verbose_name = verbose_name_plural = _("评判会")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_conclusion_display() or '—'}"

    @cached_property
    def seat_rows(self) -> list[Seat]:
        """Every seat there ever was, in the members' order; a replacement takes the place of the member they
        replace.
        """
        return list(self.seats.all())

    @property
    def sitting(self) -> list[Seat]:
        """The seats of those who judge."""
        return [seat for seat in self.seat_rows if seat.replaced_at is None]

    @property
    def silent(self) -> list[Seat]:
        """Of these, the ones without an opinion."""
        return [seat for seat in self.sitting if seat.given_at is None]

    @property
    def to_be_asked(self) -> list[Seat]:
        """Of these, the ones who can give one: not who has left, or joined the unit concerned since (R48)."""
        unit = self.case.unit_id
        return [seat for seat in self.silent if seat.member.is_active and seat.member.unit_id != unit]

    @property
    def all_spoken(self) -> bool:
        """Until then nobody reads another's opinion."""
        return not self.silent

    @property
    def finding(self) -> str:
        """What the opinions come to: what most members say; in a tie what the marketing leader says, if there are
        several the first in the members' order. Empty until all are in.
        """
        if not self.all_spoken:
            return ""
        held = Counter(seat.opinion for seat in self.sitting)
        most = max(held.values())
        first = [opinion for opinion, count in held.items() if count == most]
        return first[0] if len(first) == 1 else next(seat.opinion for seat in self.sitting if seat.leads)


class SeatQuerySet(models.QuerySet["Seat"]):
    def visible_to(self, actor: Actor) -> SeatQuerySet:
        """One's own seats, unless the panel judges one's own unit; for marketing and auditors all. A member from
        elsewhere knows only the papers given to the panel, not the whole case.
        """
        if actor.is_administrator:
            return self.none()
        own = self.filter(member_id=actor.pk).exclude(panel__case__unit_id__in=actor.units)
        return self if actor.reads_every_case else own

    def sitting(self) -> SeatQuerySet:
        return self.filter(replaced_at=None)

    def to_speak(self) -> SeatQuerySet:
        return self.sitting().filter(given_at=None)


class Seat(models.Model):
    """A member's place, and their opinion once they have given it. `leads` is stamped when they are seated."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="seats")
    member = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("成员"))
    place = models.PositiveSmallIntegerField(_("次序"), default=1)
    leads = models.BooleanField(_("市场部领导"), default=False)
    opinion = models.CharField(_("意见"), max_length=12, choices=Finding.choices, blank=True)
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(_("发表时间"), null=True)
    reminded_at = models.DateTimeField(_("最近提醒时间"), null=True)
    replaced_at = models.DateTimeField(_("更换时间"), null=True)
    reason = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("评判会成员")
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "member"], condition=Q(replaced_at__isnull=True), name="one_seat_a_member"
            )
        ]
        indexes = [models.Index(fields=["member"], name="seat_to_speak", condition=Q(given_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.panel_id} {self.member_id}"

    def was_reminded_on(self, day: date) -> bool:
        return self.reminded_at is not None and day_of(self.reminded_at) == day


def hidden_opinions(actor: Actor) -> Q:
    """Ledger entries with an opinion that this person may not read yet: another's, while one is missing."""
    waits = Seat.objects.to_speak().filter(panel__case_id=OuterRef("matter_id"))
    return Q(Exists(waits), entry__verb="give_opinion") & ~Q(entry__actor_id=actor.pk)
