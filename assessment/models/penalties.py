"""Who loses how many months of bonus on which grounds, and the proof that it was carried out (R50, R51, R54)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.models import Employee, PersonalData
from accountability.models.history import History
from accountability.permissions import Actor
from assessment.models.states import Ground

LEAST_MONTHS, MOST_MONTHS = 1, 3

TO_REFUND = Q(annulled_at__isnull=False, slip_at__isnull=False, refund_at=None)
"""What was taken and is to be given back, since the penalty was annulled after it had been carried out."""


class PenaltyQuerySet(models.QuerySet["Penalty"]):
    def visible_to(self, actor: Actor) -> PenaltyQuerySet:
        """A decision against a person is personal data: it is for the marketing department, the auditors, the head of
        the unit and the person. Contacts and deputies see what they still have to prove (R54), and no longer.
        """
        if actor.reads_every_case:
            return self
        to_prove = Q(slip_at=None, annulled_at=None) | TO_REFUND
        own = Q(person=actor.pk) | Q(case__unit__in=actor.heads)
        return self.filter(own | Q(case__unit__in=actor.answers_for) & to_prove)


class Penalty(models.Model):
    """One row per person and case, with all grounds and the months last given. The return slip is on it."""

    case = models.ForeignKey(
        "assessment.Case", models.PROTECT, related_name="penalties", verbose_name=_("案件"), db_index=False
    )
    person = models.ForeignKey(Employee, models.PROTECT, related_name="penalties", verbose_name=_("受处理人"))
    grounds = models.JSONField(_("处理依据"), default=list)
    months = models.PositiveSmallIntegerField(_("扣除绩效奖金(月)"))
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("记录人"))
    recorded_at = models.DateTimeField(_("记录时间"))
    executed_on = models.DateField(_("执行日期"), null=True)
    voucher = models.CharField(_("凭证号"), max_length=40, blank=True)
    slip_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("回执人"))
    slip_at = models.DateTimeField(_("回执时间"), null=True)
    annulled_at = models.DateTimeField(_("撤销时间"), null=True)
    refunded_on = models.DateField(_("退还日期"), null=True)
    refund_voucher = models.CharField(_("退还凭证号"), max_length=40, blank=True)
    refund_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("退还回执人"))
    refund_at = models.DateTimeField(_("退还回执时间"), null=True)

    history = History()
    objects = PenaltyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("责任追究")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], name="one_penalty_a_person"),
            models.CheckConstraint(
                name="one_to_three_months", condition=Q(months__gte=LEAST_MONTHS) & Q(months__lte=MOST_MONTHS)
            ),
            models.CheckConstraint(
                name="slip_is_whole",
                condition=Q(slip_at__isnull=True, executed_on__isnull=True, slip_by__isnull=True)
                | Q(slip_at__isnull=False, executed_on__isnull=False, slip_by__isnull=False),
            ),
            models.CheckConstraint(
                name="refund_is_whole",
                condition=Q(refund_at__isnull=True, refunded_on__isnull=True, refund_by__isnull=True)
                | Q(refund_at__isnull=False, refunded_on__isnull=False, refund_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"

    @property
    def is_to_refund(self) -> bool:
        """As `TO_REFUND`."""
        return self.annulled_at is not None and self.slip_at is not None and self.refund_at is None

    @property
    def ground_labels(self) -> list[str]:
        return [str(Ground(ground).label) for ground in self.grounds]
