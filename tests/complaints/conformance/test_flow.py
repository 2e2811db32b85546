"""The steps of the flow say all that moves a complaint, and a record is replayed on them exactly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from django.db import models

from accountability.models import LedgerEntry
from complaints.conformance.flow import STEPS, Position, edges, places
from complaints.conformance.replay import replay
from complaints.models import Complaint, Round, State
from tests.complaints.soundness import unlike_the_flow
from tests.factories import Now, Play


class Said(NamedTuple):
    """An entry of a record that somebody forged."""

    verb: str
    facts: dict[str, Any]


def record(*said: str | tuple[str, dict[str, Any]]) -> list[Said]:
    return [Said(one, {}) if isinstance(one, str) else Said(*one) for one in said]


COMPLETE = ("judge_complete", {"complete": True})
SATISFIED = ("record_satisfaction", {"satisfied": True})
UNSATISFIED = ("record_satisfaction", {"satisfied": False})
TO_THE_REPLY = ("register", "dispatch", "hand_off", "accept", "answer", COMPLETE, "reply")


def of_fsm(model: type[models.Model]) -> set[str]:
    field: Any = model._meta.get_field("state")
    return {transition.name for transition in field.get_all_transitions(model)}


def test_every_transition_of_a_complaint_is_a_step() -> None:
    """A new transition must say which step of the flow it is, or that it is beside the way."""
    assert {step.complaint for step in STEPS if step.complaint} == of_fsm(Complaint)


def test_every_transition_of_a_round_is_in_a_step() -> None:
    named = {name.rstrip("?") for step in STEPS for name in step.rounds} - {"begin", "deny_return"}
    given_back = {name for name in of_fsm(Round) if name.startswith("_resume_")}
    assert named == of_fsm(Round) - given_back


def test_every_step_of_the_chart_is_reached_and_no_other() -> None:
    reached = [edge.step for edge in edges()]
    assert [step for step in STEPS if (step in reached) == step.beside] == []


def test_every_place_but_the_end_leads_on_to_the_end() -> None:
    """Nobody's complaint can be caught in the flow."""
    ends = {place.name for place in places() if place.is_end}
    for _ in places():
        ends |= {edge.source.name for edge in edges() if edge.target.name in ends}
    assert ends == {place.name for place in places()}


@pytest.mark.rule("R7")
def test_reading_a_with_its_guard() -> None:
    """After 不满意 the centre dispatches again or a supervisor archives; nothing else is archived but after 满意."""
    leaving = {edge.step.activity: edge.source.name for edge in edges() if edge.target.is_end}
    assert leaving == {
        "record_satisfaction (satisfied)": "replied", "rate_reply (satisfied)": "replied",
        "archive_unsatisfied": "unsatisfied",
    }  # fmt: skip
    after = {edge.step.activity for edge in edges() if edge.source.name == "unsatisfied"}
    assert after == {"dispatch", "archive_unsatisfied"}


def test_what_followed_the_chart_is_replayed_without_a_stray() -> None:
    moves = list(replay(record(*TO_THE_REPLY, UNSATISFIED, *TO_THE_REPLY[1:], SATISFIED)))
    assert all(move.follows for move in moves)
    assert moves[-1].after.is_end
    assert all(one.after == next_one.before for one, next_one in pairwise(moves))


@pytest.mark.parametrize(
    ("said", "strays"),
    [
        (["register", "dispatch", "answer"], ["answer @ delivered"]),
        (["register", "dispatch", "hand_off", COMPLETE], ["judge_complete (complete) @ handed_off"]),
        ([*TO_THE_REPLY, "archive_unsatisfied"], ["archive_unsatisfied @ replied"]),
        ([*TO_THE_REPLY, "dispatch"], ["dispatch @ replied"]),
        (["register", "reply", SATISFIED], ["reply @ registered"]),
        (["register", "dispatch", "dispatch"], ["dispatch @ delivered"]),
        (["register", "dispatch", ("rule_on_return", {"accepted": True})], ["rule_on_return (accepted) @ delivered"]),
        (["dispatch", "hand_off"], ["dispatch @ new"]),
        ([*TO_THE_REPLY, SATISFIED, "reply"], ["reply @ archived"]),
        (["register", "hand_off"], ["hand_off @ registered"]),
    ],
)  # fmt: skip
def test_a_forged_sequence_is_named(said: list[Any], strays: list[str]) -> None:
    """By the step that can't be there and the place where the complaint stood; what follows goes on from it."""
    moves = replay(record(*said))
    assert [f"{move.activity} @ {move.before.name}" for move in moves if move.strays] == strays


@pytest.mark.parametrize("verb", ["recall", "mark_duplicate", "withdraw"])
def test_what_the_program_allows_beside_the_chart_is_told_apart(verb: str) -> None:
    *_before, last = replay(record("register", "dispatch", verb))
    assert (last.is_beside, last.strays, last.follows) == (True, False, False)
    assert last.after.round == ""


def test_what_moves_nothing_is_no_step() -> None:
    before, after = replay(record("register", "add_note"))
    assert (after.step, after.after, after.follows) == (None, before.after, True)


def test_a_return_that_is_not_accepted_goes_back_to_where_it_was() -> None:
    refused = ("rule_on_return", {"accepted": False})
    silent = ("miss", {"kind": "ruling"})
    for denied in (refused, silent):
        *_before, last = replay(record("register", "dispatch", "hand_off", "request_return", denied))
        assert last.after == Position(State.DISPATCHED, "handed_off")


def test_a_ruling_excused_by_an_outage_moves_nothing() -> None:
    *_before, last = replay(
        record("register", "dispatch", "request_return", ("miss", {"kind": "ruling", "excused": True}))
    )
    assert (last.step, last.after.round) == (None, "return_requested")


WAYS = ("forwarded", "registered", "handling", "delivered", "reported", "handed_off", "accepted", "return_requested",
        "returned", "under_review", "answered", "completed", "replied", "archived", "finished")  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("state", WAYS)
def test_the_replay_ends_where_the_complaint_stands(play: Play, state: str) -> None:
    complaint = play.upto(state)
    assert list(wrong_with(complaint)) == []


@pytest.mark.django_db
def test_the_replay_ends_where_the_complaint_stands_beside_the_way(play: Play, now: Now) -> None:
    recalled = play("recall", "kf.agent", play.upto("delivered"))
    withdrawn = play("withdraw", "kf.agent", play.upto("accepted", phone="13800000001"))
    closed = play("import_complaint", "kf.agent")
    still_open = play("import_complaint", "kf.agent", closed=False, source_key="A-2")
    corrected = play("correct_satisfaction", "kf.supervisor", play.upto("archived", phone="13800000002"))
    twice = play("correct_satisfaction", "kf.supervisor", corrected, satisfied=True, kind="")
    for complaint in (recalled, withdrawn, closed, still_open, twice):
        assert list(wrong_with(complaint)) == []


@pytest.mark.django_db
@pytest.mark.rule("R28")
def test_silence_on_a_return_is_replayed(play: Play, now: Now) -> None:
    complaint = play.upto("return_requested")
    now.forward(hours=3)
    accepted = play("accept", "wh.zhang", complaint)
    assert list(wrong_with(accepted)) == []


def wrong_with(complaint: Complaint) -> Iterator[str]:
    entries = list(LedgerEntry.objects.filter(matter_id=complaint.pk).order_by("seq"))
    return unlike_the_flow(Complaint.of_matter(complaint.pk), entries)
