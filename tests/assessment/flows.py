"""Complaints played to an end by people who do what they should, or something else: late, twice, not at all.

A hand draws what happens next from what a round's state allows, so that most complaints come to a judgement, where
numbers differ. What the gate refuses is passed over.
"""

# mypy: disable-error-code="union-attr"

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from accountability.deadlines.limits import show_instant
from accountability.gate.act import Refused
from accountability.gate.sweeper import sweep
from accountability.models import Deadline
from complaints.models import Complaint, Dissatisfaction
from tests.factories import Play

UNITS = ("WH", "YC", "WL", "ZD")
CONTACTS = {"WH": "wh.contact", "YC": "yc.contact", "WL": "wl.contact", "ZD": "zd.head"}
HANDLERS = {"WH": "wh.zhang", "YC": "yc.chen", "WL": "wl.zhao", "ZD": "zd.zhou"}
LEADERS = {"WH": "wh.leader", "YC": "yc.leader", "WL": "wl.leader", "ZD": "zd.head"}
CATEGORIES = ("资费与收费争议", "资费与收费争议/套餐资费", "服务态度与服务规范", "网络质量")
REGIONS = ("武汉", "宜昌", "荆州")
PAUSES = (
    *[timedelta(0)] * 2, *[timedelta(minutes=7)] * 6, timedelta(minutes=30), timedelta(minutes=31), timedelta(hours=2),
    timedelta(hours=2, minutes=1), timedelta(hours=9), timedelta(hours=37),
)  # fmt: skip
LONGEST = 40
"""Steps of one complaint; then the next comes, whatever became of it."""

Way = tuple[int, str, str, dict[str, Any]]
"""How likely, which verb, by whom, told what."""

REASONS = [*Dissatisfaction, ""]
"""Why a customer isn't satisfied, or nothing said."""


