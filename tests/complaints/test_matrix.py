"""Every verb, in every state, by every role: what the contract's tables allow is done, all else changes nothing.

The tables (allowed.py) are written from the contract by hand; what the code declares is what is examined.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.sweeper import sweep
from accountability.gate.verbs import available, verbs_of
from accountability.models import actor_for
from accountability.permissions import Actor
from complaints.models import Complaint, RoundState, State
from tests.complaints.allowed import ALLOWED, HOLDER, OFFERED, PEOPLE, READY
from tests.factories import USUAL, Cast, Play
from tests.looking import writes
from tests.shared_world import shared


class Stage:
    """Brings a complaint into each of the positions."""

    def __init__(self, play: Play) -> None:
        self.play = play

    def at(self, position: str) -> Complaint:
        named = getattr(self, "_" + position.replace(" ", "_").replace(",", "").replace("'", ""), None)
        return named() if named else self.play.upto(position)

    def _go(self, complaint: Complaint, *steps: tuple[str, str], **facts: Any) -> Complaint:
        for verb, by in steps:
            complaint = self.play(verb, by, complaint, **facts)
        return complaint

    def _new(self) -> Complaint:
        return Complaint()

    def _delivered_to_the_head(self) -> Complaint:
        return self.play("dispatch", "kf.agent", self.play.upto("registered"), unit="ZD")

    def _under_review(self) -> Complaint:
        return self.play.upto("under_review")

    def _sent_back_by_the_leader(self) -> Complaint:
        return self._go(self._under_review(), ("send_back_answer", "wh.leader"))

    def _material_asked(self) -> Complaint:
        return self._go(self.play.upto("completed"), ("ask_material", "kf.agent"))

    def _completed_by_a_unit_for_the_forwarder(self) -> Complaint:
        forwarded = self.play("forward", "yc.chen", None, tier="vip")
        registered = self._go(forwarded, ("register", "kf.agent"), ("dispatch", "kf.agent"), ("hand_off", "wh.contact"))
        return self._go(registered, ("answer", "wh.zhang"), ("judge_complete", "kf.agent"))

    def _named_by_the_leader(self) -> Complaint:
        return self._go(self.play.upto("reported"), ("name_handler", "wh.leader"))

    def _return_requested_late(self) -> Complaint:
        accepted = self.play.upto("accepted", priority="P1")
        self.play.now.forward(hours=2)
        return self._go(accepted, ("request_return", "wh.zhang"))

    def _return_not_accepted(self) -> Complaint:
        return self._go(self.play.upto("return_requested"), ("rule_on_return", "kf.agent"), accepted=False)

    def _criticism_proposed(self) -> Complaint:
        handed = self.play.upto("handed_off")
        sweep(self.play.now.forward(days=14))
        return self.play.again(handed)

    def _again(self, complaint: Complaint, dispatcher: str = "kf.agent") -> Complaint:
        return self._go(complaint, ("dispatch", dispatcher), ("hand_off", "wh.contact"))

    def _returned_twice(self) -> Complaint:
        second = self._again(self.play.upto("returned"))
        return self._go(second, ("request_return", "wh.zhang"), ("rule_on_return", "kf.agent"))

    def _dispatched_as_a_ruling(self) -> Complaint:
        return self._again(self._returned_twice(), "kf.supervisor")

    def _silent_at_the_table(self) -> Complaint:
        recorded = self.play.upto("recorded")
        sweep(self.play.now.forward(hours=3))
        return self.play.again(recorded)

    def _returned_with_an_open_task(self) -> Complaint:
        return self._go(self.play.upto("concluded"), ("request_return", "wh.zhang"), ("rule_on_return", "kf.agent"))

    def _more_time_asked(self) -> Complaint:
        return self._go(self.play.upto("accepted"), ("request_extension", "wh.zhang"))

    def _more_time_granted(self) -> Complaint:
        return self._go(self._more_time_asked(), ("extend", "kf.agent"))

    def _judged_incomplete(self) -> Complaint:
        return self._go(self.play.upto("answered"), ("judge_complete", "kf.agent"), complete=False, reason="仍未退费。")

    def _forwarded_way(self, tier: str) -> Complaint:
        complaint = self.play("forward", "yc.chen", None, tier=tier)
        return self._go(
            complaint, ("register", "kf.agent"), ("handle_directly", "kf.agent"), ("judge_complete", "kf.agent")
        )

    def _completed_for_the_forwarder(self) -> Complaint:
        return self._forwarded_way("vip")

    def _completed_forwarded_but_no_VIP(self) -> Complaint:
        return self._forwarded_way("none")

    def _completed_a_VIPs_own_call(self) -> Complaint:
        return self.play.upto("completed", tier="vip")

    def _unsatisfied(self) -> Complaint:
        return self._go(self.play.upto("replied"), ("record_satisfaction", "kf.agent"), satisfied=False)

    def _unsatisfied_after_two_returns(self) -> Complaint:
        ruled = self._go(self._dispatched_as_a_ruling(), ("answer", "wh.zhang"), ("judge_complete", "kf.agent"))
        return self._go(self._go(ruled, ("reply", "kf.agent")), ("record_satisfaction", "kf.agent"), satisfied=False)

    def _cancelled(self) -> Complaint:
        return self._go(self.play.upto("delivered"), ("recall", "kf.agent"))

    def _told_by_telephone(self) -> Complaint:
        delivered = self.play.upto("delivered")
        return self._go(delivered, ("record_told", "wh.contact"), happened=self.play.now.at)

    def _handed_off_late(self) -> Complaint:
        delivered = self.play.upto("delivered")
        self.play.now.forward(minutes=31)
        return self._go(delivered, ("hand_off", "wh.contact"))

    def _excuse_proposed(self) -> Complaint:
        return self._go(self._handed_off_late(), ("propose_excuse", "kf.supervisor"))

    def _lead_set_aside(self) -> Complaint:
        return self._go(self._handed_off_late(), ("set_aside_lead", "kf.supervisor"))

    def _reassigned(self) -> Complaint:
        return self._go(self.play.upto("handed_off"), ("reassign", "wh.contact"))

    def _report_reassigned(self) -> Complaint:
        return self._go(self.play.upto("reported"), ("reassign_report", "wh.head"))

    def _reply_reassigned(self) -> Complaint:
        owed = self._completed_for_the_forwarder()
        return self._go(owed, ("reassign_reply", "kf.supervisor"), to="yc.head")

    def _three_attempts_made(self) -> Complaint:
        replied = self.play.upto("replied")
        self._go(replied, ("record_attempt", "kf.agent"), ("record_attempt", "kf.agent"))
        self.play.now.forward(days=1)
        return self._go(replied, ("record_attempt", "kf.agent"))

    def _withdrawn(self) -> Complaint:
        return self._go(self.play.upto("accepted"), ("withdraw", "kf.agent"))

    def _a_duplicate(self) -> Complaint:
        return self._go(self.play.upto("accepted"), ("mark_duplicate", "kf.agent"), of=self.original())

    def _asked_from_outside(self) -> Complaint:
        return self._go(self.play.upto("delivered"), ("record_outside_case", "kf.agent"))

    def _archived_asked_from_outside(self) -> Complaint:
        asked = self._go(self.play.upto("replied"), ("record_outside_case", "kf.agent"))
        return self._go(asked, ("record_satisfaction", "kf.agent"))

    def _call_back_planned(self) -> Complaint:
        return self._go(self.play.upto("accepted"), ("plan_call_back", "wh.zhang"))

    def original(self) -> str:
        """The number of another complaint."""
        return str(self.play.upto("registered", phone="13900009999").matter.number)

    def _coordinated(self, state: str) -> Complaint:
        return self.play.upto(state, flags=["major"])

    def _coordinated_registered(self) -> Complaint:
        return self._coordinated("registered")

    def _coordinated_delivered(self) -> Complaint:
        return self._coordinated("delivered")

    def _coordinated_reported(self) -> Complaint:
        return self._coordinated("reported")

    def _coordinated_accepted(self) -> Complaint:
        return self._coordinated("accepted")

    def _coordinated_return_requested(self) -> Complaint:
        return self._coordinated("return_requested")

    def _coordinated_convened(self) -> Complaint:
        return self._go(self._coordinated_delivered(), ("convene", "sc.officer"))

    def _coordinated_recorded(self) -> Complaint:
        return self._go(self._coordinated_convened(), ("record_tasks", "sc.officer"))

    def _coordinated_confirmed(self) -> Complaint:
        return self._go(self._coordinated_recorded(), ("confirm_task", "yc.contact"))

    def _dispatched_again(self) -> Complaint:
        return self._go(self._unsatisfied(), ("dispatch", "kf.agent"))

    def _archived_unsatisfied(self) -> Complaint:
        return self._go(self._unsatisfied(), ("archive_unsatisfied", "kf.supervisor"))


def at(play: Play, position: str) -> Complaint:
    return Stage(play).at(position)


stage, own_copy, now, cast, play, client_for, complaint = shared(at, signs_in=False)

EACH = pytest.mark.parametrize("stage", ALLOWED, indirect=True, ids=str)
"""A position is reached once, for all that is asked of it."""


@pytest.fixture
def position(request: pytest.FixtureRequest) -> str:
    found: str = request.node.callspec.params["stage"]
    return found


def facts_for(verb: str, complaint: Complaint) -> dict[str, Any]:
    """What the verb is told, so that nothing but person and state can be why it is refused."""
    if verb == "register" and complaint.state == State.FORWARDED:
        return {"category": "资费与收费争议", "priority": "P3"}
    if verb in ("chase", "extend"):
        return USUAL[verb] | {"round": max(complaint.round_count, 1)}
    if verb == "correct_satisfaction":
        return USUAL[verb] | ({} if complaint.resolved else {"satisfied": True, "kind": ""})
    if verb == "set_flags" and complaint.major:
        return USUAL[verb] | {"flags": ["major", "third_party"]}
    of_zd = complaint.round is not None and complaint.round.unit.code == "ZD"
    if verb == "hand_off" and of_zd:
        return {"to": "zd.zhou", "method": "system"}
    return USUAL.get(verb, {}) | _of_mistakes(verb, complaint, of_zd)


def _of_mistakes(verb: str, complaint: Complaint, of_zd: bool) -> dict[str, Any]:
    """Somebody else than who has it already; another complaint; an instant that has been."""
    current = complaint.round
    if verb == "record_told" and current is not None:
        return {"to": "zd.zhou" if of_zd else "wh.zhang", "happened": current.delivered_at}
    if verb == "reassign" and current is not None and current.acting_handler_id:
        return {"to": "wh.zhang"}
    if verb == "reassign_report" and current is not None and current.acting_leader_id:
        return {"to": "wh.leader"}
    if verb == "propose_excuse" and complaint.misses:
        return {"deadlines": [complaint.misses[0].name]}
    if verb == "set_aside_lead" and complaint.misses:
        return {"leads": [complaint.misses[0].name]}
    if verb == "mark_duplicate":
        others = Complaint.objects.filter(archived_at=None).exclude(pk=complaint.pk).exclude(registered_at=None)
        return {"of": str(others[0].matter.number)} if others else {"of": str(complaint.matter.number)}
    return {}


def try_it(play: Play, verb: str, username: str, complaint: Complaint) -> bool:
    """Whether it is done; what was done is undone again. A new subject is begun anew each time."""
    subject = Complaint() if complaint.pk is None else complaint
    with transaction.atomic():
        try:
            perform(subject, verb, by=play.cast[username], at=play.now.at, **facts_for(verb, complaint))
        except Refused as refusal:
            if refusal.code == "facts":
                raise  # then the test said it wrong: person and state alone are examined
            return False
        transaction.set_rollback(True)
    return True


def test_the_table_knows_every_verb_and_every_state() -> None:
    allowed = {verb for verbs in ALLOWED.values() for verb in verbs}
    assert allowed == {entry.name for entry in verbs_of(Complaint)}
    reached = {position for position in ALLOWED if position in [*State.values, *RoundState.values]}
    # A dispatched complaint stands here by the state of its round; one whose round is closed is completed.
    assert reached == set(State.values) - {"dispatched"} | set(RoundState.values) - {"closed"}
    assert set(HOLDER) == set(ALLOWED)


@EACH
def test_state_by_verb_by_role(complaint: Complaint, play: Play, cast: Cast, position: str) -> None:
    """Everybody is done or refused as the table says; what was refused left nothing behind.

    Who isn't refused in memory by what the gate asks first tries it at the gate. So does one of those who are, another
    for each state and verb: the gate asks the same.
    """
    Stage(play).original()
    seen = complaint if complaint.pk is None else play.again(complaint)
    actors = {username: actor_of(cast, play, username) for username in PEOPLE}
    before, done = writes(), set()
    for turn, entry in enumerate(verbs_of(Complaint), list(ALLOWED).index(position)):
        may = {name for name in PEOPLE if entry.permits(seen, actors[name]) and entry.fits_state(seen)}
        refused = [name for name in PEOPLE if name not in may]
        tried = may | ({refused[turn % len(refused)]} if refused else set())
        done |= {(entry.name, name) for name in tried if try_it(play, entry.name, name, complaint)}
    assert done == {
        (verb, username)
        for verb, people in ALLOWED[position].items()
        for username in people
        if position in READY.get(verb, {position})
    }
    assert writes() == before


def actor_of(cast: Cast, play: Play, username: str) -> Actor:
    actor = actor_for(cast[username].pk, play.now.at)
    assert actor is not None
    return actor


@EACH
def test_the_buttons_are_what_may_be_done(complaint: Complaint, play: Play, cast: Cast, position: str) -> None:
    """A page offers a verb to whom the gate would let it run, and to nobody else.

    That a head who stands in for the contact has nobody to report to, only the form can tell.
    """
    offered: dict[str, set[str]] = {}
    for username in PEOPLE:
        for entry in available(complaint, actor_of(cast, play, username)):
            offered.setdefault(entry.name, set()).add(username)

    ready = {verb for verb in ALLOWED[position] if verb not in OFFERED or position in READY[verb]}
    expected = {verb: people for verb, people in ALLOWED[position].items() if people and verb in ready}
    if position == "delivered to the head":
        expected["report_to_leader"] = {"zd.head"}
    assert offered == expected


@EACH
def test_one_holds_it_and_it_is_who_must_act(complaint: Complaint, position: str) -> None:
    if complaint.pk is None:
        return
    holder = complaint.matter.holder
    assert (holder.username if holder else None) == HOLDER[position]
