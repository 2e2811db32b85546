"""The numbers of a period read off the ledger alone, entry by entry in plain Python: the other opinion on what the
database counts. Of the program it knows the words of the entries, the instants at which limits fall due and the kinds
of units: nothing of its measures, and nothing of what its rows say was kept or missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accountability.models import Deadline, LedgerEntry, Matter, Unit
from assessment.bulletins.columns import COUNTED

NUMBERS = (
    "received", "in_time", "judged", "within_30", "handoffs", "returns_accepted", "returns_rejected", "overdue",
    "repeat", "escalated", "satisfied", "asked", "resolved", "closed_in_scope", "violations", "penalties",
    "penalties_done", "unsatisfied", "unsatisfied_result", "unsatisfied_slow", "unsatisfied_attitude",
    "unsatisfied_recurred", "unsatisfied_compensation", "unsatisfied_other", "unsatisfied_unsaid",
)  # fmt: skip
OF_CASES = ("violations", "penalties", "penalties_done")
TOLD = ("branch", "department", "direct_unit")
URGENT_WAYS = ("superior", "miit", "line_12345", "line_12315", "leader", "important_customer")

Due = Callable[[str, int, int], datetime | None]
"""When the cycle of a round's limit falls due: by kind, round, cycle."""


@dataclass
class Limit:
    """Hand-over or handling of one round, as the entries tell it: the cycle that runs, or ran last.

    `until` is when nobody owed it any more. One that stands still is neither kept nor missed.
    """

    kind: str
    part: int
    due: datetime | None
    cycle: int = 1
    met: datetime | None = None
    until: datetime | None = None
    stands_still: bool = False
    excused: bool = False
    void: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}#{self.part}" + (f"/{self.cycle}" if self.cycle > 1 else "")

    def missed(self, now: datetime) -> datetime | None:
        """Its due instant, where that came before it was done, or is over and it isn't done."""
        if self.due is None or self.void or self.stands_still:
            return None
        return self.due if self.due < (self.met or self.until or now) else None

    def judged(self, now: datetime) -> datetime | None:
        """When it was kept or missed, if that counts."""
        missed = self.missed(now)
        return None if self.void or (missed and self.excused) else missed or self.met

    def outcome(self, now: datetime) -> str:
        """In the words of the list of rounds."""
        if self.void:
            return "已取消"
        if self.missed(now):
            return "超时，已免责" if self.excused else "已超时"
        return "已履行" if self.met else "进行中"


@dataclass
class Told:
    """One round."""

    unit: str
    part: int
    at: datetime
    limits: dict[str, Limit]
    state: str = "running"
    asked_back: datetime | None = None
    ruled: tuple[datetime, bool] | None = None
    said: tuple[datetime, bool, str] | None = None


