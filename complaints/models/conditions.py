"""Conditions of verbs and transitions beyond the state itself."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from complaints.models.rounds import BEFORE_ANSWER, HasRound, Round, RoundState, in_round
from complaints.models.states import WITH_HANDLER, Replier, State


class ComplaintValues(HasRound, Protocol):
    """What a condition looks at in a complaint."""

    state: str
    resolved: bool
    satisfied: bool | None
    criticism_due: bool
    call_back_on: date | None
    result_round_id: int | None
    latest_round_id: int | None
    latest_round: Round | None
    outside_open: int

    @property
    def replier(self) -> str: ...


delivered = in_round(RoundState.DELIVERED)
reported = in_round(RoundState.REPORTED)
handed_off = in_round(RoundState.HANDED_OFF)
with_handler = in_round(*WITH_HANDLER)
before_answer = in_round(*BEFORE_ANSWER)


def returnable(complaint: ComplaintValues) -> bool:
    """The unit holds the round and has never answered it."""
    return before_answer(complaint) and complaint.round is not None and complaint.round.answered_at is None


def return_not_yet_asked(complaint: ComplaintValues) -> bool:
    return complaint.round is not None and complaint.round.return_requested_at is None


def not_a_ruling(complaint: ComplaintValues) -> bool:
    """A dispatch ruled by a supervisor can't be returned."""
    return complaint.round is not None and not complaint.round.is_ruling


def asked_for_time(complaint: ComplaintValues) -> bool:
    """The unit has asked for an extension that was neither granted nor declined."""
    return complaint.round is not None and complaint.round.asks_for_time


def not_under_review(complaint: ComplaintValues) -> bool:
    """No answer of the running round waits for the leader's review."""
    return complaint.round is not None and not complaint.round.is_under_review


def under_review(complaint: ComplaintValues) -> bool:
    return complaint.round is not None and complaint.round.is_under_review


def a_unit_answered(complaint: ComplaintValues) -> bool:
    """The result to reply is a unit's, not the centre's own."""
    return complaint.result_round_id is not None and complaint.result_round_id == complaint.latest_round_id


def no_material_asked(complaint: ComplaintValues) -> bool:
    return complaint.latest_round is not None and complaint.latest_round.material_asked_at is None


def material_asked(complaint: ComplaintValues) -> bool:
    """The person who must reply waits for the unit's material (R36)."""
    return complaint.latest_round is not None and complaint.latest_round.material_asked_at is not None


def no_call_back(complaint: ComplaintValues) -> bool:
    return complaint.call_back_on is None


def call_back_planned(complaint: ComplaintValues) -> bool:
    """Somebody has promised the customer a call that wasn't made yet."""
    return complaint.call_back_on is not None


def criticism_proposed(complaint: ComplaintValues) -> bool:
    return complaint.criticism_due


def forwarder_owes_reply(complaint: ComplaintValues) -> bool:
    return complaint.replier == Replier.FORWARDER


def customer_unsatisfied(complaint: ComplaintValues) -> bool:
    return complaint.satisfied is False


def ended_satisfied(complaint: ComplaintValues) -> bool:
    return complaint.resolved


def not_yet_asked(complaint: ComplaintValues) -> bool:
    return complaint.satisfied is None


def in_hand(complaint: ComplaintValues) -> bool:
    """Handled directly by the centre, or by a handler who hasn't answered."""
    return complaint.state == State.HANDLING or with_handler(complaint)


def outside_stands(complaint: ComplaintValues) -> bool:
    """A body outside awaits an answer."""
    return complaint.outside_open > 0
