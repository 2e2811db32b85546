"""The notice's flow chart as steps: the one place that says which entry of the record moves a complaint, and how.

Each step names the transitions of complaint and round that its verb runs; where a step may be taken, and where it
leads, is read from those transitions (django-fsm) with their conditions. The chart's BPMN and its Petri net, the event
log and the check of conformance all come from here. It is reading A of the chart: after 不满意 the centre dispatches
again, or a supervisor archives with a reason (R7). Steps `beside` the way are the program's own (docs/adr/0006): no
box of the chart has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.gate.verbs import VERBS
from complaints.declarations.limits import Kind
from complaints.models import Complaint, Round, RoundState, State
from complaints.models.conditions import ComplaintValues
from complaints.models.rounds import OVER

BEGIN, DENY = "begin", "deny_return"
"""What happens to a round besides its transitions: it begins, and a return that isn't accepted gives it back."""


RULING_MISSED = _("逾时未裁定，视为不同意退回")
"""The label of the one step that is no verb of a person: the centre's silence decides (R28)."""


@dataclass(frozen=True)
class _Running:
    """The running round, as far as conditions look at it."""

    state: str


@dataclass(frozen=True)
class Position:
    """Where a complaint stands in the flow. `round` is the running round's state, empty without one; `back` is its
    state before the return was asked for; `satisfied` is what the customer said of the last reply.
    """

    state: str = State.NEW
    round: str = ""
    back: str = ""
    satisfied: bool | None = None

    @property
    def name(self) -> str:
        """The place of the Petri net. All ends are one place."""
        if self.state == State.REPLIED:
            return "unsatisfied" if self.satisfied is False else "replied"
        return ".".join(filter(None, [self.round, self.back])) or str(self.state)

    @property
    def label(self) -> Any:
        """The same for readers."""
        return RoundState(self.round).label if self.round else State(self.state).label

    @property
    def is_end(self) -> bool:
        return self.state == State.ARCHIVED

    def as_complaint(self) -> ComplaintValues:
        """What the transitions' conditions ask."""
        return _Complaint(self)  # type: ignore[return-value]


class _Complaint:
    """A stand-in for the complaint at a position."""

    def __init__(self, position: Position) -> None:
        self.state, self.satisfied = position.state, position.satisfied
        self.resolved = position.satisfied is True
        self.round = _Running(position.round) if position.round else None


@dataclass(frozen=True)
class Step:
    """What one entry of the record does. `activity` is its name in logs and models; `outcome` are the facts that
    choose it among the steps of its verb. `complaint` is the complaint's transition, whose target counts unless it
    `stays`; `rounds` are those of its round, in order; one with `?` is left out where the round has already come to its
    target. `answers` is what the customer says by it, `box` the box or arrow of the chart.
    """

    activity: str
    verb: str = ""
    outcome: Mapping[str, Any] = field(default_factory=dict)
    complaint: str = ""
    stays: bool = False
    rounds: tuple[str, ...] = ()
    answers: bool | None = None
    box: str = ""
    beside: bool = False

    @property
    def word(self) -> str:
        return self.verb or self.activity

    @property
    def label(self) -> Any:
        """The step for readers, without its outcome."""
        verb = VERBS.get((Complaint.matter_kind, self.word))
        return verb.label if verb else RULING_MISSED

    @property
    def rules(self) -> list[str]:
        """The clauses that it comes from."""
        verb = VERBS.get((Complaint.matter_kind, self.word))
        return verb.rules if verb else ["R28"]

    def fits(self, verb: str, facts: Mapping[str, Any]) -> bool:
        return verb == self.word and all(facts.get(name) == value for name, value in self.outcome.items())

    def leads(self, position: Position) -> Position | None:
        """The position after it, or None where it can't be taken."""
        found: Position | None = position
        for name in self.rounds:
            found = _move_round(found, name) if found else None
        if found is None or not self.complaint:
            return found if found and found.state == State.DISPATCHED else None
        # The conditions of the complaint's transition look at the round as the verb found it.
        target = _target(Complaint, self.complaint, position.state, position.as_complaint())
        if target is None:
            return None
        after = replace(found, state=position.state if self.stays else target, satisfied=self._says(position))
        return after if bool(after.round) == (after.state == State.DISPATCHED) else None

    def _says(self, position: Position) -> bool | None:
        if self.answers is not None:
            return self.answers
        return None if self.complaint in ("reply", "dispatch") else position.satisfied

    def forced(self, position: Position) -> Position:
        """Where the verb puts the complaint if it is done although it can't be: the replay goes on from there."""
        found = position
        for name in self.rounds:
            found = _move_round(found, name) or _put_round(found, name)
        if not self.complaint:
            return replace(found, state=State.DISPATCHED) if found.round else found
        states = list(_transitions(Complaint, self.complaint).values())
        state = position.state if self.stays else str(states[0].target)
        of_round = found if state == State.DISPATCHED else replace(found, round="", back="")
        return replace(of_round, state=state, satisfied=self._says(position))


