"""Whatever waits for a year's calendar goes on once the year is published, however it came to be: by the verb, by an
upgrade, or while the limit was being begun.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability.actions import waiting_limits
from accountability.audit.chains import broken
from accountability.deadlines.limits import CalendarYearRules, read_instant
from accountability.gate import sweeper
from accountability.gate.act import Act
from accountability.models import Alarm, Deadline, LedgerEntry, Matter, Notification
from accountability.monitoring import reminders
from accountability.notices.sentences import notice
from accountability.seed import foundation
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.looking import deadline, verbs_of

NETWORK = {"category": "网络质量"}
NEW_YEAR: dict[str, Any] = {"year": 2027, "days_off": ["2027-01-01"], "days_worked": ["2027-01-03"]}
RULES = CalendarYearRules(2027, 1, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}))


@pytest.fixture
def upgraded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A new release that knows the days of 2027 is migrated."""
    monkeypatch.setattr(foundation, "published_years", lambda: {2027: RULES})
    monkeypatch.setattr(foundation, "names_of", lambda year: {})
    return lambda: foundation._seed_calendar(cast["system"])


def waiting(play: Play, now: Now, **of_intake: Any) -> Complaint:
    now.set("2026-12-30 09:00")
    return play.upto("delivered", **NETWORK, **of_intake)


def dues(*complaints: Complaint) -> list[datetime | None]:
    return [deadline(complaint, "contact_on_site").due_at for complaint in complaints]


GIVEN = read_instant("2027-01-04 24:00")


def test_a_year_that_an_upgrade_brings_releases_what_waits_for_it(play: Play, now: Now, upgraded: Any) -> None:
    complaint = waiting(play, now)
    reminders.remind(now.at)
    upgraded()
    reminders.remind(now.forward(seconds=5))

    assert dues(complaint) == [GIVEN]
    solution = deadline(complaint, "network_solution").due_at
    handling = deadline(complaint, "handling", 1)
    assert (handling.due_at, handling.floor_at, handling.awaits_year) == (solution, solution, None)
    assert [(alarm.key, alarm.cleared_at) for alarm in Alarm.objects.filter(kind="calendar")] == [
        ("calendar:2027", now.at)
    ]
    entry = LedgerEntry.objects.filter(matter=complaint.matter_id).latest("seq")
    assert (entry.verb, entry.actor.username, entry.facts["year"], entry.facts["version"]) == (
        "publish_calendar", "system", 2027, 1,
    )  # fmt: skip
    assert [limit["kind"] for limit in entry.facts["limits"]] == ["network_solution", "contact_on_site", "handling"]
    assert broken(Matter.objects.get(pk=complaint.matter_id)) is None
    before = LedgerEntry.objects.count()
    reminders.remind(now.forward(seconds=5))
    assert LedgerEntry.objects.count() == before


def test_one_that_has_passed_runs_to_the_end_of_the_day_of_its_release(play: Play, now: Now, upgraded: Any) -> None:
    complaint = waiting(play, now)
    upgraded()
    reminders.remind(now.set("2027-01-20 11:00"))
    assert dues(complaint) == [read_instant("2027-01-20 24:00")]


def test_at_night_a_few_hours_are_left(play: Play, now: Now, upgraded: Any) -> None:
    complaint = waiting(play, now)
    upgraded()
    reminders.remind(now.set("2027-01-20 23:59:58"))
    assert dues(complaint) == [read_instant("2027-01-21 24:00")]


def test_a_limit_that_waits_for_a_year_gone_by_keeps_its_alarm(play: Play, now: Now) -> None:
    waiting(play, now)
    reminders.check_calendar(now.set("2028-02-01 09:00"))
    assert sorted(Alarm.objects.filter(kind="calendar").values_list("key", flat=True)) == [
        "calendar:2027", "calendar:2028",
    ]  # fmt: skip


