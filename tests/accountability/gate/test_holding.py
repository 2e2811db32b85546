"""After a restore or a long outage nothing is judged of what fell due while nobody was served."""

# mypy: disable-error-code="union-attr"

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability import tasks
from accountability.deadlines.limits import read_instant
from accountability.gate import holding, lookups, sweeper
from accountability.gate.act import Refused
from accountability.gate.lookups import windows_at
from accountability.gate.sweeper import sweep
from accountability.models import AccessLog, Alarm, Deadline, Hold, Notification, PeopleServed
from accountability.monitoring import heartbeats, reminders
from complaints.models import Complaint
from config import watching
from tests.accountability.gate.held import QUARTER, after, away, held, missed, propose
from tests.factories import Now, Play
from tests.looking import deadline

__all__ = ["held"]

pytestmark = pytest.mark.rule("R19")

NINE, ELEVEN = (read_instant(f"2026-11-24 {hour}:00") for hour in ("09", "11"))


def window() -> tuple[Any, Any]:
    hold = Hold.objects.get()
    return hold.since, hold.until


def refused(play: Play, complaint: Complaint) -> Refused:
    """Unlike `Play.refused`: the first act after an outage begins the hold."""
    with pytest.raises(Refused) as caught:
        play("hand_off", "wh.contact", complaint)
    return caught.value


# It begins


def test_the_sweep_begins_it_and_judges_nothing_of_the_window(play: Play, now: Now) -> None:
    """Worker first: nobody is served yet."""
    away(play)
    assert sweep(now.at) == 0
    assert (missed(), window()) == ([], (NINE, None))


def test_the_first_click_begins_it_before_any_sweep(play: Play) -> None:
    complaint = away(play)[0]
    refusal = refused(play, complaint)
    assert (refusal.code, missed(), window()) == ("held", [], (NINE, None))
    assert str(refusal).startswith("本件有时限在系统停摆期间（2026-11-24 09:00 – …）到期")


def test_the_web_process_that_starts_first_keeps_the_proof(play: Play, now: Now) -> None:
    """It overwrites the mark that says since when nobody was served."""
    complaint = away(play)[0]
    tasks.note_served()
    assert (PeopleServed.objects.get().at, window()) == (now.at, (NINE, ELEVEN))
    assert play.refused("hand_off", "wh.contact", complaint).code == "held"
    assert (sweep(now.at), missed()) == (0, [])


def test_a_worker_alone_judges_nothing_while_no_web_process_lives(play: Play, now: Now) -> None:
    """The hand-off fell due ten minutes after the last mark, before a hold could begin."""
    play.upto("delivered")
    holding.note_served(now.forward(minutes=20))
    for _minute in range(60):
        assert sweep(now.forward(minutes=1)) == 0
        reminders.remind(now.at)
    assert (missed(), window()) == ([], (read_instant("2026-11-24 09:20"), None))
    holding.note_served(now.at)
    assert (sweep(now.at), window()[1]) == (0, now.at)


