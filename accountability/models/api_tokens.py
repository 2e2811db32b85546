"""The tables of what a person gives to programs: tokens of the interface and the requests that were sent under a key,
and the address that a calendar program reads.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accountability.models.bound import Bound

LEFT_OR_MOVED = (
    Q(employee__is_active=False) | ~Q(unit=models.F("employee__unit")) | Q(unit=None, employee__unit__isnull=False)
)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def of_secret(self, digests: tuple[str, ...], at: datetime) -> ApiTokenQuerySet:
        """The token whose present secret has one of these digests, or whose former one is still good."""
        former = Q(former_digest__in=digests, former_until__gte=at)
        return self.filter(Q(digest__in=digests) | former)

    def dead(self, at: datetime) -> ApiTokenQuerySet:
        """Those that can't be used any more: over, or of somebody who has left or has moved since."""
        return self.filter(Q(expires_at__lt=at) | LEFT_OR_MOVED)


class ApiToken(Bound):
    """A person's delegation to one program: as this person it may read, act on matters, or change the organisation and
    its settings, until it expires.

    Only keyed digests of its secrets are kept. `unit` is the person's when it was issued; it ends when they move.
    `offices` are those that they had then of the ones that ask for more of a person; it ends when they gain another.
    `networks` are the ranges that it may be used from, any if there are none. A token that ended is deleted; the access
    log keeps that it was issued, renewed and ended.
    """

    employee = models.ForeignKey("Employee", models.PROTECT, related_name="api_tokens", verbose_name=_("员工"))
    unit = models.ForeignKey("Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    name = models.CharField(_("用途"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    former_digest = models.CharField(max_length=64, blank=True, db_index=True)
    former_until = models.DateTimeField(_("旧密钥有效至"), null=True)
    may_read = models.BooleanField(_("可读取"), default=False)
    may_act = models.BooleanField(_("可办理"), default=False)
    may_organise = models.BooleanField(_("可改机构与设置"), default=False)
    offices = models.JSONField(_("签发时职务"), default=list)
    networks = models.JSONField(_("网络地址范围"), default=list)
    issued_at = models.DateTimeField(_("签发时间"))
    renewed_at = models.DateTimeField(_("更换密钥时间"), null=True)
    expires_at = models.DateTimeField(_("失效时间"))
    used_at = models.DateTimeField(_("最近使用"), null=True)
    used_from = models.GenericIPAddressField(_("最近使用地址"), null=True)

    BINDS = (
        "employee_id", "unit_id", "digest", "former_digest", "former_until", "may_read", "may_act", "may_organise",
        "offices", "networks", "issued_at", "expires_at",
    )  # fmt: skip

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("接口令牌")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"token {self.pk}"

    @property
    def scopes(self) -> list[str]:
        """What it is good for, by name."""
        has = {"read": self.may_read, "act": self.may_act, "organise": self.may_organise}
        return [name for name, may in has.items() if may]


class CalendarFeed(Bound):
    """The private address under which a calendar program reads the limits that one person has to keep.

    Only a keyed digest of its secret is kept. `unit` and `offices` are the person's when it was made, as of a token; an
    address that ended is deleted, and the access log keeps that it was made and ended.
    """

    employee = models.OneToOneField(
        "Employee", models.PROTECT, primary_key=True, related_name="calendar_feed", verbose_name=_("员工")
    )
    unit = models.ForeignKey("Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    digest = models.CharField(max_length=64, unique=True)
    offices = models.JSONField(_("签发时职务"), default=list)
    made_at = models.DateTimeField(_("生成时间"))
    read_at = models.DateTimeField(_("最近读取"))

    BINDS = ("employee_id", "unit_id", "digest", "offices", "made_at")

    class Meta:
        verbose_name = verbose_name_plural = _("日历订阅")

    def __str__(self) -> str:
        return f"calendar {self.pk}"


class SentRequest(models.Model):
    """What a program sent under a key, by a keyed digest: the same key can't be used for anything else. Kept as long as
    somebody might send it again.

    `gate_key` is drawn for this row, and the ledger keeps it for ever: once the row is forgotten, the same key of the
    program is a new request.
    """

    employee = models.ForeignKey("Employee", models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=64)
    content = models.CharField(max_length=64)
    gate_key = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("接口请求")
        constraints = [models.UniqueConstraint(fields=["employee", "key"], name="one_request_a_key")]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.at}"
