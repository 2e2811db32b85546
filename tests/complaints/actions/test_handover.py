"""The rules of the unit: first-inquiry persons, thirty minutes, handling; R3, R4, R17 to R26 of the notice."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.models import Appointment, Employee, Notification, Unit, units_without_contact
from complaints.models import Complaint, Round
from tests.factories import USUAL, Now, Play
from tests.looking import deadline

SECOND = timedelta(seconds=1)


def stamped(complaint: Complaint, number: int = 1) -> tuple[Any, ...]:
    found = Round.objects.get(complaint_id=complaint.pk, number=number)
    names = [person.username if person else None for person in (found.handler, found.leader, found.head)]
    return (found.unit.code, *names, found.handed_off_at)


@pytest.mark.rule("R3")
def test_first_inquiry_unit_and_person_are_stamped_with_the_time(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    assert stamped(complaint) == ("WH", None, None, "wh.head", None)
    at = now.forward(minutes=10)
    play("hand_off", "wh.deputy", complaint, method="face_to_face")
    assert stamped(complaint) == ("WH", "wh.zhang", "wh.leader", "wh.head", at)
    found = Round.objects.get()
    assert (found.method, found.handed_off_by.username) == ("face_to_face", "wh.deputy")


@pytest.mark.rule("R3")
def test_what_is_stamped_is_never_overwritten(play: Play, now: Now) -> None:
    complaint = play.upto("handed_off")
    before = stamped(complaint)
    assert play.refused("hand_off", "wh.contact", complaint, to="wh.li").code == "state"
    play("set_supervisor", "sc.officer", employee="wh.zhang", supervisor="wh.head")
    play("set_head", "sc.officer", unit="WH", head="wh.leader")
    play("answer", "wh.zhang", complaint)
    play("judge_complete", "kf.agent", complaint)
    play("reply", "kf.agent", complaint)
    play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    play("dispatch", "kf.agent", complaint, at=now.forward(days=1), unit="WH")
    play("hand_off", "wh.contact", complaint, to="wh.zhang")
    assert stamped(complaint) == before
    assert stamped(complaint, 2) == ("WH", "wh.zhang", "wh.head", "wh.leader", now.at)


@pytest.mark.rule("R4")
def test_the_handlers_leader_is_joint_person_in_the_same_act(play: Play) -> None:
    complaint = play.upto("handed_off")
    assert complaint.round.leader.username == "wh.leader"
    assert list(Notification.objects.filter(kind="joint").values_list("recipient__username", flat=True)) == [
        "wh.leader"
    ]


@pytest.mark.rule("R4")
def test_nobody_without_a_leader_on_file_is_named(play: Play) -> None:
    complaint = play.upto("delivered")
    assert list(play.refused("hand_off", "wh.contact", complaint, to="wh.wang").fields) == ["to"]
    assert list(play.refused("hand_off", "wh.contact", complaint, to="yc.chen").fields) == ["to"]
    play("set_supervisor", "sc.officer", employee="wh.wang", supervisor="wh.leader")
    assert play("hand_off", "wh.contact", complaint, to="wh.wang").round.leader.username == "wh.leader"


@pytest.mark.rule("R4")
def test_a_leader_who_is_the_head_as_well_is_stamped_as_both(play: Play) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"), unit="WL")
    play("hand_off", "wl.contact", complaint, to="wl.zhao")
    assert stamped(complaint)[:4] == ("WL", "wl.zhao", "wl.leader", "wl.leader")


@pytest.mark.rule("R17")
def test_a_unit_without_a_contact_receives_through_its_head_with_an_alarm(play: Play, now: Now) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"), unit="ZD")
    assert (complaint.matter.holder.username, complaint.round.contact.username) == ("zd.head", "zd.head")
    told = Notification.objects.filter(recipient__username="zd.head").values_list("kind", flat=True)
    assert sorted(told) == ["no_contact", "to_do"]
    assert "ZD" in set(units_without_contact(now.at).values_list("code", flat=True))
    assert play("hand_off", "zd.head", complaint, to="zd.zhou").round.state == "handed_off"
    assert deadline(complaint, "handoff", 1).status == "met"


@pytest.mark.rule("R17")
def test_with_neither_contact_nor_head_there_is_no_dispatch(play: Play) -> None:
    Unit.objects.filter(code="ZD").update(head=None)
    complaint = play.upto("registered")
    assert list(play.refused("dispatch", "kf.agent", complaint, unit="ZD").fields) == ["unit"]


@pytest.mark.rule("R17")
def test_the_deputy_receives_where_the_contact_is_away(play: Play, now: Now) -> None:
    """S12: the same thirty minutes."""
    Appointment.objects.filter(employee__username="wh.contact").update(ends_on=now.at.date() - timedelta(days=1))
    complaint = play.upto("delivered")
    assert complaint.matter.holder.username == "wh.deputy"
    assert deadline(complaint, "handoff", 1).due_at == now.at + timedelta(minutes=30)


@pytest.mark.rule("R18")
def test_each_round_has_a_numbered_notice_of_its_own(play: Play) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    other = play.upto("delivered", phone="13900001111")
    numbers = list(Round.objects.order_by("pk").values_list("notice_number", flat=True))
    first, second = (str(each.matter.number).removeprefix("TS") for each in (complaint, other))
    assert numbers == [f"TZ{first}-1", f"TZ{first}-2", f"TZ{second}-1"]


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    ("handed_over", "status"),
    [("2026-11-24 09:30", "met"), ("2026-11-24 09:30:00.001", "missed"), ("2026-11-24 09:30:01", "missed")],
)
def test_thirty_minutes_from_delivery_the_number_included(play: Play, handed_over: str, status: str) -> None:
    """S7, S8: late is a breach, and handed over all the same."""
    complaint = play.upto("delivered")
    play("hand_off", "wh.contact", complaint, at=handed_over)
    assert (deadline(complaint, "handoff", 1).status, play.again(complaint).round.state) == (status, "handed_off")


@pytest.mark.rule("R19")
def test_they_cross_midnight_and_run_from_delivery_not_from_sign_off(play: Play, now: Now) -> None:
    """S6."""
    now.set("2026-11-24 23:45")
    complaint = play.upto("delivered")
    found = deadline(complaint, "handoff", 1)
    assert (found.started_at, found.due_at) == (now.at, read_instant("2026-11-25 00:15"))


@pytest.mark.rule("R19")
@pytest.mark.parametrize("method", ["system", "phone", "sms", "face_to_face", "other"])
def test_the_method_is_recorded(play: Play, method: str) -> None:
    assert play("hand_off", "wh.contact", play.upto("delivered"), method=method).round.method == method


@pytest.mark.rule("R19")
def test_a_method_outside_the_list_is_refused(play: Play) -> None:
    complaint = play.upto("delivered")
    assert list(play.refused("hand_off", "wh.contact", complaint, method="pigeon").fields) == ["method"]


@pytest.mark.rule("R20")
def test_a_report_to_the_leader_in_the_same_minutes_meets_the_duty(play: Play) -> None:
    """S9: the task is the leader's, no breach, the handling clock unchanged."""
    complaint = play.upto("delivered")
    handling = deadline(complaint, "handling", 1).due_at
    play("report_to_leader", "wh.contact", complaint, at="2026-11-24 09:29")
    assert deadline(complaint, "handoff", 1).status == "met"
    assert deadline(complaint, "handling", 1).due_at == handling
    assert play.again(complaint).matter.holder.username == "wh.leader"
    assert sweeper.sweep(read_instant("2026-11-24 10:00")) == 0


