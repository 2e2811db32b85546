"""Rankings for tests: rounds that were judged well or badly, and the verbs on the year's ranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.gate.perform import perform
from accountability.models import Appointment, Employee
from accountability.permissions import Role
from accountability.seed.foundation import BEGINNING
from assessment.models import Ranking
from complaints.models import Complaint
from tests.factories import Now, Play

JUDGED = "2026-11-24 09:00"
NEW_YEAR = "2027-01-04 09:00"

HANDLERS = {
    "WH": ("wh.contact", "wh.zhang"),
    "YC": ("yc.contact", "yc.chen"),
    "WL": ("wl.contact", "wl.zhao"),
    "ZD": ("zd.head", "zd.zhou"),
    "SJ": ("sj.head", "sj.plain"),
}
"""Who hands over and who handles, by unit."""

WAYS: dict[str, dict[str, Any]] = {
    "draft_ranking": {"year": 2026},
    "redraft_ranking": {"reason": "补计两轮。"},
    "confirm_barred": {},
    "withdraw_ranking": {"reason": "依据有误。"},
}


class Rankings:
    """`rankings.year({"WH": (2, 3)})` plays the rounds, `rankings("confirm_barred", "sc.leader", ranking)` a verb."""

    def __init__(self, play: Play, now: Now) -> None:
        self.play, self.now = play, now
        self._number = 0

    def __call__(self, verb: str, by: str, ranking: Ranking | None = None, **facts: Any) -> Ranking:
        told = WAYS[verb] | facts
        subject = ranking if ranking is not None else Ranking()
        return perform(subject, verb, by=self.play.cast[by], at=self.now.at, **told).subject

    def year(self, rates: Mapping[str, tuple[int, int]], *, judged: str = JUDGED) -> list[Complaint]:
        """So many rounds resolved of so many that count, by unit."""
        return [
            self.round(unit, satisfied=place < resolved, at=judged)
            for unit, (resolved, asked) in rates.items()
            for place in range(asked)
        ]

    def round(self, unit: str, *, satisfied: bool = True, at: str = JUDGED) -> Complaint:
        """One round of the unit from the call to the customer's answer, all at the instant."""
        self.now.set(at)
        self._number += 1
        contact, handler = HANDLERS[unit]
        if unit == "SJ" and self.play.cast["sj.plain"].supervisor_id is None:
            self.play("set_supervisor", "sc.officer", employee="sj.plain", supervisor="sj.head")
            self.play.cast["sj.plain"].refresh_from_db()
        complaint = self.play("register", "kf.agent", phone=f"139{self._number:08d}")
        complaint = self.play("dispatch", "kf.agent", complaint, unit=unit)
        return self.finish(self.play("hand_off", contact, complaint, to=handler), handler, satisfied=satisfied)

    def finish(self, complaint: Complaint, handler: str, *, satisfied: bool = True) -> Complaint:
        for verb, by in (("answer", handler), ("judge_complete", "kf.agent"), ("reply", "kf.agent")):
            complaint = self.play(verb, by, complaint)
        return self.play("record_satisfaction", "kf.agent", complaint, satisfied=satisfied)

    def late(self, unit: str) -> Complaint:
        """One whose customer was satisfied although the unit was late."""
        contact, handler = HANDLERS[unit]
        self.now.set("2026-11-20 09:00")
        self._number += 1
        complaint = self.play("register", "kf.agent", phone=f"139{self._number:08d}")
        complaint = self.play("dispatch", "kf.agent", complaint, unit=unit)
        complaint = self.play("hand_off", contact, complaint, to=handler)
        self.now.set("2026-11-23 09:00")
        return self.finish(complaint, handler)

    def excuse(self, complaint: Complaint) -> None:
        self.play("propose_excuse", "kf.supervisor", complaint, deadlines=["handling#1"])
        self.play("confirm_excuse", "sc.leader", complaint, deadlines=["handling#1"])

    def draft(self, rates: Mapping[str, tuple[int, int]] | None = None) -> Ranking:
        """The year 2026, drafted on the first working day after it by sc.officer."""
        if rates:
            self.year(rates)
        self.now.set(NEW_YEAR)
        return self("draft_ranking", "sc.officer")

    def published(self, rates: Mapping[str, tuple[int, int]] | None = None) -> Ranking:
        return self("confirm_barred", "sc.leader", self.draft(rates))

    def second_leader(self) -> Employee:
        """sc.officer2, from the beginning: another leader of marketing."""
        person = self.play.cast["sc.officer2"]
        Appointment.objects.create(employee=person, role=Role.MARKETING_LEADER, starts_on=day_of(BEGINNING))
        return person


FOUR_BARRED = {"WH": (1, 2), "YC": (3, 5), "WL": (7, 10), "ZD": (7, 10), "SJ": (9, 10)}
"""S55: 0.50, 0.60, 0.70, 0.70, 0.90."""

FOUR = {"WH": (1, 1), "YC": (1, 2), "WL": (1, 3), "ZD": (0, 1)}
"""Four units of four rates: the three lowest are clear."""


def table(ranking: Ranking) -> list[tuple[str, int | None, str, bool | None]]:
    """Unit, place, resolved and asked, barred (as decided, else as the numbers say), in the page's order."""
    return [
        (line.unit.code, line.place, f"{line.resolved}/{line.asked}",
         line.is_lowest if line.is_barred is None else line.is_barred)
        for line in Ranking.objects.get(pk=ranking.pk).lines
    ]  # fmt: skip
