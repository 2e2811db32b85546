"""The 通报批评 to all units, numbered when it is signed, withdrawn only by another (R47, R49, R52)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.models import Employee, PersonalData, PrivacyPolicy, Unit
from accountability.models.history import History
from accountability.permissions import Actor


class CircularQuerySet(models.QuerySet["Circular"]):
    def visible_to(self, actor: Actor) -> CircularQuerySet:
        """Signed circulars are for everybody (R52) except administrators, as they tell of complaints. Drafts are for
        the marketing department and auditors.
        """
        if actor.is_administrator:
            return self.none()
        return self if actor.reads_every_case else self.filter(signed_at__isnull=False)

    def issued(self) -> CircularQuerySet:
        return self.filter(signed_at__isnull=False)


class Circular(models.Model):
    """One circular, or one that withdraws another. The text is a sealed row: it names people, never the customer.

    `named` lists the people it names, by primary key, once it is submitted to its signer, so that nobody's months
    change between reading and signing (R50). `returned_…` and `remarks` describe the last time the leader sent the
    draft back; it then has no signer until it is submitted again.
    """

    case = models.ForeignKey("assessment.Case", models.PROTECT, related_name="circulars", verbose_name=_("案件"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("被通报单位"))
    withdraws = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="withdrawal", verbose_name=_("撤回的通报")
    )
    named = models.JSONField(_("点名人员"), default=list)
    texts = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    drafted_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("拟稿人"))
    drafted_at = models.DateTimeField(_("拟稿时间"))
    signer = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("签发人"))
    number = models.CharField(_("发文字号"), max_length=40, unique=True, null=True)
    signed_at = models.DateTimeField(_("签发时间"), null=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)
    returned_at = models.DateTimeField(_("退回时间"), null=True)
    returned_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("退回人"))
    remarks = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    history = History()
    objects = CircularQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("通报批评")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="numbered_when_signed", condition=Q(signed_at__isnull=True, number__isnull=True)
                | Q(signed_at__isnull=False, number__isnull=False, signer__isnull=False),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number or str(_("通报批评(草稿)"))

    @property
    def is_in_force(self) -> bool:
        return self.signed_at is not None and self.withdrawn_at is None and self.withdraws_id is None

    def names_until(self, policy: PrivacyPolicy) -> date | None:
        """The last day on which it names people; None for a draft."""
        return months_later(day_of(self.signed_at), policy.circular_months) if self.signed_at else None

    def names_nobody(self, policy: PrivacyPolicy, at: datetime) -> bool:
        """Whether it may name nobody any more: its time is over, or it was withdrawn."""
        until = self.names_until(policy)
        return until is not None and (self.withdrawn_at is not None or day_of(at) > until)

    def shows_names_to(self, actor: Actor, policy: PrivacyPolicy) -> bool:
        """Marketing, auditors and the head of the unit always see the names; others while it may name people."""
        keeps = actor.reads_every_case or self.unit_id in actor.heads
        return keeps or not self.names_nobody(policy, actor.at)

    @property
    def is_draft(self) -> bool:
        """Neither signed nor dropped."""
        return self.signed_at is None and self.withdrawn_at is None

    @property
    def is_returned(self) -> bool:
        """Sent back by the leader, and not submitted again since."""
        return self.is_draft and self.signer_id is None and self.returned_at is not None

    @property
    def waits_for_signer(self) -> bool:
        return self.signed_at is None and self.signer_id is not None

    @property
    def title(self) -> str:
        if self.withdraws_id:
            return f"关于撤回对{self.unit.name}违反“首问责任制”的通报的通报"
        return f"关于对{self.unit.name}违反“首问责任制”的通报"


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
