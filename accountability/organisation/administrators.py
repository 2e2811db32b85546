"""System, security and audit administrators, and auditors: what they may not hold as well, and when their service may
end.

An administrator's account has no other role, so that the people who run the system, give the roles or read the record
have no part in what is recorded. Every appointment is checked here; `permissions.apart` checks again when a person
acts.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, refuse_unless
from accountability.models import Appointment, DutyRoster, Employee, Unit, in_service
from accountability.organisation.succession import open_work
from accountability.permissions import ADMINISTRATOR_ROLES, OVERSIGHT_ROLES, Role


def serving_in(employee: Employee, starts_on: date, ends_on: date | None) -> QuerySet[Appointment]:
    """The person's appointments that overlap these days."""
    until = Appointment.objects.filter(employee=employee)
    until = until if ends_on is None else until.filter(starts_on__lte=ends_on)
    return until.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))


def check_nothing_beside(employee: Employee, role: str, starts_on: date, ends_on: date | None) -> None:
    """Refuse an appointment that would combine two watching roles, or a watching role with one of the business, on any
    of these days.
    """
    others = set(serving_in(employee, starts_on, ends_on).values_list("role", flat=True)) - {role}
    meets = others if role in OVERSIGHT_ROLES else others & OVERSIGHT_ROLES
    refuse_unless(
        not meets,
        _("该员工在此期间任%(roles)s，不能兼任。")
        % {"roles": "、".join(str(Role(one).label) for one in sorted(meets))},
        "role",
    )


def check_free(employee: Employee, at: datetime) -> None:
    """Refuse as administrator or auditor a person who heads a unit, leads anybody, or has a turn of duty or
    open work.
    """
    held = (
        (Unit.objects.filter(head=employee).exists(), _("该员工是单位负责人，请先另行指定。")),
        (
            Employee.objects.filter(supervisor=employee, is_active=True).exists(),
            _("该员工是他人的分管领导，请先另行指定。"),
        ),
        (
            DutyRoster.objects.standing().filter(employee=employee, ends_at__gte=at).exists(),
            _("该员工有未完的值班，请先取消。"),
        ),
        (bool(open_work([employee.pk])), _("该员工有未办结的事项，请先交由他人。")),
    )
    for is_held, sentence in held:
        refuse_unless(not is_held, sentence, "employee")


def check_office_goes_on(act: Act, employee: Employee, role: str, last_day: date, field_name: str) -> None:
    """Refuse to end the last service in a guarded office: somebody else must serve the day after, for without them what
    only they decide waits for ever, and nobody watches over the others.
    """
    next_day = max(last_day + timedelta(days=1), day_of(act.at))
    serving = Appointment.objects.filter(in_service(next_day), role=role, employee__is_active=True)
    mine = [one for one in serving if one.employee_id == employee.pk]
    sentence = _("此后再无其他%(role)s，请先任命他人。") % {"role": Role(role).label}
    refuse_unless(not mine or len(serving) > len(mine), sentence, field_name)


def administrators_from(day: date) -> QuerySet[Appointment]:
    """The appointments of administrators on the day or later."""
    return Appointment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), role__in=ADMINISTRATOR_ROLES)


def is_first(role: str, at: datetime) -> bool:
    """Whether nobody has the role yet, so that it can only be given from outside."""
    serving: Any = Appointment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day_of(at)), role=role)
    return not serving.filter(employee__is_active=True).exists()
