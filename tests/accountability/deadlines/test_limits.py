"""The worked cases of the notice's limits, the edges of each clock, and how instants and limits are written."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accountability.deadlines.limits import (
    MAX_COUNT,
    SHANGHAI,
    CalendarYearRules,
    DayLine,
    Days,
    Explanation,
    Fixed,
    Hours,
    Limit,
    Minutes,
    Workdays,
    WorkingCalendar,
    YearUnpublished,
    day_of,
    end_of_day,
    explain,
    is_weekend,
    parse_limit,
    read_instant,
    show_instant,
    warning_instant,
)
from accountability.seed.holidays import published_years

# A later release of the package may know 2027; the cases below are those of a day on which nobody does.
CALENDAR = WorkingCalendar({year: rules for year, rules in published_years().items() if year <= 2026})
RULES_2027 = CalendarYearRules(2027, 3, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}))
CALENDAR_WITH_2027 = WorkingCalendar({**published_years(), 2027: RULES_2027})
DUTY = Minutes(30, clock="duty")


def due(limit: Limit, start: str, calendar: WorkingCalendar = CALENDAR) -> str | None:
    """The due instant as a person reads it, so that the cases stand here as they stand in the notice's examples."""
    instant = limit.after(read_instant(start), calendar)
    return None if instant is None else show_instant(instant)


# The thirty minutes


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    ("start", "natural", "duty"),
    [
        pytest.param("2026-10-09 17:50", "2026-10-09 18:20", "2026-10-10 09:00", id="S1 make-up Saturday"),
        pytest.param("2026-11-20 17:50", "2026-11-20 18:20", "2026-11-23 09:00", id="S2 ordinary Friday"),
        pytest.param("2026-09-30 17:20", "2026-09-30 17:50", "2026-10-08 08:50", id="S3 across National Day"),
        pytest.param("2026-11-24 23:45", "2026-11-25 00:15", "2026-11-25 09:00", id="S6 across midnight"),
        pytest.param("2026-11-24 11:50", "2026-11-24 12:20", "2026-11-24 14:20", id="across the noon break"),
        pytest.param("2026-11-24 11:30", "2026-11-24 12:00", "2026-11-24 12:00", id="up to noon exactly"),
        pytest.param("2026-11-24 12:00", "2026-11-24 12:30", "2026-11-24 14:30", id="from noon exactly"),
        pytest.param("2026-11-24 13:10", "2026-11-24 13:40", "2026-11-24 14:30", id="in the noon break"),
        pytest.param("2026-11-24 17:00", "2026-11-24 17:30", "2026-11-24 17:30", id="up to the evening exactly"),
        pytest.param("2026-11-24 17:30", "2026-11-24 18:00", "2026-11-25 09:00", id="from the evening exactly"),
        pytest.param("2026-11-24 05:00", "2026-11-24 05:30", "2026-11-24 09:00", id="before the morning"),
        pytest.param("2026-10-03 09:00", "2026-10-03 09:30", "2026-10-08 09:00", id="on a holiday"),
        pytest.param("2026-11-24 11:59:59.999", "2026-11-24 12:29:59.999", "2026-11-24 14:29:59.999", id="by ms"),
    ],
)
def test_thirty_minutes_on_either_clock(start: str, natural: str, duty: str) -> None:
    assert (due(Minutes(30), start), due(DUTY, start)) == (natural, duty)


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    ("handed_off", "late"),
    [("2026-11-24 09:30:00.000", False), ("2026-11-24 09:30:00.001", True), ("2026-11-24 09:30:01", True)],
)
def test_thirty_minutes_include_the_thirtieth(handed_off: str, late: bool) -> None:
    limit_ends = Minutes(30).after(read_instant("2026-11-24 09:00:00"), CALENDAR)
    assert limit_ends is not None
    assert (limit_ends < read_instant(handed_off)) == late


def test_a_duty_limit_longer_than_a_day_runs_on_the_next_ones() -> None:
    assert due(Minutes(420, clock="duty"), "2026-11-24 08:30") == "2026-11-24 17:30"
    assert due(Minutes(421, clock="duty"), "2026-11-24 08:30") == "2026-11-25 08:31"


