"""The chase ladder: each step once, dated at its own instant, until the duty is done, void, excused or over (R13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accountability import tasks
from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant, show_instant
from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.models import Alarm, CalendarYear, Deadline, LedgerEntry, Notification, limits_in_force
from accountability.monitoring import reminders
from complaints.models import Complaint
from tests.factories import Now, Play
from tests.looking import deadline, writes

STEPS = ("chase_overdue", "urge", "propose_criticism")


def steps(complaint: Complaint, kind: str = "handling") -> list[tuple[str, str]]:
    """The ladder's words of a duty, with their instants."""
    found = LedgerEntry.objects.filter(matter_id=complaint.matter_id, verb__in=STEPS, facts__kind=kind).order_by("seq")
    return [(entry.verb, show_instant(entry.at)) for entry in found]


def told(kind: str) -> list[str]:
    rows = Notification.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


WHOLE = [
    ("chase_overdue", "2026-11-25 21:00"),
    ("urge", "2026-11-26 21:00"),
    ("propose_criticism", "2026-12-03 24:00"),
]
"""Handling of P3 runs 36 hours from Tuesday 09:00; the fifth working day after Thursday is the next Thursday."""


@pytest.mark.rule("R13")
def test_chased_at_the_due_instant_in_writing_the_next_day_then_criticism_is_proposed(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    seen = []
    for instant in ("2026-11-25 21:01", "2026-11-26 20:59", "2026-11-26 21:01", "2026-12-03 23:59", "2026-12-04 00:01"):
        sweeper.sweep(now.set(instant))
        seen.append(len(steps(complaint)))
    assert seen == [1, 1, 2, 2, 3]
    assert steps(complaint) == WHOLE
    assert (told("overdue"), told("urged")) == (["wh.leader", "wh.zhang"], ["wh.head", "wh.leader", "wh.zhang"])
    assert told("criticism_proposed") == ["kf.supervisor", "sc.leader", "sc.officer", "sc.officer2"]
    entries = LedgerEntry.objects.filter(verb__in=STEPS)
    assert set(entries.values_list("actor__username", "part")) == {("system", 1)}
    assert broken(play.again(complaint).matter) is None


def test_one_run_after_an_outage_says_the_same(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    sweeper.sweep(now.set("2026-12-31 09:00"))
    assert steps(complaint) == WHOLE
    recorded = LedgerEntry.objects.filter(verb__in=STEPS).values_list("recorded_at", flat=True)
    assert set(recorded) == {now.at}
    before = writes()
    assert (sweeper.sweep(now.at), sweeper.sweep(now.forward(minutes=1))) == (0, 0)
    assert writes() == before


def test_an_act_takes_the_steps_that_have_come_before_it_ends_them(play: Play, now: Now) -> None:
    """No sweep ran: what it would have said is said all the same, and nothing after the answer."""
    complaint = play.upto("accepted")
    play("answer", "wh.zhang", complaint, at=now.set("2026-11-27 09:00"))
    assert steps(complaint) == WHOLE[:2]
    sweeper.sweep(now.set("2026-12-31 09:00"))
    assert steps(complaint) == WHOLE[:2]


def test_before_anybody_is_named_contact_and_head_are_chased(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    sweeper.sweep(now.forward(hours=1))
    assert steps(complaint, "handoff") == [("chase_overdue", "2026-11-24 09:30")]
    assert told("overdue") == ["wh.contact", "wh.head"]
    play("hand_off", "wh.contact", complaint)
    sweeper.sweep(now.forward(days=10))
    assert len(steps(complaint, "handoff")) == 1


def test_only_duties_of_units_are_chased_for(play: Play, now: Now) -> None:
    complaint = play.upto("registered", category="网络质量")
    play("request_return", "wh.contact", play.upto("delivered", phone="13900001111"))
    sweeper.sweep(now.forward(days=30))
    kinds = LedgerEntry.objects.filter(verb__in=STEPS).values_list("facts__kind", flat=True)
    assert set(kinds) == {"handoff", "handling"}
    assert steps(complaint, "first_reply") == []
    assert Deadline.objects.filter(matter_id=complaint.matter_id, chase_at__isnull=False).count() == 0


# What ends it


def test_a_return_that_is_accepted_ends_it(play: Play, now: Now) -> None:
    complaint = play.upto("handed_off")
    sweeper.sweep(now.set("2026-11-25 21:01"))
    play("request_return", "wh.zhang", complaint)
    play("rule_on_return", "kf.supervisor", complaint, at=now.forward(minutes=5))
    sweeper.sweep(now.forward(days=20))
    assert steps(complaint) == WHOLE[:1]
    assert deadline(complaint, "handling", 1).chase_at is None


def test_an_excuse_ends_it(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    sweeper.sweep(now.set("2026-11-25 21:01"))
    play("propose_excuse", "kf.supervisor", complaint, deadlines=["handling#1"], reason="系统中断。")
    assert deadline(complaint, "handling", 1).chase_at is not None
    play("confirm_excuse", "sc.leader", complaint, deadlines=["handling#1"])
    sweeper.sweep(now.forward(days=20))
    assert steps(complaint) == WHOLE[:1]


def test_an_answer_judged_incomplete_is_chased_for_from_the_judgement(play: Play, now: Now) -> None:
    """It was answered in time, so nobody was late until the centre said so."""
    complaint = play.upto("answered")
    judged = now.set("2026-12-01 10:00")
    play("judge_complete", "kf.agent", complaint, complete=False, reason="未退费。")
    sweeper.sweep(now.set("2026-12-31 09:00"))
    assert steps(complaint) == [
        ("chase_overdue", show_instant(judged)),
        ("urge", "2026-12-02 10:00"),
        ("propose_criticism", "2026-12-09 24:00"),
    ]  # fmt: skip
    missed = LedgerEntry.objects.get(matter_id=complaint.matter_id, verb="miss", facts__kind="handling")
    assert show_instant(missed.at) == "2026-11-25 21:00"


def test_a_late_answer_judged_incomplete_goes_on_where_it_was(play: Play, now: Now) -> None:
    complaint = play("answer", "wh.zhang", play.upto("accepted"), at=now.set("2026-11-26 09:00"))
    play("judge_complete", "kf.agent", complaint, at=now.set("2026-11-30 10:00"), complete=False, reason="未退费。")
    sweeper.sweep(now.forward(minutes=1))
    assert steps(complaint) == [WHOLE[0], ("urge", "2026-11-30 10:00")]


# Settings


@pytest.mark.rule("R15")
def test_its_steps_are_settings_with_versions(play: Play, now: Now) -> None:
    before = play.upto("accepted")
    facts: dict[str, Any] = {
        "warn_first_percent": 25,
        "warn_second_percent": 90,
        "notice_hours": 48,
        "criticism_workdays": 1,
    }
    play("set_policy", "sc.officer", **facts)
    after = play.upto("accepted", phone="13900001111")
    assert deadline(after, "handling", 1).warn_at == read_instant("2026-11-24 18:00")
    assert deadline(before, "handling", 1).warn_at == read_instant("2026-11-25 03:00")
    sweeper.sweep(now.set("2026-12-31 09:00"))
    assert steps(before) == WHOLE
    assert steps(after) == [WHOLE[0], ("urge", "2026-11-27 21:00"), ("propose_criticism", "2026-11-30 24:00")]


def test_warnings_come_at_the_percents_that_are_set(play: Play, now: Now) -> None:
    play("set_policy", "sc.officer", warn_first_percent=10, warn_second_percent=20)
    play.upto("accepted")
    for hours in (3.5, 0.2, 3.4, 0.2, 20):
        reminders.warn(now.forward(hours=hours))
    rows = Notification.objects.filter(kind="warned", facts__kind="handling")
    assert sorted((row.facts["percent"], row.recipient.username) for row in rows)[0] == (10, "wh.zhang")
    assert {row.facts["percent"] for row in rows} == {10, 20}


def test_a_step_left_out_keeps_its_value_and_their_order_is_kept(play: Play, now: Now) -> None:
    play("set_policy", "sc.officer", notice_hours=12)
    assert limits_in_force(now.at).ladder == {
        "warn_first_percent": 50, "warn_second_percent": 80, "notice_hours": 12, "criticism_workdays": 5,
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        play("set_policy", "sc.officer", warn_first_percent=80)
    assert list(caught.value.fields) == ["warn_second_percent"]


def test_the_page_of_limits_shows_and_revises_them(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    officer = client_for("sc.officer")
    form = officer.get("/limits/").context["forms"][1]
    assert form.fields["notice_hours"].widget.attrs["placeholder"] == 24
    officer.post("/organisation/set_policy/", {"notice_hours": "36", "reason": "试行一个月。", "_key": "k"})
    assert limits_in_force(now.at).ladder["notice_hours"] == 36
    page = client_for("sj.auditor").get("/limits/")
    changes = page.context["page"].rows[0].changes
    assert [(before, after) for _what, before, after in changes] == [(24, 36)]
    assert "超时 36 小时" in page.content.decode()


# A year without calendar


def test_working_days_of_an_unpublished_year_are_not_guessed(play: Play, now: Now) -> None:
    """Looked at again each night; what would have passed passes at 24:00 of the day of publishing."""
    now.set("2027-12-29 09:00")
    assert not CalendarYear.objects.filter(year=2028).exists()
    play("publish_calendar", "sc.officer", year=2027, days_off=[], days_worked=[])
    complaint = play.upto("accepted", priority="P1")
    sweeper.sweep(now.set("2027-12-30 17:01"))
    found = deadline(complaint, "handling", 1)
    assert (found.chased, found.chase_at) == (2, read_instant("2027-12-30 24:00"))
    sweeper.sweep(now.set("2028-01-20 09:00"))
    assert deadline(complaint, "handling", 1).chase_at == read_instant("2028-01-20 24:00")
    play("publish_calendar", "sc.officer", year=2028, days_off=[], days_worked=[])
    sweeper.sweep(now.set("2028-01-21 09:00"))
    assert steps(complaint) == [
        ("chase_overdue", "2027-12-29 17:00"), ("urge", "2027-12-30 17:00"), ("propose_criticism", "2028-01-20 24:00"),
    ]  # fmt: skip


# The proposal


def test_marketing_decides_on_what_was_proposed(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("accepted")
    now.set("2026-12-04 00:01")
    tasks.sweep()
    alarm = Alarm.objects.get(kind="criticism")
    assert (alarm.unit, alarm.facts, alarm.since) == (
        play.cast.unit("WH"), {"kind": "handling", "part": 1}, read_instant("2026-12-03 24:00"),
    )  # fmt: skip
    page = client_for("sc.officer").get("/alarms/").content.decode()
    assert "催办通知书后仍未办理“处理”（第 1 轮），建议书面批评，请市场部决定。" in page
    assert "1 项书面批评待市场部决定。" in page

    play("answer", "wh.zhang", complaint)
    alarm.refresh_from_db()
    assert alarm.cleared_at is None  # the unit's answer doesn't decide it
    with pytest.raises(Refused):
        play("decide_criticism", "kf.supervisor", complaint)
    play("decide_criticism", "sc.officer", complaint)
    alarm.refresh_from_db()
    assert alarm.cleared_at == now.at
    entry = LedgerEntry.objects.get(verb="decide_criticism")
    assert entry.facts == {"criticised": True, "limits": [{"kind": "handling", "part": 1}]}
    assert told("criticised") == ["wh.head", "wh.leader", "wh.zhang"]
    with pytest.raises(Refused) as caught:
        play("decide_criticism", "sc.officer", complaint)
    assert caught.value.code == "state"


def test_what_is_excused_is_nothing_to_criticise(play: Play, now: Now) -> None:
    """It was proposed of two duties: each excuse takes its own proposal along."""
    complaint = play.upto("delivered")
    now.set("2026-12-04 00:01")
    tasks.sweep()
    standing = Alarm.objects.filter(kind="criticism", cleared_at=None).order_by("pk")
    assert [alarm.facts["kind"] for alarm in standing] == ["handoff", "handling"]
    for name, left in (("handoff#1", ["handling"]), ("handling#1", [])):
        play("propose_excuse", "kf.supervisor", complaint, deadlines=[name])
        complaint = play("confirm_excuse", "sc.leader", complaint, deadlines=[name])
        assert ([alarm.facts["kind"] for alarm in standing.all()], complaint.criticism_due) == (left, bool(left))
    with pytest.raises(Refused) as caught:
        play("decide_criticism", "sc.officer", complaint)
    assert caught.value.code == "state"


def test_what_the_excuse_itself_uncovers_is_dropped_with_it(play: Play, now: Now) -> None:
    """The last step comes in the very act that excuses the miss, before any sweep saw it."""
    complaint = play.upto("accepted")
    sweeper.sweep(now.set("2026-12-03 12:00"))
    play("propose_excuse", "kf.supervisor", complaint, deadlines=["handling#1"])
    now.set("2026-12-04 00:01")
    complaint = play("confirm_excuse", "sc.leader", complaint, deadlines=["handling#1"])
    assert steps(complaint) == WHOLE
    assert (complaint.criticism_due, Alarm.objects.get(kind="criticism").cleared_at) == (False, now.at)


def test_a_hand_over_by_telephone_that_was_in_time_takes_the_proposal_back(play: Play, now: Now) -> None:
    """Only the shortest of ladders comes to a proposal before the call's 24 hours are over."""
    facts: dict[str, Any] = {"notice_hours": 1, "criticism_workdays": 1, "day_ends_at": "17:30"}
    play("set_policy", "sc.officer", **facts)
    now.set("2026-11-24 17:00")
    complaint = play.upto("delivered")
    now.set("2026-11-24 17:55")
    complaint = play("record_told", "wh.contact", complaint, happened="2026-11-24 17:20")
    now.set("2026-11-25 17:50")
    tasks.sweep()
    assert Alarm.objects.filter(kind="criticism", cleared_at=None).count() == 1
    complaint = play("confirm_told", "wh.zhang", complaint)
    assert [alarm.cleared_at for alarm in Alarm.objects.filter(kind="criticism", facts__kind="handoff")] == [now.at]


def test_the_decision_is_for_the_unit_that_owed_it_whoever_has_the_complaint_now(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint = play.upto("accepted")
    now.set("2026-12-04 00:01")
    tasks.sweep()
    for verb, by in (("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent")):
        complaint = play(verb, by, complaint)
    complaint = play("record_satisfaction", "kf.agent", complaint, satisfied=False)
    complaint = play("dispatch", "kf.agent", complaint, unit="YC")
    complaint = play("hand_off", "yc.contact", complaint, to="yc.chen")
    complaint = play("decide_criticism", "sc.officer", complaint, reason="武汉两次催办不理。")
    assert told("criticised") == ["wh.head", "wh.leader", "wh.zhang"]
    readers = ("wh.contact", "yc.contact", "yc.chen", "kf.agent")
    reads = [who for who in readers if "武汉两次催办不理" in page(client_for(who), complaint).content.decode()]
    assert reads == ["wh.contact", "kf.agent"]


def test_an_invited_units_fault_is_told_to_its_own_people(play: Play, now: Now) -> None:
    complaint = play("extend", "kf.agent", play.upto("concluded"), until="2026-12-09 09:00")
    now.set("2026-12-03 00:01")
    tasks.sweep()
    play("decide_criticism", "sc.officer", complaint)
    assert LedgerEntry.objects.get(verb="decide_criticism").facts["limits"] == [{"kind": "cooperation", "part": 1}]
    assert told("criticised") == ["yc.contact", "yc.head"]


# Pages


def page(client: Client, complaint: Complaint) -> Any:
    return client.get(f"/complaints/{complaint.matter.number}/")


@pytest.mark.rule("R13")
@pytest.mark.parametrize("username", ["wh.zhang", "wh.leader", "kf.agent"])
def test_handler_and_leader_see_how_often_and_when_last(
    play: Play, now: Now, client_for: Callable[[str], Client], username: str
) -> None:
    complaint = play.upto("accepted")
    play("chase", "kf.agent", complaint, at=now.forward(hours=1))
    play("chase", "kf.agent", complaint, at=now.forward(minutes=10), message="客户又来电。")
    sweeper.sweep(now.set("2026-11-26 21:01"))
    response = page(client_for(username), complaint)
    paper = response.context["papers"][0]
    assert [said.at for said in paper.chases] == [
        read_instant(at) for at in ("2026-11-24 10:00", "2026-11-24 10:10", "2026-11-25 21:00", "2026-11-26 21:00")
    ]
    assert (paper.last_chase.by.username, "4 次" in response.content.decode()) == ("system", True)
    assert "客户又来电。" in response.content.decode()


def test_the_page_refuses_a_second_chase_within_ten_minutes(
    play: Play, now: Now, client_for: Callable[[str], Client]
) -> None:
    complaint, agent = play.upto("accepted"), client_for("kf.agent")
    place = f"/complaints/{complaint.matter.number}/chase/"
    answers = []
    for minutes in (0, 9.9, 0.1):
        now.forward(minutes=minutes)
        answers.append(agent.post(place, {"round": "1", "message": "请尽快。"}))
    assert [answer.status_code for answer in answers] == [302, 422, 302]
    assert "距上次催办不足 10 分钟。" in answers[1].content.decode()
    assert "请尽快。" in answers[1].content.decode()
    assert LedgerEntry.objects.filter(verb="chase").count() == 2


def test_a_chase_of_the_systems_keeps_nobody_from_chasing(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    sweeper.sweep(now.set("2026-11-25 21:00:30"))
    play("chase", "kf.agent", complaint)
    assert LedgerEntry.objects.filter(verb="chase").count() == 1


def urging(client: Client, complaint: Complaint, kind: str = "handling") -> Any:
    return client.get(f"/complaints/{complaint.matter.number}/deadlines/{deadline(complaint, kind, 1).pk}/urging/")


@pytest.mark.parametrize(
    ("username", "status"),
    [("kf.agent", 200), ("wh.zhang", 200), ("wh.leader", 200), ("sj.auditor", 200), ("yc.contact", 404),
     ("wh.li", 404)],
)  # fmt: skip
def test_the_paper_is_for_those_who_may_see_the_round(
    play: Play, now: Now, client_for: Callable[[str], Client], username: str, status: int
) -> None:
    complaint = play.upto("accepted")
    assert urging(client_for(username), complaint).status_code == 404
    sweeper.sweep(now.set("2026-11-26 21:01"))
    response = urging(client_for(username), complaint)
    assert response.status_code == status
    if status == 200:
        text = response.content.decode()
        number = str(complaint.matter).replace("TS", "CB") + "-1-1"
        people = [play.cast[name].name for name in ("wh.zhang", "wh.leader")]
        expected = [number, *people, "2026-11-25 21:00", "2026年11月26日", "5个工作日"]
        assert [said for said in expected if said not in text] == []
        assert [said for said in ("王**", "王建国", "138****4567") if said in text] == []


def test_the_paper_stays_as_it_was_issued(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    sweeper.sweep(now.set("2026-11-25 09:31"))
    play("hand_off", "wh.contact", complaint)
    text = urging(client_for("kf.agent"), complaint, "handoff").content.decode()
    assert play.cast["wh.contact"].name in text.partition("责任人</th>")[2].partition("</td>")[0]
    assert f"抄送：{play.cast['wh.head'].name}。" in text


def test_two_duties_of_a_round_have_two_papers(play: Play, now: Now, client_for: Callable[[str], Client]) -> None:
    complaint = play.upto("delivered")
    sweeper.sweep(now.set("2026-11-30 09:00"))
    papers = page(client_for("wh.contact"), complaint).context["papers"][0].urgings
    stem = str(complaint.matter).replace("TS", "CB")
    assert [(one.number, one.deadline.kind) for one in papers] == [
        (f"{stem}-1-1", "handoff"), (f"{stem}-1-2", "handling"),
    ]  # fmt: skip


# The sweep


def test_a_sweep_with_steps_takes_a_constant_number_of_statements(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor == "sqlite":
        monkeypatch.setattr(type(connection.features), "max_query_params", 30_000)
    counts = []
    for more in (2, 8, 30):
        for number in range(more):
            play.upto("accepted", phone=f"139{number:08d}")
        sweeper.sweep(now.forward(hours=37))
        with CaptureQueriesContext(connection) as captured:
            sweeper.sweep(now.forward(hours=24))
        counts.append(len(captured))
    assert counts == [counts[0]] * 3


def test_more_than_a_batch_of_steps_is_taken_in_one_run(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 3)
    for number in range(7):
        play.upto("accepted", phone=f"139{number:08d}")
    sweeper.sweep(now.forward(hours=40))
    assert sweeper.sweep(now.forward(hours=24)) == 7  # the first replies
    assert LedgerEntry.objects.filter(verb="urge").count() == 7


def test_a_row_that_is_not_loaded_any_more_does_not_hold_the_sweep(play: Play, now: Now) -> None:
    complaint = play.upto("accepted")
    sweeper.sweep(now.forward(hours=37))
    Deadline.objects.filter(matter_id=complaint.matter_id, kind="handling").update(part=7)
    assert sweeper.sweep(now.forward(days=3)) == 1  # the first reply
    assert len(steps(complaint)) == 1