def test_the_verb_leaves_a_held_matter_alone(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = waiting(play, now)
    with monkeypatch.context() as patched:
        patched.setattr(Act, "held", property(lambda act: act.matter.pk == complaint.matter_id))
        play("publish_calendar", "sc.officer", **NEW_YEAR)
    assert (dues(complaint), verbs_of(complaint).count("publish_calendar")) == ([None], 0)
    reminders.release_waiting(now.forward(seconds=5))
    assert dues(complaint) == [GIVEN]


def test_while_a_return_waits_for_its_ruling_the_units_own_people_are_told(play: Play, now: Now, upgraded: Any) -> None:
    """The centre's agent, who holds it then, owes none of it; the clock of the hand-over stands still."""
    play("set_policy", "sc.officer", handoff_clock="duty")
    now.set("2027-01-05 09:00")
    complaint = play.upto("delivered", **NETWORK)
    play("request_return", "wh.contact", complaint)
    upgraded()
    reminders.remind(now.forward(minutes=5))
    found = Notification.objects.filter(kind="calendar_gives", facts__part=1)
    assert {(row.recipient.username, row.facts["kind"]) for row in found} == {
        ("wh.contact", "handling"), ("wh.head", "handling"),
    }  # fmt: skip


def test_who_owes_it_is_told_the_instant(play: Play, now: Now, upgraded: Any) -> None:
    complaint = waiting(play, now)
    play("hand_off", "wh.contact", complaint)
    upgraded()
    reminders.remind(now.forward(hours=1))
    found = Notification.objects.filter(kind="calendar_gives", matter=complaint.matter_id).order_by("pk")
    assert {row.recipient.username for row in found} == {"wh.zhang"}
    assert [notice(row) for row in found] == [
        "工作日历已公布，“网络技术方案”时限至 2027-01-08 24:00。",
        "工作日历已公布，“联系上门测试”时限至 2027-01-04 24:00。",
        "工作日历已公布，“处理”时限至 2027-01-08 24:00（第 1 轮）。",
    ]


def test_nobody_is_told_of_what_is_met_void_or_a_window(play: Play, now: Now, upgraded: Any) -> None:
    now.set("2026-12-31 09:00")
    met = play.upto("accepted", **NETWORK)
    play("contact_customer", "wh.zhang", met)
    upgraded()
    reminders.remind(now.forward(hours=1))
    assert deadline(met, "contact_on_site").due_at is not None
    assert deadline(met, "return", 1).due_at is not None
    told = Notification.objects.filter(kind="calendar_gives").values_list("facts__kind", flat=True)
    assert sorted(told) == ["handling", "network_solution"]


def test_the_verb_releases_the_first_matters_and_the_sweep_the_others(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints = [waiting(play, now, phone=f"1390000111{last}") for last in range(3)]
    monkeypatch.setattr(waiting_limits, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(reminders, "MOST_RELEASED", 1)
    play("publish_calendar", "sc.officer", **NEW_YEAR)
    assert dues(*complaints) == [GIVEN, None, None]
    reminders.release_waiting(now.forward(seconds=5))
    assert dues(*complaints) == [GIVEN, GIVEN, None]
    reminders.release_waiting(now.forward(seconds=5))
    assert dues(*complaints) == [GIVEN, GIVEN, GIVEN]
    by = [LedgerEntry.objects.filter(matter=one.matter_id).latest("seq").actor.username for one in complaints]
    assert by == ["sc.officer", "system", "system"]


def test_the_work_of_publishing_does_not_grow_with_what_waits(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_limits, "MOST_AT_ONCE", 1)
    waiting(play, now)
    counted = []
    for more in range(3):
        waiting(play, now, phone=f"1390000111{more}")
        with CaptureQueriesContext(connection) as sent, transaction.atomic():
            play("publish_calendar", "sc.officer", **NEW_YEAR)
            transaction.set_rollback(True)
        counted.append(len(sent))
    assert len(set(counted)) == 1


def test_a_limit_over_two_unpublished_years_waits_for_the_second(play: Play, now: Now, upgraded: Any) -> None:
    return_in_three_hundred_days: dict[str, Any] = {"return": {"P3": "300wd"}}
    play("set_limits", "sc.officer", **return_in_three_hundred_days)
    complaint = waiting(play, now)
    assert deadline(complaint, "return", 1).awaits_year == 2027
    upgraded()
    reminders.release_waiting(now.forward(seconds=5))
    assert (deadline(complaint, "return", 1).due_at, deadline(complaint, "return", 1).awaits_year) == (None, 2028)
    assert verbs_of(complaint).count("publish_calendar") == 1
    assert not waiting_limits.releasable().exists()
    play("publish_calendar", "sc.officer", year=2028)
    found = deadline(complaint, "return", 1)
    assert (found.due_at is None, found.awaits_year) == (False, None)
    assert found.calendar == {"2026": 1, "2027": 1, "2028": 1}


def answered_while_it_waited(play: Play, now: Now) -> Complaint:
    complaint = waiting(play, now)
    play("hand_off", "wh.contact", complaint)
    play("accept", "wh.zhang", complaint)
    play("propose_solution", "wh.zhang", complaint)
    return play("answer", "wh.zhang", complaint, at=now.set("2027-01-14 10:00"))


def test_a_duty_reopened_after_its_instant_was_given_too_late_runs_to_the_end_of_the_day(
    play: Play, now: Now, upgraded: Any
) -> None:
    complaint = answered_while_it_waited(play, now)
    upgraded()
    reminders.remind(now.set("2027-01-20 09:00"))
    assert deadline(complaint, "handling", 1).due_at == read_instant("2027-01-08 24:00")
    play("judge_complete", "kf.agent", complaint, complete=False, reason="未答", at=now.forward(hours=1))
    end = read_instant("2027-01-20 24:00")
    for kind, part in (("handling", 1), ("network_solution", 0)):
        found = deadline(complaint, kind, part)
        assert (found.due_at, found.met_at, found.warn_at is None) == (end, None, False)
    given = LedgerEntry.objects.filter(matter=complaint.matter_id).latest("seq").facts["given"]
    assert [limit["kind"] for limit in given] == ["handling", "network_solution"]
    sweeper.sweep(end)
    assert not Deadline.objects.filter(missed_at__isnull=False, kind__in=("handling", "network_solution")).exists()
    sweeper.sweep(end + timedelta(seconds=6))
    assert deadline(complaint, "handling", 1).missed_at == end


def test_one_whose_instant_was_given_in_time_is_late_when_it_is_reopened_late(
    play: Play, now: Now, upgraded: Any
) -> None:
    complaint = waiting(play, now)
    upgraded()
    reminders.remind(now.forward(hours=1))
    play("hand_off", "wh.contact", complaint)
    play("accept", "wh.zhang", complaint)
    play("propose_solution", "wh.zhang", complaint)
    play("answer", "wh.zhang", complaint, at=now.set("2027-01-08 10:00"))
    play("judge_complete", "kf.agent", complaint, complete=False, reason="未答", at=now.set("2027-01-20 10:00"))
    assert deadline(complaint, "handling", 1).due_at == read_instant("2027-01-08 24:00")
