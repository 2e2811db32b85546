"""Looks up what acts, fields and subjects ask of the organisation at one instant, each thing once.

People, units, categories, who has which role, the working calendar, and the version of the limits in force.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from operator import attrgetter
from time import monotonic

from django.utils.functional import cached_property

from accountability.db.sql import Through, Together, by_key, rows
from accountability.deadlines.limits import Limit, WorkingCalendar, day_of
from accountability.gate import holding
from accountability.models import (
    Appointment,
    Category,
    Deadline,
    Employee,
    Region,
    TimeLimits,
    Unit,
    calendar_around,
    contacts_by_unit,
)
from accountability.permissions import ADMINISTRATOR_ROLES, MARKETING_ROLES, Role

NO_CALENDAR = WorkingCalendar({})
OFFICES = frozenset({*MARKETING_ROLES, Role.CSC_SUPERVISOR, Role.AUDITOR})


def windows_at(at: datetime) -> tuple[holding.Window, ...]:
    """What is held at this instant. A process that serves people asks at most every ten seconds while nothing is."""
    kept = holding.kept
    if kept is None or kept.windows or monotonic() - kept.asked > holding.ASKED_EVERY:
        return holding.look(at).windows
    return () if kept.true_until is None or at <= kept.true_until else holding.look(at).windows


def held_matter(matter_id: int | None, at: datetime) -> holding.Window | None:
    """For pages: the window that holds this matter. No statement while nothing is held."""
    windows = windows_at(at)
    return holding.holding_matter(matter_id, windows) if windows else None


class Lookups:
    """What is known at the instant `at`. What was looked up is kept.

    `together` collects what will be needed: the first statement that reads some of it reads all of it.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.together = Together()
        self._in_force = self.together.in_force(TimeLimits, at)
        self._employees: dict[str, Employee | None] = {}
        self._people: dict[int | None, Employee] = {}
        self._limits: dict[int | None, TimeLimits] = {}
        self._contacts: dict[int, list[Employee]] = {}
        self._units: dict[int | str, Unit | None] = {}  # by key and by code; None by a code that no unit has
        self._categories: dict[str, Category | None] = {}

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return calendar_around(self.at, self.together)

    def calendar_for(self, limit: Limit) -> WorkingCalendar:
        """The working calendar, fetched only if the limit needs it."""
        return self.calendar if limit.needs_calendar else NO_CALENDAR

    @cached_property
    def windows(self) -> tuple[holding.Window, ...]:
        """The windows in which nobody was served and on which people haven't ruled yet."""
        return windows_at(self.at)

    @cached_property
    def system(self) -> Employee:
        return Employee.objects.system()

    def employee(self, username: str) -> Employee | None:
        """The employee with this user name, with their unit, and with their supervisor, who is recorded with them."""
        if username not in self._employees:
            named = self.together.rows(Employee, username=[username])
            units = self.together.rows(Unit, id=Through(Employee, "unit_id", "username", [username]))
            above = self.together.rows(Employee, id=Through(Employee, "supervisor_id", "username", [username]))
            person = self._employees[username] = next(iter(named()), None)
            if person is not None:
                person.unit, person.supervisor = next(iter(units()), None), next(iter(above()), None)
                self.know(person)
        return self._employees[username]

    def know(self, person: Employee) -> None:
        """Keep somebody who was read with their unit for this instant anyway, so that they aren't asked for again."""
        self._people.setdefault(person.pk, person)
        if person.unit is not None:
            self._keep_unit(person.unit)

    def named(self) -> set[int]:
        """The people who are read together with the first one asked for."""
        return set()

    def person(self, pk: int | None) -> Employee | None:
        """The employee with this primary key, and with their unit."""
        if pk is not None and pk not in self._people:
            wanted = ({pk} | self.named()) - self._people.keys()
            people = self.together.rows(Employee, id=wanted)
            units = self.together.rows(Unit, id=Through(Employee, "unit_id", "id", wanted)).by_key()
            for person in people():
                person.unit = units.get(person.unit_id)
                self.know(person)
        return self._people.get(pk)

    def _keep_unit(self, unit: Unit) -> Unit:
        """The unit; the object that was read first, if it was read before."""
        kept = self._units.get(unit.pk) or unit
        self._units[kept.pk] = self._units[kept.code] = kept
        return kept

    def unit(self, code: str) -> Unit | None:
        if code not in self._units:
            self._units[code] = next(map(self._keep_unit, rows(Unit, code=[code])), None)
        return self._units[code]

    @cached_property
    def _every_unit(self) -> list[Unit]:
        return [self._keep_unit(unit) for unit in sorted(rows(Unit), key=attrgetter("code"))]

    def unit_by_id(self, pk: int | None) -> Unit | None:
        if pk is None:
            return None
        return self._units.get(pk) or next((unit for unit in self._every_unit if unit.pk == pk), None)

    def units_of_kind(self, kind: str) -> list[Unit]:
        return [unit for unit in self._every_unit if unit.kind == kind]

    def category(self, path: str) -> Category | None:
        if path not in self._categories:
            self._categories[path] = Category.at(path)
        return self._categories[path]

    @cached_property
    def _regions(self) -> frozenset[str]:
        return frozenset(Region.objects.values_list("name", flat=True))

    def region(self, name: str) -> str | None:
        """The place as the list of regions spells it; None if it isn't on the list."""
        spelt = (name, *sorted(Region.spellings(name)))
        return next((each for each in spelt if each in self._regions), None)

    def contacts_of(self, unit: Unit) -> list[Employee]:
        """Those of the first unit are read alone; with the second one, those of every unit."""
        if unit.pk not in self._contacts:
            others = self._every_unit if self._contacts else ()
            self._contacts = contacts_by_unit({unit.pk, *(other.pk for other in others)}, self.at)
            for person in self._contacts[unit.pk]:
                person.unit = unit
                self.know(person)
        return self._contacts[unit.pk]

    # Who has which role

    @cached_property
    def administrator_ids(self) -> frozenset[int]:
        """Administrators, now or from a later day on. They can't be given any complaint work."""
        today = day_of(self.at)
        appointed = rows(Appointment, role=ADMINISTRATOR_ROLES)
        return frozenset(one.employee_id for one in appointed if one.ends_on is None or one.ends_on >= today)

    @cached_property
    def marketing_ids(self) -> list[int]:
        return self._serving(MARKETING_ROLES)

    @cached_property
    def csc_supervisor_ids(self) -> list[int]:
        return self._serving({Role.CSC_SUPERVISOR})

    @cached_property
    def marketing_leader_ids(self) -> list[int]:
        return self._serving({Role.MARKETING_LEADER})

    @cached_property
    def auditor_ids(self) -> list[int]:
        return self._serving({Role.AUDITOR})

    def _serving(self, roles: Collection[str]) -> list[int]:
        assert OFFICES.issuperset(roles)
        return sorted({person for person, role in self._offices if role in roles})

    @cached_property
    def _offices(self) -> list[tuple[int, str]]:
        found = Appointment.objects.serving(self.at).filter(role__in=OFFICES)
        return list(found.filter(employee__is_active=True).values_list("employee_id", "role"))

    # Which version of the limits applies to an act, or to a duty that began earlier (R6, R15)

    @cached_property
    def limits(self) -> TimeLimits:
        found = next(iter(self._in_force()), None)
        assert found is not None, f"No version of the limits was in force at {self.at}."
        return found

    @cached_property
    def _every_version(self) -> list[TimeLimits]:
        return list(TimeLimits.objects.order_by("version"))

    def limits_at(self, start: datetime) -> TimeLimits:
        """The version in force when a duty begins. That may be before this act, because a duty that follows from a miss
        begins at the due instant, whenever the miss is noticed.
        """
        if start >= self.limits.in_force_from:
            return self.limits
        earlier = [version for version in self._every_version if version.in_force_from <= start]
        return earlier[-1] if earlier else self._every_version[0]

    def limits_of(self, deadline: Deadline) -> TimeLimits:
        """The version in force when the duty began. Later versions don't change the duty (R6)."""
        if (pk := deadline.limits_id) not in self._limits:
            self._limits[pk] = by_key(TimeLimits, [pk]).get(pk) or self.limits
        return self._limits[pk]
