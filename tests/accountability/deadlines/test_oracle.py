"""Deadline arithmetic against oracles written another way, over any instant of 2006–2026.

The product walks from day to day through its own calendar. The oracles don't: working days are looked up in one sorted
list that the package's `is_workday` gives, duty time is a number line of milliseconds on which one adds and looks up,
and once more a plain count of minutes; natural time is whole numbers at a fixed eight hours from UTC, which is what
Shanghai has kept all these years.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise

import chinese_calendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accountability.deadlines.limits import (
    SHANGHAI,
    Days,
    Fixed,
    Hours,
    Minutes,
    Workdays,
    WorkingCalendar,
    explain,
    parse_limit,
    read_instant,
    show_instant,
    warning_instant,
)
from accountability.seed.holidays import published_years

TIERS = [
    pytest.param(100, id="quick"),
    pytest.param(10_000, id="thorough", marks=pytest.mark.slow),
]
pytestmark = pytest.mark.parametrize("examples", TIERS)

FIRST, LAST = date(2006, 1, 1), date(2026, 12, 31)
CALENDAR = WorkingCalendar({year: rules for year, rules in published_years().items() if 2006 <= year <= 2026})

EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
WORKING_DAYS = [day for day in EVERY_DAY if chinese_calendar.is_workday(day)]
WORKED = set(WORKING_DAYS)

# Milliseconds since 1970 in UTC
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
EAST_EIGHT = 8 * HOUR
EPOCH_DAY = date(1970, 1, 1).toordinal()
DUTY_HALVES = ((8 * HOUR + 30 * MINUTE, 12 * HOUR), (14 * HOUR, 17 * HOUR + 30 * MINUTE))


def midnight(day: date) -> int:
    return (day.toordinal() - EPOCH_DAY) * DAY - EAST_EIGHT


SPANS = [(midnight(day) + opens, midnight(day) + closes) for day in WORKING_DAYS for opens, closes in DUTY_HALVES]
OPENINGS = [opens for opens, _ in SPANS]
RUN_BY_CLOSING = list(accumulate(closes - opens for opens, closes in SPANS))


def instant(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def last_instant(day: date) -> datetime:
    return instant(midnight(day) + DAY) - timedelta(microseconds=1)


def local_day(ms: int) -> date:
    return date.fromordinal((ms + EAST_EIGHT) // DAY + EPOCH_DAY)


def duty_run_until(ms: int) -> int:
    """How much duty time has run from the beginning of 2006 until that instant."""
    opened = bisect_right(OPENINGS, ms)
    if opened == 0:
        return 0
    opens, closes = SPANS[opened - 1]
    return RUN_BY_CLOSING[opened - 1] - (closes - opens) + min(ms, closes) - opens


def when_duty_has_run(duty: int) -> int | None:
    """The first instant at which that much duty time has run; None beyond the last year published."""
    span = bisect_left(RUN_BY_CLOSING, duty)
    return None if span == len(SPANS) else SPANS[span][1] - (RUN_BY_CLOSING[span] - duty)


def minute_by_minute(start: int, count: int) -> int | None:
    """The end of the count-th minute of duty since start, a minute at a time."""
    now = start
    while count and now < midnight(LAST) + DAY:
        clock = (now + EAST_EIGHT) % DAY
        count -= any(opens <= clock < closes for opens, closes in DUTY_HALVES) and local_day(now) in WORKED
        now += MINUTE
    return None if count else now


def duty_minutes_on(day: date, start: int, until: int) -> int:
    begins, ends = max(start, midnight(day)), min(until, midnight(day) + DAY)
    return (duty_run_until(ends) - duty_run_until(begins)) // MINUTE


def days_between(first: date, last: date) -> list[date]:
    return EVERY_DAY[(first - FIRST).days : (last - FIRST).days + 1]


def workday_after(day: date, count: int) -> date | None:
    place = bisect_right(WORKING_DAYS, day) + count - 1
    return WORKING_DAYS[place] if place < len(WORKING_DAYS) else None


# Any day, and more often than by chance the days around which the rules turn
TURNS = [day for day, following in pairwise(EVERY_DAY) if (day in WORKED) != (following in WORKED)]
TURNS += [day for day in EVERY_DAY if (day.month, day.day) in ((12, 30), (12, 31), (1, 1), (2, 29))]
days = st.one_of(st.integers(0, len(EVERY_DAY) - 1).map(EVERY_DAY.__getitem__), st.sampled_from(TURNS))
edges = st.builds(
    int.__add__,
    st.sampled_from([0, *(edge for half in DUTY_HALVES for edge in half), DAY - MINUTE]),
    st.sampled_from([-MINUTE, -1, 0, 1, SECOND, 29 * MINUTE, 30 * MINUTE]),
).filter(lambda clock: 0 <= clock < DAY)
starts = st.builds(lambda day, clock: midnight(day) + clock, days, st.one_of(st.integers(0, DAY - 1), edges))
whole_minutes = starts.map(lambda ms: ms - ms % MINUTE)


def for_all(examples: int, **strategies: st.SearchStrategy) -> Callable[[Callable[..., None]], None]:
    """Run the property at once for that many cases, so that both tiers share one body."""

    def run(prove: Callable[..., None]) -> None:
        quiet = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        quiet(given(**strategies)(prove))()

    return run


@pytest.mark.rule("R42")
@pytest.mark.rule("R43")
def test_working_days_are_those_of_the_list(examples: int) -> None:
    @for_all(examples, start=starts, count=st.integers(1, 30), ends=st.sampled_from(["24:00", "17:30"]))
    def _agree(start: int, count: int, ends: str) -> None:
        day = workday_after(local_day(start), count)
        expected = None
        if day is not None:
            expected = last_instant(day) if ends == "24:00" else instant(midnight(day) + DUTY_HALVES[1][1])
        assert Workdays(count, day_ends_at=ends).after(instant(start), CALENDAR) == expected


@pytest.mark.rule("R19")
def test_duty_minutes_are_those_of_the_number_line(examples: int) -> None:
    @for_all(examples, start=starts, count=st.one_of(st.just(30), st.integers(1, 3_000)))
    def _agree(start: int, count: int) -> None:
        expected = when_duty_has_run(duty_run_until(start) + count * MINUTE)
        found = Minutes(count, clock="duty").after(instant(start), CALENDAR)
        assert found == (None if expected is None else instant(expected))


@pytest.mark.rule("R19")
def test_duty_minutes_are_those_counted_one_by_one(examples: int) -> None:
    @for_all(examples, start=whole_minutes, count=st.one_of(st.just(30), st.integers(1, 120)))
    def _agree(start: int, count: int) -> None:
        expected = minute_by_minute(start, count)
        found = Minutes(count, clock="duty").after(instant(start), CALENDAR)
        assert found == (None if expected is None else instant(expected))


@pytest.mark.rule("R6")
@pytest.mark.rule("R19")
def test_natural_limits_are_plain_addition(examples: int) -> None:
    @for_all(examples, start=starts, count=st.integers(1, 5_000))
    def _agree(start: int, count: int) -> None:
        zoned = instant(start).astimezone(SHANGHAI)
        assert Minutes(count).after(zoned, CALENDAR) == instant(start + count * MINUTE)
        assert Hours(count).after(zoned, CALENDAR) == instant(start + count * HOUR)
        ends = ((start + EAST_EIGHT) // DAY + count + 1) * DAY - EAST_EIGHT
        assert Days(count).after(zoned, CALENDAR) == instant(ends) - timedelta(microseconds=1)


@pytest.mark.rule("R43")
def test_the_working_days_explained_are_those_counted(examples: int) -> None:
    @for_all(examples, start=starts, count=st.integers(1, 15))
    def _agree(start: int, count: int) -> None:
        explanation = explain(Workdays(count), instant(start), CALENDAR)
        due_day = workday_after(local_day(start), count)
        listed = days_between(local_day(start), due_day or LAST)[1:]
        assert [line.day for line in explanation.days] == listed
        numbered = [(line.counted, line.day) for line in explanation.days if line.counted is not None]
        assert numbered == list(enumerate((day for day in listed if day in WORKED), start=1))
        assert explanation.missing_year == (2027 if due_day is None else None)
        assert explanation.due_at == (None if due_day is None else last_instant(due_day))


@pytest.mark.rule("R19")
def test_the_duty_minutes_explained_are_those_that_ran(examples: int) -> None:
    @for_all(examples, start=whole_minutes, count=st.integers(1, 1_500))
    def _agree(start: int, count: int) -> None:
        explanation = explain(Minutes(count, clock="duty"), instant(start), CALENDAR)
        ends = when_duty_has_run(duty_run_until(start) + count * MINUTE)
        until = midnight(LAST) + DAY - 1 if ends is None else ends
        listed = days_between(local_day(start), local_day(until))
        ran = [duty_minutes_on(day, start, until) if day in WORKED else None for day in listed]
        assert [(line.day, line.counted) for line in explanation.days] == list(zip(listed, ran, strict=True))
        assert explanation.missing_year == (2027 if ends is None else None)


@pytest.mark.rule("R6")
def test_warnings_come_when_their_share_has_run(examples: int) -> None:
    @for_all(examples, start=starts, minutes=st.integers(1, 600), percent=st.sampled_from([50, 80]))
    def _agree(start: int, minutes: int, percent: int) -> None:
        natural = instant(start + minutes * MINUTE)
        warned = warning_instant(Minutes(minutes), instant(start), natural, percent / 100, CALENDAR)
        assert warned == instant(start + minutes * MINUTE * percent // 100)
        duty = when_duty_has_run(duty_run_until(start) + minutes * MINUTE)
        if duty is not None:
            expected = when_duty_has_run(duty_run_until(start) + minutes * MINUTE * percent // 100)
            assert expected is not None
            limit = Minutes(minutes, clock="duty")
            assert warning_instant(limit, instant(start), instant(duty), percent / 100, CALENDAR) == instant(expected)


def test_instants_are_read_as_they_are_shown(examples: int) -> None:
    @for_all(examples, ms=starts)
    def _agree(ms: int) -> None:
        assert read_instant(show_instant(instant(ms))) == instant(ms)
        assert read_instant(show_instant(last_instant(local_day(ms)))) == last_instant(local_day(ms))


@pytest.mark.rule("R6")
def test_limits_are_read_as_they_are_written(examples: int) -> None:
    counts = st.integers(1, 100_000)
    limits = st.one_of(
        st.builds(Minutes, counts, clock=st.sampled_from(["natural", "duty"])),
        st.builds(Hours, counts),
        st.builds(Workdays, counts, day_ends_at=st.sampled_from(["24:00", "17:30"])),
        st.builds(Days, counts),
        starts.map(lambda ms: Fixed(instant(ms))),
        starts.map(lambda ms: Fixed(last_instant(local_day(ms)))),
    )

    @for_all(examples, limit=limits)
    def _agree(limit: Minutes | Hours | Workdays | Days | Fixed) -> None:
        assert parse_limit(str(limit)) == limit