class Complaint:
    """What the entries of one complaint have told so far, the last of them at `now`."""

    def __init__(self, due: Due, now: datetime) -> None:
        self.due, self.now = due, now
        self.rounds: list[Told] = []
        self.result: Told | None = None
        self.repeat = self.escalated = False

    @property
    def running(self) -> Told | None:
        return self.rounds[-1] if self.rounds and self.rounds[-1].state == "running" else None

    def read(self, entry: LedgerEntry) -> None:
        self.now = entry.recorded_at
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

    def on_set_flags(self, at: datetime, facts: Any, now: Any) -> None:
        self.escalated = "escalated" in facts["flags"]

    def on_escalate(self, at: datetime, facts: Any, now: Any) -> None:
        self.escalated = True

    on_record_outside_case = on_escalate

    def on_dispatch(self, at: datetime, facts: Any, now: Any) -> None:
        part = len(self.rounds) + 1
        limits = {kind: self._limit(kind, part) for kind in ("handoff", "handling")}
        self.rounds.append(Told(facts["unit"], part, at, limits))

    def _limit(self, kind: str, part: int, cycle: int = 1) -> Limit:
        return Limit(kind, part, self.due(kind, part, cycle), cycle)

    def on_hand_off(self, at: datetime, facts: Any, now: Told) -> None:
        now.limits["handoff"].met = at

    on_report_to_leader = on_hand_off

    def on_confirm_told(self, at: datetime, facts: Any, now: Told) -> None:
        now.limits["handoff"].met = datetime.fromisoformat(facts["happened"])

    def on_extend(self, at: datetime, facts: Any, now: Told) -> None:
        """The limit that ran is gone; another one runs, until the instant that was granted."""
        before = now.limits["handling"]
        granted = datetime.fromisoformat(facts["until"])
        now.limits["handling"] = Limit("handling", now.part, granted, before.cycle + 1)

    def on_answer(self, at: datetime, facts: Any, now: Told) -> None:
        now.limits["handling"].met = at

    def on_judge_complete(self, at: datetime, facts: Any, now: Told | None) -> None:
        if facts["complete"]:
            self.result = now
            if now:
                self._end(now, at, "closed")
        elif now:
            now.limits["handling"].met = None

    def _end(self, now: Told, at: datetime, state: str) -> None:
        """From now on the unit owes nothing that it didn't owe before."""
        now.state = state
        for limit in now.limits.values():
            limit.until = at

    def on_miss(self, at: datetime, facts: Any, now: Told | None) -> None:
        if facts["kind"] == "ruling" and now:
            self._not_ours_after_all(now, at)

    def on_request_return(self, at: datetime, facts: Any, now: Told) -> None:
        handoff = now.limits["handoff"]
        now.asked_back = at
        handoff.stands_still = handoff.met is None and (handoff.due is None or at <= handoff.due)

    def on_rule_on_return(self, at: datetime, facts: Any, now: Told) -> None:
        if not facts["accepted"]:
            return self._not_ours_after_all(now, at)
        now.ruled = (at, True)
        self._end(now, at, "returned")
        for limit in now.limits.values():
            assert now.asked_back is not None
            limit.void = limit.met is None and (limit.due is None or now.asked_back <= limit.due)
        return None

    def _not_ours_after_all(self, now: Told, at: datetime) -> None:
        now.ruled = (at, False)
        handoff = now.limits["handoff"]
        if handoff.stands_still:
            now.limits["handoff"] = self._limit("handoff", now.part, handoff.cycle + 1)

    def on_confirm_excuse(self, at: datetime, facts: Any, now: Any) -> None:
        for told in self.rounds:
            for limit in told.limits.values():
                limit.excused |= limit.name in facts["deadlines"]

    def on_recall(self, at: datetime, facts: Any, now: Told | None) -> None:
        if now:
            self._end(now, at, "cancelled")

    on_withdraw = on_mark_duplicate = on_recall

    def on_record_satisfaction(self, at: datetime, facts: Any, now: Any) -> None:
        if self.result is not None and self.result is self.rounds[-1]:
            self.result.said = (at, facts["satisfied"], facts.get("kind", "unsaid"))

    def on_correct_satisfaction(self, at: datetime, facts: Any, now: Any) -> None:
        """What was really said then."""
        if self.result is not None and self.result is self.rounds[-1]:
            assert self.result.said is not None
            self.result.said = (self.result.said[0], facts["satisfied"], facts.get("kind", "unsaid"))


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
        elif verb == "penalise_all":
            for row in facts["penalties"]:
                self.penalties.setdefault(row["person"], entry.at)
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


@dataclass(frozen=True)
class Event:
    """Something that a number counts: which number, whose, when; of a round its complaint's matter and its number, of a
    case the case's matter.
    """

    name: str
    unit: str
    at: datetime
    matter: int
    part: int = 0


def numbers_of(begins: datetime, ends: datetime) -> dict[str, dict[str, int]]:
    """By unit code, of every unit that is told."""
    units = [unit.code for unit in Unit.objects.all() if unit.kind in TOLD]
    found = {code: dict.fromkeys(NUMBERS, 0) for code in units}
    for event in events():
        if event.unit in found and begins <= event.at < ends:
            found[event.unit][event.name] += 1
    return found


