"""A year whose calendar isn't published: nothing is guessed, nobody judged, an alarm stands; publishing settles it."""

from datetime import timedelta
from typing import Any

import pytest

from accountability.audit.chains import broken
from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.gate.act import Refused
from accountability.gate.subjects import Organisation
from accountability.models import Alarm, CalendarYear, Deadline, LedgerEntry, Matter, Notification
from accountability.monitoring import reminders
from tests.factories import Now, Play
from tests.looking import deadline, verbs_of, writes

NEW_YEAR: dict[str, Any] = {"year": 2027, "days_off": ["2027-01-01"], "days_worked": ["2027-01-03"]}
RETURN_IN_FORTY_DAYS: dict[str, Any] = {"return": {"P3": "40wd"}}
NETWORK = {"category": "网络质量"}


def alarms() -> list[tuple[str, bool]]:
    found = Alarm.objects.filter(kind="calendar").order_by("pk")
    return [(alarm.key, alarm.cleared_at is None) for alarm in found]


def sweep(at: Any) -> None:
    sweeper.sweep(at)
    reminders.remind(at)


def test_a_limit_that_reaches_into_an_unpublished_year_has_no_instant(play: Play, now: Now) -> None:
    now.set("2026-12-30 09:00")
    complaint = play.upto("delivered", **NETWORK)

    waiting = ("contact_on_site", "network_solution")
    assert [(deadline(complaint, kind).due_at, deadline(complaint, kind).status) for kind in waiting] == [
        (None, "open"), (None, "open"),
    ]  # fmt: skip
    assert deadline(complaint, "handling", 1).due_at is None  # never before the solution, whose instant is unknown
    assert deadline(complaint, "return", 1).due_at == read_instant("2026-12-31 24:00")
    assert deadline(complaint, "first_reply").due_at == read_instant("2027-01-01 09:00")
    assert deadline(complaint, "legal").due_at == read_instant("2027-01-14 24:00")


def test_nobody_is_judged_by_it(play: Play, now: Now) -> None:
    now.set("2026-12-30 09:00")
    complaint = play.upto("delivered", **NETWORK)
    sweep(now.set("2027-06-30 09:00"))
    assert sorted(Deadline.objects.exclude(missed_at=None).values_list("kind", flat=True)) == [
        "first_reply", "handoff", "legal",
    ]  # fmt: skip
    assert deadline(complaint, "contact_on_site").status == "open"


def test_waiting_limits_get_their_instants(play: Play, now: Now) -> None:
    """30 December is not counted: 31 December, 3 January (worked), 4 January are the three working days."""
    now.set("2026-12-30 09:00")
    complaint = play.upto("delivered", **NETWORK)
    play("publish_calendar", "sc.officer", at=now.set("2026-12-31 10:00"), **NEW_YEAR)

    found = deadline(complaint, "contact_on_site")
    assert found.due_at == read_instant("2027-01-04 24:00")
    assert found.calendar == {"2026": 1, "2027": 1}
    assert found.started_at == read_instant("2026-12-30 09:00")
    solution = deadline(complaint, "network_solution").due_at
    assert solution == read_instant("2027-01-08 24:00")
    handling = deadline(complaint, "handling", 1)
    assert (handling.due_at, handling.floor_at) == (solution, solution)
    assert verbs_of(complaint)[-1] == "publish_calendar"
    assert broken(Matter.objects.get(pk=complaint.matter_id)) is None
    sweeper.sweep(read_instant("2027-01-05 00:01"))
    assert deadline(complaint, "contact_on_site").missed_at == read_instant("2027-01-04 24:00")


def test_one_that_has_passed_runs_to_the_end_of_the_day_of_publishing(play: Play, now: Now) -> None:
    now.set("2026-12-30 09:00")
    complaint = play.upto("delivered", **NETWORK)
    play("publish_calendar", "sc.officer", at=now.set("2027-01-20 11:00"), **NEW_YEAR)

    end = read_instant("2027-01-20 24:00")
    kinds = (("contact_on_site", 0), ("network_solution", 0), ("handling", 1))
    assert [deadline(complaint, *kind).due_at for kind in kinds] == [end, end, end]
    play("hand_off", "wh.contact", complaint)
    play("contact_customer", "wh.zhang", complaint, at=end)
    assert deadline(complaint, "contact_on_site").status == "met"
    sweeper.sweep(end + timedelta(seconds=6))
    assert deadline(complaint, "handling", 1).missed_at == end


def test_one_due_at_the_very_instant_of_publishing_has_not_passed(play: Play, now: Now) -> None:
    play("set_policy", "sc.officer", day_ends_at="17:30")
    now.set("2026-12-30 09:00")
    complaint = play.upto("registered", **NETWORK)
    due = read_instant("2027-01-04 17:30")
    play("publish_calendar", "sc.officer", at=due, **NEW_YEAR)
    assert deadline(complaint, "contact_on_site").due_at == due


def test_what_is_met_or_void_and_the_window_keep_the_computed_instant(play: Play, now: Now) -> None:
    now.set("2026-12-31 09:00")
    met = play.upto("accepted", **NETWORK)
    play("contact_customer", "wh.zhang", met, at=now.set("2027-01-10 09:00"))
    now.set("2026-12-30 09:00")
    void = play.upto("handling", phone="13900001111", **NETWORK)
    play("publish_calendar", "sc.officer", at=now.set("2027-01-20 11:00"), **NEW_YEAR)

    contact = deadline(met, "contact_on_site")
    assert (contact.due_at, contact.status) == (read_instant("2027-01-05 24:00"), "met")
    assert deadline(met, "return", 1).due_at == read_instant("2027-01-03 24:00")
    given_up = deadline(void, "contact_on_site")
    assert (given_up.due_at, given_up.status) == (read_instant("2027-01-04 24:00"), "void")
    assert deadline(met, "handling", 1).due_at == read_instant("2027-01-20 24:00")


