"""The tables of rule versions and of who has read which version (R55)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accountability.models.organisation import Employee, Unit
from accountability.models.versions import Version
from accountability.permissions import Actor


class RulesVersion(Version):
    """One version of the rules: the notice and all supplements up to this version (R15).

    The text of the notice itself never changes and is not in this table. A supplement is shown next to its `rule` or,
    if none is given, next to the whole notice.
    """

    rule = models.CharField(_("补充到"), max_length=3, blank=True, default="")
    supplement = models.TextField(_("补充内容"), blank=True, default="")

    class Meta(Version.Meta):
        verbose_name = verbose_name_plural = _("规则版本")


def rules_in_force(at: datetime) -> RulesVersion:
    """The version in force at `at`, which everybody must read."""
    return RulesVersion.in_force(at)


def supplements(at: datetime) -> dict[str, RulesVersion]:
    """The supplement in force, by rule: a later one replaces an earlier one."""
    found = RulesVersion.objects.filter(in_force_from__lte=at).exclude(rule="").order_by("version")
    return {version.rule: version for version in found}


class RuleReading(models.Model):
    """One person's own confirmation that they have read one version; inserted once, never changed (R55)."""

    employee = models.ForeignKey("Employee", models.PROTECT, related_name="rule_readings", verbose_name=_("员工"))
    version = models.ForeignKey(
        RulesVersion, models.PROTECT, related_name="readings", verbose_name=_("版本"), db_index=False
    )
    read_at = models.DateTimeField(_("阅读时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("规则阅读")
        constraints = [models.UniqueConstraint(fields=["version", "employee"], name="one_reading_a_version")]

    def __str__(self) -> str:
        return f"{self.employee_id} v{self.version_id}"


def units_whose_readings(actor: Actor) -> QuerySet[Unit]:
    """The units whose confirmations this person may see: all for marketing and auditors, their own for a head."""
    units = Unit.objects.order_by("code")
    return units if actor.is_marketing or actor.is_auditor else units.filter(pk__in=actor.heads)


def tally_of_readings(units: QuerySet[Unit], version: RulesVersion) -> list[Unit]:
    """The units, each with the number of its people (`people`) and of those who have read (`read`), in one query.

    People who have left aren't counted; new people are counted from the first day.
    """
    serves = Q(employees__is_active=True)
    has_read = serves & Q(employees__rule_readings__version=version)
    counted = units.annotate(
        people=Count("employees", serves, distinct=True), read=Count("employees", has_read, distinct=True)
    )
    return list(counted.filter(people__gt=0))


def people_with_readings(units: QuerySet[Unit], version: RulesVersion) -> QuerySet[Any]:
    """The active people of these units, with the instant of their confirmation as `read_at`, None without one."""
    receipt = RuleReading.objects.filter(employee=OuterRef("pk"), version=version)
    people = Employee.objects.filter(is_active=True, unit__in=units).select_related("unit")
    return people.annotate(read_at=Subquery(receipt.values("read_at")[:1]))
