"""Every verb, in every state, by every role: what the contract's tables allow is done, all else changes nothing.

The tables here are written from the contract by hand; what the code declares is what is examined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accountability.acts import Refused
from accountability.gate import perform
from accountability.models import actor_for
from accountability.sweeping import sweep
from accountability.verbs import available, verbs_of
from complaints.models import Complaint, RoundState, State
from tests.factories import USUAL, Cast, Play
from tests.looking import contents

PEOPLE = (
    "kf.agent", "kf.agent2", "kf.supervisor", "kf.head", "sc.officer", "sc.leader",
    "wh.contact", "wh.deputy", "wh.zhang", "wh.li", "wh.leader", "wh.head",
    "yc.contact", "yc.chen", "yc.head", "zd.head", "sj.auditor", "sj.plain",
)  # fmt: skip
"""One of each role, of the unit concerned (WH) and of others; wh.zhang is the handler, yc.chen the forwarder."""

AGENTS = {"kf.agent", "kf.agent2", "kf.supervisor"}
SUPERVISOR = {"kf.supervisor"}
CONTACTS = {"wh.contact", "wh.deputy"}
HANDLER = {"wh.zhang"}
LEADER = {"wh.leader"}
CONVENERS = HANDLER | LEADER
INVITED = {"yc.contact", "yc.chen", "yc.head"}
MARKETING = {"sc.officer", "sc.leader"}
EVERYBODY = set(PEOPLE)

ALWAYS_WITH_A_ROUND = {"escalate": AGENTS, "chase": AGENTS}
WITH_THE_HANDLER = ALWAYS_WITH_A_ROUND | {
    "propose_solution": HANDLER, "answer": HANDLER, "contact_customer": HANDLER,
    "convene": CONVENERS, "request_extension": HANDLER, "extend": AGENTS, "submit_for_review": HANDLER,
}  # fmt: skip
AT_THE_TABLE = {verb: people for verb, people in WITH_THE_HANDLER.items() if verb != "convene"} | {
    "request_return": CONTACTS | HANDLER,
}  # fmt: skip
TO_AGREE = AT_THE_TABLE | {"record_tasks": CONVENERS, "call_off_coordination": CONVENERS}
TO_REPLY = {"reply": AGENTS, "escalate": AGENTS}
TO_DECIDE = {
    "dispatch": AGENTS, "archive_unsatisfied": SUPERVISOR, "escalate": AGENTS, "correct_satisfaction": SUPERVISOR,
}  # fmt: skip

ALLOWED: dict[str, dict[str, set[str]]] = {
    "new": {"forward": EVERYBODY, "register": AGENTS, "import_complaint": AGENTS},
    "forwarded": {"register": AGENTS, "escalate": AGENTS},
    "registered": {"handle_directly": AGENTS, "dispatch": AGENTS, "escalate": AGENTS},
    "handling": {"contact_customer": AGENTS, "judge_complete": AGENTS, "escalate": AGENTS},
    "delivered": ALWAYS_WITH_A_ROUND | {
        "hand_off": CONTACTS, "report_to_leader": CONTACTS, "request_return": CONTACTS, "extend": AGENTS,
    },
    "delivered to the head": ALWAYS_WITH_A_ROUND | {
        "hand_off": {"zd.head"}, "report_to_leader": set(), "request_return": {"zd.head"}, "extend": AGENTS,
    },
    "reported": ALWAYS_WITH_A_ROUND | {
        "name_handler": LEADER, "request_return": CONTACTS | LEADER, "extend": AGENTS,
    },
    "handed_off": WITH_THE_HANDLER | {"accept": HANDLER, "request_return": CONTACTS | HANDLER},
    "named by the leader": WITH_THE_HANDLER | {"accept": HANDLER, "request_return": CONTACTS | HANDLER | LEADER},
    "accepted": WITH_THE_HANDLER | {"request_return": CONTACTS | HANDLER},
    "convened": TO_AGREE,
    "recorded": TO_AGREE | {"confirm_task": INVITED},
    "silent at the table": TO_AGREE | {"confirm_task": INVITED, "conclude_coordination": CONVENERS},
    "confirmed": TO_AGREE | {"conclude_coordination": CONVENERS},
    "concluded": AT_THE_TABLE | {"finish_task": INVITED},
    "finished": AT_THE_TABLE | {"convene": CONVENERS},
    "returned with an open task": {
        "handle_directly": AGENTS, "dispatch": AGENTS, "escalate": AGENTS, "finish_task": INVITED,
    },
    "more time asked": WITH_THE_HANDLER | {"request_return": CONTACTS | HANDLER, "decline_extension": AGENTS},
    "more time granted": {
        verb: people for verb, people in WITH_THE_HANDLER.items() if verb not in ("extend", "request_extension")
    } | {"request_return": CONTACTS | HANDLER},
    "under review": {
        verb: people for verb, people in WITH_THE_HANDLER.items() if verb not in ("answer", "submit_for_review")
    } | {
        "request_return": CONTACTS | HANDLER, "withdraw_review": HANDLER,
        "approve_answer": LEADER, "send_back_answer": LEADER,
    },
    "sent back by the leader": WITH_THE_HANDLER | {"request_return": CONTACTS | HANDLER},
    "return_requested": ALWAYS_WITH_A_ROUND | {"rule_on_return": AGENTS},
    "return requested late": ALWAYS_WITH_A_ROUND | {"rule_on_return": SUPERVISOR},
    "return not accepted": WITH_THE_HANDLER | {"accept": HANDLER},
    "returned": {"handle_directly": AGENTS, "dispatch": AGENTS, "escalate": AGENTS},
    "returned twice": {"handle_directly": AGENTS, "dispatch": SUPERVISOR, "escalate": AGENTS},
    "dispatched as a ruling": WITH_THE_HANDLER | {"accept": HANDLER},
    "answered": ALWAYS_WITH_A_ROUND | {"judge_complete": AGENTS},
    "judged incomplete": WITH_THE_HANDLER,
    "completed": TO_REPLY | {"ask_material": AGENTS},
    "material asked": TO_REPLY | {"give_material": CONTACTS | HANDLER | LEADER | {"wh.head"}},
    "completed, for the forwarder": {"reply": {"yc.chen"}, "escalate": AGENTS},
    "completed by a unit, for the forwarder": {
        "reply": {"yc.chen"}, "escalate": AGENTS, "ask_material": {"yc.chen"},
    },
    "completed, forwarded but no VIP": TO_REPLY,
    "completed, a VIP's own call": TO_REPLY | {"ask_material": AGENTS},
    "replied": {"record_satisfaction": AGENTS, "escalate": AGENTS},
    "unsatisfied": TO_DECIDE,
    "unsatisfied after two returns": TO_DECIDE | {"dispatch": SUPERVISOR},
    "archived": {"correct_satisfaction": SUPERVISOR},
    "archived unsatisfied": {},
    "criticism proposed": WITH_THE_HANDLER | {
        "accept": HANDLER, "request_return": CONTACTS | HANDLER, "decide_criticism": MARKETING,
    },
}  # fmt: skip

# Mistakes and absence

SET_RIGHT = {"correct": AGENTS, "set_flags": AGENTS, "mark_duplicate": AGENTS, "withdraw": AGENTS}
BY_MARKETING = {"chase": AGENTS | MARKETING, "set_flags": AGENTS | MARKETING}
EXCUSES = {
    "propose_excuse": SUPERVISOR | {"sc.officer", "sc.leader"},
    "confirm_excuse": {"sc.leader"}, "reject_excuse": {"sc.leader"},
    "set_aside_lead": SUPERVISOR, "restore_lead": SUPERVISOR,
}  # fmt: skip
UNREACHABLE = {"record_attempt": AGENTS, "archive_unreachable": AGENTS}
BEFORE_HANDOVER = {"recall": AGENTS, "record_told": CONTACTS}
AWAY = {"reassign": CONTACTS | LEADER | {"wh.head"}}

POSITIONS_LATER: dict[str, dict[str, set[str]]] = {
    "cancelled": ALLOWED["registered"],
    "told by telephone": ALLOWED["delivered"] | {"confirm_told": HANDLER, "deny_told": HANDLER},
    "handed off late": ALLOWED["handed_off"],
    "excuse proposed": ALLOWED["handed_off"],
    "lead set aside": ALLOWED["handed_off"],
    "reassigned": ALLOWED["handed_off"] | {
        "accept": {"wh.li"}, "propose_solution": {"wh.li"}, "answer": {"wh.li"}, "contact_customer": {"wh.li"},
        "request_return": CONTACTS | {"wh.li"}, "request_extension": {"wh.li"}, "submit_for_review": {"wh.li"},
        "convene": {"wh.li", "wh.leader"},
    },
    "report reassigned": ALLOWED["reported"] | {
        "name_handler": {"wh.head"}, "request_return": CONTACTS | {"wh.head"},
    },
    "reply reassigned": {"reply": {"yc.head"}, "escalate": AGENTS},
    "three attempts made": ALLOWED["replied"],
    "withdrawn": {},
    "a duplicate": {},
    "coordinated, registered": ALLOWED["registered"],
    "coordinated, delivered": ALLOWED["delivered"] | {"convene": MARKETING},
    "coordinated, reported": ALLOWED["reported"] | {"convene": MARKETING},
    "coordinated, accepted": ALLOWED["accepted"] | {"convene": CONVENERS | MARKETING},
    "coordinated, convened": ALLOWED["delivered"] | dict.fromkeys(("record_tasks", "call_off_coordination"), MARKETING),
    "coordinated, recorded": ALLOWED["delivered"] | {"confirm_task": INVITED}
    | dict.fromkeys(("record_tasks", "call_off_coordination"), MARKETING),
    "coordinated, confirmed": ALLOWED["delivered"]
    | dict.fromkeys(("record_tasks", "call_off_coordination", "conclude_coordination"), MARKETING),
    "coordinated, return requested": ALLOWED["return_requested"],
    "dispatched again": ALLOWED["delivered"],
}  # fmt: skip
ALLOWED |= POSITIONS_LATER

OF_THE_POSITION: dict[str, dict[str, set[str]]] = {
    "delivered": {"recall": AGENTS, "record_told": CONTACTS},
    "told by telephone": {"recall": AGENTS},
    "delivered to the head": {"recall": AGENTS, "record_told": {"zd.head"}},
    **dict.fromkeys(
        (
            "coordinated, delivered", "coordinated, convened", "coordinated, recorded", "coordinated, confirmed",
            "dispatched again",
        ),
        BEFORE_HANDOVER,
    ),
    "coordinated, reported": {"recall": AGENTS, "reassign_report": {"wh.head"}},
    "reported": {"recall": AGENTS, "reassign_report": {"wh.head"}},
    "report reassigned": {"recall": AGENTS, "reassign_report": {"wh.head"}},
    **dict.fromkeys(
        (
            "under review", "sent back by the leader",
            "handed_off", "named by the leader", "accepted", "return not accepted", "dispatched as a ruling",
            "judged incomplete", "handed off late", "excuse proposed", "lead set aside", "reassigned", "convened",
            "recorded", "silent at the table", "confirmed", "concluded", "finished", "coordinated, accepted",
            "more time asked", "more time granted", "criticism proposed",
        ),
        AWAY,
    ),
    **dict.fromkeys(
        (
            "completed", "material asked", "completed, forwarded but no VIP", "completed, a VIP's own call", "replied",
            "three attempts made",
        ),
        UNREACHABLE,
    ),
    "completed, for the forwarder": UNREACHABLE | {"record_attempt": {"yc.chen"}, "reassign_reply": SUPERVISOR},
    "completed by a unit, for the forwarder": UNREACHABLE | {
        "record_attempt": {"yc.chen"}, "reassign_reply": SUPERVISOR,
    },
    "reply reassigned": UNREACHABLE | {"record_attempt": {"yc.head"}, "reassign_reply": SUPERVISOR},
}  # fmt: skip
OVER = {"archived", "archived unsatisfied", "withdrawn", "a duplicate"}
NOT_BEGUN = {"new", "forwarded"}
COORDINATED = {position for position in ALLOWED if position.startswith("coordinated")} | {"return requested late"}
SAID_NO = {"unsatisfied", "unsatisfied after two returns", "dispatched again"}

for _position in ALLOWED:
    ALLOWED[_position] = ALLOWED[_position] | OF_THE_POSITION.get(_position, {})
    if _position not in NOT_BEGUN:
        ALLOWED[_position] |= EXCUSES if _position in OVER else EXCUSES | SET_RIGHT
    if _position in COORDINATED:
        ALLOWED[_position] |= {verb: may for verb, may in BY_MARKETING.items() if verb in ALLOWED[_position]}
    if _position in SAID_NO:
        ALLOWED[_position] |= {"withdraw": SUPERVISOR}

OFFERED = {*EXCUSES, "archive_unreachable"}
"""Verbs whose button stands only where there is something to do it to."""

TOO_LATE = {"criticism proposed"}
"""Positions in which the limit is over."""

READY = {
    "archive_unreachable": {"three attempts made"},
    "propose_excuse": {"handed off late", "lead set aside", "silent at the table", *TOO_LATE},
    "set_aside_lead": {"handed off late", "excuse proposed", *TOO_LATE},
    "restore_lead": {"lead set aside"},
    "confirm_excuse": {"excuse proposed"}, "reject_excuse": {"excuse proposed"},
    "extend": set(ALLOWED) - TOO_LATE, "request_extension": set(ALLOWED) - TOO_LATE,
}  # fmt: skip
"""Verbs that ask for more than person and state, and the positions in which they find it."""

HOLDER: dict[str, str | None] = {
    "new": None, "forwarded": None, "registered": "kf.agent", "handling": "kf.agent",
    "delivered": "wh.contact", "delivered to the head": "zd.head", "reported": "wh.leader",
    "handed_off": "wh.zhang", "named by the leader": "wh.zhang", "accepted": "wh.zhang",
    "silent at the table": "wh.zhang",
    "convened": "wh.zhang", "recorded": "wh.zhang", "confirmed": "wh.zhang", "concluded": "wh.zhang",
    "finished": "wh.zhang", "returned with an open task": "kf.agent", "more time asked": "wh.zhang",
    "more time granted": "wh.zhang",
    "under review": "wh.leader", "sent back by the leader": "wh.zhang", "material asked": "kf.agent",
    "completed by a unit, for the forwarder": "yc.chen",
    "return_requested": "kf.agent", "return requested late": "kf.agent", "return not accepted": "wh.zhang",
    "returned": "kf.agent", "returned twice": "kf.agent", "dispatched as a ruling": "wh.zhang",
    "answered": "kf.agent", "judged incomplete": "wh.zhang", "completed": "kf.agent",
    "completed, for the forwarder": "yc.chen", "completed, forwarded but no VIP": "kf.agent",
    "completed, a VIP's own call": "kf.agent", "replied": "kf.agent", "unsatisfied": "kf.agent",
    "unsatisfied after two returns": "kf.supervisor", "archived": None, "archived unsatisfied": None,
    "criticism proposed": "wh.zhang",
    "cancelled": "kf.agent", "told by telephone": "wh.contact", "handed off late": "wh.zhang",
    "excuse proposed": "wh.zhang", "lead set aside": "wh.zhang", "reassigned": "wh.li", "report reassigned": "wh.head",
    "reply reassigned": "yc.head", "three attempts made": "kf.agent", "withdrawn": None, "a duplicate": None,
    "coordinated, registered": "kf.agent", "coordinated, delivered": "wh.contact", "coordinated, reported": "wh.leader",
    "coordinated, accepted": "wh.zhang", "coordinated, convened": "wh.contact", "coordinated, recorded": "wh.contact",
    "coordinated, confirmed": "wh.contact", "coordinated, return requested": "kf.agent",
    "dispatched again": "wh.contact",
}  # fmt: skip


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


@pytest.fixture
def stage(play: Play) -> Stage:
    return Stage(play)


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


def _play_all(play: Play, stage: Stage, position: str, *, tried: Callable[[str], set[str]]) -> None:
    """Everybody who is tried is done or refused as the table says; what was refused left nothing behind."""
    complaint = stage.at(position)
    stage.original()
    before = contents()
    done = {
        (entry.name, username)
        for entry in verbs_of(Complaint)
        for username in sorted(tried(entry.name))
        if try_it(play, entry.name, username, complaint)
    }
    assert done == {
        (verb, username)
        for verb, people in ALLOWED[position].items()
        for username in people
        if position in READY.get(verb, {position})
    }
    assert contents() == before


@pytest.mark.slow
@pytest.mark.parametrize("position", ALLOWED)
def test_state_by_verb_by_role(stage: Stage, play: Play, cast: Cast, position: str) -> None:
    _play_all(play, stage, position, tried=lambda verb: EVERYBODY)


@pytest.mark.parametrize("position", ALLOWED)
def test_state_by_verb_by_who_may_and_by_one_who_may_not(stage: Stage, play: Play, position: str) -> None:
    """The fast form: all who may, and of those who may not another one for each state and verb."""

    def tried(verb: str) -> set[str]:
        may = ALLOWED[position].get(verb, set())
        others = [username for username in PEOPLE if username not in may]
        turn = list(ALLOWED).index(position) + [entry.name for entry in verbs_of(Complaint)].index(verb)
        return may | ({others[turn % len(others)]} if others else set())

    _play_all(play, stage, position, tried=tried)


@pytest.mark.parametrize("position", ALLOWED)
def test_the_buttons_are_what_may_be_done(stage: Stage, play: Play, cast: Cast, position: str) -> None:
    """A page offers a verb to whom the gate would let it run, and to nobody else.

    That a head who stands in for the contact has nobody to report to, only the form can tell.
    """
    complaint = stage.at(position)
    offered: dict[str, set[str]] = {}
    for username in PEOPLE:
        actor = actor_for(cast[username].pk, play.now.at)
        assert actor is not None
        for entry in available(complaint, actor):
            offered.setdefault(entry.name, set()).add(username)

    ready = {verb for verb in ALLOWED[position] if verb not in OFFERED or position in READY[verb]}
    expected = {verb: people for verb, people in ALLOWED[position].items() if people and verb in ready}
    if position == "delivered to the head":
        expected["report_to_leader"] = {"zd.head"}
    assert offered == expected


@pytest.mark.parametrize("position", ALLOWED)
def test_one_holds_it_and_it_is_who_must_act(stage: Stage, position: str) -> None:
    complaint = stage.at(position)
    if complaint.pk is None:
        return
    holder = complaint.matter.holder
    assert (holder.username if holder else None) == HOLDER[position]
