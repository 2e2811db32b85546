"""Not ours: returns and rulings, R27 and R28 of the notice, and what becomes of the limits meanwhile."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.models import Notification
from complaints.models import Complaint, Round
from tests.factories import USUAL, Now, Play
from tests.looking import deadline, deadlines


def returned_by(play: Play, unit: str, contact: str, complaint: Complaint) -> Complaint:
    play("dispatch", "kf.agent", complaint, unit=unit)
    play("request_return", contact, complaint)
    return play("rule_on_return", "kf.agent", complaint)


@pytest.mark.rule("R27")
@pytest.mark.parametrize("field", ["reason", "guidance"])
def test_a_return_needs_reason_and_guidance(play: Play, field: str) -> None:
    """S14."""
    complaint = play.upto("accepted")
    assert list(play.refused("request_return", "wh.zhang", complaint, **{field: " "}).fields) == [field]


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    ("priority", "asked", "late"),
    [
        ("P1", "2026-11-24 10:00", False), ("P1", "2026-11-24 10:00:01", True),
        ("P2", "2026-11-24 13:00", False), ("P2", "2026-11-24 13:00:01", True),
        ("P3", "2026-11-25 24:00", False), ("P3", "2026-11-26 00:00", True),
    ],
)  # fmt: skip
def test_the_return_limit_tells_whether_it_came_late(play: Play, priority: str, asked: str, late: bool) -> None:
    complaint = play.upto("accepted", priority=priority)
    complaint = play("request_return", "wh.zhang", complaint, at=asked)
    assert complaint.round.late_return is late
    told = Notification.objects.filter(recipient__username="kf.supervisor", facts__verb="rule_on_return")
    assert told.count() == int(late)


@pytest.mark.rule("R27")
def test_it_is_asked_once_a_round_and_before_the_first_answer(play: Play) -> None:
    complaint = play("rule_on_return", "kf.agent", play.upto("return_requested"), accepted=False)
    assert play.refused("request_return", "wh.contact", complaint).code == "state"
    answered = play.upto("answered", phone="13900001111")
    assert play.refused("request_return", "wh.zhang", answered).code == "state"
    play("judge_complete", "kf.agent", answered, complete=False, reason="未退费。")
    assert play.refused("request_return", "wh.zhang", answered).code == "state"


@pytest.mark.rule("R28")
def test_an_accepted_return_ends_the_round_and_a_new_one_has_fresh_clocks(play: Play, now: Now) -> None:
    """S13: the customer's 48 hours aren't reset."""
    complaint = play.upto("return_requested")
    first_reply = deadline(complaint, "first_reply").due_at
    play("rule_on_return", "kf.agent", complaint, at=now.forward(hours=1))
    play("dispatch", "kf.agent", complaint, at=now.forward(minutes=10), unit="YC")

    rounds = Round.objects.order_by("number")
    assert list(rounds.values_list("number", "unit__code", "state")) == [(1, "WH", "returned"), (2, "YC", "delivered")]
    again = play.again(complaint)
    assert (again.out_of_scope_returns, again.second_dispatches, again.round_count) == (1, 0, 2)
    assert deadline(complaint, "handling", 1).status == "void"
    assert [deadline(complaint, kind, 2).started_at for kind in ("handoff", "return", "handling")] == [now.at] * 3
    assert deadline(complaint, "first_reply").due_at == first_reply


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("state", "by"), [("handed_off", "wh.zhang"), ("accepted", "wh.zhang"), ("reported", "wh.leader")]
)
def test_a_return_not_accepted_leaves_it_with_the_unit_and_no_clock_has_stopped(
    play: Play, now: Now, state: str, by: str
) -> None:
    complaint = play.upto(state)
    due = deadline(complaint, "handling", 1).due_at
    play("request_return", by, complaint)
    complaint = play("rule_on_return", "kf.agent", complaint, at=now.forward(hours=1), accepted=False)
    assert (complaint.round.state, complaint.out_of_scope_returns) == (state, 0)
    assert (deadline(complaint, "handling", 1).due_at, deadline(complaint, "handling", 1).status) == (due, "open")
    assert len(deadlines(complaint, "handoff", 1)) == 1


@pytest.mark.rule("R28")
def test_a_hand_off_is_suspended_and_gets_fresh_minutes_from_the_ruling(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    play("request_return", "wh.contact", complaint, at=now.forward(minutes=30))
    assert deadline(complaint, "handoff", 1).status == "open"
    assert sweeper.sweep(now.forward(minutes=30)) == 0
    play("rule_on_return", "kf.agent", complaint, accepted=False)
    old, fresh = deadlines(complaint, "handoff", 1)
    assert (old.status, old.due_at) == ("void", read_instant("2026-11-24 09:30"))
    assert (fresh.started_at, fresh.due_at) == (now.at, read_instant("2026-11-24 10:30"))


@pytest.mark.rule("R28")
def test_a_hand_off_missed_before_the_request_stays_missed(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    play("request_return", "wh.contact", complaint, at=now.forward(minutes=31))
    play("rule_on_return", "kf.agent", complaint)
    assert deadline(complaint, "handoff", 1).status == "missed"
    assert deadline(complaint, "handling", 1).status == "void"


@pytest.mark.rule("R28")
def test_a_limit_missed_while_the_centre_ruled_goes_with_the_accepted_return(play: Play, now: Now) -> None:
    complaint = play.upto("accepted", priority="P1")
    play("request_return", "wh.zhang", complaint, at="2026-11-24 16:30")
    sweeper.sweep(read_instant("2026-11-24 18:00"))
    assert deadline(complaint, "handling", 1).status == "missed"
    play("rule_on_return", "kf.supervisor", complaint, at="2026-11-24 18:10")
    assert deadline(complaint, "handling", 1).status == "void"
    assert deadline(complaint, "handling", 1).due_at == read_instant("2026-11-24 17:00")


@pytest.mark.rule("R28")
@pytest.mark.parametrize(("asked", "status"), [("2026-11-24 17:00", "void"), ("2026-11-24 17:00:00.001", "missed")])
def test_what_counts_is_whether_the_request_came_after_the_limit(play: Play, asked: str, status: str) -> None:
    complaint = play.upto("accepted", priority="P1")
    play("request_return", "wh.zhang", complaint, at=asked)
    play("rule_on_return", "kf.supervisor", complaint, at="2026-11-24 18:00")
    assert deadline(complaint, "handling", 1).status == status


@pytest.mark.rule("R28")
@pytest.mark.parametrize(("ruled", "status"), [("2026-11-24 11:00", "met"), ("2026-11-24 11:00:01", "refused")])
def test_the_centre_rules_within_two_hours_or_the_return_is_not_accepted(play: Play, ruled: str, status: str) -> None:
    complaint = play.upto("return_requested")
    if status == "refused":
        assert play.refused("rule_on_return", "kf.agent", complaint, at=ruled).code == "state"
        sweeper.sweep(read_instant("2026-11-24 12:00"))
        assert deadline(complaint, "ruling", 1).missed_at == read_instant("2026-11-24 11:00")
        assert play.again(complaint).round.state == "handed_off"
    else:
        play("rule_on_return", "kf.agent", complaint, at=ruled)
        assert deadline(complaint, "ruling", 1).status == status


@pytest.mark.rule("R28")
def test_a_late_return_is_ruled_on_by_a_supervisor(play: Play) -> None:
    complaint = play("request_return", "wh.zhang", play.upto("accepted", priority="P1"), at="2026-11-24 10:30")
    assert play.refused("rule_on_return", "kf.agent", complaint, at="2026-11-24 10:40").code == "forbidden"
    assert play("rule_on_return", "kf.supervisor", complaint, at="2026-11-24 10:40").state == "registered"


@pytest.mark.rule("R28")
def test_after_two_returns_a_supervisor_rules_and_the_unit_cannot_return(play: Play) -> None:
    """S16: both earlier rounds are kept."""
    complaint = returned_by(play, "WH", "wh.contact", play.upto("registered"))
    complaint = returned_by(play, "YC", "yc.contact", complaint)
    assert play.refused("dispatch", "kf.agent", complaint, unit="WH").code == "forbidden"
    ruled = play("dispatch", "kf.supervisor", complaint, unit="WH")
    assert (ruled.round.is_ruling, ruled.out_of_scope_returns) == (True, 2)
    assert play.refused("request_return", "wh.contact", complaint).code == "state"
    assert list(Round.objects.order_by("number").values_list("state", flat=True)) == [
        "returned",
        "returned",
        "delivered",
    ]


@pytest.mark.rule("R15")
@pytest.mark.parametrize(("returns", "by_agent"), [(1, False), (0, True), (3, True)])
def test_the_number_of_returns_is_a_parameter(play: Play, returns: int, by_agent: bool) -> None:
    play("set_policy", "sc.officer", returns_before_ruling=returns)
    complaint = play.upto("registered")
    for _ in range(1 if returns == 1 else 2):
        complaint = returned_by(play, "WH", "wh.contact", complaint)
    if by_agent:
        assert play("dispatch", "kf.agent", complaint).round.is_ruling is False
    else:
        assert play.refused("dispatch", "kf.agent", complaint).code == "forbidden"


@pytest.mark.rule("R28")
def test_while_a_return_is_requested_only_the_ruling_runs(play: Play) -> None:
    complaint = play.upto("return_requested")
    tried = (
        ("accept", "wh.zhang"), ("propose_solution", "wh.zhang"), ("answer", "wh.zhang"), ("hand_off", "wh.contact"),
        ("contact_customer", "wh.zhang"), ("request_return", "wh.contact"), ("judge_complete", "kf.agent"),
    )  # fmt: skip
    assert {play.refused(*step, complaint, **USUAL.get(step[0], {})).code for step in tried} == {"state"}
    play("escalate", "kf.agent", complaint)
    play("chase", "kf.agent", complaint)
    assert play.again(complaint).round.state == "return_requested"
