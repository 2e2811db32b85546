"""The customer hears and says whether it is good: R7 and R33 to R37 of the notice."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.models import Notification, actor_for
from complaints.models import Complaint, Round
from tests.factories import Cast, Now, Play
from tests.looking import deadline


def unsatisfied(play: Play, **facts: Any) -> Complaint:
    return play("record_satisfaction", "kf.agent", play.upto("replied", **facts), satisfied=False)


def way_to_the_reply(play: Play, complaint: Complaint) -> Complaint:
    for verb, by in (
        ("dispatch", "kf.agent"), ("hand_off", "wh.contact"), ("answer", "wh.zhang"), ("judge_complete", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    return complaint


# R7: until the customer is satisfied


@pytest.mark.rule("R7")
def test_a_satisfied_customer_ends_it(play: Play, now: Now) -> None:
    complaint = play.upto("archived")
    assert (complaint.state, complaint.resolved, complaint.archived_unsatisfied) == ("archived", True, False)
    assert complaint.archived_at == now.at


@pytest.mark.rule("R7")
def test_an_unsatisfied_one_is_archived_only_by_a_supervisor_with_a_reason(play: Play) -> None:
    """S24: it counts as not resolved."""
    complaint = unsatisfied(play)
    assert play.refused("archive_unsatisfied", "kf.agent", complaint).code == "forbidden"
    assert list(play.refused("archive_unsatisfied", "kf.supervisor", complaint, reason=" ").fields) == ["reason"]
    complaint = play("archive_unsatisfied", "kf.supervisor", complaint)
    assert (complaint.state, complaint.resolved, complaint.archived_unsatisfied) == ("archived", False, True)


@pytest.mark.rule("R7")
@pytest.mark.rule("R15")
def test_the_rules_may_forbid_to_archive_an_unsatisfied_one(play: Play) -> None:
    play("set_policy", "sc.officer", allow_unsatisfied_archive=False)
    complaint = unsatisfied(play)
    assert play.refused("archive_unsatisfied", "kf.supervisor", complaint).code == "condition"
    assert play("dispatch", "kf.agent", complaint).state == "dispatched"


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    "state", ["registered", "handling", "delivered", "answered", "completed", "replied", "archived"]
)
def test_there_is_no_other_way_into_the_archive(play: Play, state: str) -> None:
    complaint = play.upto(state)
    assert play.refused("archive_unsatisfied", "kf.supervisor", complaint).code == "state"
    if state != "replied":
        assert play.refused("record_satisfaction", "kf.supervisor", complaint).code == "state"


# R33: judged by the centre


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    "state", ["registered", "delivered", "handed_off", "accepted", "return_requested", "completed"]
)
def test_complete_is_judged_only_after_an_answer_or_direct_handling(play: Play, state: str) -> None:
    assert play.refused("judge_complete", "kf.agent", play.upto(state)).code == "state"


@pytest.mark.rule("R33")
def test_the_centre_judges_an_answer(play: Play, now: Now) -> None:
    complaint = play("judge_complete", "kf.agent2", play.upto("answered"), at=now.forward(hours=1))
    found = Round.objects.get()
    assert (complaint.state, found.state, found.ended_at) == ("completed", "closed", now.at)
    assert (complaint.result_round_id, complaint.matter.awaits) == (found.pk, "reply")


@pytest.mark.rule("R33")
def test_incomplete_needs_a_reason_and_goes_back_to_the_handler(play: Play) -> None:
    complaint = play.upto("answered")
    assert list(play.refused("judge_complete", "kf.agent", complaint, complete=False).fields) == ["reason"]
    complaint = play("judge_complete", "kf.agent", complaint, complete=False, reason="未退费。")
    assert (complaint.state, complaint.round.state, complaint.matter.holder.username) == (
        "dispatched", "accepted", "wh.zhang",
    )  # fmt: skip


# R34, R35: who replies


@pytest.mark.rule("R34")
@pytest.mark.rule("R35")
@pytest.mark.parametrize(
    ("forwarded", "tier", "replier"),
    [(True, "vip", "forwarder"), (True, "none", "csc"), (False, "vip", "csc"), (False, "none", "csc")],
)
def test_forwarded_and_vip_is_the_forwarders_all_else_the_centres(
    play: Play, forwarded: bool, tier: str, replier: str
) -> None:
    """S18 to S20: the other one's reply is refused."""
    complaint = play("forward", "yc.chen", tier=tier) if forwarded else None
    complaint = play("register", "kf.agent", complaint, tier=tier)
    complaint = way_to_the_reply(play, complaint)
    assert complaint.replier == replier
    may, may_not = ("yc.chen", "kf.agent") if replier == "forwarder" else ("kf.agent", "yc.chen")
    assert complaint.matter.holder.username == may
    for username in {may_not, "kf.supervisor", "wh.zhang", "sc.leader"} - (
        {"kf.supervisor"} if may == "kf.agent" else set()
    ):
        assert play.refused("reply", username, complaint).code == "forbidden"
    assert play("reply", may, complaint).state == "replied"