def _transitions(model: type, name: str) -> Mapping[Any, Any]:
    """The transitions of a method, by source."""
    found: Mapping[Any, Any] = getattr(model, name)._django_fsm.transitions
    return found


def _target(model: type, name: str, source: str, subject: Any) -> str | None:
    transition = _transitions(model, name).get(source)
    if transition is None or not all(met(subject) for met in transition.conditions):
        return None
    return str(transition.target)


def _move_round(position: Position, name: str) -> Position | None:
    if name == BEGIN:
        return None if position.round else replace(position, round=RoundState.DELIVERED, back="")
    if name == DENY:
        asked = position.round == RoundState.RETURN_REQUESTED
        return replace(position, round=position.back, back="") if asked else None
    method = name.rstrip("?")
    target = _target(Round, method, position.round, None)
    if target is None:
        return position if name.endswith("?") and position.round == _left(_round_target(method)) else None
    asks = target == RoundState.RETURN_REQUESTED
    return replace(position, round=_left(target), back=position.round if asks else "")


def _put_round(position: Position, name: str) -> Position:
    """As `_move_round`, where the round isn't in a state for it."""
    if name in (BEGIN, DENY):
        return replace(position, round=RoundState.DELIVERED if name == BEGIN else RoundState.ACCEPTED, back="")
    target = _round_target(name.rstrip("?"))
    back = str(RoundState.ACCEPTED) if target == RoundState.RETURN_REQUESTED else ""
    return replace(position, round=_left(target), back=back)


def _round_target(method: str) -> str:
    return str(next(iter(_transitions(Round, method).values())).target)


def _left(state: str) -> str:
    """A round that is over is none."""
    return "" if state in OVER else state


