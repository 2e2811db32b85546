"""Puts the demo organisation into the database: units, people, leaders, roles and regions, with their history."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from simple_history.utils import bulk_create_with_history

from accountability.actions.rules import confirm_reading
from accountability.models import (
    AnswerTemplate,
    Appointment,
    Authenticator,
    Category,
    Employee,
    Preferences,
    Region,
    Unit,
    actor_for,
    rules_in_force,
)
from accountability.permissions import needs_second_factor
from accountability.seed.founding import record_founding
from accountability.signin import second_factor
from config.demo.accounts import DEMO_PASSWORD
from config.demo.organisation import demo_employees, demo_units
from config.demo.texts import read
from config.replay.stage import Builder, Cast

IN_SERVICE_FOR = timedelta(days=400)
"""Long before the first complaint, so that every act finds its people in office."""


def found(at: datetime) -> Cast:
    """Make the missing parts of the demo organisation; existing people stay as they are."""
    since = at - IN_SERVICE_FOR
    there = Cast(
        {person.username: person for person in Employee.objects.all()}, {unit.code: unit for unit in Unit.objects.all()}
    )
    units = [{key: getattr(row, key) for key in ("code", "name", "name_en", "kind", "head")} for row in demo_units()]
    added = [asdict(row) for row in demo_employees() if row.username not in there.people]
    # One hash for all: each would cost a tenth of a second, and they share the password anyway.
    password = make_password(DEMO_PASSWORD) if added else ""
    new = {"units": [unit for unit in units if unit["code"] not in there.units], "employees": added}
    cast = Builder(there, since, password, reason="demo").build(new)
    names = {row["username"] for row in added}
    _bind_devices(names, since)
    _give_telephones(names, since)
    _record(names, {unit["code"] for unit in new["units"]}, since)
    _serve_regions(cast, since)
    _read_the_rules(names, since)
    _keep_templates(since)
    return cast


def _bind_devices(added: set[str], since: datetime) -> None:
    """Bind a device for everybody who needs a second factor: the demo's page shows its code, since nobody has the
    device.
    """
    for person in Employee.objects.filter(username__in=added).order_by("pk"):
        actor = actor_for(person.pk, since)
        if actor is not None and needs_second_factor(actor):
            second_factor.begin(person, since)
            Authenticator.objects.filter(pk=person.pk).update(confirmed_at=since)


def _give_telephones(added: set[str], since: datetime) -> None:
    """An office telephone for everybody, so that those who work on one complaint can call each other."""
    known = []
    for place, person in enumerate(Employee.objects.filter(username__in=added).order_by("username")):
        one = Preferences(employee=person, changed_at=since)
        one.addresses = {"office": f"0275550{place:04d}"}  # a range kept for invented offices
        known.append(one)
    Preferences.objects.bulk_create(known)


def _record(added: set[str], codes: set[str], since: datetime) -> None:
    """The ledger proves who was there before the first act."""
    people = Employee.objects.filter(username__in=added)
    rows: list[Any] = [*Unit.objects.filter(code__in=codes), *people]
    rows += [*Appointment.objects.filter(employee__in=people), *Authenticator.objects.filter(pk__in=people)]
    if rows:
        record_founding(since, [*rows, Employee.objects.system()])


def _serve_regions(cast: Cast, since: datetime) -> None:
    there = set(Region.objects.values_list("name", flat=True))
    rows = [(name, cast.units[row.code]) for row in demo_units() for name in row.regions if name not in there]
    if rows:
        regions = [Region(name=name, unit=unit) for name, unit in rows]
        bulk_create_with_history(regions, Region, default_date=since, default_change_reason="demo")


def _read_the_rules(added: set[str], since: datetime) -> None:
    """Two of three have confirmed the rules, so that there is somebody to remind (R55)."""
    version = rules_in_force(since)
    readers = Employee.objects.filter(username__in=added).order_by("username")
    for place, reader in enumerate(readers):
        if place % 3:
            confirm_reading(reader, version, at=since + timedelta(minutes=place))


def _keep_templates(since: datetime) -> None:
    """The centre's supervisor has written templates for recurring answers."""
    if AnswerTemplate.objects.exists():
        return
    author = Employee.objects.get(username="kf.supervisor")
    AnswerTemplate.objects.bulk_create(
        AnswerTemplate(
            **row | {"category": Category.at(row["category"])}, version=1, in_force_from=since, author=author,
            reason="常用答复",
        )
        for row in read("templates")
    )  # fmt: skip