@pytest.mark.rule("R19", "R20")
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-11-24 17:20", "2026-11-24 17:50", id="within its own later hours"),
        pytest.param("2026-11-24 18:50", "2026-11-25 09:20", id="across its own evening"),
        pytest.param("2026-11-24 08:30", "2026-11-24 09:30", id="before its own morning"),
        pytest.param("2026-11-24 12:45", "2026-11-24 13:45", id="across its own noon"),
        pytest.param("2026-11-20 18:45", "2026-11-23 09:15", id="across the weekend"),
    ],
)
def test_a_unit_may_have_duty_hours_of_its_own(start: str, expected: str) -> None:
    own = parse_limit("30m duty 09:00-13:00 13:30-19:00")
    assert (due(own, start), str(own)) == (expected, "30m duty 09:00-13:00 13:30-19:00")
    assert own == Minutes(30, "duty", ((time(9), time(13)), (time(13, 30), time(19))))
    assert sum(line.counted or 0 for line in own.walk(read_instant(start), CALENDAR)) == 30


def test_a_warning_counts_the_units_own_hours() -> None:
    own, start = parse_limit("30m duty 09:00-13:00"), read_instant("2026-11-24 12:50")
    whole = own.after(start, CALENDAR)
    assert whole is not None
    assert show_instant(warning_instant(own, start, whole, 0.5, CALENDAR)) == "2026-11-25 09:05"


@pytest.mark.parametrize(
    "text",
    [
        "30m duty ", "30m duty 9:00-12:00", "30m duty 12:00-09:00", "30m duty 09:00-12:00  13:00-14:00",
        "30m duty 09:00-12:00 12:00-14:00", "30m 09:00-12:00", "30h duty 09:00-12:00", "0m duty 09:00-12:00",
    ],
)  # fmt: skip
def test_duty_hours_that_are_none_are_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_limit(text)


# Hours and days


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        pytest.param(Hours(36), "2026-10-09 17:50", "2026-10-11 05:50", id="S1 handling"),
        pytest.param(Hours(48), "2026-10-09 17:50", "2026-10-11 17:50", id="S1 first reply"),
        pytest.param(Hours(24), "2026-11-24 10:00", "2026-11-25 10:00", id="S25"),
        pytest.param(Hours(2), "2026-12-31 23:00", "2027-01-01 01:00", id="hours need no calendar"),
        pytest.param(Days(15), "2026-11-24 10:00", "2026-12-09 24:00", id="legal limit"),
        pytest.param(Days(15), "2026-11-24 00:00", "2026-12-09 24:00", id="legal limit from midnight"),
        pytest.param(Days(15), "2026-11-23 24:00", "2026-12-08 24:00", id="24:00 still belongs to its day"),
        pytest.param(Days(15), "2026-12-28 10:00", "2027-01-12 24:00", id="calendar days need no calendar"),
        pytest.param(Days(1), "2028-02-28 10:00", "2028-02-29 24:00", id="leap day"),
    ],
)
def test_natural_limits(limit: Limit, start: str, expected: str) -> None:
    assert due(limit, start) == expected


@pytest.mark.rule("R6")
def test_a_limit_given_in_writing_is_due_when_it_says() -> None:
    assert due(Fixed(read_instant("2026-11-24 15:00")), "2026-11-20 09:00") == "2026-11-24 15:00"


# Working days


@pytest.mark.rule("R42")
@pytest.mark.parametrize("start", ["2026-09-30 16:00", "2026-09-30 00:00", "2026-09-30 24:00", "2026-10-03 11:00"])
def test_notice_is_due_on_the_second_working_day(start: str) -> None:
    """S34 and S35: across National Day, from its eve as from a day within it."""
    assert due(Workdays(2), start) == "2026-10-09 24:00"
    assert due(Workdays(2, day_ends_at="17:30"), start) == "2026-10-09 17:30"


