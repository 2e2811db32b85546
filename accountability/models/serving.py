"""Finds who receives work for a unit at an instant, and which roles a person has at that instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import Exists, OuterRef

from accountability.deadlines.limits import day_of
from accountability.models.organisation import SYSTEM_USERNAME, Appointment, Employee, Serving, Unit
from accountability.models.preferences import Preferences
from accountability.models.roster import Absence, DutyRoster
from accountability.permissions import CONTACT_ROLES, Actor, Role, apart

OF_UNIT, UNIT_COLUMNS = "own_unit_", tuple(str(field.attname) for field in Unit._meta.concrete_fields)
"""The columns of the person's own unit, and what stands before their names in `_who_serves`."""

ON_DUTY, HEAD = "on duty", "head"
"""Used in place of a role in query results, for somebody on duty by the roster and for the head of a unit."""


def contacts_of(unit_id: int, at: datetime) -> list[Employee]:
    """Who receives work for the unit at `at`, in this order: people on duty, contacts, deputies (S12, R17).

    People who are absent are left out. If the list is empty, the head receives the work.
    """
    return contacts_by_unit([unit_id], at)[unit_id]


def contacts_by_unit(unit_ids: Collection[int], at: datetime) -> dict[int, list[Employee]]:
    """Like `contacts_of` for several units, in one query; none if there are no units."""
    day, now = _adapted(at)
    values = [now, now, day, day, day, day, *unit_ids, now, now, now]
    found: dict[int, list[Employee]] = {unit_id: [] for unit_id in unit_ids}
    for person in Employee.objects.raw(_who_receives(len(unit_ids)), values) if unit_ids else ():
        assert person.unit_id is not None
        found[person.unit_id].append(person)
    return found


def _adapted(at: datetime) -> tuple[Any, Any]:
    """The day and the instant as database values."""
    return connection.ops.adapt_datefield_value(day_of(at)), connection.ops.adapt_datetimefield_value(at)


@cache
def _who_receives(units: int) -> str:
    """The statement of `contacts_by_unit`. Every dispatch runs it, and building it with the ORM was too slow."""
    quoted = connection.ops.quote_name
    people, duties, appointments, absences = (
        quoted(model._meta.db_table) for model in (Employee, DutyRoster, Appointment, Absence)
    )
    serving = (
        f"EXISTS (SELECT 1 FROM {appointments} a WHERE a.employee_id = e.id AND a.role = '%s' "  # noqa: S608
        "AND a.starts_on <= %%s AND (a.ends_on IS NULL OR a.ends_on >= %%s))"
    )
    return (
        "SELECT * FROM (SELECT e.*, CASE "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {duties} d WHERE d.employee_id = e.id AND d.unit_id = e.unit_id "
        "AND d.cancelled_at IS NULL AND d.starts_at <= %s AND d.ends_at >= %s) THEN 0 "
        f"WHEN {serving % Role.CONTACT.value} THEN 1 WHEN {serving % Role.DEPUTY_CONTACT.value} THEN 2 END AS turn "
        f"FROM {people} e WHERE e.unit_id IN ({', '.join(['%s'] * units)}) AND e.is_active "
        f"AND NOT EXISTS (SELECT 1 FROM {absences} x WHERE x.employee_id = e.id AND x.starts_at <= %s "
        "AND (x.ends_at IS NULL OR x.ends_at >= %s) AND (x.ended_at IS NULL OR x.ended_at > %s))) AS there "
        "WHERE turn IS NOT NULL ORDER BY turn, username"
    )


def units_without_contact(at: datetime) -> models.QuerySet[Unit]:
    """Units that can only be reached through their head, because no contact or deputy is present (R17)."""
    served = Appointment.objects.serving(at).filter(role__in=CONTACT_ROLES, employee__is_active=True)
    away = Exists(Absence.objects.at(at).filter(employee=OuterRef("employee")))
    there = served.exclude(employee__unit=None).filter(~away)
    return Unit.objects.exclude(pk__in=there.values("employee__unit_id"))


@dataclass(frozen=True, kw_only=True)
class ActingEmployee(Actor):
    """An actor with their row, for what an act or a page writes down as theirs. `shortcuts`: whether they use keys;
    `alarms_read`: the newest alarm that they have folded; `toured`: the version of the tours that they were offered.
    """

    employee: Employee
    shortcuts: bool = True
    alarms_read: int = 0
    toured: int = 0


