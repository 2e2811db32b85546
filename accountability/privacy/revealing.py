"""Reveals masked data: each look is noted before the data are shown, counted by the rows of the access log, and refused
when there were too many.

The holder of an open matter reveals with one click (`ONE_CLICK`); anybody beyond their own work gives a reason for each
record, and for each search by a whole number (`BY_REASON`). Both count for the alarm; only the latter are refused, so
that nobody is kept from their own work.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accountability.audit import access_log
from accountability.models import AccessLog, Alarm, Appointment, Employee, PrivacyPolicy, privacy_in_force
from accountability.notices import alarms
from accountability.permissions import Role

ONE_CLICK, BY_REASON = "reveal", "unmask"
HOUR = timedelta(hours=1)
LEAST, MOST = 5, 100
"""Characters of a reason."""

ALARM = "unmasking"


class Purpose(models.TextChoices):
    """Why somebody looks at a number outside their own work; no other purpose is allowed (PIPL 6)."""

    CALL = "call", _("联系客户")
    CHECK = "check", _("核对客户身份")
    SUPERVISE = "supervise", _("督办或核查")
    RIGHTS = "rights", _("客户行使个人信息权利")


class TooMany(Exception):
    """The hour's quota of looks by reason is used up; `str()` gives the sentence for the person."""


def look(employee: Employee, action: str, *, at: datetime, **noted: Any) -> None:
    """Note an allowed look, and raise the alarm where there were too many. Raises TooMany, noted as refused.

    The person's row is locked meanwhile, so that looks from two windows are counted one after the other.
    """
    policy = privacy_in_force(at)
    with transaction.atomic():
        Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
        stopped = action == BY_REASON and _looks(employee.pk, at, BY_REASON) >= policy.unmask_stop_per_hour
        access_log.write(employee, action, at=at, result="refused" if stopped else "ok", **noted)
        _watch(employee, policy, at, refused=stopped)
    if stopped:
        most = {"most": policy.unmask_stop_per_hour}
        raise TooMany(_("一小时内凭理由查看已达 %(most)s 次，请稍后再试；已告知审计人员。") % most)


def _looks(employee_id: int, at: datetime, *actions: str) -> int:
    rows = AccessLog.objects.filter(actor_id=employee_id, action__in=actions, at__gt=at - HOUR, at__lte=at)
    return rows.filter(result="ok").order_by().count()


def _watch(employee: Employee, policy: PrivacyPolicy, at: datetime, *, refused: bool) -> None:
    looks = _looks(employee.pk, at, ONE_CLICK, BY_REASON)
    if looks > policy.unmask_per_hour or refused:
        facts = {"person": employee.username, "count": policy.unmask_per_hour}
        alarms.raise_once(
            f"{ALARM}:{employee.pk}", ALARM, facts, at=at, notice=ALARM, people=_told_about(employee, at)
        )  # fmt: skip


def _told_about(employee: Employee, at: datetime) -> set[int]:
    """The person's supervisor, the audit administrators and the auditors; not the person."""
    watching = (Role.AUDIT_ADMIN, Role.AUDITOR)
    serving = Appointment.objects.serving(at).filter(role__in=watching, employee__is_active=True)
    people = set(serving.values_list("employee_id", flat=True))
    return (people | {employee.supervisor_id or 0}) - {employee.pk, 0}


def look_after(at: datetime) -> None:
    """A watch of the sweep: the alarm ends when its hour of too many looks is over."""
    for alarm in Alarm.objects.filter(kind=ALARM, cleared_at=None, raised_at__lt=at - HOUR):
        employee_id = int(alarm.key.partition(":")[2])
        if _looks(employee_id, at, ONE_CLICK, BY_REASON) <= privacy_in_force(at).unmask_per_hour:
            alarms.clear(alarm.key, at)
