"""The tables of units, regions and employees, and of the roles people serve in, with dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accountability.db.pinyin import RowsWithPinyin, WithPinyin
from accountability.deadlines.limits import SHANGHAI
from accountability.models.history import History
from accountability.models.naming import in_readers_language
from accountability.permissions import ADMINISTRATOR_ROLES, Role

SYSTEM_USERNAME = "system"


class Unit(WithPinyin):
    """A department, branch or direct unit. Rounds are dispatched to units, and units are ranked."""

    class Kind(models.TextChoices):
        SERVICE_CENTRE = "service_centre", _("客户服务中心")
        MARKETING = "marketing", _("市场部")
        DEPARTMENT = "department", _("省公司机关部门")
        BRANCH = "branch", _("市州分公司")
        DIRECT_UNIT = "direct_unit", _("直属单位")

    code = models.CharField(_("代码"), max_length=16, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    name_en = models.CharField(_("英文名称"), max_length=60, blank=True)
    kind = models.CharField(_("类别"), max_length=16, choices=Kind.choices)
    head = models.ForeignKey(
        "Employee", models.PROTECT, null=True, blank=True, related_name="headed_units", verbose_name=_("负责人")
    )
    history = History(excluded_fields=["pinyin"])

    class Meta:
        verbose_name = verbose_name_plural = _("单位")
        ordering = ["code"]

    def __str__(self) -> str:
        return in_readers_language(self)


class Region(WithPinyin):
    """A place that complaints come from and the branch that serves it, which is suggested for them. Complaints may name
    no other place.
    """

    name = models.CharField(_("地区"), max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="regions", verbose_name=_("归属单位"))
    history = History(excluded_fields=["pinyin"])

    class Meta:
        verbose_name = verbose_name_plural = _("地区")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def spellings(name: str) -> set[str]:
        """The ways to write a place: 武汉, 武汉市."""
        name = name.strip()
        return {name, name.removesuffix("市"), f"{name}市"}


class EmployeeManager(BaseUserManager["Employee"]):
    _queryset_class = RowsWithPinyin  # what `from_queryset` sets, which mypy can't follow here

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Employee:
        """Create an employee. Without a password (`None`) nobody can sign in as them."""
        employee = self.model(username=username, **fields)
        employee.set_password(password)
        employee.save(using=self._db)
        return employee

    def system(self) -> Employee:
        """The actor for what no person did, such as the sweep's misses. Nobody can sign in as it."""
        return self.get(username=SYSTEM_USERNAME)

    def in_business(self, at: datetime) -> models.QuerySet[Employee]:
        """The people whom work may be given to: active, and not an administrator now or from a later day on."""
        today = at.astimezone(SHANGHAI).date()
        running = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
        administering = Appointment.objects.filter(running, role__in=ADMINISTRATOR_ROLES)
        return self.filter(is_active=True).exclude(pk__in=administering.values("employee"))


@dataclass(frozen=True)
class Serving:
    """How a person serves at an instant, as `serving.person_serving` read it together with them.

    `offices`: the role, or that they head a unit or are on duty for it; that unit, and its kind.
    """

    at: datetime
    offices: Sequence[tuple[Any, Any, Any]]
    uses_keys: bool | None
    alarms_read: int
    toured: int


class Employee(WithPinyin, AbstractBaseUser):
    """The user model. There is no superuser: a person's permissions come from the roles they serve in."""

    username = models.CharField(_("工号"), max_length=64, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("姓名"), max_length=60)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="employees", verbose_name=_("单位")
    )
    supervisor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supervised", verbose_name=_("分管领导")
    )
    is_active = models.BooleanField(_("在职"), default=True)
    history = History(excluded_fields=["password", "last_login", "pinyin"])
    serving: Serving | None = None
    """Set by `serving.person_serving` alone."""
    came_from: str | None = None
    """The network address of the current request; None outside a request."""
    came_by: str = ""
    """The token with which the current request came; empty for a person's own session."""
    refusal_noted = False
    """Whether the access log has a row of what the current request was refused."""

    objects: ClassVar[EmployeeManager] = EmployeeManager()  # type: ignore[assignment]
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = verbose_name_plural = _("员工")
        ordering = ["username"]

    def __str__(self) -> str:
        return str(_("系统")) if self.username == SYSTEM_USERNAME else self.name or self.username

    def check_password(self, raw_password: str | None) -> bool:
        """Only compares. `signin.passwords.is_right` also replaces a digest by an old method, and tells the ledger."""
        return check_password(raw_password, self.password)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def serving(self, at: datetime) -> AppointmentQuerySet:
        """The appointments in service on the day of `at`; the first and the last day are included."""
        return self.filter(in_service(at.astimezone(SHANGHAI).date()))


def in_service(day: date, prefix: str = "") -> Q:
    return Q(**{f"{prefix}starts_on__lte": day}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": day})
    )


class Appointment(models.Model):
    """A role with its dates of service. Penalties depend on who was contact at which time (R17)."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="appointments", verbose_name=_("员工"))
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)
    history = History()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("任职")
        ordering = ["employee_id", "role", "starts_on"]
        constraints = [
            models.CheckConstraint(
                name="appointment_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.starts_on}"

    def serves_on(self, day: date) -> bool:
        """Whether `day` is in service, the first and last day included; `in_service` is the same as a query."""
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)