@dataclass
class Flow:
    """Of one play: complaints one after another. `done` tells what was done, a refusal with its code; `verbs` how often
    which verb was.
    """

    play: Play
    hand: Random
    done: list[str] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    complaints: list[int] = field(default_factory=list)

    def complaint(self) -> None:
        """Begun, and played until it is archived or long enough."""
        complaint = self._begin()
        for _step in range(self.hand.randint(8, LONGEST)):
            self._wait()
            ways = list(self._ways(complaint))
            if not ways:
                return
            chosen = self.hand.choices(ways, [weight for weight, *_way in ways])[0]
            complaint = self._try(complaint, *chosen[1:])
            complaint = self._beside(complaint)

    def _begin(self) -> Complaint:
        hand = self.hand
        complaint: Complaint = self.play(
            "register", "kf.agent", phone=f"1390000{hand.randint(0, 3):04}", category=hand.choice(CATEGORIES),
            region=hand.choice(REGIONS), priority=hand.choice(("P1", "P2", "P3", "P3")),
            flags=["escalated"] if hand.random() < 0.1 else [],
        )  # fmt: skip
        self.complaints.append(complaint.pk)
        self.done.append(f"register {complaint}")
        return complaint

    def _wait(self) -> None:
        self.play.now.at += self.hand.choice(PAUSES)
        if self.hand.random() < 0.4:
            sweep(self.play.now.at)
            self.done.append("sweep")

    def _try(self, complaint: Complaint, verb: str, by: str, facts: dict[str, Any]) -> Complaint:
        said = f"{show_instant(self.play.now.at)} {complaint.matter} {by} {verb}"
        try:
            complaint = self.play(verb, by, complaint, **facts)
            self.verbs[verb] += 1
        except Refused as refusal:
            said += f": {refusal.code}"
            complaint = self.play.again(complaint)
        self.done.append(said)
        return complaint

    # What may come next

    def _ways(self, complaint: Complaint) -> Iterator[Way]:
        if complaint.state == "dispatched":
            yield from getattr(self, f"_{complaint.round.state}")(complaint, complaint.round.unit.code)
            yield from self._ends(complaint)
            yield from self._at_the_table(complaint)
            return
        beside_rounds: dict[str, list[Way]] = {
            "registered": [
                (20, "dispatch", self._dispatcher(complaint), {"unit": self.hand.choice(UNITS)}),
                (1, "handle_directly", "kf.agent", {}),
            ],
            "handling": [(1, "judge_complete", "kf.agent", {"complete": True})],
            "completed": [(1, "reply", "kf.agent", {})],
            "replied": [*self._asks(complaint)],
        }
        yield from beside_rounds.get(complaint.state, [])

    @staticmethod
    def _dispatcher(complaint: Complaint) -> str:
        return "kf.supervisor" if complaint.out_of_scope_returns >= 2 else "kf.agent"

    def _asks(self, complaint: Complaint) -> Iterator[Way]:
        if complaint.satisfied is None:
            satisfied = self.hand.random() < 0.7
            why = {} if satisfied else {"kind": REASONS[self.play.now.at.minute % len(REASONS)]}
            yield 1, "record_satisfaction", "kf.agent", {"satisfied": satisfied, **why}
            return
        yield 3, "dispatch", self._dispatcher(complaint), {"unit": self.hand.choice(UNITS)}
        yield 2, "archive_unsatisfied", "kf.supervisor", {}

    def _delivered(self, complaint: Complaint, unit: str) -> Iterator[Way]:
        contact, number = CONTACTS[unit], complaint.round_count
        if complaint.round and complaint.round.told_at:
            yield 20, "confirm_told", HANDLERS[unit], {}
        yield 12, "hand_off", contact, {"to": HANDLERS[unit]}
        yield 4, "report_to_leader", contact, {"leader": LEADERS[unit]}
        yield 4, "record_told", contact, {"to": HANDLERS[unit], "happened": self._earlier()}
        yield 4, "request_return", contact, {}
        yield 4, "recall", "kf.agent", {}
        yield 2, "extend", "kf.agent", {"round": number, "until": self._later()}

    def _reported(self, complaint: Complaint, unit: str) -> Iterator[Way]:
        yield 8, "name_handler", LEADERS[unit], {"to": HANDLERS[unit]}
        yield 2, "request_return", LEADERS[unit], {}

    def _handed_off(self, complaint: Complaint, unit: str) -> Iterator[Way]:
        yield 8, "accept", HANDLERS[unit], {}
        yield 3, "request_return", HANDLERS[unit], {}
        yield from self._accepted(complaint, unit)

    def _accepted(self, complaint: Complaint, unit: str) -> Iterator[Way]:
        handler, number = HANDLERS[unit], complaint.round_count
        yield 10, "answer", handler, {}
        yield 2, "propose_solution", handler, {}
        yield 2, "request_extension", handler, {"until": self._later()}
        yield 6, "extend", "kf.agent", {"round": number, "until": self._later()}
        yield 2, "request_return", handler, {}
        yield 3, "convene", handler, {"units": [self._other(unit)]}

    def _return_requested(self, complaint: Complaint, unit: str) -> Iterator[Way]:
        by = "kf.supervisor" if complaint.round.late_return else "kf.agent"
        yield 3, "rule_on_return", by, {"accepted": self.hand.random() < 0.5}
        yield 3, "escalate", "kf.agent", {}

    def _answered(self, complaint: Complaint, unit: str) -> Iterator[Way]:
        yield 1, "judge_complete", "kf.agent", {"complete": self.hand.random() < 0.7, "reason": "仍未退费。"}

    def _ends(self, complaint: Complaint) -> Iterator[Way]:
        """Before its time, seldom; who says that it is a duplicate names another one."""
        if self.hand.random() < 0.1:
            yield 2, "withdraw", "kf.agent", {}
            yield 2, "mark_duplicate", "kf.agent", {"of": str(Complaint.of_matter(self.complaints[0]).matter)}

    def _at_the_table(self, complaint: Complaint) -> Iterator[Way]:
        """A coordination that was begun goes on, step by step."""
        if not complaint.coordinated:
            return
        handler = HANDLERS[complaint.round.unit.code]
        for part in complaint.parts:
            code, table = part.unit.code, part.coordination
            due = show_instant(self.play.now.at + self.hand.choice(PAUSES[-4:]))
            task = {"unit": code, "task": "核查记录。", "due": due}
            if table.recorded_at is None:
                yield 20, "record_tasks", handler, {"tasks": [task], "attendees": [handler]}
            elif part.confirmed_at is None:
                yield 20, "confirm_task", CONTACTS[code], {"unit": code}
            elif table.concluded_at is None:
                yield 20, "conclude_coordination", handler, {}
            elif part.finished_at is None:
                yield 5, "finish_task", CONTACTS[code], {"unit": code}

    def _beside(self, complaint: Complaint) -> Complaint:
        """A miss is excused by two, whatever else goes on."""
        found = Deadline.objects.filter(matter_id=complaint.pk, missed_at__isnull=False, voided_at=None)
        found = found.filter(excused_at=None, excuse_proposed_at=None).order_by("missed_at", "pk")
        missed = [one.name for one in found]
        if missed and self.hand.random() < 0.1:
            told = {"deadlines": [self.hand.choice(missed)]}
            complaint = self._try(complaint, "propose_excuse", "kf.supervisor", told)
            complaint = self._try(complaint, "confirm_excuse", "sc.leader", told)
        return complaint

    # What is told

    def _other(self, unit: str) -> str:
        return self.hand.choice([code for code in UNITS if code != unit])

    def _earlier(self) -> str:
        return show_instant(self.play.now.at - self.hand.choice((timedelta(0), timedelta(minutes=6))))

    def _later(self) -> str:
        """More time than a round has, mostly."""
        return show_instant(self.play.now.at + timedelta(hours=self.hand.choice((20, 50, 80))))