def test_a_round_long_over_gets_its_windows_instant_too(play: Play, now: Now) -> None:
    now.set("2026-12-31 09:00")
    complaint = play("dispatch", "kf.agent", play.upto("returned"), unit="YC")
    play("publish_calendar", "sc.officer", at=now.set("2027-01-02 09:00"), **NEW_YEAR)
    assert [deadline(complaint, "return", part).due_at for part in (1, 2)] == [read_instant("2027-01-03 24:00")] * 2


def test_a_promise_does_not_move_with_a_correction(play: Play, now: Now) -> None:
    now.set("2026-12-30 09:00")
    complaint = play.upto("delivered", **NETWORK)
    play("publish_calendar", "sc.officer", **NEW_YEAR)
    promised = deadline(complaint, "contact_on_site").due_at
    play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-04"], reason="更正")
    assert deadline(complaint, "contact_on_site").due_at == promised
    later = play.upto("registered", phone="13900001111", **NETWORK)
    assert deadline(later, "contact_on_site").due_at == read_instant("2027-01-05 24:00")
    assert deadline(later, "contact_on_site").calendar == {"2026": 1, "2027": 2}
    assert list(CalendarYear.objects.filter(year=2027).order_by("version").values_list("version", "reason")) == [
        (1, ""), (2, "更正"),
    ]  # fmt: skip


def test_a_hand_off_that_waits_for_its_calendar_is_suspended_by_a_return_like_any_other(play: Play, now: Now) -> None:
    play("set_policy", "sc.officer", handoff_clock="duty")
    now.set("2027-01-05 09:00")
    complaint = play.upto("delivered")
    assert deadline(complaint, "handoff", 1).due_at is None
    play("request_return", "wh.contact", complaint)
    ruled = now.forward(minutes=10)
    play("rule_on_return", "kf.agent", complaint, accepted=False)

    fresh = deadline(complaint, "handoff", 1)
    assert (fresh.cycle, fresh.started_at, fresh.due_at, fresh.status) == (2, ruled, None, "open")
    play("publish_calendar", "sc.officer", **NEW_YEAR)
    assert deadline(complaint, "handoff", 1).due_at == read_instant("2027-01-05 09:40")


# January 2027


def test_a_year_without_a_calendar_raises_one_alarm_and_clears_it_when_published(play: Play, now: Now) -> None:
    sweep(now.set("2027-01-04 09:00"))
    sweep(now.forward(minutes=1))
    assert alarms() == [("calendar:2027", True)]
    told = Notification.objects.filter(kind="calendar_missing").values_list("recipient__username", flat=True)
    assert sorted(told) == ["sc.leader", "sc.officer", "sc.officer2"]

    complaint = play.upto("delivered")
    assert play("hand_off", "wh.contact", complaint).round.state == "handed_off"
    assert deadline(complaint, "handoff", 1).status == "met"
    assert deadline(complaint, "return", 1).due_at is None
    sweep(now.forward(minutes=1))
    assert alarms() == [("calendar:2027", True)]  # what waits for this year says nothing of the next

    play("publish_calendar", "sc.officer", **NEW_YEAR)
    sweep(now.forward(seconds=5))
    assert alarms() == [("calendar:2027", False)]


def test_a_return_is_not_late_while_its_window_is_unknown(play: Play, now: Now) -> None:
    now.set("2027-01-04 09:00")
    complaint = play("request_return", "wh.zhang", play.upto("accepted"), at=now.forward(days=30))
    assert complaint.round.late_return is False


@pytest.mark.parametrize(
    ("instant", "raised"),
    [("2026-10-31 24:00", []), ("2026-11-01 00:00", ["calendar:2027"]), ("2027-01-01 00:00", ["calendar:2027"])],
)
def test_from_november_on_the_next_year_is_asked_for(play: Play, now: Now, instant: str, raised: list[str]) -> None:
    reminders.check_calendar(now.set(instant))
    assert [key for key, _open in alarms()] == raised


def test_earlier_only_where_a_limit_waits_for_it(play: Play, now: Now) -> None:
    play("set_limits", "sc.officer", **RETURN_IN_FORTY_DAYS)
    now.set("2026-11-24 09:00")
    play.upto("delivered")
    reminders.check_calendar(now.at)
    assert alarms() == [("calendar:2027", True)]


# What is no calendar


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"year": 2027, "days_off": ["2026-12-31"]}, "days_off"),
        ({"year": 2027, "days_worked": ["2028-01-01"]}, "days_worked"),
        ({"year": 2027, "days_off": ["2027-01-03"], "days_worked": ["2027-01-03"]}, "days_worked"),
        ({"year": 1999}, "year"),
        ({"year": 2027, "days_off": ["New Year"]}, "days_off"),
    ],
)
def test_refused(play: Play, facts: dict[str, Any], field: str) -> None:
    before = writes()
    with pytest.raises(Refused) as caught:
        play("publish_calendar", "sc.officer", **facts)
    assert list(caught.value.fields) == [field]
    assert writes() == before


def test_the_organisations_own_ledger_tells_of_it(play: Play) -> None:
    play("publish_calendar", "sc.officer", **NEW_YEAR)
    organisation = Organisation.standing()
    entry = LedgerEntry.objects.get(matter=organisation.matter)
    assert (entry.verb, entry.actor.username, entry.facts) == (
        "publish_calendar",
        "sc.officer",
        NEW_YEAR | {"version": 1},
    )
    assert broken(organisation.matter) is None
