"""The numbers of a period read off the ledger alone, entry by entry in plain Python: the other opinion on what the
database counts. Of the program it knows the words of the entries and the kinds of units, nothing of its measures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accountability.models import LedgerEntry, Matter, Unit

NUMBERS = (
    "received", "in_time", "judged", "within_30", "handoffs", "returns_accepted", "returns_rejected", "overdue",
    "repeat", "escalated", "satisfied", "asked", "resolved", "closed_in_scope", "violations", "penalties",
    "penalties_done",
)  # fmt: skip
TOLD = ("branch", "department", "direct_unit")
URGENT_WAYS = ("superior", "leader", "important_customer")


@dataclass
class Limit:
    """Hand-over or handling of one round, as the entries tell it."""

    kind: str
    part: int
    cycle: int = 1
    met: datetime | None = None
    missed: datetime | None = None
    excused: bool = False
    void: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}#{self.part}" + (f"/{self.cycle}" if self.cycle > 1 else "")

    def judged(self) -> datetime | None:
        """When it was kept or missed, if that counts."""
        return None if self.void or self.excused else self.missed or self.met


@dataclass
class Told:
    """One round."""

    unit: str
    part: int
    at: datetime
    state: str = "running"
    asked_back: datetime | None = None
    suspended: bool = False
    ruled: tuple[datetime, bool] | None = None
    said: tuple[datetime, bool] | None = None
    limits: dict[str, Limit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.limits = {kind: Limit(kind, self.part) for kind in ("handoff", "handling")}


class Complaint:
    """What the entries of one complaint have told so far."""

    def __init__(self) -> None:
        self.rounds: list[Told] = []
        self.result: Told | None = None
        self.repeat = self.escalated = False

    @property
    def running(self) -> Told | None:
        return self.rounds[-1] if self.rounds and self.rounds[-1].state == "running" else None

    def read(self, entry: LedgerEntry) -> None:
        heard = getattr(self, f"on_{entry.verb}", None)
        if heard is not None:
            heard(entry.at, entry.facts, self.running)

    def on_register(self, at: datetime, facts: Any, now: Any) -> None:
        self.repeat = facts["repeat_of"] is not None
        self.escalated = "escalated" in facts["flags"]

    def on_import_complaint(self, at: datetime, facts: Any, now: Any) -> None:
        self.escalated = facts.get("channel") in URGENT_WAYS

    def on_correct(self, at: datetime, facts: Any, now: Any) -> None:
        if "repeat_of" in facts:
            self.repeat = facts["repeat_of"] is not None

    def on_escalate(self, at: datetime, facts: Any, now: Any) -> None:
        self.escalated = True

    def on_dispatch(self, at: datetime, facts: Any, now: Any) -> None:
        self.rounds.append(Told(facts["unit"], len(self.rounds) + 1, at))

    def on_hand_off(self, at: datetime, facts: Any, now: Told) -> None:
        now.limits["handoff"].met = at

    on_report_to_leader = on_hand_off

    def on_confirm_told(self, at: datetime, facts: Any, now: Told) -> None:
        handoff = now.limits["handoff"]
        handoff.met = datetime.fromisoformat(facts["happened"])
        if "taken_back" in facts:
            handoff.missed, handoff.excused = None, False

    def on_answer(self, at: datetime, facts: Any, now: Told) -> None:
        now.limits["handling"].met = at

    def on_judge_complete(self, at: datetime, facts: Any, now: Told | None) -> None:
        if facts["complete"]:
            self.result = now
            if now:
                now.state = "closed"
        elif now:
            now.limits["handling"].met = None

    def on_miss(self, at: datetime, facts: Any, now: Told | None) -> None:
        if facts["kind"] in ("handoff", "handling"):
            self.rounds[facts["part"] - 1].limits[facts["kind"]].missed = at
        elif facts["kind"] == "ruling" and now:
            self._not_ours_after_all(now, at)

    def on_request_return(self, at: datetime, facts: Any, now: Told) -> None:
        handoff = now.limits["handoff"]
        now.asked_back, now.suspended = at, handoff.met is None and handoff.missed is None

    def on_rule_on_return(self, at: datetime, facts: Any, now: Told) -> None:
        if not facts["accepted"]:
            return self._not_ours_after_all(now, at)
        now.state, now.ruled = "returned", (at, True)
        for limit in now.limits.values():
            assert now.asked_back is not None
            limit.void = limit.met is None and (limit.missed is None or now.asked_back <= limit.missed)
        return None

    def _not_ours_after_all(self, now: Told, at: datetime) -> None:
        now.ruled = (at, False)
        if now.suspended:
            now.limits["handoff"] = Limit("handoff", now.part, cycle=now.limits["handoff"].cycle + 1)

    def on_confirm_excuse(self, at: datetime, facts: Any, now: Any) -> None:
        for told in self.rounds:
            for limit in told.limits.values():
                limit.excused |= limit.name in facts["deadlines"]

    def on_recall(self, at: datetime, facts: Any, now: Told | None) -> None:
        if now:
            now.state = "cancelled"

    on_withdraw = on_mark_duplicate = on_recall

    def on_record_satisfaction(self, at: datetime, facts: Any, now: Any) -> None:
        if self.result is not None and self.result is self.rounds[-1]:
            self.result.said = (at, facts["satisfied"])


class Case:
    """What the entries of one case have told so far."""

    def __init__(self) -> None:
        self.unit = ""
        self.found: datetime | None = None
        self.annulled = False
        self.conclusion = ""
        self.penalties: dict[int, datetime] = {}
        self.slips: dict[int, datetime] = {}

    def read(self, entry: LedgerEntry, unit_of: Callable[[str], str]) -> None:
        facts, verb = entry.facts, entry.verb
        if verb in ("issue_sheet", "open_case"):
            self.unit = facts["unit"]
        elif verb == "open_fault":
            self.unit = unit_of(facts["round"])
        elif verb == "penalise":
            self.penalties.setdefault(facts["person"], entry.at)
        elif verb == "file_slip":
            self.slips[facts["person"]] = entry.at
        elif verb == "approve":
            self.annulled |= facts["verb"] == "annul_case"
        else:
            self._judge(entry, facts)

    def _judge(self, entry: LedgerEntry, facts: Any) -> None:
        if entry.verb == "file_report":
            self.conclusion = facts["conclusion"]
        if self._is_found(entry, facts):
            self.found = entry.at

    def _is_found(self, entry: LedgerEntry, facts: Any) -> bool:
        admitted = self.conclusion == "admitted" and "late" not in facts
        return {
            "file_report": admitted and facts.get("signer") == entry.actor_id,
            "sign_report": admitted,
            "deemed_violation": True,
            "record_panel": facts.get("conclusion") == "violated",
            "decide_fault": facts.get("conclusion") == "violated",
        }.get(entry.verb, False)


def numbers_of(begins: datetime, ends: datetime) -> dict[str, dict[str, int]]:
    """By unit code, of every unit that is told."""
    complaints, cases = _read()
    units = [unit.code for unit in Unit.objects.all() if unit.kind in TOLD]
    found = {code: dict.fromkeys(NUMBERS, 0) for code in units}

    def count(unit: str, name: str, at: datetime | None, holds: object = True) -> None:
        if unit in found and at is not None and begins <= at < ends and holds:
            found[unit][name] += 1

    for complaint in complaints.values():
        for told in complaint.rounds:
            if told.state != "cancelled":
                _count_round(complaint, told, count)
    for case in cases.values():
        if not case.annulled:
            count(case.unit, "violations", case.found)
            for at in case.penalties.values():
                count(case.unit, "penalties", at)
            for at in case.slips.values():
                count(case.unit, "penalties_done", at)
    return found


def _count_round(complaint: Complaint, told: Told, count: Callable[..., None]) -> None:
    unit = told.unit
    for name, holds in (("received", True), ("repeat", complaint.repeat), ("escalated", complaint.escalated)):
        count(unit, name, told.at, holds)
    handoff, handling = told.limits["handoff"], told.limits["handling"]
    count(unit, "handoffs", handoff.judged())
    count(unit, "within_30", handoff.judged(), not handoff.missed)
    count(unit, "judged", handling.judged())
    count(unit, "in_time", handling.judged(), not handling.missed)
    count(unit, "overdue", handling.judged(), handling.missed)
    if told.ruled:
        count(unit, "returns_accepted" if told.ruled[1] else "returns_rejected", told.ruled[0])
    if told.said:
        at, satisfied = told.said
        in_scope = not handling.excused
        count(unit, "asked", at)
        count(unit, "satisfied", at, satisfied)
        count(unit, "closed_in_scope", at, in_scope)
        count(unit, "resolved", at, in_scope and satisfied and not handling.missed)


def _read() -> tuple[dict[int, Complaint], dict[int, Case]]:
    complaints: dict[int, Complaint] = defaultdict(Complaint)
    cases: dict[int, Case] = defaultdict(Case)
    matters = {matter.pk: matter for matter in Matter.objects.all()}
    ids = {str(matter.number): pk for pk, matter in matters.items()}

    def unit_of(named: str) -> str:
        number, _hash, part = named.partition("#")
        return complaints[ids[number]].rounds[int(part) - 1].unit

    for entry in LedgerEntry.objects.order_by("pk"):
        if matters[entry.matter_id].kind == "complaint":
            complaints[entry.matter_id].read(entry)
        elif matters[entry.matter_id].kind == "case":
            cases[entry.matter_id].read(entry, unit_of)
    return complaints, cases
