"""Who does what in the demo: people found by unit and office, the standing cast more often than others."""

from random import Random

from accountability.seed.categories import BRANCH, CATEGORIES, usually_answered_by
from config.demo.organisation import STANDING_CAST, EmployeeRow, branch_of, demo_employees, demo_units

STANDING = {row.username for row in STANDING_CAST}
BUSY_REGIONS = {"武汉": 7, "宜昌": 4, "襄阳": 3, "荆州": 2}
"""Where more of the complaints come from than from elsewhere (1)."""


class Cast:
    """The organisation as the plots ask for it; draws come from the run's generator."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.people = {row.username: row for row in demo_employees()}
        self.units = {unit.code: unit for unit in demo_units()}
        self.in_unit: dict[str, list[EmployeeRow]] = {code: [] for code in self.units}
        for row in demo_employees():
            self.in_unit[row.unit].append(row)
        self.agents = self._with_role("KF", "agent")
        self.regions = [unit.regions[0] for unit in self.units.values() if unit.regions]

    def _with_role(self, code: str, *roles: str) -> list[str]:
        return [row.username for row in self.in_unit[code] if set(roles) & set(row.roles)]

    def _draw(self, usernames: list[str], weight: int) -> str:
        return self.rng.choices(usernames, [weight if name in STANDING else 1 for name in usernames])[0]

    def agent(self) -> str:
        return self._draw(self.agents, 4)

    def contact(self, code: str) -> str:
        """A contact or deputy; the head where there is neither (R17)."""
        return self._draw(self._with_role(code, "contact", "deputy_contact") or [self.units[code].head], 5)

    def handler(self, code: str) -> str:
        """Somebody without an office who has a leader on file (R4)."""
        return self._draw([r.username for r in self.in_unit[code] if r.supervisor and not r.roles and plain(r)], 4)

    def leader_of(self, username: str) -> str:
        return str(self.people[username].supervisor)

    def has_contact(self, code: str) -> bool:
        return bool(self._with_role(code, "contact", "deputy_contact"))

    def is_head(self, username: str) -> bool:
        return self.units[self.people[username].unit].head == username

    def colleague(self) -> str:
        """Anybody outside the centre: whoever is first told of a complaint forwards it (R1)."""
        return self._draw([row.username for row in self.people.values() if row.unit != "KF"], 8)

    def region(self) -> str:
        return self.rng.choices(self.regions, [BUSY_REGIONS.get(name, 1) for name in self.regions])[0]

    def right_unit(self, head: str, leaf: str, region: str) -> str:
        """The unit that the catalogue suggests for a category and region."""
        answered_by = usually_answered_by(head, leaf)
        return branch_of(region) or "WL" if answered_by == BRANCH else answered_by

    def wrong_units(self, right: str, number: int) -> list[str]:
        """Units that the complaint might be sent to by mistake, none twice."""
        likely = [code for code in ("WL", "ZC", "DQ", "SC", "WH", "YC", "XY", "JZ", "HG", "WG") if code != right]
        return self.rng.sample(likely, number)

    def category_of(self, code: str) -> tuple[str, str]:
        """A category that this unit usually answers, not one of the network unless nothing else is."""
        wanted = BRANCH if self.units[code].kind == "branch" else code
        fitting = [(head, leaf) for head, leaves in CATEGORIES.items() for leaf, unit in leaves if unit == wanted]
        return self.rng.choice([pair for pair in fitting if pair[0] != "网络质量"] or fitting)


def plain(row: EmployeeRow) -> bool:
    """Not a leader or head by office."""
    return not row.username.split(".")[1].startswith(("leader", "head"))
