"""Before and beside a miss: warnings at half and at four fifths, alarms of what waits too long."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accountability import tasks
from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.models import Alarm, Deadline, Matter, Notification
from accountability.monitoring import reminders
from complaints.models import Complaint
from tests.factories import WAY, Now, Play
from tests.looking import deadline, writes

MICROSECOND = timedelta(microseconds=1)


def warned(kind: str = "handoff") -> list[tuple[int, str]]:
    rows = Notification.objects.filter(kind="warned", facts__kind=kind)
    return sorted((row.facts["percent"], row.recipient.username) for row in rows.select_related("recipient"))


def waiting() -> list[tuple[str, datetime, datetime, bool]]:
    rows = Alarm.objects.filter(kind="waiting").order_by("pk")
    return [(row.facts["awaits"], row.since, row.raised_at, row.cleared_at is None) for row in rows]


# Warnings


def test_warned_at_half_and_at_four_fifths_once_each(play: Play) -> None:
    """Of the thirty minutes: the holder after 15, after 24 also the head; no agent hears of a unit's clock."""
    play.upto("delivered")
    seen = []
    for minute in range(30):
        reminders.warn(read_instant(f"2026-11-24 09:{minute:02d}"))
        seen.append(len(warned()))
    assert seen == [0] * 15 + [1] * 9 + [3] * 6
    assert warned() == [(50, "wh.contact"), (80, "wh.contact"), (80, "wh.head")]


def test_warned_at_the_very_instant(play: Play) -> None:
    play.upto("delivered")
    half = read_instant("2026-11-24 09:15")
    assert (reminders.warn(half - MICROSECOND), reminders.warn(half)) == (0, 1)


def test_after_an_outage_only_the_later_warning(play: Play) -> None:
    play.upto("delivered")
    assert reminders.warn(read_instant("2026-11-24 09:25")) == 1
    assert {percent for percent, _name in warned()} == {80}
    assert reminders.warn(read_instant("2026-11-24 09:26")) == 0


def test_what_is_missed_met_void_or_suspended_is_not_warned_of(play: Play, now: Now) -> None:
    missed = play.upto("delivered")
    sweeper.sweep(now.forward(minutes=31))
    now.forward(hours=1)
    play.upto("handed_off", phone="13900001111")
    suspended = play("request_return", "wh.contact", play.upto("delivered", phone="13900002222"))
    void = play("handle_directly", "kf.agent", play.upto("registered", phone="13900003333", category="网络质量"))
    reminders.warn(now.forward(minutes=29))

    assert warned() == []
    assert [deadline(complaint, "handoff", 1).warn_at for complaint in (missed, suspended)] == [None, None]
    assert deadline(void, "network_solution").warn_at is None
    assert warned("ruling") == []
    reminders.warn(now.forward(hours=1))
    assert warned("ruling") == [(50, "kf.agent")]


