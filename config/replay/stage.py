"""Sets the stage: the people, the rules and the calendar that a scenario begins with, in an empty database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accountability.db import insert_only
from accountability.deadlines.limits import SHANGHAI, CalendarYearRules
from accountability.gate import verbs
from accountability.gate.act import Batch
from accountability.gate.fields import BadFact, a_day, as_list, clean_all
from accountability.gate.subjects import Organisation
from accountability.models import Appointment, CalendarYear, Category, Employee, Region, TimeLimits, Unit
from accountability.permissions import Role
from accountability.security.masking import mask_text
from accountability.seed.foundation import BEGINNING
from config.replay.problems import BadScenario, demand, demand_keys
from config.replay.reader import Scenario, read_yaml

SETTINGS = (
    "handoff_clock", "day_ends_at", "handling", "return", "returns_before_ruling", "repeat_within",
    "allow_unsatisfied_archive", "calendar", "calendar_until",
)  # fmt: skip


LONGEST_REGION = Region._meta.get_field("name").max_length or 0


@dataclass
class Cast:
    """The people and units on stage, by the names that the file uses."""

    people: dict[str, Employee]
    units: dict[str, Unit]

    def person(self, username: Any) -> Employee:
        """The person of that username. Raises BadScenario for somebody who isn't in the organisation."""
        found = self.people.get(username) if isinstance(username, str) else None
        if found is None:
            raise BadScenario(f"unknown person {username!r}")
        return found

    def unit(self, code: Any) -> Unit:
        found = self.units.get(code) if isinstance(code, str) else None
        if found is None:
            raise BadScenario(f"unknown unit {code!r}")
        return found


def standing_cast() -> dict[str, Any]:
    """The people of the scenario contract, in the form of a file's `organisation`."""
    found: dict[str, Any] = read_yaml(Path(__file__).with_name("cast.yaml"))
    return found


def set_stage(scenario: Scenario) -> Cast:
    """Build the scenario's world in the present database, which has nothing but the seed."""
    organisation = standing_cast() if scenario.organisation is None else scenario.organisation
    cast = Builder(Cast({}, {}), BEGINNING, make_password(None)).build(organisation)
    settings = demand_keys(scenario.settings, "settings", (), SETTINGS)
    _set_limits(settings)
    _set_calendar(settings)
    return cast


# People


@dataclass
class Builder:
    """Adds an organisation to an existing cast; everybody serves since the same instant. With a reason each row gets
    its history.
    """

    cast: Cast
    since: datetime
    password: str
    reason: str = ""

    def build(self, organisation: Any) -> Cast:
        demand_keys(organisation, "organisation", ("units", "employees"))
        units, people = organisation["units"], organisation["employees"]
        demand(isinstance(units, list) and isinstance(people, list), "organisation: units and employees must be lists")
        self._make_units(units)
        self._make_people(people)
        self._link(units, people)
        self._appoint(people)
        return self.cast

    def _make_units(self, rows: list[Any]) -> None:
        for row in rows:
            demand_keys(row, "unit", ("code", "kind", "head"), ("name", "name_en"))
            demand(row["kind"] in Unit.Kind.values, f"unit {row['code']}: unknown kind {row['kind']!r}")
        units = [
            Unit(
                code=row["code"], name=row.get("name") or row["code"], name_en=row.get("name_en", ""), kind=row["kind"]
            )
            for row in rows
        ]  # fmt: skip
        self.cast.units |= _by_name(self._create(units), "code")

    def _make_people(self, rows: list[Any]) -> None:
        for row in rows:
            demand_keys(row, "employee", ("username", "unit"), ("name", "supervisor", "roles"))
        people = [
            Employee(
                username=row["username"], name=row.get("name") or row["username"],
                unit=self.cast.unit(row["unit"]), password=self.password,
            )
            for row in rows
        ]  # fmt: skip
        self.cast.people |= _by_name(self._create(people), "username")

    def _link(self, units: list[Any], people: list[Any]) -> None:
        """Set heads and supervisors, now that everybody exists."""
        for row in units:
            self.cast.units[row["code"]].head = self.cast.person(row["head"])
        self._update([self.cast.units[row["code"]] for row in units], "head")
        led = [row for row in people if row.get("supervisor") is not None]
        for row in led:
            self.cast.people[row["username"]].supervisor = self.cast.person(row["supervisor"])
        self._update([self.cast.people[row["username"]] for row in led], "supervisor")

    def _appoint(self, people: list[Any]) -> None:
        roles = [(row["username"], role) for row in people for role in row.get("roles") or ()]
        for username, role in roles:
            demand(role in Role.values, f"employee {username}: unknown role {role!r}")
        since = self.since.astimezone(SHANGHAI).date()
        self._create([Appointment(employee=self.cast.people[name], role=role, starts_on=since) for name, role in roles])

    def _create(self, rows: list[Any]) -> list[Any]:
        if not rows or not self.reason:
            return type(rows[0]).objects.bulk_create(rows) if rows else []
        return bulk_create_with_history(rows, type(rows[0]), **self._history())

    def _update(self, rows: list[Any], field: str) -> None:
        if rows and self.reason:
            bulk_update_with_history(rows, type(rows[0]), [field], **self._history())
        elif rows:
            type(rows[0]).objects.bulk_update(rows, [field], batch_size=200)

    def _history(self) -> dict[str, Any]:
        return {"default_date": self.since, "default_change_reason": self.reason}