STEPS = (
    Step("forward", complaint="forward", box="N1"),
    Step("register", complaint="register", box="N2"),
    Step("handle_directly", complaint="handle_directly", box="D1 是"),
    Step("dispatch", complaint="dispatch", rounds=(BEGIN,), box="N3, N6"),
    Step("hand_off", rounds=("hand_off",), box="N4"),
    Step("confirm_told", rounds=("hand_off",), box="N4"),
    Step("report_to_leader", rounds=("report_to_leader",), box="N4"),
    Step("name_handler", rounds=("name_handler",), box="N4"),
    Step("accept", rounds=("accept",), box="D2 是, N7"),
    Step("propose_solution", rounds=("accept?",), box="N7"),
    Step("submit_for_review", rounds=("accept?",), box="N7"),
    Step("answer", rounds=("accept?", "answer"), box="N7"),
    Step("approve_answer", rounds=("answer",), box="N7"),
    Step("request_return", rounds=("request_return",), box="D2 否, N5"),
    Step("rule_on_return (accepted)", "rule_on_return", {"accepted": True}, complaint="rule_on_return",
         rounds=("accept_return",), box="N5 重新派单"),
    Step("rule_on_return (not accepted)", "rule_on_return", {"accepted": False}, rounds=(DENY,), box="D2 是"),
    Step("miss (ruling)", "miss", {"kind": Kind.RULING.value, "excused": None}, rounds=(DENY,), box="D2 是"),
    Step("judge_complete (complete)", "judge_complete", {"complete": True}, complaint="judge_complete",
         rounds=("close",), box="N11"),
    Step("judge_complete (complete)", "judge_complete", {"complete": True}, complaint="judge_complete", box="N11"),
    Step("judge_complete (incomplete)", "judge_complete", {"complete": False}, rounds=("reopen",), box="N11"),
    Step("judge_complete (incomplete)", "judge_complete", {"complete": False}, complaint="judge_incomplete",
         box="N11"),
    Step("reply", complaint="reply", box="N10"),
    Step("record_satisfaction (satisfied)", "record_satisfaction", {"satisfied": True},
         complaint="record_satisfaction", answers=True, box="D5 是, N12"),
    Step("record_satisfaction (not satisfied)", "record_satisfaction", {"satisfied": False},
         complaint="record_satisfaction", stays=True, answers=False, box="D5 否"),
    Step("rate_reply (satisfied)", "rate_reply", {"satisfied": True},
         complaint="rate_reply", answers=True, box="D5 是, N12"),
    Step("rate_reply (not satisfied)", "rate_reply", {"satisfied": False},
         complaint="rate_reply", stays=True, answers=False, box="D5 否"),
    Step("archive_unsatisfied", complaint="archive_unsatisfied", box="D4 否, N12"),
    Step("recall", complaint="recall", rounds=("cancel",), beside=True),
    Step("mark_duplicate", complaint="mark_duplicate", rounds=("cancel?",), beside=True),
    Step("withdraw", complaint="withdraw", rounds=("cancel?",), beside=True),
    Step("archive_unreachable", complaint="archive_unreachable", beside=True),
    Step("correct_satisfaction (satisfied)", "correct_satisfaction", {"satisfied": True},
         complaint="correct_satisfaction", answers=True, beside=True),
    Step("correct_satisfaction (not satisfied)", "correct_satisfaction", {"satisfied": False},
         complaint="correct_satisfaction", answers=False, beside=True),
    Step("import_complaint (open)", "import_complaint", {"closed": False}, complaint="import_complaint", beside=True),
    Step("import_complaint (closed)", "import_complaint", {"closed": True}, complaint="import_closed", beside=True),
)  # fmt: skip

QUESTIONS = {
    "registered": "D1 是否能直接受理",
    "delivered": "D2 责任是否归属本部门",
    "answered": "N11 判断处理完毕",
    "replied": "D5 客户是否满意",
    "unsatisfied": "D4 是否需要二次派单",
}
"""What the chart asks at a place. D3, whether it was handled in time, is asked by the limits: a miss opens a lead and
the handling goes on (A3), so it is no step of the flow.
"""

STEP_VERBS = frozenset(step.word for step in STEPS)


def steps_of(verb: str, facts: Mapping[str, Any]) -> list[Step]:
    """The steps that an entry may be; none if it moves nothing."""
    return [step for step in STEPS if step.fits(verb, facts)] if verb in STEP_VERBS else []


def activity_of(verb: str, facts: Mapping[str, Any]) -> str:
    """The entry's name in logs and models: its verb, with the outcome where the model tells outcomes apart."""
    return next((step.activity for step in steps_of(verb, facts)), verb)


@dataclass(frozen=True)
class Edge:
    """A step taken from one position to another: a transition of the Petri net."""

    step: Step
    source: Position
    target: Position


@cache
def edges() -> tuple[Edge, ...]:
    """Every way of the chart from the first position on, in the order in which they are reached. Steps beside it are
    left out.
    """
    found: dict[tuple[str, str, str], Edge] = {}
    waiting, known = [Position()], {Position().name}
    while waiting:
        position = waiting.pop(0)
        for edge in _from(position):
            found.setdefault((edge.step.activity, edge.source.name, edge.target.name), edge)
            if edge.target.name not in known:
                known.add(edge.target.name)
                waiting.append(edge.target)
    return tuple(found.values())


def _from(position: Position) -> Iterator[Edge]:
    for step in STEPS:
        target = None if step.beside else step.leads(position)
        if target is not None:
            yield Edge(step, position, target)


def places() -> list[Position]:
    """The places of the Petri net, the first one first, the end last."""
    found = {Position().name: Position()}
    for edge in edges():
        found.setdefault(edge.target.name, edge.target)
    return sorted(found.values(), key=lambda position: position.is_end)