@pytest.mark.rule("R43")
def test_report_is_due_on_the_fifth_working_day() -> None:
    """S38 and S45: 8, 9, 10 (a make-up Saturday), 12 and 13 October; the next day's first second is late."""
    limit_ends = Workdays(5).after(read_instant("2026-09-30 10:00"), CALENDAR)
    assert limit_ends == datetime(2026, 10, 13, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    late = [limit_ends < read_instant(filed) for filed in ("2026-10-13 23:59:59", "2026-10-14 00:00:00")]
    assert late == [False, True]


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        pytest.param(Workdays(3), "2026-09-30 09:00", "2026-10-10 24:00", id="S27 contact on site"),
        pytest.param(Workdays(7), "2026-09-30 09:00", "2026-10-15 24:00", id="S27 network solution"),
        pytest.param(Workdays(2), "2026-11-26 09:00", "2026-11-30 24:00", id="S59"),
        pytest.param(Workdays(1), "2026-10-10 23:59:59", "2026-10-12 24:00", id="from a make-up Saturday"),
        pytest.param(Workdays(1), "2026-01-02 09:00", "2026-01-04 24:00", id="make-up Sunday"),
        pytest.param(Workdays(1), "2026-02-13 18:00", "2026-02-14 24:00", id="the make-up day before New Year"),
        pytest.param(Workdays(1), "2026-02-14 18:00", "2026-02-24 24:00", id="the nine days of New Year"),
        pytest.param(Workdays(3), "2026-12-28 09:00", "2026-12-31 24:00", id="to the last day published"),
    ],
)
def test_working_days(limit: Limit, start: str, expected: str) -> None:
    assert due(limit, start) == expected


# A year whose calendar is not published


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("limit", "start"),
    [
        pytest.param(Workdays(4), "2026-12-28 09:00", id="S44 runs into the year"),
        pytest.param(Workdays(1), "2027-03-01 09:00", id="begins in the year"),
        pytest.param(Workdays(1), "2003-12-30 09:00", id="before the first year"),
        pytest.param(DUTY, "2026-12-31 17:00:00.001", id="duty clock one millisecond into the year"),
        pytest.param(DUTY, "2026-12-31 18:00", id="duty clock after hours"),
        pytest.param(DUTY, "2027-01-05 09:00", id="duty clock in the year"),
    ],
)
def test_an_unpublished_year_is_never_guessed(limit: Limit, start: str) -> None:
    assert due(limit, start) is None


@pytest.mark.rule("R6")
def test_only_the_years_needed_must_be_published() -> None:
    only_2027 = WorkingCalendar({2027: RULES_2027})
    assert due(Workdays(2), "2026-12-31 09:00", only_2027) == "2027-01-04 24:00"
    assert due(DUTY, "2026-12-31 17:00") == "2026-12-31 17:30"


@pytest.mark.rule("R6")
def test_published_the_limit_gets_its_instant() -> None:
    """Scenario 12: Friday 1 January is off, Sunday 3 January is worked."""
    assert due(Workdays(5), "2026-12-28 10:00", CALENDAR_WITH_2027) == "2027-01-04 24:00"
    assert due(DUTY, "2026-12-31 17:20", CALENDAR_WITH_2027) == "2027-01-03 08:50"


# The calendar


@pytest.mark.parametrize(
    ("day", "why", "worked"),
    [
        (date(2026, 11, 24), "workday", True),
        (date(2026, 11, 22), "weekend", False),
        (date(2026, 10, 1), "holiday", False),
        (date(2026, 10, 3), "weekend", False),
        (date(2026, 10, 10), "make_up", True),
    ],
)
def test_why_a_day_is_worked_or_not(day: date, why: str, worked: bool) -> None:
    assert (CALENDAR.why(day), CALENDAR.is_workday(day)) == (why, worked)


@pytest.mark.parametrize("question", [CALENDAR.why, CALENDAR.is_workday])
def test_the_calendar_says_which_year_is_missing(question: Callable[[date], object]) -> None:
    with pytest.raises(YearUnpublished, match=re.escape("the working calendar of 2027 is not published")) as raised:
        question(date(2027, 1, 4))
    assert raised.value.year == 2027


