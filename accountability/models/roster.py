"""The tables of duty turns and absences. With the appointments they decide who receives a unit's rounds (R17)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accountability.models.history import History
from accountability.models.matters import PersonalData
from accountability.models.organisation import Employee, Unit
from accountability.security.masking import mask_text


def at_the_time(at: datetime) -> Q:
    """Spans that contain the instant, both ends included, because 24:00 is a day's last instant."""
    return Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gte=at))


class DutyRosterQuerySet(models.QuerySet["DutyRoster"]):
    def standing(self) -> DutyRosterQuerySet:
        return self.filter(cancelled_at=None)

    def at(self, instant: datetime) -> DutyRosterQuerySet:
        """The turns of duty at the instant that weren't cancelled."""
        return self.standing().filter(at_the_time(instant))


class DutyRoster(models.Model):
    """One turn of duty, at night or on a holiday. During it this person has the duties of the unit's contact (R19)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", verbose_name=_("单位"), db_index=False)
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="duties", verbose_name=_("值班人"), db_index=False
    )
    starts_at = models.DateTimeField(_("值班开始"))
    ends_at = models.DateTimeField(_("值班结束"))
    note = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+", verbose_name=_("班次"))
    cancelled_at = models.DateTimeField(_("取消"), null=True)
    history = History()

    objects = DutyRosterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("值班")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(name="duty_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.UniqueConstraint(
                fields=["unit", "employee", "starts_at"], name="one_duty_a_start", condition=Q(cancelled_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "ends_at"], name="duty_by_unit"),
            models.Index(fields=["employee", "ends_at"], name="duty_by_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.employee_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def named(self) -> str:
        """What somebody called the turn, as they typed it; pages show `shift`."""
        row = self.note
        return row.opened.get("note", "") if row is not None else ""

    @property
    def shift(self) -> str:
        return mask_text(self.named)


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def at(self, instant: datetime) -> AbsenceQuerySet:
        """The absences at the instant."""
        return self.filter(at_the_time(instant), Q(ended_at__isnull=True) | Q(ended_at__gt=instant))


class Absence(models.Model):
    """One absence. During it nothing is delivered to the person. The reason is in the sealed row `reason`.

    `ends_at` is the announced end (None: until further notice), `ended_at` when the person came back early.
    """

    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="absences", verbose_name=_("员工"), db_index=False
    )
    starts_at = models.DateTimeField(_("离岗开始"))
    ends_at = models.DateTimeField(_("离岗结束"), null=True, blank=True)
    ended_at = models.DateTimeField(_("提前返岗"), null=True)
    reason = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    history = History()

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("离岗")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_start", condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at"))
            )
        ]
        indexes = [models.Index(fields=["employee", "ends_at"], name="absence_by_employee")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.starts_at:%Y-%m-%d %H:%M}"
