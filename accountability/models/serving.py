"""Finds who receives work for a unit at an instant, and which roles a person has at that instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import Exists, OuterRef

from accountability.db.sql import Recurring, fetched_again, shape_of
from accountability.deadlines.limits import day_of
from accountability.models.organisation import SYSTEM_USERNAME, Appointment, Employee, Serving, Unit
from accountability.models.preferences import Preferences
from accountability.models.roster import Absence, DutyRoster
from accountability.models.signing_in import SignInState
from accountability.permissions import CONTACT_ROLES, Actor, Role, apart

NO_ROLES = ON_DUTY, HEAD, ALONE = "on duty", "head", "head alone"
"""In place of a role: on duty by the roster, head of a unit, head of a unit whose work nobody else receives."""


def contacts_of(unit_id: int, at: datetime) -> list[Employee]:
    """Who receives work for the unit at `at`, in this order: people on duty, contacts, deputies (S12, R17).

    People who are absent or can't sign in are left out. If the list is empty, the head receives the work.
    """
    return contacts_by_unit([unit_id], at)[unit_id]


def contacts_by_unit(unit_ids: Collection[int], at: datetime) -> dict[int, list[Employee]]:
    """Like `contacts_of` for several units, in one query; none if there are no units."""
    day, now = _adapted(at)
    values = (now, now, day, day, day, day, *unit_ids, now, now, now)
    found: dict[int, list[Employee]] = {unit_id: [] for unit_id in unit_ids}
    read = fetched_again((_who_receives(len(unit_ids)), values)) if unit_ids else []
    for person in shape_of(Employee, connection.vendor).all_made(Employee, read):
        assert person.unit_id is not None
        found[person.unit_id].append(person)
    return found


def _adapted(at: datetime) -> tuple[Any, Any]:
    """The day and the instant as database values."""
    return connection.ops.adapt_datefield_value(day_of(at)), connection.ops.adapt_datetimefield_value(at)


@cache
def _who_receives(units: int) -> Recurring:
    """The statement of `contacts_by_unit`. Every dispatch runs it, and building it with the ORM was too slow."""
    people = connection.ops.quote_name(Employee._meta.db_table)
    turn, is_there = _turn_and_presence()
    columns = shape_of(Employee, connection.vendor).columns
    return Recurring(
        f"SELECT {columns} FROM (SELECT e.*, {turn} AS turn FROM {people} e "  # noqa: S608
        f"WHERE e.unit_id IN ({', '.join(['%s'] * units)}) AND {is_there}) AS {people} "
        "WHERE turn IS NOT NULL ORDER BY turn, username"
    )


@cache
def _turn_and_presence() -> tuple[str, str]:
    """Of people: in which turn they receive the work of their unit, NULL where they don't; whether they are there, who
    can also sign in.
    """
    read_from = (DutyRoster, Appointment, Absence, SignInState)
    duties, appointments, absences, states = (connection.ops.quote_name(one._meta.db_table) for one in read_from)
    serving = (
        f"EXISTS (SELECT 1 FROM {appointments} a WHERE a.employee_id = e.id AND a.role = '%s' "  # noqa: S608
        "AND a.starts_on <= %%s AND (a.ends_on IS NULL OR a.ends_on >= %%s))"
    )
    turn = (
        f"CASE WHEN EXISTS (SELECT 1 FROM {duties} d WHERE d.employee_id = e.id AND d.unit_id = e.unit_id "  # noqa: S608
        "AND d.cancelled_at IS NULL AND d.starts_at <= %s AND d.ends_at >= %s) THEN 0 "
        f"WHEN {serving % Role.CONTACT.value} THEN 1 WHEN {serving % Role.DEPUTY_CONTACT.value} THEN 2 END "
    )
    is_there = (
        f"e.is_active AND NOT EXISTS (SELECT 1 FROM {absences} x WHERE x.employee_id = e.id "  # noqa: S608
        "AND x.starts_at <= %s AND (x.ends_at IS NULL OR x.ends_at >= %s) AND (x.ended_at IS NULL OR x.ended_at > %s)) "
        f"AND NOT EXISTS (SELECT 1 FROM {states} s WHERE s.employee_id = e.id AND s.closed_at IS NOT NULL)"
    )
    return turn, is_there


def units_without_contact(at: datetime) -> models.QuerySet[Unit]:
    """Units that can only be reached through their head, because no contact or deputy is present (R17)."""
    served = Appointment.objects.serving(at).filter(role__in=CONTACT_ROLES, employee__is_active=True)
    away = Exists(Absence.objects.at(at).filter(employee=OuterRef("employee")))
    there = served.exclude(employee__unit=None).exclude(employee__sign_in_state__closed_at__isnull=False).filter(~away)
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
    own, others = (employee_id, today, today, employee_id, now, now), (*[now] * 5, *[today] * 4)
    read = fetched_again((_who_serves(), (*own, *others, employee_id, employee_id)))
    if not read:
        return None
    of_person, of_unit = shape_of(Employee, connection.vendor), shape_of(Unit, connection.vendor)
    start, end = len(of_person.names), len(of_person.names) + len(of_unit.names)
    uses_keys, alarms_read, toured, *_office = read[0][end:]
    person = of_person.made(Employee, read[0][:start])
    person.serving = Serving(at, [row[end + 3 :] for row in read], uses_keys, alarms_read or 0, toured or 0)
    person.unit = None if person.unit_id is None else of_unit.made(Unit, read[0][start:end])
    return person


def actor_of_person(person: Employee) -> ActingEmployee | None:
    """The person as they serve at the instant for which they were read; None if they are no longer active."""
    serving = person.serving
    assert serving is not None
    if not person.is_active:
        return None
    at, employee = serving.at, person
    headed = {unit: kind for office, unit, kind in serving.offices if office in (HEAD, ALONE)}
    alone = {unit for office, unit, _kind in serving.offices if office == ALONE}
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
        roles=frozenset(office for office, _unit, _kind in serving.offices if office and office not in NO_ROLES),
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
def _who_serves() -> Recurring:
    """The statement of `person_serving`: one row for each role in service, each unit the person is on duty for, and
    each unit the person heads. One statement for all, because every request and every act runs it.
    """
    quoted = connection.ops.quote_name
    people, appointments, duties, units, preferences = (
        quoted(model._meta.db_table) for model in (Employee, Appointment, DutyRoster, Unit, Preferences)
    )
    turn, is_there = _turn_and_presence()
    others = f"SELECT 1 FROM {people} e WHERE e.unit_id = h.id AND {is_there} AND {turn} IS NOT NULL"  # noqa: S608
    own = ", ".join(shape_of(model, connection.vendor).columns for model in (Employee, Unit))
    return Recurring(
        f"SELECT {own}, p.shortcuts, p.alarms_read, p.toured, s.serves_as, s.unit_served, s.unit_kind "  # noqa: S608
        f"FROM {people} LEFT JOIN {units} ON {units}.id = {people}.unit_id "
        f"LEFT JOIN {preferences} p ON p.employee_id = {people}.id LEFT JOIN ("
        f"SELECT role AS serves_as, NULL AS unit_served, NULL AS unit_kind FROM {appointments} "
        "WHERE employee_id = %s AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s) "
        f"UNION ALL SELECT '{ON_DUTY}', unit_id, NULL FROM {duties} "
        "WHERE employee_id = %s AND starts_at <= %s AND ends_at >= %s AND cancelled_at IS NULL "
        f"UNION ALL SELECT CASE WHEN EXISTS ({others}) THEN '{HEAD}' ELSE '{ALONE}' END, h.id, h.kind "
        f"FROM {units} h WHERE h.head_id = %s"
        f") AS s ON TRUE WHERE {people}.id = %s"
    )