@pytest.mark.rule("R20")
def test_a_late_report_is_a_breach_as_a_late_hand_off_is(play: Play) -> None:
    complaint = play.upto("delivered")
    play("report_to_leader", "wh.contact", complaint, at="2026-11-24 09:30:01")
    assert deadline(complaint, "handoff", 1).missed_at == read_instant("2026-11-24 09:30")


@pytest.mark.rule("R20")
@pytest.mark.parametrize(
    ("facts", "field"),
    [({"reason": " "}, "reason"), ({"leader": "yc.leader"}, "leader"), ({"leader": "wh.li"}, "leader")],
)
def test_it_needs_a_reason_and_a_leader_of_the_unit(play: Play, facts: dict[str, str], field: str) -> None:
    """S11."""
    complaint = play.upto("delivered")
    assert list(play.refused("report_to_leader", "wh.contact", complaint, **facts).fields) == [field]
    assert play("report_to_leader", "wh.contact", complaint, leader="wh.head").round.reported_to.username == "wh.head"


@pytest.mark.rule("R20")
def test_nobody_reports_to_oneself(play: Play) -> None:
    complaint = play("dispatch", "kf.agent", play.upto("registered"), unit="ZD")
    assert list(play.refused("report_to_leader", "zd.head", complaint, leader="zd.head").fields) == ["leader"]


@pytest.mark.rule("R21")
def test_the_leader_names_a_handler_and_no_clock_stops(play: Play, now: Now) -> None:
    complaint = play.upto("reported")
    before = deadline(complaint, "handling", 1).due_at
    at = now.forward(minutes=40)
    play("name_handler", "wh.leader", complaint, to="wh.li")
    assert stamped(complaint) == ("WH", "wh.li", "wh.leader", "wh.head", at)
    assert deadline(complaint, "handling", 1).due_at == before
    assert play.refused("name_handler", "wh.leader", complaint, to="wh.zhang").code == "state"