@pytest.mark.rule("R34")
def test_the_forwarder_replies_only_after_the_centre_judged_it(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"))
    for verb, by in (("dispatch", "kf.agent"), ("hand_off", "wh.contact"), ("answer", "wh.zhang")):
        assert play.refused("reply", "yc.chen", complaint).code == "state"
        complaint = play(verb, by, complaint)
    assert play.refused("reply", "yc.chen", complaint).code == "state"
    play("judge_complete", "kf.agent", complaint)
    told = Notification.objects.filter(recipient__username="yc.chen", facts__verb="reply")
    assert told.count() == 1
    play("reply", "yc.chen", complaint)


@pytest.mark.rule("R34")
def test_the_tier_stamped_at_acceptance_decides(play: Play) -> None:
    """S22, and the other way round: what the registration says overrules the forwarder."""
    complaint = play("register", "kf.agent", play("forward", "yc.chen", tier="vip"), tier="none")
    assert complaint.replier == "csc"


@pytest.mark.rule("R34")
def test_an_auditor_may_reply_to_what_they_forwarded_and_do_nothing_else(play: Play) -> None:
    complaint = play("register", "kf.agent", play("forward", "sj.auditor", tier="vip"))
    complaint = way_to_the_reply(play, complaint)
    assert play.refused("escalate", "sj.auditor", complaint).code == "forbidden"
    assert play("reply", "sj.auditor", complaint).state == "replied"


@pytest.mark.rule("R35")
def test_the_first_reply_meets_the_customers_clocks(play: Play, now: Now) -> None:
    complaint = play.upto("completed")
    assert (deadline(complaint, "first_reply").person.username, deadline(complaint, "first_reply").unit.code) == (
        "kf.agent", "KF",
    )  # fmt: skip
    at = now.forward(hours=48)
    play("reply", "kf.agent2", complaint)
    met = [deadline(complaint, kind) for kind in ("first_reply", "legal")]
    assert [(found.status, found.met_at) for found in met] == [("met", at)] * 2


@pytest.mark.rule("R35")
def test_a_second_dispatch_leaves_the_legal_clock_as_it_is(play: Play, now: Now) -> None:
    """S23: the first reply met it."""
    complaint = unsatisfied(play)
    met_at = deadline(complaint, "legal").met_at
    play("dispatch", "kf.agent", complaint, at=now.forward(days=1), unit="YC")
    legal = deadline(complaint, "legal")
    assert (legal.cycle, legal.met_at, legal.due_at) == (1, met_at, read_instant("2026-12-09 24:00"))


@pytest.mark.rule("R36")
def test_handler_and_unit_go_on_seeing_the_complaint_until_the_reply_and_after(play: Play, cast: Cast) -> None:
    complaint = play.upto("completed")
    for state in ("completed", "replied"):
        for username in ("wh.zhang", "wh.leader", "wh.contact", "wh.head"):
            actor = actor_for(cast[username].pk, play.now.at)
            assert actor is not None
            seen = Complaint.objects.visible_to(actor).get()
            assert (seen.state, seen.matter.awaits) == (
                state, {"completed": "reply", "replied": "record_satisfaction"}[state],
            )  # fmt: skip
        complaint = play("reply", "kf.agent", complaint) if state == "completed" else complaint


# R37: asked once a reply


@pytest.mark.rule("R37")
def test_satisfaction_is_recorded_once_a_reply(play: Play) -> None:
    complaint = unsatisfied(play)
    assert play.refused("record_satisfaction", "kf.agent", complaint, satisfied=True).code == "state"
    complaint = play("reply", "kf.agent", way_to_the_reply(play, complaint))
    assert (complaint.replies, complaint.satisfied) == (2, None)
    assert play("record_satisfaction", "kf.agent", complaint).state == "archived"
    assert list(Round.objects.order_by("number").values_list("satisfied", flat=True)) == [False, True]


@pytest.mark.rule("R37")
def test_a_second_dispatch_is_asked_only_of_the_unsatisfied(play: Play) -> None:
    """D4 on 否 alone; a second dispatch has a counter of its own (A7)."""
    assert play.refused("dispatch", "kf.agent", play.upto("replied")).code == "state"
    complaint = unsatisfied(play, phone="13900001111")
    assert complaint.matter.awaits == "decide"
    complaint = play("dispatch", "kf.agent", complaint, unit="YC")
    assert (complaint.second_dispatches, complaint.out_of_scope_returns, complaint.round_count) == (1, 0, 2)


@pytest.mark.rule("R37")
def test_satisfaction_with_direct_handling_is_no_rounds(play: Play) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"))
    play("request_return", "wh.contact", complaint)
    for verb, by in (
        ("rule_on_return", "kf.agent"), ("handle_directly", "kf.agent"), ("judge_complete", "kf.agent"),
        ("reply", "kf.agent"), ("record_satisfaction", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    assert (complaint.state, Round.objects.get().satisfied, Round.objects.get().state) == ("archived", None, "returned")


@pytest.mark.rule("R7")
def test_a_late_answer_still_ends_well(play: Play, now: Now) -> None:
    """Nothing ends a complaint but its customer: not a missed limit, however long ago."""
    complaint = play.upto("accepted")
    sweeper.sweep(now.forward(days=30))
    for verb, by in (
        ("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent"),
        ("record_satisfaction", "kf.agent"),
    ):  # fmt: skip
        complaint = play(verb, by, complaint)
    assert (complaint.state, complaint.resolved) == ("archived", True)
    assert deadline(complaint, "first_reply").status == "missed"
