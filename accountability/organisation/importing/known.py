"""The organisation that a row is compared with: as it is, plus what the rows before would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from accountability.deadlines.limits import day_of
from accountability.models import Appointment, DutyRoster, Employee, Preferences, Unit
from accountability.organisation.administrators import administrators_from
from accountability.permissions import CONTACT_ROLES


@dataclass
class KnownUnit:
    """`head` is a username."""

    code: str
    name: str
    kind: str
    head: str = ""
    name_en: str = ""


@dataclass
class KnownPerson:
    """`moved`: this file moves the person, which ends the roles in the old unit. `led_by`: their leader before it."""

    username: str
    name: str
    unit: str
    supervisor: str = ""
    is_active: bool = True
    moved: bool = False
    pk: int = 0
    office: str = ""
    led_by: str = ""

    def __post_init__(self) -> None:
        self.led_by = self.supervisor


@dataclass
class Known:
    """Loaded with seven queries, however large the organisation."""

    at: datetime
    units: dict[str, KnownUnit] = field(default_factory=dict)
    people: dict[str, KnownPerson] = field(default_factory=dict)
    appointments: list[Appointment] = field(default_factory=list)
    duties: list[DutyRoster] = field(default_factory=list)
    administrators: frozenset[str] = frozenset()

    @classmethod
    def now(cls, at: datetime) -> Known:
        known = cls(at)
        for unit in Unit.objects.select_related("head"):
            head = unit.head.username if unit.head else ""
            known.units[unit.code] = KnownUnit(unit.code, unit.name, unit.kind, head, unit.name_en)
        offices = Preferences.office_numbers()
        for person in Employee.objects.select_related("unit", "supervisor").defer("password"):
            known.people[person.username] = KnownPerson(
                person.username, person.name, person.unit.code if person.unit else "",
                person.supervisor.username if person.supervisor else "", person.is_active, pk=person.pk,
                office=offices.get(person.pk, ""),
            )  # fmt: skip
        serving = Appointment.objects.filter(role__in=CONTACT_ROLES, employee__is_active=True)
        known.appointments = [
            one for one in serving.select_related("employee__unit") if one.ends_on is None or one.ends_on >= day_of(at)
        ]
        duties = DutyRoster.objects.standing().filter(ends_at__gte=at).select_related("unit", "employee", "note")
        known.duties = list(duties)
        administering = administrators_from(day_of(at)).values_list("employee__username", flat=True)
        known.administrators = frozenset(administering)
        return known

    def titled(self, username: str) -> str:
        """A username with the person's name."""
        found = self.people.get(username)
        return f"{username} · {found.name}" if found is not None and found.name else username

    def titled_unit(self, code: str) -> str:
        """A unit's code with its name."""
        found = self.units.get(code)
        return f"{code} · {found.name}" if found is not None and found.name else code

    def person(self, username: str) -> KnownPerson | None:
        """Somebody who is employed, or will be."""
        found = self.people.get(username)
        return found if found is not None and found.is_active else None

    def untie(self, mover: KnownPerson) -> None:
        """What a move does to leader and led of the old unit: see the verb."""
        leader = self.person(mover.supervisor)
        if leader is not None and leader.unit == mover.unit:
            mover.supervisor = ""
        for one in self.people.values():
            if one.supervisor == mover.username and one.unit == mover.unit:
                one.supervisor = ""