def of_bulletin(told: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """What a bulletin tells; why customers weren't satisfied is told by the dashboard alone."""
    assert [name for name in NUMBERS if name not in COUNTED and not name.startswith("unsatisfied")] == []
    return {code: {name: numbers[name] for name in COUNTED} for code, numbers in told.items()}


def events(record: Record | None = None) -> list[Event]:
    """Whatever is counted, of all times and units."""
    record = record or read()
    found = []
    for matter, complaint in record.complaints.items():
        for told in complaint.rounds:
            of_round = _of_cancelled if told.state == "cancelled" else _of_round
            for name, at in of_round(complaint, told):
                found += [Event(name, told.unit, at, matter, told.part)] if at else []
    for matter, case in record.cases.items():
        if not case.annulled:
            found += [Event("violations", case.unit, case.found, matter)] if case.found else []
            found += [Event("penalties", case.unit, at, matter) for at in case.penalties.values()]
            found += [Event("penalties_done", case.unit, at, matter) for at in case.slips.values()]
    return found


Counted = Iterator[tuple[str, datetime | None]]


def _of_round(complaint: Complaint, told: Told) -> Counted:
    handling, now = told.limits["handling"], complaint.now
    for name, holds in (("received", True), ("repeat", complaint.repeat), ("escalated", complaint.escalated)):
        yield name, told.at if holds else None
    yield from _of_limits(complaint, told)
    if told.ruled:
        yield "returns_accepted" if told.ruled[1] else "returns_rejected", told.ruled[0]
    if told.said:
        at, satisfied, kind = told.said
        missed = handling.missed(now)
        in_scope = not (missed and handling.excused)
        holds_of = {
            "asked": True, "satisfied": satisfied, "closed_in_scope": in_scope,
            "resolved": in_scope and satisfied and not missed,
            "unsatisfied": not satisfied, f"unsatisfied_{kind}": not satisfied,
        }  # fmt: skip
        yield from ((name, at if holds else None) for name, holds in holds_of.items())


def _of_limits(complaint: Complaint, told: Told) -> Counted:
    handoff, handling, now = told.limits["handoff"], told.limits["handling"], complaint.now
    yield "handoffs", handoff.judged(now)
    yield "within_30", None if handoff.missed(now) else handoff.judged(now)
    yield "judged", handling.judged(now)
    yield ("overdue" if handling.missed(now) else "in_time"), handling.judged(now)


def _of_cancelled(complaint: Complaint, told: Told) -> Counted:
    """What was missed before it was cancelled, and nothing else."""
    missed = {kind for kind, limit in told.limits.items() if limit.missed(complaint.now)}
    names = {"handoffs": "handoff", "judged": "handling", "overdue": "handling"}
    return ((name, at) for name, at in _of_limits(complaint, told) if names.get(name) in missed)


@dataclass
class Record:
    """What the whole ledger tells, by matter."""

    complaints: dict[int, Complaint] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=lambda: defaultdict(Case))


def read() -> Record:
    record = Record()
    matters = {matter.pk: matter for matter in Matter.objects.all()}
    ids = {str(matter.number): pk for pk, matter in matters.items()}
    due = _due_instants()

    def unit_of(named: str) -> str:
        number, _hash, part = named.partition("#")
        return record.complaints[ids[number]].rounds[int(part) - 1].unit

    for entry in LedgerEntry.objects.order_by("pk"):
        pk = entry.matter_id
        if matters[pk].kind == "complaint":
            record.complaints.setdefault(pk, Complaint(_of_matter(due, pk), entry.at)).read(entry)
        elif matters[pk].kind == "case":
            record.cases[pk].read(entry, unit_of)
    return record


def _due_instants() -> dict[tuple[int, str, int, int], datetime | None]:
    """When limits fall due was computed at their start and stored; nothing else of their rows is looked at."""
    rows = Deadline.objects.values_list("matter_id", "kind", "part", "cycle", "due_at")
    return {(matter, kind, part, cycle): due for matter, kind, part, cycle, due in rows}


def _of_matter(due: dict[tuple[int, str, int, int], datetime | None], matter: int) -> Due:
    return lambda kind, part, cycle: due[matter, kind, part, cycle]
