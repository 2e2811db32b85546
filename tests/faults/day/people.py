"""Who works that day: the centre, marketing, and units with their contacts, handlers, leaders and heads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from accountability.deadlines import clock
from accountability.models import Region
from config.replay.stage import Builder
from config.replay.stage import Cast as Staged
from tests.factories import Cast, listed
from tests.faults.day.sizes import Size

CITIES = ("黄石", "十堰", "襄阳", "鄂州", "荆门", "孝感", "黄冈", "咸宁", "随州", "恩施", "仙桃", "潜江")


@dataclass(frozen=True)
class UnitStaff:
    code: str
    city: str
    handlers: tuple[str, ...]

    @property
    def contact(self) -> str:
        return f"{self.code.lower()}.contact"

    @property
    def deputy(self) -> str:
        return f"{self.code.lower()}.deputy"

    @property
    def leader(self) -> str:
        return f"{self.code.lower()}.leader"

    @property
    def head(self) -> str:
        return f"{self.code.lower()}.head"


@dataclass(frozen=True)
class Staff:
    """By their usernames. The supervisor, the centre's head and the leader of marketing are of the standing cast."""

    agents: tuple[str, ...]
    supervisors: tuple[str, ...]
    officers: tuple[str, ...]
    units: tuple[UnitStaff, ...]

    @property
    def everybody(self) -> list[str]:
        of_units = [name for u in self.units for name in (u.contact, u.deputy, u.leader, u.head, *u.handlers)]
        return [*self.agents, *self.supervisors, "kf.head", *self.officers, "sc.leader", *of_units]


def staff_of(size: Size) -> Staff:
    units = tuple(
        UnitStaff(f"D{n:02}", CITIES[n], tuple(f"d{n:02}.h{k:02}" for k in range(size.handlers)))
        for n in range(size.units)
    )
    agents = tuple(f"kf.a{n:02}" for n in range(size.agents))
    return Staff(agents, ("kf.supervisor", "kf.s1"), tuple(f"sc.o{n}" for n in range(8)), units)


def engage(staff: Staff, cast: Cast) -> None:
    """Put those who aren't there yet into the organisation, and the cities with their units on the list of regions."""
    rows: list[dict[str, Any]] = [{"username": name, "unit": "KF", "roles": ["agent"]} for name in staff.agents]
    rows.append({"username": "kf.s1", "unit": "KF", "roles": ["csc_supervisor"]})
    rows += [{"username": name, "unit": "SC", "roles": ["marketing"]} for name in staff.officers]
    rows += [row for unit in staff.units for row in _of_unit(unit)]
    units = [{"code": u.code, "name": f"{u.city}分公司", "kind": "branch", "head": u.head} for u in staff.units]
    staged = Staged(dict(cast.people), dict(cast.units))
    Builder(staged, clock.read() - timedelta(days=1), make_password(None)).build({"units": units, "employees": rows})
    known = set(Region.objects.values_list("name", flat=True))
    listed({unit.city: unit.code for unit in staff.units if unit.city not in known})
    cast.read_again()


def _of_unit(unit: UnitStaff) -> list[dict[str, Any]]:
    return [
        {"username": unit.contact, "unit": unit.code, "roles": ["contact"]},
        {"username": unit.deputy, "unit": unit.code, "roles": ["deputy_contact"]},
        {"username": unit.leader, "unit": unit.code, "supervisor": unit.head},
        {"username": unit.head, "unit": unit.code},
        *({"username": name, "unit": unit.code, "supervisor": unit.leader} for name in unit.handlers),
    ]
