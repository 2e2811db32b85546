"""What events tell: numbers, states, units and instants, to a unit only of its own rounds, and nothing of cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accountability.declarations.events import EVENTS, STANDS, Event
from accountability.gate import sweeper
from accountability.gate.verbs import VERBS
from accountability.models import Employee, LedgerEntry, WebhookEvent, actor_for
from accountability.permissions import Actor
from complaints.dossier.dossier import NAMES_A_PERSON, NAMES_PEOPLE, story_of
from complaints.models import Complaint
from tests import casework
from tests.accountability.webhooks.conftest import Add
from tests.accountability.webhooks.receiver import Receiver
from tests.factories import INTAKE, Now, Play

Send = Callable[..., int]

SECRET = {
    "set_aside_lead", "restore_lead", "propose_excuse", "confirm_excuse", "reject_excuse", "decide_criticism",
    "add_note", "supplement", "correct", "set_flags", "correct_category",
}  # fmt: skip
"""Verbs on a complaint that not everybody who reads it may know of, or that say something about its words."""


def of_the_way(play: Play) -> Complaint:
    """To the end, with a return, two units, a forwarder and a miss."""
    complaint = play.upto("answered")
    play.now.forward(hours=60)
    complaint = play("judge_complete", "kf.agent", complaint)
    complaint = play("reply", "kf.agent", complaint)
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    complaint = play("dispatch", "kf.agent", complaint, unit="YC")
    return play("hand_off", "yc.contact", complaint, to="yc.chen")


@pytest.mark.compliance(13)
def test_no_event_names_anybody_or_has_typed_text(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add()
    of_the_way(play)
    while send(minutes=1):
        pass
    assert {event.kind for event in WebhookEvent.objects.all()} >= {
        f"complaint.{verb}" for verb in ("register", "dispatch", "hand_off", "answer", "reply", "miss")
    }
    told = " ".join(body.decode() for body in receiver.bodies)
    assert len(receiver.bodies) == WebhookEvent.objects.count() > 8
    people = {text for person in Employee.objects.all() for text in (person.username, person.name) if text}
    words = {text for text in INTAKE.values() if text not in ("none", "call", "P3")} | people - {"system"}
    assert [word for word in words if word in told] == []
    assert told.isascii(), "typed words and names are Chinese; codes and numbers aren't"


def test_each_value_is_a_code_a_number_an_instant_or_a_truth(play: Play, add: Add) -> None:
    add()
    of_the_way(play)
    for event in WebhookEvent.objects.all():
        assert set(event.data) == {"number", "state", "priority", "round", "verb", "facts"}
        assert set(event.data["facts"]) <= set(EVENTS[event.kind].tells)


@pytest.mark.parametrize("value", ["王建国", "wang jianguo", "a" * 41, ["WH"], {"a": 1}, "13871234567 ", 1.5])
def test_a_fact_that_is_no_word_number_or_truth_is_not_told(value: Any) -> None:
    assert Event("complaint.x", ("unit",)).safe({"unit": value}) == {}


def test_a_fact_that_is_not_declared_is_not_told() -> None:
    assert Event("complaint.x", ("unit",)).safe({"unit": "WH", "to": 7}) == {"unit": "WH"}


@pytest.mark.rule("R40")
def test_nothing_is_declared_of_cases_and_leads_and_no_person() -> None:
    """A unit hears of a case by its notice and not before."""
    assert set(STANDS) == {"complaint"}
    kinds = {name.partition(".")[0] for name in EVENTS}
    verbs = {name.partition(".")[2] for name in EVENTS}
    assert (kinds, verbs & SECRET) == ({"complaint"}, set())
    assert verbs - {"miss"} <= {name for kind, name in VERBS if kind == "complaint"}
    facts = {fact for event in EVENTS.values() for fact in event.tells}
    assert facts.isdisjoint((*NAMES_A_PERSON, *NAMES_PEOPLE, "party", "files", "repeat_of", "before"))
    texts = {fact.name for (kind, name), verb in VERBS.items() for fact in verb.facts
             if kind == "complaint" and name in verbs and fact.is_text}  # fmt: skip
    assert facts.isdisjoint(texts)


@pytest.mark.rule("R40")
def test_a_case_makes_no_event_until_its_end(play: Play, add: Add, now: Now) -> None:
    complaint = casework.missed(play)
    add()
    before = WebhookEvent.objects.count()
    casework.admit(play, casework.notify(play, casework.issue(play, complaint)))
    told = WebhookEvent.objects.order_by("pk")[before:]
    assert {event.kind for event in told} <= {"complaint.miss"}


def test_a_unit_is_told_of_its_own_rounds_alone(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    """All that its people read in the timeline of a round, and nothing else: of another round, of what comes before
    it is dispatched, and of how it goes on elsewhere they know nothing.
    """
    add(unit="WH")
    complaint = of_the_way(play)
    while send(minutes=1):
        pass
    told = {(event["data"]["verb"], event["data"]["round"]) for event in receiver.told}
    contact = _actor(play, "wh.contact")
    read = {(entry.verb, entry.part) for entry in story_of(play.again(complaint), contact).entries}
    assert told <= read
    assert {number for _verb, number in told} == {1}
    assert {"dispatch", "hand_off", "answer", "judge_complete", "reply"} <= {verb for verb, _number in told}
    assert {event["data"]["unit"] for event in receiver.told} == {"WH"}
    assert LedgerEntry.objects.filter(matter=complaint.matter, part=2).exists()


def test_another_units_address_is_told_nothing(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add(unit="WL")
    of_the_way(play)
    send(minutes=1)
    assert receiver.bodies == []


def test_only_the_types_that_were_chosen(play: Play, add: Add, receiver: Receiver, send: Send) -> None:
    add(types=["complaint.accept", "complaint.answer"])
    play.upto("answered")
    while send(minutes=1):
        pass
    assert {event["type"] for event in receiver.told} <= {"shouwen.complaint.accept", "shouwen.complaint.answer"}
    assert receiver.told


def test_a_miss_is_told_with_its_limit(play: Play, add: Add, now: Now) -> None:
    add()
    complaint = play.upto("delivered")
    sweeper.sweep(now.forward(minutes=31))
    event = WebhookEvent.objects.get(kind="complaint.miss")
    assert event.subject == str(complaint.matter)
    assert event.data["facts"] == {"kind": "handoff", "due": "2026-11-24T01:30:00+00:00"}
    assert event.unit is not None
    assert event.unit.code == "WH"
    assert json.dumps(event.data).isascii()


def _actor(play: Play, username: str) -> Actor:
    found = actor_for(play.cast[username].pk, play.now.at)
    assert found is not None
    return found