def _by_name(made: list[Any], key: str) -> dict[str, Any]:
    named = {getattr(thing, key): thing for thing in made}
    demand(len(named) == len(made), f"organisation: a {key} stands twice")
    return named


# Rules


def _set_limits(settings: dict[str, Any]) -> None:
    """The file's rules as the version that is in force from the beginning."""
    limits = _cleaned("set_limits", {key: settings[key] for key in ("handling", "return") if key in settings})
    policy = {key: settings[key] for key in SETTINGS if key in settings and key in _fields("set_policy")}
    if "repeat_within" in settings:
        policy["repeat_within_hours"] = _hours(settings["repeat_within"])
    policy = _cleaned("set_policy", policy)
    first = TimeLimits.objects.get(version=1)
    kept = {f.attname: getattr(first, f.attname) for f in TimeLimits._meta.concrete_fields if not f.primary_key}
    by_priority = {
        "handling": first.handling | limits.get("handling", {}),
        "returning": first.returning | limits.get("return", {}),
    }
    TimeLimits.objects.create(**kept | {"version": 2} | by_priority | policy)


def _fields(verb: str) -> set[str]:
    return {fact.name for fact in verbs.find(Organisation, verb).facts}


def _cleaned(verb: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The settings as cleaned by the verb that changes them in the product."""
    values, errors = clean_all(verbs.find(Organisation, verb).facts, raw, None, Batch(BEGINNING))
    demand(not errors, "settings: " + "; ".join(f"{key}: {sentence}" for key, sentence in errors.items()))
    return values


def _hours(text: Any) -> int:
    written = re.fullmatch(r"([0-9]{1,3})([dh])", str(text))
    if written is None:
        raise BadScenario(f"settings: repeat_within is written 30d, not {text!r}")
    return int(written[1]) * (24 if written[2] == "d" else 1)


# The calendar


def _set_calendar(settings: dict[str, Any]) -> None:
    years = settings.get("calendar") or {}
    demand(isinstance(years, dict), "settings: calendar must name years")
    for year, days in years.items():
        _publish(_a_year(year), demand_keys(days, f"settings: calendar {year}", (), ("days_off", "days_worked")))
    if settings.get("calendar_until") is not None:
        _forget_after(_a_year(settings["calendar_until"]))


def _a_year(raw: Any) -> int:
    demand(re.fullmatch(r"20[0-9]{2}", str(raw)), f"settings: not a year: {raw!r}")
    return int(raw)


def _publish(year: int, days: dict[str, Any]) -> None:
    """The file's calendar of the year replaces a seeded one."""
    try:
        off, worked = ([a_day(day) for day in as_list(days.get(key))] for key in ("days_off", "days_worked"))
        rules = CalendarYearRules(year, 1, frozenset(off), frozenset(worked))
    except (BadFact, ValueError) as error:
        raise BadScenario(f"settings: calendar {year}: {error}") from error
    known = CalendarYear.objects.filter(year=year).order_by("-version").first()
    CalendarYear.objects.create(
        year=year, version=known.version + 1 if known else rules.version, in_force_from=BEGINNING,
        author=Employee.objects.system(), days_off=sorted(map(str, off)), days_worked=sorted(map(str, worked)),
    )  # fmt: skip


def _forget_after(year: int) -> None:
    """Later years count as unpublished, even if their calendars are known."""
    table = (CalendarYear._meta.db_table,)
    insert_only.remove(connection, table)
    CalendarYear.objects.filter(year__gt=year).delete()
    insert_only.install(connection, table)


# The catalogue and the regions


def ensure_category(path: Any) -> None:
    """Add a leaf that the file names below one of the heads; the heads are the contract's."""
    head, slash, leaf = str(path).partition("/")
    found = Category.objects.filter(parent=None, name=head).first() if slash and leaf else None
    if found is not None:
        Category.objects.get_or_create(parent=found, name=leaf)


def ensure_region(name: Any) -> None:
    """Add a place that the file names to the list of regions, unless it holds somebody's number. A file doesn't say who
    serves it, and nothing asks.
    """
    name = name.strip() if isinstance(name, str) else ""
    is_place = 0 < len(name) <= LONGEST_REGION and mask_text(name) == name
    if is_place and not Region.objects.filter(name__in=Region.spellings(name)).exists():
        Region.objects.create(name=name, unit=Unit.objects.earliest("pk"))