def test_a_fresh_hand_off_is_warned_of_anew(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    reminders.warn(now.forward(minutes=16))
    play("request_return", "wh.contact", complaint)
    play("rule_on_return", "kf.agent", complaint, at=now.forward(hours=1), accepted=False)
    reminders.warn(now.forward(minutes=15))
    assert warned() == [(50, "wh.contact"), (50, "wh.contact")]


def test_on_the_duty_clock_it_is_duty_time_that_runs(play: Play, now: Now) -> None:
    """S3: from 17:20 ten minutes run, the next morning twenty more; half of it at 08:35."""
    play("set_policy", "sc.officer", handoff_clock="duty")
    now.set("2026-11-24 17:20")
    complaint = play.upto("delivered")
    assert deadline(complaint, "handoff", 1).warn_at == read_instant("2026-11-25 08:35")


def test_an_answer_judged_incomplete_is_warned_of_again(play: Play, now: Now) -> None:
    """At 20 of 36 hours half has passed: at once of the half, later of the four fifths, and of neither twice."""
    complaint = play.upto("answered", at=now.at)
    reminders.warn(now.forward(hours=20))
    assert warned("handling") == []
    play("judge_complete", "kf.agent", complaint, complete=False, reason="未退费。")
    reminders.warn(now.at)
    reminders.warn(now.forward(hours=9))
    assert [percent for percent, _name in warned("handling")] == [50, 80, 80, 80]


def test_the_duty_owed_by_nobody_is_warned_of_to_the_agent(play: Play, now: Now) -> None:
    """A forwarded complaint that is registered belongs to its agent; before that nothing runs."""
    play.upto("forwarded")
    assert Deadline.objects.count() == 0
    play.upto("registered", phone="13900001111")
    reminders.warn(now.forward(hours=24))
    assert warned("first_reply") == [(50, "kf.agent")]


# Alarms

AWAITED = {
    "forwarded": ("register", 2),
    "registered": ("dispatch", 2),
    "handling": ("judge_complete", 4),
    "delivered": ("hand_off", 1),
    "reported": ("name_handler", 0.5),
    "handed_off": ("accept", 4),
    "accepted": ("answer", 48),
    "under_review": ("approve_answer", 4),
    "return_requested": ("rule_on_return", 3),
    "returned": ("dispatch", 2),
    "answered": ("judge_complete", 4),
    "completed": ("reply", 4),
    "forwarded and completed": ("reply", 4),
    "replied": ("record_satisfaction", 24),
}


def test_every_open_state_has_its_waiting_age() -> None:
    assert set(AWAITED) == set(WAY) - {"archived"}


@pytest.mark.parametrize("state", AWAITED)
def test_what_waits_too_long_raises_one_alarm(play: Play, now: Now, state: str) -> None:
    verb, hours = AWAITED[state]
    complaint = play.upto(state)
    begun = now.at
    due = begun + timedelta(hours=hours)
    assert (complaint.matter.awaits, complaint.matter.waiting_since, complaint.matter.alarm_at) == (verb, begun, due)

    assert (reminders.raise_alarms(due - MICROSECOND), reminders.raise_alarms(due)) == (0, 1)
    assert reminders.raise_alarms(due + timedelta(days=1)) == 0
    assert waiting() == [(verb, begun, due, True)]


def test_after_dissatisfaction_the_decision_is_awaited(play: Play, now: Now) -> None:
    complaint = play("record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False)
    assert (complaint.matter.awaits, complaint.matter.alarm_at) == ("decide", now.at + timedelta(hours=24))


@pytest.mark.rule("R21")
def test_the_leader_reported_to_is_alarmed_after_half_an_hour_with_the_head_and_the_centres_supervisor(
    play: Play, now: Now
) -> None:
    """The leader has no limit of their own; it waits as long as it might have with the contact."""
    play.upto("reported")
    assert reminders.raise_alarms(now.forward(minutes=29)) == 0
    reminders.raise_alarms(now.forward(minutes=1))
    told = Notification.objects.filter(kind="waiting").values_list("recipient__username", flat=True)
    assert sorted(told) == ["kf.supervisor", "wh.head", "wh.leader"]


def test_the_next_step_clears_the_alarm_and_the_next_wait_has_its_own(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    first = now.forward(hours=1)
    reminders.raise_alarms(first)
    handed = now.forward(minutes=5)
    complaint = play("hand_off", "wh.contact", complaint)
    assert Alarm.objects.get().cleared_at == handed
    reminders.raise_alarms(now.forward(hours=4))
    assert [(verb, is_open) for verb, _since, _at, is_open in waiting()] == [("hand_off", False), ("accept", True)]
    assert complaint.matter.waiting_since == handed


def test_a_note_beside_the_flow_clears_nothing(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    reminders.raise_alarms(now.forward(hours=1))
    play("chase", "kf.agent", complaint)
    play("escalate", "kf.agent", complaint)
    assert [is_open for *_rest, is_open in waiting()] == [True]


def test_the_archive_awaits_nobody(play: Play) -> None:
    matter = play.upto("archived").matter
    assert (matter.awaits, matter.waiting_since, matter.alarm_at, matter.holder_id) == ("", None, None, None)
    assert matter.closed_at == play.now.at


def test_a_silent_ruling_begins_a_new_wait_when_it_is_noticed(play: Play, now: Now) -> None:
    complaint = play.upto("return_requested")
    noticed = now.forward(hours=5)
    sweeper.sweep(noticed)
    matter = Matter.objects.get(pk=complaint.matter_id)
    assert (matter.awaits, matter.waiting_since) == ("accept", noticed)


# All together


def test_reminding_twice_says_nothing_twice(play: Play, now: Now) -> None:
    for place, state in enumerate(AWAITED):
        play.upto(state, phone=f"139{place:08d}")
    reminders.remind(now.forward(hours=30))
    before = writes()
    reminders.remind(now.at)
    assert writes() == before


def test_more_than_a_batch_is_reminded_in_one_run(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "BATCH", 3)
    for number in range(10):
        play.upto("delivered", phone=f"139{number:08d}")
    assert reminders.warn(now.forward(minutes=15)) == 10
    assert reminders.raise_alarms(now.forward(hours=1)) == 10


def test_the_task_judges_warns_and_alarms_by_the_clock(play: Play, now: Now) -> None:
    """One wake-up does it all, and reads the clock once."""
    complaint = play.upto("delivered")
    now.forward(hours=1)
    assert tasks.sweep() == 1
    assert deadline(complaint, "handoff", 1).noticed_at == now.at
    assert [awaits for awaits, *_rest in waiting()] == ["hand_off"]
    assert tasks.sweep() == 0


def test_a_notice_is_sent_once(play: Play, now: Now) -> None:
    play.upto("delivered")
    unsent = Notification.objects.filter(sent_at=None).count()
    assert (tasks.send_notifications(), tasks.send_notifications()) == (unsent, 0)
    assert set(Notification.objects.values_list("sent_at", flat=True)) == {now.at}


def _told(complaint: Complaint, kind: str) -> list[Any]:
    rows = Notification.objects.filter(matter_id=complaint.matter_id, kind=kind)
    return sorted(rows.values_list("recipient__username", flat=True))


def test_the_new_holder_hears_of_it_and_nobody_of_their_own_act(play: Play) -> None:
    complaint = play.upto("accepted")
    assert _told(complaint, "to_do") == ["wh.contact", "wh.deputy", "wh.zhang"]
    assert _told(complaint, "joint") == ["wh.leader"]
