"""The tables of the sign-in policy, of passwords, codes and second factors, and of open sessions."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accountability.models.versions import Version
from accountability.security.encryption import seal_bytes, unseal_bytes


def idle_minutes() -> int:
    return int(settings.SESSION_IDLE_SECONDS // 60)


class SignInPolicy(Version):
    """One version of the sign-in policy.

    Without any version the defaults of the columns apply. By default passwords need neither be changed nor have several
    classes of characters, because both make people choose worse passwords.
    """

    class SecondFactor(models.TextChoices):
        REQUIRED = "required", _("管理员、市场部及可查看他人经办内容者")
        ADMINISTRATORS = "administrators", _("仅三类管理员")
        EVERYBODY = "everybody", _("所有人")

    min_length = models.PositiveSmallIntegerField(_("密码最短长度"), default=12)
    classes = models.PositiveSmallIntegerField(_("至少含几类字符"), default=0)
    max_age_days = models.PositiveSmallIntegerField(_("密码最长使用天数"), default=0)
    not_repeated = models.PositiveSmallIntegerField(_("不得重复最近几次密码"), default=0)
    lock_after = models.PositiveSmallIntegerField(_("失败几次后须等候（动态口令：锁定）"), default=5)
    lock_within = models.PositiveSmallIntegerField(_("在几分钟内计数"), default=10)
    lock_for = models.PositiveSmallIntegerField(_("等候（动态口令：锁定）持续几分钟"), default=20)
    address_after = models.PositiveSmallIntegerField(_("同一地址或各地合计失败几次后须等候"), default=50)
    second_factor = models.CharField(
        _("双因素认证"), max_length=16, choices=SecondFactor.choices, default=SecondFactor.REQUIRED
    )
    idle_minutes = models.PositiveSmallIntegerField(_("无操作几分钟退出"), default=idle_minutes)
    absolute_hours = models.PositiveSmallIntegerField(_("登录最长几小时"), default=12)
    sessions_each = models.PositiveSmallIntegerField(_("每人同时登录数（0：不限）"), default=0)
    dormant_days = models.PositiveSmallIntegerField(_("多少天未登录即停用登录"), default=90)

    class Meta(Version.Meta):
        verbose_name = verbose_name_plural = _("登录策略")


SETTINGS = (
    "min_length", "classes", "max_age_days", "not_repeated", "lock_after", "lock_within", "lock_for", "address_after",
    "second_factor", "idle_minutes", "absolute_hours", "sessions_each", "dormant_days",
)  # fmt: skip
"""The columns of the policy, in the order of the page."""


def sign_in_policy(at: datetime) -> SignInPolicy:
    """The version in force at `at`, or the defaults."""
    return SignInPolicy.in_force_if_any(at) or SignInPolicy()


class SignInState(models.Model):
    """Facts about a person's sign-in other than the password itself. There may be no row yet."""

    employee = models.OneToOneField("Employee", models.PROTECT, primary_key=True, related_name="sign_in_state")
    password_set_at = models.DateTimeField(_("密码设定时间"), null=True)
    closed_at = models.DateTimeField(_("停用登录"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登录状态")

    def __str__(self) -> str:
        return str(self.employee_id)


class FormerPassword(models.Model):
    """The hash of a former password, kept only while the policy forbids using it again."""

    employee = models.ForeignKey("Employee", models.PROTECT, related_name="+")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.employee_id)


class ActivationCode(models.Model):
    """A code with which a person sets their first or a new password, valid once and until it expires. Only its digest
    is kept; the digest needs no key, because a code of more than 128 bits can't be guessed.
    """

    employee = models.ForeignKey("Employee", models.PROTECT, related_name="+", verbose_name=_("员工"))
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey("Employee", models.PROTECT, related_name="+", verbose_name=_("签发人"))
    issued_at = models.DateTimeField(_("签发时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    used_at = models.DateTimeField(_("使用时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("激活码")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.employee_id)

    @classmethod
    def end_all(cls, employee: models.Model, at: datetime) -> None:
        """No code that the person got before is good any more."""
        cls.objects.filter(employee=employee, used_at=None, expires_at__gt=at).update(expires_at=at)


class Authenticator(models.Model):
    """A person's second factor: a TOTP secret (RFC 6238), sealed with the keys outside the database and bound to the
    person. It is valid once a code has confirmed it. `last_step` is the time step of the last accepted code, so that no
    code is accepted twice.
    """

    employee = models.OneToOneField("Employee", models.PROTECT, primary_key=True, related_name="authenticator")
    sealed = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(_("绑定时间"), null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("动态口令")

    def __str__(self) -> str:
        return str(self.employee_id)

    @property
    def _bound(self) -> dict[str, Any]:
        return {"token": str(self.employee_id), "part": "authenticator"}

    @property
    def secret(self) -> bytes:
        """Raises InvalidTag for another secret than the one that the fingerprint is of."""
        plain = unseal_bytes(self.sealed, **self._bound)
        if hashlib.sha256(plain).hexdigest() != self.fingerprint:
            raise InvalidTag
        return plain

    @secret.setter
    def secret(self, plain: bytes) -> None:
        self.sealed, self.fingerprint = seal_bytes(plain, **self._bound), hashlib.sha256(plain).hexdigest()


class CompanyAccount(models.Model):
    """The account at the company's sign-on service that a person signs in by (docs/adr/0036-company-account.md).

    `identity` is a digest of issuer and subject, by which alone it is found again. `said` are the units and roles that
    the mapping table read out of its claims at the last sign-in; they change nothing by themselves.
    """

    employee = models.OneToOneField("Employee", models.PROTECT, primary_key=True, related_name="company_account")
    identity = models.CharField(max_length=64, unique=True)
    linked_at = models.DateTimeField(_("绑定时间"))
    said = models.JSONField(default=dict)
    seen_at = models.DateTimeField(_("最近登录"))

    class Meta:
        verbose_name = verbose_name_plural = _("公司账号")

    def __str__(self) -> str:
        return str(self.employee_id)


class RecoveryCode(models.Model):
    """Replaces the second factor if the device is lost: ten codes at a time, each valid once; only digests are kept."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.authenticator_id)


class SignInAttempt(models.Model):
    """An attempt to sign in with a password or code, kept for a day. Successful and forgiven ones don't count.

    An unknown user name is not stored, because it may be a password typed into the wrong field. `network` is the
    address, of IPv6 its /64; instead of it `browser` is a digest, where the person has signed in with this one before.
    """

    at = models.DateTimeField()
    employee = models.ForeignKey("Employee", models.PROTECT, null=True, related_name="+")
    network = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=32, blank=True)
    is_code = models.BooleanField(default=False)
    counts = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=["employee", "at"], name="attempt_of_person", condition=models.Q(counts=True)),
            models.Index(fields=["network", "at"], name="attempt_of_place", condition=models.Q(counts=True)),
            models.Index(fields=["at"], name="attempt_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.at}"


class OpenSession(models.Model):
    """A session that may still be open, so that a person can see theirs and all can be ended. `digest` is what the
    table of sessions holds for it; its key is in the person's cookie alone.
    """

    digest = models.CharField(max_length=40, unique=True)
    employee = models.ForeignKey("Employee", models.PROTECT, related_name="open_sessions", verbose_name=_("员工"))
    since = models.DateTimeField(_("登录时间"))
    address = models.GenericIPAddressField(_("网络地址"), null=True)
    device = models.CharField(_("设备"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登录会话")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.since}"
