"""The demo organisation: 33 units and about 400 people, including the standing cast of the scenarios.

Sizes and places are data (texts/organisation.yaml). The people are the same on every machine; the run's generator draws
who of them acts in a complaint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from random import Random
from typing import Any

from accountability.permissions import ADMINISTRATOR_ROLES
from accountability.seed.categories import BRANCH, CATEGORIES, usually_answered_by
from config.demo.texts import read, staff_name
from config.replay.stage import standing_cast

STANDING_HEADS = {"KF": "kf.head", "SC": "sc.leader", "WL": "wl.leader"}
"""Heads whose username isn't simply the unit's code and `.head`."""

OFFICES = {"contacts": ("contact", "contact"), "deputies": ("deputy", "deputy_contact")}
OF_ONE_UNIT = {"KF": [("agent", "agent", 12), ("supervisor", "csc_supervisor", 2)], "SJ": [("auditor", "auditor", 1)]}
"""Offices with their role; for those of one unit also how many people have them."""

BUSY_REGIONS = {"武汉": 7, "宜昌": 4, "襄阳": 3, "荆州": 2}
"""The weights of places with more complaints than others, whose weight is 1."""


@dataclass(frozen=True)
class UnitRow:
    """A unit as the scenario contract writes it; `regions` are the places it serves, the first its usual name."""

    code: str
    name: str
    kind: str
    head: str
    regions: tuple[str, ...] = ()
    name_en: str = ""


@dataclass(frozen=True)
class EmployeeRow:
    """An employee as the scenario contract writes it; `supervisor` is the 分管领导's username or None."""

    username: str
    name: str
    unit: str
    supervisor: str | None = None
    roles: tuple[str, ...] = ()


ADMINISTRATORS = (
    EmployeeRow("sj.system", "石维安", "SJ", None, ("system_admin",)),
    EmployeeRow("sj.security", "安立群", "SJ", None, ("security_admin",)),
    EmployeeRow("sj.auditadmin", "严可鉴", "SJ", None, ("audit_admin",)),
)
"""Three people who have no part in any complaint; they come last, so that everybody else keeps their name."""


@cache
def standing_people() -> tuple[EmployeeRow, ...]:
    """The people of the scenario contract, with its usernames, supervisors and roles."""
    rows = standing_cast()["employees"]
    return tuple(EmployeeRow(**row | {"roles": tuple(row.get("roles", ()))}) for row in rows)


@cache
def demo_units() -> tuple[UnitRow, ...]:
    """The 33 units, in the order of the notice's addressees: branches, departments, direct units."""
    regions = places()
    return tuple(
        UnitRow(code, size["name"], size["kind"], head_of(code), regions.get(code, ()), size["name_en"])
        for code, size in read("organisation")["sizes"].items()
    )


def places() -> dict[str, tuple[str, ...]]:
    """The places that each branch serves."""
    return {code: tuple(names) for code, names in read("organisation")["regions"].items()}


def head_of(code: str) -> str:
    """The username of a unit's head."""
    return STANDING_HEADS.get(code, f"{code.lower()}.head")


@cache
def demo_employees() -> tuple[EmployeeRow, ...]:
    """Everybody, the standing cast first; usernames and names are unique and always the same."""
    people = {row.username: row for row in standing_people()}
    numbers = count()
    for code, size in read("organisation")["sizes"].items():
        people |= {row.username: row for row in _unit_people(code, size, set(people), numbers)}
    return (*people.values(), *ADMINISTRATORS)


def _unit_people(code: str, size: dict[str, Any], taken: set[str], numbers: Iterator[int]) -> Iterator[EmployeeRow]:
    """Fill a unit up to its size, in addition to the standing cast already there."""
    prefix, head = code.lower(), head_of(code)
    leaders = _numbered(f"{prefix}.leader", size["leaders"])
    supervisors = [name for name in leaders if name != head] or [head]
    wanted = [(*OFFICES[kind], size[kind]) for kind in OFFICES] + OF_ONE_UNIT.get(code, [])
    offices = [
        (name, supervisors[0], (role,))
        for office, role, many in wanted
        for name in _numbered(f"{prefix}.{office}", many)
    ]
    for username, supervisor, roles in [(head, None, ()), *((name, head, ()) for name in leaders), *offices]:
        if username not in taken:
            yield EmployeeRow(username, staff_name(next(numbers))[0], code, supervisor, roles)
    there = sum(row.unit == code and is_plain(row) for row in standing_people())
    for n in range(size["handlers"] - there):
        name, surname = staff_name(next(numbers))
        username = next(each for each in _numbered(f"{prefix}.{surname}", 99) if each not in taken)
        taken.add(username)
        yield EmployeeRow(username, name, code, supervisors[n % len(supervisors)])