def actor_for(employee_id: int, at: datetime) -> ActingEmployee | None:
    """The person with their roles at `at`; None if they are unknown or no longer active.

    Read again for every act, so that a disabled or moved person loses access with the next request.
    """
    person = person_serving(employee_id, at)
    return actor_of_person(person) if person else None


def person_serving(employee_id: int, at: datetime) -> Employee | None:
    """The person with their unit, and how they serve at `at`, for `actor_of_person`. One statement reads all."""
    today, now = _adapted(at)
    values = [employee_id, today, today, employee_id, now, now, employee_id, employee_id]
    read: list[Any] = list(Employee.objects.raw(_who_serves(), values))
    if not read:
        return None
    person: Employee = read[0]
    offices = [(row.serves_as, row.unit_served, row.unit_kind) for row in read]
    person.serving = Serving(at, offices, read[0].uses_keys, read[0].alarms_read or 0, read[0].toured or 0)
    person.unit = _unit_of(read[0])
    return person


def _unit_of(row: Any) -> Unit | None:
    if row.unit_id is None:
        return None
    return Unit.from_db(connection.alias, list(UNIT_COLUMNS), [getattr(row, OF_UNIT + name) for name in UNIT_COLUMNS])


def actor_of_person(person: Employee) -> ActingEmployee | None:
    """The person as they serve at the instant for which they were read; None if they are no longer active."""
    serving = person.serving
    assert serving is not None
    if not person.is_active:
        return None
    at, employee = serving.at, person
    headed = {unit: kind for office, unit, kind in serving.offices if office == HEAD}
    alone = {unit for unit, there in contacts_by_unit(headed, at).items() if not there}
    on_duty = {unit for office, unit, _kind in serving.offices if office == ON_DUTY} & {employee.unit_id}
    actor = ActingEmployee(
        employee=employee,
        shortcuts=serving.uses_keys is None or bool(serving.uses_keys),
        alarms_read=serving.alarms_read,
        toured=serving.toured,
        pk=employee.pk,
        username=employee.username,
        unit_id=employee.unit_id,
        supervisor_id=employee.supervisor_id,
        at=at,
        roles=frozenset(office for office, _unit, _kind in serving.offices if office not in (None, HEAD, ON_DUTY)),
        heads=frozenset(headed),
        heads_centre=Unit.Kind.SERVICE_CENTRE in headed.values(),
        stands_in_for=frozenset(alone | on_duty),
    )
    return apart(actor)


def acting(by: Employee, at: datetime) -> ActingEmployee | None:
    """Who runs a verb that a customer runs through the system, with their roles at `at`; the system has no role and no
    unit. None for a person who may run none.
    """
    if by.username != SYSTEM_USERNAME:
        return actor_for(by.pk, at)
    return ActingEmployee(employee=by, pk=by.pk, username=by.username, unit_id=None, supervisor_id=None, at=at)


@cache
def _who_serves() -> str:
    """The statement of `person_serving`: one row for each role in service, each unit the person is on duty for, and
    each unit the person heads. One statement for all, because every request and every act runs it.
    """
    quoted = connection.ops.quote_name
    people, appointments, duties, units, preferences = (
        quoted(model._meta.db_table) for model in (Employee, Appointment, DutyRoster, Unit, Preferences)
    )
    own_unit = ", ".join(f"u.{quoted(name)} AS {OF_UNIT}{name}" for name in UNIT_COLUMNS)
    return (
        f"SELECT e.*, {own_unit}, p.shortcuts AS uses_keys, p.alarms_read, p.toured, s.serves_as, s.unit_served, "  # noqa: S608
        f"s.unit_kind FROM {people} e LEFT JOIN {units} u ON u.id = e.unit_id "
        f"LEFT JOIN {preferences} p ON p.employee_id = e.id LEFT JOIN ("
        f"SELECT role AS serves_as, NULL AS unit_served, NULL AS unit_kind FROM {appointments} "
        "WHERE employee_id = %s AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s) "
        f"UNION ALL SELECT '{ON_DUTY}', unit_id, NULL FROM {duties} "
        "WHERE employee_id = %s AND starts_at <= %s AND ends_at >= %s AND cancelled_at IS NULL "
        f"UNION ALL SELECT '{HEAD}', id, kind FROM {units} WHERE head_id = %s"
        ") AS s ON TRUE WHERE e.id = %s"
    )