def test_a_web_process_that_is_away_for_less_holds_nothing(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    holding.note_served(now.forward(minutes=20))
    assert sweep(now.forward(minutes=14)) == 0  # the hand-off fell due at 09:30, and nobody is there
    after(now, 1)
    assert (sweep(now.at), missed(), Hold.objects.exists()) == (1, ["handoff"], False)
    assert deadline(complaint, "handoff", 1).missed_at == read_instant("2026-11-24 09:30")


def test_a_copy_that_was_put_back_is_held_however_young_it_is(play: Play, now: Now) -> None:
    """Served until 09:27, put back at 09:34: the hand-over of 09:28, in time, is lost."""
    complaint = play.upto("delivered")
    after(now, 27)
    now.forward(minutes=5)
    call_command("start_held", stdout=(said := StringIO()))
    assert said.getvalue() == ("held: limits due from 2026-11-24 09:27 to the instant when people are served again\n")
    after(now, 2)
    assert (sweep(now.at), missed(), window()) == (0, [], (read_instant("2026-11-24 09:27"), now.at))
    assert play.refused("hand_off", "wh.contact", complaint).code == "held"


def test_a_web_process_that_was_left_running_hides_no_lost_minutes(play: Play, now: Now) -> None:
    """It has overwritten the mark of the copy."""
    play.upto("delivered")
    after(now, 27)
    after(now, 7)
    with pytest.raises(CommandError, match="served people within the last minute"):
        call_command("start_held")
    call_command("start_held", "--since", "2026-11-24 09:27", stdout=StringIO())
    after(now, 1)
    assert (sweep(now.at), missed(), window()[0]) == (0, [], read_instant("2026-11-24 09:27"))


def test_one_that_was_put_back_before_the_ruling_makes_the_window_longer(
    held: list[Complaint], play: Play, now: Now
) -> None:
    propose(play)
    assert holding.begin_after_restore(now.forward(minutes=5)) == ELEVEN
    assert (window(), Hold.objects.get().proposed_by) == ((NINE, None), None)


def test_what_was_written_before_the_copy_was_put_back_is_not_sent_again(play: Play, now: Now) -> None:
    """The copy was made while nobody was served, and what was written until then has gone meanwhile."""
    away(play)
    holding.look(now.at)
    again = now.forward(hours=5)
    assert holding.begin_after_restore(again) == NINE
    assert holding.withheld_before(windows_at(again)) == again


def test_a_copy_without_a_mark_isnt_held(play: Play, now: Now, settings: Any) -> None:
    with pytest.raises(CommandError, match="It isn't held: there is no mark of life"):
        call_command("start_held")
    holding.note_served(now.at)
    settings.HOLD_AFTER = timedelta()
    now.forward(hours=2)
    with pytest.raises(CommandError, match="It isn't held: HOLD_AFTER is 0"):
        call_command("start_held")
    assert not Hold.objects.exists()


def test_while_people_are_served_everything_is_judged(play: Play, now: Now) -> None:
    play.upto("delivered")
    for _minute in range(35):
        after(now, 1)
        sweep(now.at)
    assert (missed(), Hold.objects.exists()) == (["handoff"], False)


@pytest.mark.parametrize("minutes", [0, 600])
def test_a_system_without_a_mark_holds_nothing(play: Play, now: Now, settings: Any, minutes: int) -> None:
    """A fresh installation, the commands, replay and demo; and where HOLD_AFTER is 0 however old the mark is."""
    settings.HOLD_AFTER = timedelta() if minutes else QUARTER
    complaint = play.upto("delivered")
    if minutes:
        holding.note_served(now.at)
    holding.forget()
    now.forward(hours=2)
    assert sweep(now.at) == 1
    assert play("hand_off", "wh.contact", complaint).round.state == "handed_off"
    assert not Hold.objects.exists()


def test_two_outages_are_one_window_while_nobody_has_ruled(held: list[Complaint], play: Play, now: Now) -> None:
    other = play.upto("delivered")
    now.forward(hours=1)
    assert refused(play, other).code == "held"
    assert window() == (NINE, None)
    after(now, 1)
    assert window() == (NINE, now.at)


def test_it_is_told_once_to_marketing_supervisors_and_the_system_administrator(play: Play, now: Now) -> None:
    away(play)
    for _time in range(3):
        sweep(now.at)
        after(now, 1)
    told = Notification.objects.filter(kind="held").values_list("recipient__username", flat=True)
    assert sorted(told) == ["kf.supervisor", "sc.leader", "sc.officer", "sc.officer2", "sj.system"]
    assert Alarm.objects.get(cleared_at=None).kind == "held"


def test_what_fell_due_is_passed_on_to_nobody_before_it_can_be_judged(play: Play, now: Now) -> None:
    """No web process has lived for five minutes, and no hold has begun yet."""
    complaint = play.upto("delivered")
    play("record_absence", "wh.head", employee="wh.contact", starts_at="2026-11-24 09:31", reason="病假")
    holding.note_served(now.forward(minutes=29))
    sweep(now.forward(minutes=5))
    reminders.remind(now.at)
    owed = deadline(complaint, "handoff", 1)
    assert (owed.missed_at, owed.person) == (None, play.cast["wh.contact"])
    after(now, 1)
    sweep(now.at)
    reminders.remind(now.at)
    owed = deadline(complaint, "handoff", 1)
    assert (owed.missed_at is not None, owed.person) == (True, play.cast["wh.contact"])
    assert play.again(complaint).round.contact != play.cast["wh.contact"]


# The mark of life


def test_no_failure_keeps_the_mark_from_being_written(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_at: object) -> None:
        raise ValueError

    monkeypatch.setattr("accountability.monitoring.watchman.look", fails)
    monkeypatch.setattr("accountability.notices.wrong_clock.demand_right", fails)
    monkeypatch.setattr(connection, "close", lambda: None)
    watching.look()
    watching.note_served()
    assert "the watch over the tasks failed" in caplog.text
    assert PeopleServed.objects.get().at == now.at


def test_a_machine_with_a_wrong_clock_serves_nobody(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountability.deadlines.clock.skew", lambda _at: timedelta(hours=1))
    tasks.note_served()
    assert not PeopleServed.objects.exists()


def test_neither_tasks_nor_their_watch_write_the_mark(play: Play, now: Now) -> None:
    heartbeats.expect_all(now.at)
    sweep(now.at)
    assert not PeopleServed.objects.exists()


def test_a_clock_that_goes_back_takes_nothing_back(play: Play, now: Now) -> None:
    holding.note_served(now.at)
    holding.note_served(now.at - timedelta(hours=1))
    assert PeopleServed.objects.get().at == now.at


# What is asked, and how often


def statements(work: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_an_act_asks_once_and_then_not_for_ten_seconds(play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    holding.note_served(now.at)
    holding.forget()
    assert (statements(lambda: windows_at(now.at)), statements(lambda: windows_at(now.at))) == (1, 0)
    assert play("hand_off", "wh.contact", complaint)


def test_the_sweep_asks_each_time_with_one_statement(play: Play, now: Now, settings: Any) -> None:
    """One more than before there was a held state: whether one is, and since when nobody was served."""
    holding.note_served(now.at)
    assert [statements(lambda: holding.look(now.at)) for _time in range(2)] == [1, 1]


def test_a_kept_answer_is_never_taken_where_a_hold_can_have_begun(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The monotonic clock of a machine that slept says that no time has passed."""
    monkeypatch.setattr(lookups, "monotonic", lambda: 1.0)
    holding.note_served(now.at)
    holding.look(now.at)
    assert statements(lambda: windows_at(now.at + QUARTER - 2 * holding.MARGIN)) == 0
    assert statements(lambda: windows_at(now.at + QUARTER - holding.MARGIN / 2)) == 1
    assert windows_at(now.at + 2 * QUARTER)


def test_a_kept_answer_is_taken_for_ten_seconds_alone(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the database was replaced under the process."""
    holding.note_served(now.at)
    holding.look(now.at)
    later = lookups.monotonic() + holding.ASKED_EVERY + 1
    monkeypatch.setattr(lookups, "monotonic", lambda: later)
    assert statements(lambda: windows_at(now.at)) == 1


# What it means


def test_an_act_on_a_held_matter_is_refused_and_noted(held: list[Complaint], play: Play) -> None:
    refusal = play.refused("hand_off", "wh.contact", held[0])
    assert refusal.code == "held"
    assert "2026-11-24 09:00 – 2026-11-24 11:00" in str(refusal)
    assert list(AccessLog.objects.values_list("action", "result")) == [("hand_off", "held")]


def test_who_may_not_run_the_verb_is_told_that_alone(held: list[Complaint], play: Play) -> None:
    assert play.refused("hand_off", "yc.contact", held[0]).code == "forbidden"


def test_no_verb_does_anything_to_a_held_matter(held: list[Complaint], play: Play) -> None:
    """Voiding a limit, returning or withdrawing would lose its miss."""
    tried = (
        ("withdraw", "kf.agent"), ("recall", "kf.agent"), ("mark_duplicate", "kf.agent"), ("escalate", "kf.agent"),
        ("report_to_leader", "wh.contact"), ("add_note", "wh.contact"), ("chase", "kf.agent"),
    )  # fmt: skip
    assert {play.refused(verb, by, held[0]).code for verb, by in tried} == {"held"}


def test_the_sweep_its_chases_warnings_and_alarms_leave_a_held_matter_alone(
    held: list[Complaint], play: Play, now: Now
) -> None:
    before = Notification.objects.exclude(kind="held").count()
    for _hour in range(30):
        for _minute in range(6):
            after(now, 10)
        sweep(now.at)
        reminders.remind(now.at)
    about = Notification.objects.exclude(kind__in=("held", "calendar_missing", "units_without_contact"))
    assert (missed(), about.count()) == ([], before)


def test_a_matter_that_comes_to_be_held_meanwhile_is_left_alone(
    held: list[Complaint], now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep had chosen it before somebody's act reopened the limit."""
    monkeypatch.setattr(sweeper, "_waiting", lambda *_asked: [complaint.matter_id for complaint in held])
    assert (sweep(now.at), missed()) == (0, [])


def test_work_of_who_leaves_isnt_passed_on_before_the_miss_is_judged(held: list[Complaint], play: Play) -> None:
    before = deadline(held[0], "handoff", 1).person
    play("record_absence", "wh.head", employee="wh.contact", starts_at="2026-11-24 11:00", reason="病假")
    assert deadline(held[0], "handoff", 1).person == before
    assert play.again(held[0]).round.contact == before


def test_other_matters_go_on_and_are_judged(held: list[Complaint], play: Play, now: Now) -> None:
    """A new complaint and its thirty minutes too."""
    fresh, late = play.upto("delivered"), play.upto("delivered")
    fresh = play("hand_off", "wh.contact", fresh)
    for _minute in range(31):
        after(now, 1)
    assert sweep(now.at) == 1
    assert deadline(late, "handoff", 1).missed_at == read_instant("2026-11-24 11:30")
    assert play("accept", "wh.zhang", fresh).round.state == "accepted"


def test_what_fell_due_before_the_window_is_judged(play: Play, now: Now) -> None:
    """People were there when it fell due."""
    complaint = play.upto("delivered")
    holding.note_served(now.forward(minutes=31))
    holding.forget()
    now.forward(hours=2)
    assert sweep(now.at) == 1
    assert deadline(complaint, "handoff", 1).missed_at is not None
    assert play("hand_off", "wh.contact", complaint).round.state == "handed_off"


def test_a_limit_that_is_reopened_in_the_window_holds_its_matter(play: Play, now: Now) -> None:
    """The unit had answered; the centre finds the answer incomplete, and the limit passed while nobody was there."""
    complaint = play.upto("answered", priority="P1")
    holding.note_served(now.forward(hours=7))
    holding.forget()
    now.forward(hours=3)
    holding.note_served(now.at)
    complaint = play("judge_complete", "kf.agent", complaint, complete=False, reason="缺少凭证")
    assert deadline(complaint, "handling", 1).missed_at is None
    assert play.refused("answer", "wh.zhang", complaint).code == "held"


def test_a_hold_outlives_the_act_that_found_it(play: Play) -> None:
    complaint = away(play)[0]
    refused(play, complaint)
    assert (Hold.objects.count(), Deadline.objects.filter(missed_at__isnull=False).count()) == (1, 0)
