"""The table of guarded changes: those that one person requests and a second person approves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accountability.models.matters import PersonalData
from accountability.models.organisation import Employee
from accountability.permissions import Actor, Role
from accountability.security.masking import mask_text

TO_DECIDE = timedelta(days=3)
"""A request that nobody decides on expires after this."""

OF_MARKETING = ("appoint", "end_appointment")
"""The verbs by which marketing requests a guarded change; the others are the security administrator's."""


class GuardedChangeQuerySet(models.QuerySet["GuardedChange"]):
    def visible_to(self, actor: Actor) -> GuardedChangeQuerySet:
        """All for the security and audit administrators and auditors; for marketing those of its own leaders."""
        if actor.is_security_admin or actor.is_audit_admin or actor.is_auditor:
            return self
        return self.filter(verb__in=OF_MARKETING) if actor.is_marketing else self.none()

    def waiting(self) -> GuardedChangeQuerySet:
        return self.filter(state=GuardedChange.State.WAITING)

    def with_everything(self) -> GuardedChangeQuerySet:
        """Joined with what a row of the list needs."""
        return self.select_related("employee__unit", "requested_by", "decided_by", "reason", "remark")


class GuardedChange(models.Model):
    """What is requested about whom. The request is frozen; it takes effect when a second person approves it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待第二人审批")
        APPROVED = "approved", _("已批准")
        REFUSED = "refused", _("未获批准")
        WITHDRAWN = "withdrawn", _("已撤回")
        EXPIRED = "expired", _("逾期未审批")

    verb = models.CharField(_("变更"), max_length=32)
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("员工"))
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices, blank=True)
    starts_on = models.DateField(_("开始日期"), null=True)
    ends_on = models.DateField(_("结束日期"), null=True)
    reason = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")
    requested_by = models.ForeignKey(Employee, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    requested_at = models.DateTimeField(_("申请时间"))
    expires_at = models.DateTimeField(_("到期"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+", verbose_name=_("审批人"))
    decided_at = models.DateTimeField(_("结论时间"), null=True)
    remark = models.ForeignKey(PersonalData, models.PROTECT, null=True, related_name="+")

    objects = GuardedChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("重要变更")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["expires_at"], name="guarded_change_to_expire", condition=Q(state="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                name="guarded_change_has_a_second",
                condition=~Q(state__in=["approved", "refused"]) | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="guarded_change_is_decided_by_another",
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("requested_by")) & ~Q(decided_by=F("employee"))),
            ),
            models.UniqueConstraint(
                fields=["verb", "employee", "role"], name="one_waiting_guarded_change", condition=Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.employee_id} {self.state}"

    @property
    def facts(self) -> dict[str, Any]:
        """What a notice says about it; `sentences.FILLINGS` puts it into words."""
        return {"change": self.verb, "role": self.role, "person": str(self.employee)}

    @property
    def why(self) -> str:
        return mask_text(self.reason.opened.get("reason", "")) if self.reason else ""

    @property
    def answer(self) -> str:
        return mask_text(self.remark.opened.get("remark", "")) if self.remark else ""
