"""How many statements an act on a complaint sends by its page, verb by verb.

The ways are those of the bench, and ours for verbs that it doesn't measure.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from complaints.models import Complaint
from config.bench.scale.operations import AGENT, CONTACT, HANDLER, HEAD, LEADER
from config.bench.scale.ways import ACCEPT, DISPATCH, REPLY, REVIEW, SUPERVISOR, Ahead, Step, ways
from tests.factories import USUAL, Play
from tests.shared_world import shared
from tests.statements_of_acts import Sent, Walk

MOST = 25
"""Of any verb."""

TAKEN = {
    "register": 18, "add_note": 13, "supplement": 13, "plan_call_back": 13, "finish_call_back": 16, "set_flags": 15,
    "correct": 17, "dispatch": 25, "recall": 25, "chase": 16, "escalate": 16, "request_return": 20,
    "rule_on_return": 20, "hand_off": 17, "accept": 13, "contact_customer": 13, "propose_solution": 15,
    "request_extension": 17, "extend": 20, "answer": 19, "judge_complete": 20, "reply": 17, "record_satisfaction": 19,
    "report_to_leader": 21, "name_handler": 16, "convene": 24, "record_tasks": 25, "confirm_task": 16,
    "conclude_coordination": 22, "finish_task": 20, "submit_for_review": 18, "send_back_answer": 18,
    "approve_answer": 19, "ask_material": 18, "give_material": 18, "archive_unsatisfied": 16, "handle_directly": 16,
    "withdraw": 17, "move_call_back": 18, "cancel_call_back": 16, "record_told": 16, "deny_told": 16,
    "reassign_report": 19, "call_off_coordination": 19, "decline_extension": 18, "withdraw_review": 14, "reassign": 19,
    "record_attempt": 14, "correct_satisfaction": 24, "record_outside_case": 18, "answer_outside_case": 22,
    "drop_outside_case": 20,
}  # fmt: skip
"""As many as each verb sends now. One that grows is seen here; one that shrinks is put down."""


def usual(verb: str, who: str, **facts: object) -> Step:
    return Step(verb, who, USUAL.get(verb, {}) | facts)


OURS = (
    (
        usual("plan_call_back", AGENT, day=Ahead(48, is_day=True)),
        usual("move_call_back", AGENT, day=Ahead(72, is_day=True)),
        Step("cancel_call_back", AGENT, {"reason": "客户不再需要回电。"}),
        DISPATCH,
        usual("record_told", CONTACT, happened=Ahead(0)),
        usual("deny_told", HANDLER),
        usual("report_to_leader", CONTACT),
        usual("reassign_report", HEAD),
        usual("name_handler", HEAD),
        ACCEPT,
        usual("convene", HANDLER),
        usual("call_off_coordination", HANDLER),
        usual("request_extension", HANDLER, until=Ahead(50)),
        usual("decline_extension", AGENT),
        REVIEW,
        usual("withdraw_review", HANDLER),
        usual("reassign", LEADER),
        usual("answer", "wh.li"),
        usual("judge_complete", AGENT, complete=False, reason="原因不清。"),
        usual("answer", "wh.li"),
        usual("judge_complete", AGENT),
        REPLY,
        usual("record_attempt", AGENT),
    ),
    (DISPATCH, usual("hand_off", CONTACT), ACCEPT, usual("answer", HANDLER), usual("judge_complete", AGENT), REPLY,
     usual("record_satisfaction", AGENT), usual("correct_satisfaction", SUPERVISOR)),
)  # fmt: skip


class ComplaintWalk(Walk[Step, Complaint]):
    def act(self, step: Step, before: Complaint | None) -> Complaint:
        complaint = Complaint.of_matter(before.pk) if before else Complaint()
        typed = step.typed(self.play.now.at) | {"_seen": complaint.shown_for(step.verb)}
        address = f"/complaints/{complaint.matter.number}/{step.verb}/" if before else "/complaints/new/"
        if not before:
            typed["phone"] = f"139{next(self.keys):08}"
        return Complaint.of_matter(self.post(step.verb, step.who, address, typed))


def from_outside(turn: int) -> tuple[Step, ...]:
    """The number of each letter is taken once."""
    first, second = (usual("record_outside_case", AGENT, outside_number=f"鄂通申〔2026〕{turn}{n}号") for n in "12")
    return first, usual("answer_outside_case", AGENT), second, usual("drop_outside_case", SUPERVISOR)


def every_way(turn: int) -> Iterator[tuple[Step, ...]]:
    intake = {"customer": "压测用户", "tier": "none", "channel": "call", "priority": "P3"} | USUAL["register"]
    yield from ways(intake)
    for steps in (*OURS, from_outside(turn)):
        yield (Step("register", AGENT, intake), *steps)


def walked(play: Play) -> Sent:
    return ComplaintWalk(play).twice(every_way)


stage, own_copy, _now, _cast, _play, _client_for, sent = shared(walked)


@pytest.mark.parametrize(("verb", "taken"), TAKEN.items())
def test_an_act_sends_no_more_statements(sent: Sent, verb: str, taken: int) -> None:
    assert len(sent[verb]) <= taken <= MOST, "\n".join(sql[:160] for sql in sent[verb])


def test_each_act_of_the_ways_is_counted(sent: Sent) -> None:
    assert sent.keys() == TAKEN.keys()