@pytest.mark.rule("R21")
def test_the_leader_may_take_it_over_with_the_next_above_as_joint_person(play: Play) -> None:
    complaint = play.upto("reported")
    play("name_handler", "wh.leader", complaint, to="wh.leader")
    joint = Employee.objects.get(username="wh.leader").supervisor
    assert stamped(complaint)[1:3] == ("wh.leader", joint.username if joint else "wh.head")


@pytest.mark.rule("R21")
def test_nobody_else_names_and_nobody_without_a_leader_is_named(play: Play) -> None:
    complaint = play.upto("reported")
    others = ("wh.contact", "wh.deputy", "wh.head", "wh.zhang", "kf.agent", "kf.supervisor", "sc.leader")
    assert {play.refused("name_handler", username, complaint).code for username in others} == {"forbidden"}
    assert list(play.refused("name_handler", "wh.leader", complaint, to="wh.wang").fields) == ["to"]


@pytest.mark.rule("R23")
def test_delay_is_a_breach_of_the_clock(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    sweeper.sweep(now.forward(hours=37))
    assert deadline(complaint, "handling", 1).status == "missed"


@pytest.mark.rule("R24")
@pytest.mark.parametrize(
    ("solution", "answer", "status"),
    [
        ("2026-11-25 08:00", "2026-11-25 09:00", "met"),
        ("2026-11-25 09:00", "2026-11-25 09:00:01", "missed"),
        (None, "2026-11-25 09:00", "met"),
        (None, "2026-11-25 09:00:01", "missed"),
    ],
)
def test_solution_and_answer_both_within_the_limit(play: Play, solution: str | None, answer: str, status: str) -> None:
    """S25, P2: twenty-four hours from delivery; an answer implies the solution."""
    complaint = play.upto("handed_off", priority="P2")
    if solution:
        play("propose_solution", "wh.zhang", complaint, at=solution)
    answered = play("answer", "wh.zhang", complaint, at=answer)
    assert deadline(complaint, "handling", 1).status == status
    assert answered.round.solution_at == read_instant(solution or answer)
    assert (answered.round.accepted_at, answered.round.state) == (read_instant(solution or answer), "answered")


@pytest.mark.rule("R24")
def test_a_solution_alone_does_not_meet_the_limit(play: Play, now: Now) -> None:
    complaint = play("propose_solution", "wh.zhang", play.upto("handed_off"))
    assert complaint.round.state == "accepted"
    play("propose_solution", "wh.zhang", complaint, at=now.forward(hours=1))
    assert Round.objects.get().solution_at == now.at
    sweeper.sweep(now.forward(hours=37))
    assert deadline(complaint, "handling", 1).status == "missed"


@pytest.mark.rule("R24")
def test_overdue_handling_goes_on(play: Play, now: Now) -> None:
    """A3: the complaint doesn't end because the unit is late."""
    complaint = play.upto("accepted")
    sweeper.sweep(now.forward(days=3))
    assert play("answer", "wh.zhang", complaint).round.state == "answered"
    assert play("judge_complete", "kf.agent", complaint).state == "completed"


@pytest.mark.rule("R24")
def test_talking_to_the_customer_meets_the_on_site_limit_and_accepts_nothing(play: Play, now: Now) -> None:
    complaint = play.upto("handed_off", category="网络质量")
    after = play("contact_customer", "wh.zhang", complaint, at=now.forward(hours=1))
    assert deadline(complaint, "contact_on_site").met_at == now.at
    assert after.round.state == "handed_off"
    play("answer", "wh.zhang", complaint, at=now.forward(hours=1))
    assert deadline(complaint, "network_solution").met_at == now.at


@pytest.mark.rule("R25")
@pytest.mark.rule("R33")
def test_a_unit_submits_and_cannot_close(play: Play) -> None:
    complaint = play.upto("answered")
    people = ("wh.contact", "wh.zhang", "wh.leader", "wh.head")
    verbs = ("judge_complete", "reply", "record_satisfaction", "archive_unsatisfied")
    codes = {play.refused(verb, username, complaint).code for verb in verbs for username in people}
    assert codes == {"forbidden"}
    assert play.again(complaint).state == "dispatched"


@pytest.mark.rule("R26")
def test_a_third_party_is_recorded_and_the_unit_answers_for_the_time(play: Play, now: Now) -> None:
    """S28: the third party is late, the first-inquiry unit is overdue."""
    complaint = play.upto("accepted", flags=["third_party"])
    assert complaint.flags == ["third_party"]
    sweeper.sweep(now.forward(hours=37))
    found = deadline(complaint, "handling", 1)
    assert (found.unit.code, found.due_at, found.status) == ("WH", read_instant("2026-11-25 21:00"), "missed")
    assert USUAL["register"]["priority"] == "P3"  # thirty-six hours, the third party's part included
