"""Compares what the company's accounts said at their last sign-in with the organisation. What differs is told as acts,
which a marketing officer answers for; a role that the mapping table doesn't name is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Q

from accountability.deadlines.limits import day_of
from accountability.models import Appointment, CompanyAccount
from accountability.organisation.administrators import administrators_from
from accountability.organisation.importing.plan import Step
from accountability.signin import mapping


def differences(at: datetime) -> Iterator[Step]:
    """The acts that would make the organisation what the accounts said, person by person, in the order to be done."""
    mapped, today = mapping.mapped_roles(), day_of(at)
    serving: dict[int, set[str]] = defaultdict(set)
    running = Appointment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), role__in=mapped)
    for person_id, role in running.values_list("employee_id", "role"):
        serving[person_id].add(role)
    accounts = CompanyAccount.objects.filter(employee__is_active=True).select_related("employee__unit")
    administering = administrators_from(today).values("employee")
    for account in accounts.exclude(employee__in=administering).order_by("employee__username"):
        yield from _of(account, serving[account.pk], mapped, today)


def _of(account: CompanyAccount, has: set[str], mapped: set[str], today: date) -> Iterator[Step]:
    """A move ends the roles in the old unit. Several units are no answer to which is the person's."""
    person, said = account.employee, account.said
    told = {"employee": person.username, "reason": f"公司账号系统，{day_of(account.seen_at)}"}
    units, roles = said.get("units", []), mapped & set(said.get("roles", []))
    if len(units) == 1 and (person.unit is None or units[0] != person.unit.code):
        yield Step("update_employee", told | {"unit": units[0]})
        has = set()
    for role in sorted(has - roles):
        yield Step("end_appointment", told | {"role": role, "ends_on": today.isoformat()})
    for role in sorted(roles - has):
        yield Step("appoint", told | {"role": role, "starts_on": today.isoformat()})
