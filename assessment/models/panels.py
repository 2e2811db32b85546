"""The panel that judges an objection (R48): a written record, and each member's opinion on it in their own session."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accountability.models import Employee, PersonalData
from accountability.permissions import Actor
from assessment.models.states import Finding


class Panel(models.Model):
    """One record. It is decided when every member has given an opinion; written anew, opinions begin anew."""

    case = models.ForeignKey("assessment.Case", models.PROTECT, related_name="panels", verbose_name=_("案件"))
    conclusion = models.CharField(_("结论"), max_length=12, choices=Finding.choices)
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("记录人"))
    recorded_at = models.DateTimeField(_("记录时间"))
    replaced_at = models.DateTimeField(_("改写时间"), null=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _("评判会")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_conclusion_display()}"

    @cached_property
    def seat_rows(self) -> list[Seat]:
        return list(self.seats.all())


class SeatQuerySet(models.QuerySet["Seat"]):
    def visible_to(self, actor: Actor) -> SeatQuerySet:
        """One's own seats: a member from elsewhere knows the papers laid before the panel and not the whole case."""
        if actor.is_administrator:
            return self.none()
        return self if actor.is_marketing or actor.is_auditor else self.filter(member_id=actor.pk)

    def to_speak(self) -> SeatQuerySet:
        return self.filter(given_at=None, panel__replaced_at=None, panel__decided_at=None)


class Seat(models.Model):
    """A member's place, and their opinion once they have given it."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="seats")
    member = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("成员"))
    opinion = models.CharField(_("意见"), max_length=12, choices=Finding.choices, blank=True)
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(_("发表时间"), null=True)

    history = HistoricalRecords()
    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("评判会成员")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["panel", "member"], name="one_seat_a_member")]
        indexes = [models.Index(fields=["member"], name="seat_to_speak", condition=Q(given_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.panel_id} {self.member_id}"
