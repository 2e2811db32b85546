"""Puts the demo organisation into the database: units, people, leaders, roles and regions, with their history."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accountability.actions.rules import confirm_reading
from accountability.deadlines.limits import SHANGHAI
from accountability.models import (
    AnswerTemplate,
    Appointment,
    Authenticator,
    Category,
    Employee,
    Region,
    Unit,
    actor_for,
    rules_in_force,
)
from accountability.permissions import needs_second_factor
from accountability.signin import second_factor
from config.demo.accounts import DEMO_PASSWORD
from config.demo.organisation import EmployeeRow, demo_employees, demo_units
from config.demo.texts.templates import TEMPLATES

IN_SERVICE_FOR = timedelta(days=400)
"""Long before the first complaint, so that every act finds its people in office."""


def found(at: datetime) -> int:
    """Make whatever of the demo organisation isn't there yet; returns how many people were added.

    Idempotent: who is there stays as they are, whatever marketing changed about them.
    """
    since = at - IN_SERVICE_FOR
    units = _units(since)
    added = _people(units, since)
    _lead(units, added, since)
    _appoint(added, since)
    _bind_devices(added, since)
    _serve_regions(units, since)
    _read_the_rules(added, since)
    _keep_templates(since)
    return len(added)


def _units(since: datetime) -> dict[str, Unit]:
    there = set(Unit.objects.values_list("code", flat=True))
    rows = [Unit(code=row.code, name=row.name, kind=row.kind) for row in demo_units() if row.code not in there]
    _create(rows, Unit, since)
    return {unit.code: unit for unit in Unit.objects.all()}


def _people(units: dict[str, Unit], since: datetime) -> dict[str, EmployeeRow]:
    there = set(Employee.objects.values_list("username", flat=True))
    added = {row.username: row for row in demo_employees() if row.username not in there}
    # One hash for all: each would cost a tenth of a second, and they share the password anyway.
    password = make_password(DEMO_PASSWORD) if added else ""
    people = [
        Employee(username=row.username, name=row.name, unit=units[row.unit], password=password)
        for row in added.values()
    ]
    _create(people, Employee, since)
    return added


def _lead(units: dict[str, Unit], added: dict[str, EmployeeRow], since: datetime) -> None:
    """Supervisors and heads, once everybody they may be is there."""
    people = {person.username: person for person in Employee.objects.all()}
    led = [people[row.username] for row in added.values() if row.supervisor]
    for person in led:
        person.supervisor = people[str(added[person.username].supervisor)]
    _update(led, Employee, "supervisor", since)
    headless = [units[row.code] for row in demo_units() if units[row.code].head_id is None]
    for unit in headless:
        unit.head = people[next(row.head for row in demo_units() if row.code == unit.code)]
    _update(headless, Unit, "head", since)


def _appoint(added: dict[str, EmployeeRow], since: datetime) -> None:
    people = Employee.objects.in_bulk([name for name, row in added.items() if row.roles], field_name="username")
    first_day = since.astimezone(SHANGHAI).date()
    appointments = [
        Appointment(employee=person, role=role, starts_on=first_day)
        for username, person in people.items()
        for role in added[username].roles
    ]
    _create(appointments, Appointment, since)


def _bind_devices(added: dict[str, EmployeeRow], since: datetime) -> None:
    """Whoever needs a second factor has bound a device: the demo's page says its code, since nobody has it in hand."""
    for person in Employee.objects.filter(username__in=added).order_by("pk"):
        actor = actor_for(person.pk, since)
        if actor is not None and needs_second_factor(actor):
            second_factor.begin(person.pk, since)
            Authenticator.objects.filter(pk=person.pk).update(confirmed_at=since)


def _serve_regions(units: dict[str, Unit], since: datetime) -> None:
    there = set(Region.objects.values_list("name", flat=True))
    regions = [
        Region(name=name, unit=units[row.code]) for row in demo_units() for name in row.regions if name not in there
    ]
    _create(regions, Region, since)


def _read_the_rules(added: dict[str, EmployeeRow], since: datetime) -> None:
    """Two of three have confirmed the rules, so that there is somebody to remind (R55)."""
    version = rules_in_force(since)
    readers = Employee.objects.filter(username__in=added).order_by("username")
    for place, reader in enumerate(readers):
        if place % 3:
            confirm_reading(reader, version, at=since + timedelta(minutes=place))


def _keep_templates(since: datetime) -> None:
    """What the centre's supervisor wrote for answers that recur."""
    if AnswerTemplate.objects.exists():
        return
    author = Employee.objects.get(username="kf.supervisor")
    AnswerTemplate.objects.bulk_create(
        AnswerTemplate(
            name=name, version=1, use=use, category=Category.at(category), text=text, in_force_from=since,
            author=author, reason="常用答复",
        )
        for name, use, category, text in TEMPLATES
    )  # fmt: skip


def _create(rows: list[Any], model: Any, at: datetime) -> None:
    if rows:
        bulk_create_with_history(rows, model, default_date=at, default_change_reason="demo")


def _update(rows: list[Any], model: Any, field: str, at: datetime) -> None:
    if rows:
        bulk_update_with_history(rows, model, [field], default_date=at, default_change_reason="demo")
