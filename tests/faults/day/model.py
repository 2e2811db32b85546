"""What must have come of each complaint: plain Python by the notice's own rules, nothing of the product's code.

An act arrived between its sending and its answer; so the model knows each instant up to that span, and says whether a
limit was kept wherever the span doesn't contain the limit's end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.faults.day.limits import HANDLING, HANDOFF, Table
from tests.faults.day.script import NETWORK

FOUND_WITHIN = timedelta(seconds=20)
"""A limit that ended longer ago than this must have been found missed."""

CENTRE = "KF"


@dataclass(frozen=True)
class Act:
    """One that was done, and the span in which it arrived."""

    verb: str
    who: str
    facts: dict[str, Any]
    sent: datetime
    answered: datetime


@dataclass
class Clock:
    """One limit. `due` are the instants at which it may end; None: not today."""

    due: frozenset[datetime | None] = frozenset({None})
    met: Act | None = None
    void: bool = False


@dataclass(frozen=True)
class Row:
    """The same limit as the database has it."""

    due: datetime | None
    met: datetime | None
    missed: datetime | None
    voided: datetime | None


@dataclass
class Complaint:
    """Where one complaint stands after its acts."""

    table: Table
    state: str = ""
    round_state: str = ""
    part: int = 0
    holder: str | None = None
    unit: str | None = None
    priority: str = ""
    agent: str = ""
    handler: str = ""
    before: str = ""
    """The round's state before a return was asked for."""
    with_round: str = ""
    clocks: dict[tuple[str, int], Clock] = field(default_factory=dict)
    verbs: list[tuple[str, str]] = field(default_factory=list)

    def take(self, act: Act, contacts: dict[str, str]) -> None:
        """`contacts` are who owes the hand-over, by unit."""
        self.verbs.append((act.verb, act.who))
        if act.verb == "dispatch":
            self.dispatch(act, contacts[act.facts["unit"]])
        else:
            getattr(self, act.verb)(act)
        if self.state in ("registered", "handling", "completed", "replied") or self.round_state in WITH_CENTRE:
            self.holder, self.unit = self.agent, CENTRE
        if self.state == "archived":
            self.holder = self.unit = None

    def meet(self, act: Act, kind: str, part: int = 0) -> None:
        clock = self.clocks.get((kind, part))
        if clock and not clock.met and not clock.void:
            clock.met = act

    def cancel(self, *kinds: tuple[str, int]) -> None:
        for kind in kinds:
            if kind in self.clocks:
                self.clocks[kind].void = True

    def register(self, act: Act) -> None:
        self.state, self.agent, self.priority = "registered", act.who, act.facts["priority"]
        network = ("contact_on_site", "network_solution") if act.facts["category"] == NETWORK else ()
        self.clocks |= {(kind, 0): Clock() for kind in ("first_reply", "legal", *network)}

    def handle_directly(self, act: Act) -> None:
        self.state = "handling"
        self.cancel(("contact_on_site", 0), ("network_solution", 0))

    def dispatch(self, act: Act, contact: str) -> None:
        self.state, self.round_state, self.part = "dispatched", "delivered", self.part + 1
        self.agent, self.holder, self.unit = act.who, contact, act.facts["unit"]
        self.with_round = self.unit
        self.clocks[HANDOFF, self.part] = Clock(self.table.possible(HANDOFF, act.sent, act.answered))
        ends_today = self.priority == "P1"
        due = self.table.possible(HANDLING, act.sent, act.answered) if ends_today else frozenset({None})
        self.clocks[HANDLING, self.part] = Clock(due)

    def hand_off(self, act: Act) -> None:
        self.meet(act, HANDOFF, self.part)
        self.name(act)

    def report_to_leader(self, act: Act) -> None:
        self.meet(act, HANDOFF, self.part)
        self.round_state, self.holder = "reported", act.facts["leader"]

    def name(self, act: Act) -> None:
        self.round_state, self.handler = "handed_off", act.facts["to"]
        self.holder, self.unit = self.handler, self.with_round

    name_handler = name

    def accept(self, act: Act) -> None:
        self.round_state = "accepted"

    def contact_customer(self, act: Act) -> None:
        self.meet(act, "contact_on_site")

    def request_return(self, act: Act) -> None:
        self.before, self.round_state = self.round_state, "return_requested"
        self.clocks["ruling", self.part] = Clock()

    def rule_on_return(self, act: Act) -> None:
        self.meet(act, "ruling", self.part)
        if act.facts["accepted"]:
            self.state, self.round_state = "registered", "returned"
            self.cancel((HANDLING, self.part))
        else:
            self.round_state, self.holder, self.unit = self.before, self.handler, self.with_round

    def answer(self, act: Act) -> None:
        self.round_state = "answered"
        self.meet(act, HANDLING, self.part)
        self.meet(act, "network_solution")

    def judge_complete(self, act: Act) -> None:
        if act.facts["complete"]:
            self.round_state, self.state = "closed" if self.state == "dispatched" else self.round_state, "completed"
            return
        self.round_state, self.holder, self.unit = "accepted", self.handler, self.with_round
        self.clocks[HANDLING, self.part].met = None
        if ("network_solution", 0) in self.clocks:
            self.clocks["network_solution", 0].met = None

    def reply(self, act: Act) -> None:
        self.state = "replied"
        self.meet(act, "first_reply")
        self.meet(act, "legal")

    def record_satisfaction(self, act: Act) -> None:
        self.state = "archived" if act.facts["satisfied"] else "replied"


WITH_CENTRE = ("return_requested", "answered")


def unlike(clock: Clock, row: Row, asked: datetime) -> str:
    """In what the database's limit differs from the model's; empty where it doesn't."""
    if row.due not in clock.due and not (None in clock.due and (row.due is None or row.due > asked)):
        return f"due {row.due} instead of {sorted(map(str, clock.due))}"
    if bool(row.voided) != clock.void:
        return f"voided {row.voided}"
    if bool(row.met) != bool(clock.met) or (
        clock.met and row.met and not clock.met.sent <= row.met <= clock.met.answered
    ):
        return f"met {row.met} instead of {clock.met and (clock.met.sent, clock.met.answered)}"
    expected = is_missed(clock, row.due, asked)
    if expected is not None and bool(row.missed) != expected:
        return f"missed {row.missed}, due {row.due}, met {row.met}"
    return ""


def is_missed(clock: Clock, due: datetime | None, asked: datetime) -> bool | None:
    """None where the spans don't tell."""
    if due is None or clock.void:
        return False
    if clock.met:
        return True if clock.met.sent > due else False if clock.met.answered <= due else None
    return True if due < asked - FOUND_WITHIN else False if due > asked else None