def test_versions_cover_the_published_years_between_two_days() -> None:
    assert CALENDAR_WITH_2027.versions_between(date(2026, 12, 28), date(2027, 1, 4)) == {"2026": 1, "2027": 3}
    assert CALENDAR_WITH_2027.versions_between(date(2026, 1, 5), date(2026, 1, 5)) == {"2026": 1}
    assert CALENDAR.versions_between(date(2026, 12, 28), date(2027, 1, 4)) == {"2026": 1}


def test_a_year_takes_only_its_own_days_and_each_once() -> None:
    with pytest.raises(ValueError, match="2026-12-31 is not a day of 2027"):
        CalendarYearRules(2027, 1, frozenset({date(2026, 12, 31)}), frozenset())
    with pytest.raises(ValueError, match="2027-01-03 can't be both off and worked"):
        CalendarYearRules(2027, 1, frozenset({date(2027, 1, 3)}), frozenset({date(2027, 1, 3)}))


def test_the_seed_of_2026_is_the_state_council_s_notice() -> None:
    rules = published_years()[2026]
    off = "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06"
    assert sorted(f"{day:%m-%d}" for day in rules.days_off) == [*off.split(), "10-07"]
    assert sorted(f"{day:%m-%d}" for day in rules.days_worked) == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert (rules.year, rules.version) == (2026, 1)


def test_the_seed_keeps_weekdays_off_and_weekend_days_worked_of_years_in_a_row() -> None:
    years = published_years()
    assert list(years) == list(range(2004, max(years) + 1))
    assert [day for rules in years.values() for day in rules.days_off if is_weekend(day)] == []
    assert [day for rules in years.values() for day in rules.days_worked if not is_weekend(day)] == []


# How limits are written


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("text", "limit", "needs_calendar"),
    [
        ("30m", Minutes(30), False),
        ("30m duty", Minutes(30, clock="duty"), True),
        ("36h", Hours(36), False),
        ("5wd", Workdays(5), True),
        ("5wd 17:30", Workdays(5, day_ends_at="17:30"), True),
        ("15d", Days(15), False),
        ("until 2026-11-24T15:00:00+08:00", Fixed(datetime(2026, 11, 24, 7, tzinfo=UTC)), False),
    ],
)
def test_a_limit_is_read_as_it_was_written(text: str, limit: Limit, needs_calendar: bool) -> None:
    assert (str(limit), parse_limit(text), limit.needs_calendar) == (text, limit, needs_calendar)


MISTYPED_LIMITS = (
    *("", "30", "m", "0m", "-1h", "+1h", "1.5h", "08h", "３h", "36 h", "36H", "5wd 24:00", "5wd 18:00", "30m night"),
    *("36h duty", "15d 17:30", "100001h", "9999999999h", "5wd\n"),
    *("until", "until tomorrow", "until 2026-11-24T15:00:00"),
)


@pytest.mark.parametrize("text", MISTYPED_LIMITS)
def test_a_mistyped_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|Invalid isoformat|time zone"):
        parse_limit(text)


@pytest.mark.parametrize("kind", [Minutes, Hours, Workdays, Days])
@pytest.mark.parametrize("count", [0, -1, 1.5, True, "3", None, MAX_COUNT + 1])
def test_a_count_is_a_positive_whole_number(kind: Callable[[Any], Limit], count: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(f"a whole number from 1 to 100000, not {count!r}")):
        kind(count)


def test_a_clock_or_a_day_s_end_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="the clock is natural or duty, not 'night'"):
        Minutes(30, clock="night")
    with pytest.raises(ValueError, match="a working day ends at 24:00 or 17:30, not '18:00'"):
        Workdays(5, day_ends_at="18:00")


