"""A refusal names the state of the matter to those alone who may know it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from accountability.gate.perform import perform
from accountability.gate.verbs import VERBS, Verb
from accountability.models import actor_for
from complaints.dossier.dossier import story_of
from complaints.models import Complaint, RoundState, State
from tests.factories import WAY, Play
from tests.looking import refusal_of

STATES = [str(label) for _value, label in (*State.choices, *RoundState.choices)] + ["答复待分管领导审核"]
"""What a refusal could name."""

POSITIONS = ("registered", "delivered", "reported", "accepted", "return_requested", "under_review", "answered",
             "completed", "replied", "archived")  # fmt: skip


def forwarded(play: Play, position: str) -> Complaint:
    """A VIP's complaint, forwarded by yc.chen, who owes the reply, returned once by YC and then brought on with WH."""
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    complaint = play("plan_call_back", "yc.chen", play("dispatch", "kf.agent", complaint, unit="YC"), day="2026-11-26")
    complaint = play("rule_on_return", "kf.agent", play("request_return", "yc.contact", complaint))
    for verb, by in WAY[position][1:]:
        complaint = play(verb, "yc.chen" if verb == "reply" else by, complaint)
    return complaint


def refused(play: Play, complaint: Complaint) -> Iterator[tuple[str, Verb, str, str]]:
    """Every refusal, for a state or an outdated page, of somebody who has the permission of the verb."""
    verbs = [entry for (kind, _name), entry in VERBS.items() if kind == Complaint.matter_kind and not entry.creates]
    for name, person in play.cast.people.items():
        actor = actor_for(person.pk, play.now.at)
        if actor is None:
            continue
        knows = "knows" if story_of(complaint, actor).knows_present else ""
        for entry in verbs:
            barred = entry.barred(complaint, actor)
            if barred == "forbidden":
                continue
            seen = "older" if not barred else None
            act = partial(perform, complaint, entry.name, by=person, at=play.now.at, seen=seen)
            said = refusal_of(act)
            assert said.code == (barred or "stale"), (name, entry.name)
            yield knows, entry, name, str(said)


@pytest.mark.parametrize("position", POSITIONS)
def test_only_who_may_know_the_present_is_told_the_state(play: Play, position: str) -> None:
    complaint = forwarded(play, position)
    found = list(refused(play, complaint))
    naming = {(entry.name, name) for _knows, entry, name, said in found if any(f"{s}" in said for s in STATES)}
    knowing = {(entry.name, name) for knows, entry, name, _said in found if knows}
    untold = {(entry.name, name) for knows, entry, name, _said in found if not knows}
    assert naming == knowing
    assert knowing
    assert bool(untold) is (position != "completed"), "the forwarder, unless they hold it for the reply"
