"""What a body outside the company hands over under a number of its own, and is owed an answer to (R9)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models import Deadline, Employee
from complaints.models.complaints import Complaint
from complaints.models.states import OUTSIDE


class OutsideCase(models.Model):
    """A complaint as the telecom authority, 12345, 12315 or the group's headquarters knows it. One complaint may be
    handed over by several of them, and by each of them again once it was answered.

    It stands until it is answered, or dropped as a mistake. Its limit is a row of its own: `Deadline` with the body's
    kind.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="outside_cases", verbose_name=_("投诉"))
    body = models.CharField(_("转办单位"), max_length=20, choices=[(one.value, one.label) for one in OUTSIDE])
    number = models.CharField(_("转办编号"), max_length=40)
    deadline = models.OneToOneField(Deadline, models.PROTECT, related_name="+", verbose_name=_("答复时限"))
    received_at = models.DateTimeField(_("收到转办"))
    recorded_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    dropped_at = models.DateTimeField(_("撤销登记"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("外部转办")
        constraints = [
            models.UniqueConstraint(
                fields=["body", "number"], condition=models.Q(dropped_at=None), name="an_outside_number_once"
            ),
            models.UniqueConstraint(
                fields=["complaint", "body"], condition=models.Q(answered_at=None, dropped_at=None),
                name="one_standing_outside_case",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_body_display()} {self.number}"

    @property
    def stands(self) -> bool:
        return self.answered_at is None and self.dropped_at is None

    @classmethod
    def standing(cls) -> models.QuerySet[OutsideCase]:
        return cls.objects.filter(answered_at=None, dropped_at=None)