def _numbered(name: str, many: int) -> list[str]:
    """The name for the first, with a number appended for others."""
    return [f"{name}{n if n > 1 else ''}" for n in range(1, many + 1)]


def is_plain(row: EmployeeRow) -> bool:
    """Whether somebody has neither a role nor the office of a leader or head."""
    return not row.roles and not row.username.split(".")[1].startswith(("leader", "head"))


def branch_of(place: str) -> str | None:
    """The branch that serves a place ("宜昌当阳", "武汉江汉区"), by the first name in it; None where there is none."""
    named = [(name, code) for code, names in places().items() for name in names if name in place]
    return min(named, key=lambda pair: (place.index(pair[0]), -len(pair[0])))[1] if named else None


class Company:
    """Chooses who does what: people by unit and office, the standing cast more often than others."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.numbers = count(1)
        self.people = {row.username: row for row in demo_employees()}
        self.units = {unit.code: unit for unit in demo_units()}
        self.in_unit: dict[str, list[EmployeeRow]] = {code: [] for code in self.units}
        for row in demo_employees():
            self.in_unit[row.unit].append(row)
        self.standing = {row.username for row in standing_people()}
        self.regions = [unit.regions[0] for unit in self.units.values() if unit.regions]

    def _with_role(self, code: str, *roles: str) -> list[str]:
        return [row.username for row in self.in_unit[code] if set(roles) & set(row.roles)]

    def _draw(self, usernames: list[str], weight: int) -> str:
        return self.rng.choices(usernames, [weight if name in self.standing else 1 for name in usernames])[0]

    def agent(self) -> str:
        return self._draw(self._with_role("KF", "agent"), 4)

    def contact(self, code: str) -> str:
        """A contact or deputy; the head where there is neither (R17)."""
        return self._draw(self._with_role(code, "contact", "deputy_contact") or [self.units[code].head], 5)

    def handler(self, code: str) -> str:
        """Somebody without an office who has a leader on file (R4)."""
        return self._draw([row.username for row in self.in_unit[code] if row.supervisor and is_plain(row)], 4)

    def leader_of(self, username: str) -> str:
        return str(self.people[username].supervisor)

    def has_contact(self, code: str) -> bool:
        return bool(self._with_role(code, "contact", "deputy_contact"))

    def is_head(self, username: str) -> bool:
        return self.units[self.people[username].unit].head == username

    def colleague(self) -> str:
        """Anybody outside the centre but administrators may be the first to hear a complaint and forward it (R1)."""
        drawn = self._draw([row.username for row in self.people.values() if row.unit != "KF"], 8)
        return self.colleague() if ADMINISTRATOR_ROLES & set(self.people[drawn].roles) else drawn

    def region(self) -> str:
        return self.rng.choices(self.regions, [BUSY_REGIONS.get(name, 1) for name in self.regions])[0]

    def region_of(self, code: str) -> str:
        """The usual name of the place that the unit serves; any place for a unit that serves all."""
        return self.units[code].regions[0] if self.units[code].regions else self.region()

    def right_unit(self, head: str, leaf: str, region: str) -> str:
        """The unit that the catalogue suggests for a category and region."""
        answered_by = usually_answered_by(head, leaf)
        return branch_of(region) or "WL" if answered_by == BRANCH else answered_by

    def wrong_units(self, right: str, number: int) -> list[str]:
        """Different units that the complaint might be sent to by mistake."""
        likely = [code for code in ("WL", "ZC", "DQ", "SC", "WH", "YC", "XY", "JZ", "HG", "WG") if code != right]
        return self.rng.sample(likely, number)

    def category_of(self, code: str) -> tuple[str, str]:
        """A category that this unit usually answers; one of the network only if there is no other."""
        wanted = BRANCH if self.units[code].kind == "branch" else code
        fitting = [(head, leaf) for head, leaves in CATEGORIES.items() for leaf, unit in leaves if unit == wanted]
        return self.rng.choice([pair for pair in fitting if pair[0] != "网络质量"] or fitting)