# How instants are written


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24 09:30", datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
        ("2026-11-24 09:30:05", datetime(2026, 11, 24, 1, 30, 5, tzinfo=UTC)),
        ("2026-11-24 09:30:00.001", datetime(2026, 11, 24, 1, 30, 0, 1000, tzinfo=UTC)),
        ("2026-11-24 00:00", datetime(2026, 11, 23, 16, tzinfo=UTC)),
        ("2026-10-13 24:00", datetime(2026, 10, 13, 15, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_an_instant_is_shown_as_it_was_read(text: str, instant: datetime) -> None:
    assert (read_instant(text), show_instant(instant)) == (instant, text)
    assert read_instant(text).tzinfo == UTC


def test_instants_as_browsers_send_them() -> None:
    assert show_instant(read_instant("2026-11-24T09:30")) == "2026-11-24 09:30"
    assert show_instant(read_instant("2026-11-24T09:30:05.250")) == "2026-11-24 09:30:05.250"


def test_what_is_below_a_millisecond_is_cut_off() -> None:
    assert show_instant(read_instant("2026-11-24 09:30:00.000999")) == "2026-11-24 09:30"
    assert show_instant(read_instant("2026-11-24 23:59:59.999998")) == "2026-11-24 23:59:59.999"


NOT_INSTANTS = (
    *("", "2026-11-24", "24:00", "2026-11-24 9:30", "2026-11-24 09:60", "2026-11-24 24:01", "2026-11-24 25:00"),
    *("2026-02-29 09:00", "2026-13-01 09:00", "2026-11-24 09:30:61", "2026-11-24 09:30:00.1", "2026-11-24 09:30:00."),
    *("2026-11-24  09:30", "2026-11-24 09:30 ", "2026-11-24 09:30\n", "２026-11-24 09:30", "20261124T0930"),
    *("2026-11-24T09:30+08:00", "2026-11-24T09:30Z", "0001-01-01 00:00"),
)


@pytest.mark.parametrize("text", NOT_INSTANTS)
def test_what_is_not_an_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an instant|is out of range|must be in|out of range for month"):
        read_instant(text)


def test_a_day_is_the_day_in_shanghai() -> None:
    assert day_of(datetime(2026, 11, 24, 16, 0, tzinfo=UTC)) == date(2026, 11, 25)
    assert day_of(end_of_day(date(2026, 11, 24))) == date(2026, 11, 24)


@pytest.mark.parametrize("limit", [Minutes(30), DUTY, Hours(36), Days(15), Workdays(5)])
def test_a_start_without_a_time_zone_is_refused(limit: Limit) -> None:
    with pytest.raises(ValueError, match="an instant needs a time zone: 2026-11-24 09:00:00"):
        limit.after(datetime(2026, 11, 24, 9), CALENDAR)  # noqa: DTZ001


@pytest.mark.parametrize("limit", [Minutes(30), DUTY, Hours(36), Days(15), Workdays(5)])
def test_the_time_zone_of_the_start_changes_nothing_but_its_name(limit: Limit) -> None:
    start = read_instant("2026-11-24 23:45")
    elsewhere = start.astimezone(timezone(timedelta(hours=-9)))
    ended = limit.after(elsewhere, CALENDAR)
    assert ended is not None
    assert (ended, ended.tzinfo) == (limit.after(start, CALENDAR), UTC)


def test_hours_are_hours_that_pass_even_where_the_wall_clock_jumps() -> None:
    """An aware start of another zone, on the night its clocks go back: 2 h later is 2 h later."""
    start = datetime(2026, 11, 1, 0, 30, tzinfo=ZoneInfo("America/New_York"))
    assert Hours(2).after(start, CALENDAR) - start.astimezone(UTC) == timedelta(hours=2)


# Warnings


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("limit", "start", "half", "four_fifths"),
    [
        (Minutes(30), "2026-11-24 09:00", "2026-11-24 09:15", "2026-11-24 09:24"),
        (DUTY, "2026-09-30 17:20", "2026-10-08 08:35", "2026-10-08 08:44"),
        (DUTY, "2026-11-24 11:45", "2026-11-24 12:00", "2026-11-24 14:09"),
        (Hours(36), "2026-10-09 17:50", "2026-10-10 11:50", "2026-10-10 22:38"),
        (Fixed(read_instant("2026-11-24 19:00")), "2026-11-24 09:00", "2026-11-24 14:00", "2026-11-24 17:00"),
    ],
)
def test_warnings_at_half_and_at_four_fifths(limit: Limit, start: str, half: str, four_fifths: str) -> None:
    began = read_instant(start)
    ends = limit.after(began, CALENDAR)
    assert ends is not None
    warned = [show_instant(warning_instant(limit, began, ends, fraction, CALENDAR)) for fraction in (0.5, 0.8)]
    assert warned == [half, four_fifths]


def test_working_days_are_warned_of_by_natural_time() -> None:
    start, ends = read_instant("2026-11-24 00:00"), read_instant("2026-11-25 17:30")
    warned = warning_instant(Workdays(1, day_ends_at="17:30"), start, ends, 0.8, CALENDAR)
    assert show_instant(warned) == "2026-11-25 09:12"


@pytest.mark.parametrize("limit", [Minutes(30), DUTY])
def test_nobody_is_warned_after_the_due_instant(limit: Limit) -> None:
    """A due instant brought forward, on the duty clock to before the warning would have come."""
    start, ends = read_instant("2026-11-24 09:00"), read_instant("2026-11-24 09:01")
    assert warning_instant(limit, start, ends, 0.8, CALENDAR) <= ends
    assert warning_instant(limit, start, ends, 1.0, CALENDAR) == ends


# Why this instant


@pytest.mark.rule("R43")
def test_working_days_are_explained_day_by_day() -> None:
    start = read_instant("2026-09-30 10:00")
    lines = [
        *[DayLine(date(2026, 10, day), None, "weekend" if day in (3, 4) else "holiday") for day in range(1, 8)],
        DayLine(date(2026, 10, 8), 1, "workday"),
        DayLine(date(2026, 10, 9), 2, "workday"),
        DayLine(date(2026, 10, 10), 3, "make_up"),
        DayLine(date(2026, 10, 11), None, "weekend"),
        DayLine(date(2026, 10, 12), 4, "workday"),
        DayLine(date(2026, 10, 13), 5, "workday"),
    ]
    expected = Explanation(Workdays(5), start, end_of_day(date(2026, 10, 13)), None, lines)
    assert explain(Workdays(5), start, CALENDAR) == expected


@pytest.mark.rule("R6")
def test_what_could_be_counted_is_shown_where_the_calendar_ends() -> None:
    explanation = explain(Workdays(4), read_instant("2026-12-29 09:00"), CALENDAR)
    assert (explanation.due_at, explanation.missing_year) == (None, 2027)
    assert explanation.days == [
        DayLine(date(2026, 12, 30), 1, "workday"),
        DayLine(date(2026, 12, 31), 2, "workday"),
    ]


@pytest.mark.rule("R19")
def test_duty_minutes_are_explained_day_by_day() -> None:
    explanation = explain(DUTY, read_instant("2026-11-20 17:20:30"), CALENDAR)
    assert explanation.due_at == read_instant("2026-11-23 08:50:30")
    assert explanation.days == [
        DayLine(date(2026, 11, 20), 9, "workday"),
        DayLine(date(2026, 11, 21), None, "weekend"),
        DayLine(date(2026, 11, 22), None, "weekend"),
        DayLine(date(2026, 11, 23), 21, "workday"),
    ]


def test_a_duty_day_that_is_over_counts_no_minute() -> None:
    explanation = explain(DUTY, read_instant("2026-12-31 17:30"), CALENDAR)
    assert explanation.days == [DayLine(date(2026, 12, 31), 0, "workday")]
    assert (explanation.due_at, explanation.missing_year) == (None, 2027)


@pytest.mark.parametrize("limit", [Minutes(30), Hours(36), Days(15), Fixed(read_instant("2026-11-25 09:00"))])
def test_a_natural_clock_lists_no_days(limit: Limit) -> None:
    start = read_instant("2026-11-24 09:00")
    assert explain(limit, start, CALENDAR) == Explanation(limit, start, limit.after(start, CALENDAR), None, [])
