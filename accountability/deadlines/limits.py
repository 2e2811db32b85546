"""When a duty ends: pure arithmetic on instants, limits and working days, with no clock and no database.

A due instant is computed once, when the duty begins, and stored; so everything here is a function of its arguments.
Every instant taken must be aware (ValueError otherwise) and every instant given back is in UTC; days and duty hours
are those of the wall clock in Shanghai. "Within N" includes the N itself (R19): an act at the due instant is in time,
late means `due < at`. A year whose working calendar is not published is never guessed (S44): the limit has no due
instant until it is.
"""

from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DutyHours = tuple[tuple[time, time], ...]
DUTY_HOURS: DutyHours = ((time(8, 30), time(12)), (time(14), time(17, 30)))
MAX_COUNT = 100_000  # minutes, hours or days: far above any real limit, far below where dates overflow

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
"""What may be asked for: nothing was recorded before, and instants near the ends of the calendar can't be converted."""

Why = Literal["workday", "weekend", "holiday", "make_up"]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_WORKED = ("workday", "make_up")
_INSTANT = re.compile(
    r"(?P<day>[1-9]\d{3}-\d\d-\d\d)[ T](?P<time>24:00|(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:\.\d{3}(?:\d{3})?)?)?)", re.ASCII
)


# Instants, and how people write them


def _utc(instant: datetime) -> datetime:
    """Arithmetic is done in UTC: Python adds to a zoned datetime by its wall clock, not by the time that passes."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant}")
    return instant.astimezone(UTC)


def _on(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def day_of(instant: datetime) -> date:
    """The day in Shanghai on which the instant falls; the day's 24:00 still belongs to it."""
    return _utc(instant).astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """24:00 of the day, stored as its last valid instant 23:59:59.999999, so that 00:00 of the next day is late."""
    return _on(day, time.max)


def show_instant(instant: datetime) -> str:
    """The instant as people read it: `2026-10-13 24:00`, `2026-11-24 09:30`, `2026-11-24 09:30:00.001`.

    Seconds and milliseconds stand only where they are not zero; what is below a millisecond is cut off, never rounded
    up, so that nothing in time is shown as late.
    """
    wall = _utc(instant).astimezone(SHANGHAI).replace(tzinfo=None)
    if wall.time() == time.max:
        return f"{wall.date()} 24:00"
    precision = "milliseconds" if wall.microsecond >= 1000 else "seconds" if wall.second else "minutes"
    return wall.isoformat(" ", precision)


def show_second(instant: datetime) -> str:
    """The instant as everywhere on pages, cut off at the second."""
    return show_instant(instant).partition(".")[0]


def read_instant(text: str) -> datetime:
    """The instant written `YYYY-MM-DD HH:MM[:SS[.mmm]]` in Shanghai's time, or with a `T` as browsers send it.

    24:00 is the end of the day named. ValueError for anything else, a time zone included: there is only one here.
    """
    written = _INSTANT.fullmatch(text)
    if written is None:
        raise ValueError(f"not an instant (YYYY-MM-DD HH:MM[:SS[.mmm]]): {text!r}")
    day = date.fromisoformat(written["day"])
    return end_of_day(day) if written["time"] == "24:00" else _on(day, time.fromisoformat(written["time"]))


# The working calendar


def is_weekend(day: date) -> bool:
    """Whether the day is a Saturday or Sunday: not worked unless the calendar of its year says so."""
    return day.weekday() >= 5


class YearUnpublished(Exception):
    """The working calendar of `year` is not published, so whether one of its days is worked can't be known (S44)."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year

    def __str__(self) -> str:
        return f"the working calendar of {self.year} is not published"


@dataclass(frozen=True)
class CalendarYearRules:
    """What the State Council's notice changes in the ordinary week of one year.

    `days_off` are days that are not worked (weekends are off anyway), `days_worked` are weekend days that are.
    `version` counts the corrections, so that a stored due instant can name the calendar it was computed by. ValueError
    for a day of another year and for a day both off and worked.
    """

    year: int
    version: int
    days_off: frozenset[date]
    days_worked: frozenset[date]

    def __post_init__(self) -> None:
        foreign = sorted(day for day in self.days_off | self.days_worked if day.year != self.year)
        if foreign:
            raise ValueError(f"{foreign[0]} is not a day of {self.year}")
        if both := sorted(self.days_off & self.days_worked):
            raise ValueError(f"{both[0]} can't be both off and worked")


class WorkingCalendar:
    """The published years; whoever asks about a day of another year gets YearUnpublished and no guess."""

    def __init__(self, years: Mapping[int, CalendarYearRules]) -> None:
        self._years = dict(years)

    def with_year(self, rules: CalendarYearRules) -> WorkingCalendar:
        """This calendar with one year published anew."""
        return WorkingCalendar(self._years | {rules.year: rules})

    def why(self, day: date) -> Why:
        """Why the day is worked (`workday`, `make_up`) or not (`weekend`, `holiday`); raises YearUnpublished."""
        rules = self._years.get(day.year)
        if rules is None:
            raise YearUnpublished(day.year)
        if day in rules.days_off:
            return "holiday"
        if not is_weekend(day):
            return "workday"
        return "make_up" if day in rules.days_worked else "weekend"

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked; raises YearUnpublished."""
        return self.why(day) in _WORKED

    def versions_between(self, first: date, last: date) -> dict[str, int]:
        """Which version of each year's calendar covers the days from first to last, to be stored with a due instant.

        Keys are text, as JSON has them. A year not published is left out: nothing can have been counted in it.
        """
        years = range(first.year, last.year + 1)
        return {str(year): self._years[year].version for year in years if year in self._years}


# Limits


class DayLine(NamedTuple):
    """A day of a limit as the page lists it.

    `counted` is the running number of the working day, or the minutes of a duty clock that ran on that day (none yet
    or no longer: 0); None where the day is skipped because it is not worked, `why` telling the reason.
    """

    day: date
    counted: int | None
    why: Why


class Limit(ABC):
    """The time somebody has for a duty, written in the time-limit table as `str(limit)` (R6)."""

    @property
    def needs_calendar(self) -> bool:
        """Whether the due instant depends on the working calendar, and so may have to wait for a year's publication."""
        return False

    @abstractmethod
    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime | None:
        """The last instant in time of a duty that began at start; None while a year it needs is not published."""

    def walk(self, start: datetime, calendar: WorkingCalendar) -> Iterator[DayLine]:
        """The days counted and skipped up to the due instant, none for a natural clock; may raise YearUnpublished."""
        return iter(())


@dataclass(frozen=True)
class _Counted(Limit):
    """A limit that is a number of units. ValueError unless `count` is a whole number from 1 to MAX_COUNT."""

    count: int

    def __post_init__(self) -> None:
        if type(self.count) is not int or not 1 <= self.count <= MAX_COUNT:
            raise ValueError(f"the count of a limit is a whole number from 1 to {MAX_COUNT}, not {self.count!r}")


@dataclass(frozen=True)
class Minutes(_Counted):
    """Minutes of natural time, or of duty time on working days: 08:30–12:00 and 14:00–17:30, or a unit's own hours
    (R19, R20).
    """

    clock: str = "natural"
    hours: DutyHours = DUTY_HOURS

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clock not in ("natural", "duty"):
            raise ValueError(f"the clock is natural or duty, not {self.clock!r}")

    def __str__(self) -> str:
        if not self.needs_calendar:
            return f"{self.count}m"
        return f"{self.count}m duty" + ("" if self.hours == DUTY_HOURS else f" {show_hours(self.hours)}")

    @property
    def needs_calendar(self) -> bool:
        return self.clock == "duty"

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime | None:
        if not self.needs_calendar:
            return _utc(start) + self.count * _MINUTE
        try:
            return _when_duty_has_run(self.count * _MINUTE, _utc(start), calendar, self.hours)
        except YearUnpublished:
            return None

    def walk(self, start: datetime, calendar: WorkingCalendar) -> Iterator[DayLine]:
        """Whole minutes a day, the running total rounded down, so that the days add up to the limit."""
        whole = self.count * _MINUTE
        ran = timedelta() if self.needs_calendar else whole
        day, start = day_of(start), _utc(start)
        while ran < whole:
            before, why = ran, calendar.why(day)
            spans = _duty_spans(day, start, calendar, self.hours)
            ran = min(whole, sum((closes - opens for opens, closes in spans), ran))
            yield DayLine(day, ran // _MINUTE - before // _MINUTE if why in _WORKED else None, why)
            day += _DAY


@dataclass(frozen=True)
class Hours(_Counted):
    """Hours of natural time, day and night, working day or not: the limits of units and of the centre (R24)."""

    def __str__(self) -> str:
        return f"{self.count}h"

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        return _utc(start) + timedelta(hours=self.count)


@dataclass(frozen=True)
class Workdays(_Counted):
    """Working days (R42, R43): the starting day isn't counted, the last one ends at 24:00, or at 17:30 by policy."""

    day_ends_at: str = "24:00"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.day_ends_at not in ("24:00", "17:30"):
            raise ValueError(f"a working day ends at 24:00 or 17:30, not {self.day_ends_at!r}")

    def __str__(self) -> str:
        return f"{self.count}wd" if self.day_ends_at == "24:00" else f"{self.count}wd {self.day_ends_at}"

    @property
    def needs_calendar(self) -> bool:
        return True

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime | None:
        try:
            *_, last = self.walk(start, calendar)
        except YearUnpublished:
            return None
        return end_of_day(last.day) if self.day_ends_at == "24:00" else _on(last.day, time(17, 30))

    def walk(self, start: datetime, calendar: WorkingCalendar) -> Iterator[DayLine]:
        """Every day after the starting day, the working ones numbered."""
        day, counted = day_of(start), 0
        while counted < self.count:
            day += _DAY
            why = calendar.why(day)
            worked = why in _WORKED
            counted += worked
            yield DayLine(day, counted if worked else None, why)


@dataclass(frozen=True)
class Days(_Counted):
    """Calendar days, the starting day not counted, always to 24:00: the legal limit of 15 days."""

    def __str__(self) -> str:
        return f"{self.count}d"

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        return end_of_day(day_of(start) + self.count * _DAY)


@dataclass(frozen=True)
class Fixed(Limit):
    """A due instant given in writing (R30): an extension, or a task of a coordination's record."""

    until: datetime

    def __post_init__(self) -> None:
        _utc(self.until)

    def __str__(self) -> str:
        return f"until {self.until.astimezone(SHANGHAI).isoformat()}"

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        return _utc(self.until)


_FORMS: dict[str, Callable[[int], Limit]] = {
    "m": Minutes,
    "m duty": partial(Minutes, clock="duty"),
    "h": Hours,
    "wd": Workdays,
    "wd 17:30": partial(Workdays, day_ends_at="17:30"),
    "d": Days,
}


def parse_limit(text: str) -> Limit:
    """The limit that `str(limit)` wrote: `30m`, `30m duty`, `30m duty 09:00-18:00`, `36h`, `5wd`, `5wd 17:30`, `15d`,
    `until <ISO instant>`.

    ValueError for anything else, so that a mistyped limit in the table is never read as another one.
    """
    if text.startswith("until "):
        return Fixed(datetime.fromisoformat(text.removeprefix("until ")))
    written = re.fullmatch(r"([1-9][0-9]{0,5})(\D.*)", text)
    if written is not None and written[2].startswith("m duty "):
        return Minutes(int(written[1]), "duty", read_hours(written[2].removeprefix("m duty ")))
    if written is None or written[2] not in _FORMS:
        raise ValueError(f"not a limit: {text!r}")
    return _FORMS[written[2]](int(written[1]))


# The duty clock


MOST_SPANS = 3
_SPAN = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])")


def show_hours(hours: DutyHours) -> str:
    """A day's duty hours as they are written: `08:30-12:00 14:00-17:30`."""
    return " ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in hours)


def read_hours(text: str) -> DutyHours:
    """What `show_hours` wrote; ValueError for anything else, for spans that overlap or aren't in order."""
    written = [_SPAN.fullmatch(part) for part in text.split(" ")]
    spans = tuple((time.fromisoformat(each[1]), time.fromisoformat(each[2])) for each in written if each)
    edges = [edge for span in spans for edge in span]
    ascending = all(before < after for before, after in itertools.pairwise(edges))
    if not (len(spans) == len(written) <= MOST_SPANS and ascending):
        raise ValueError(f"not duty hours: {text!r}")
    return spans


def _duty_spans(
    day: date, start: datetime, calendar: WorkingCalendar, hours: DutyHours
) -> list[tuple[datetime, datetime]]:
    """What is left of the day's duty hours from start on; may raise YearUnpublished."""
    if not calendar.is_workday(day):
        return []
    spans = [(max(_on(day, opens), start), _on(day, closes)) for opens, closes in hours]
    return [(opens, closes) for opens, closes in spans if opens < closes]


def _when_duty_has_run(span: timedelta, start: datetime, calendar: WorkingCalendar, hours: DutyHours) -> datetime:
    """The first instant by which duty time of that length has run since start; may raise YearUnpublished."""
    day = day_of(start)
    while True:
        for opens, closes in _duty_spans(day, start, calendar, hours):
            if span <= closes - opens:
                return opens + span
            span -= closes - opens
        day += _DAY


# What is told of a limit


def warning_instant(
    limit: Limit, start: datetime, due: datetime, fraction: float, calendar: WorkingCalendar
) -> datetime:
    """The instant at which that fraction of the limit has run, to warn of it (0.5 and 0.8); never after `due`.

    On the duty clock it is duty time that runs, so nobody is warned at night of a limit that stands still; on every
    other clock it is the natural time between start and due, the stored one, which may have been extended. Raises
    YearUnpublished on a duty clock whose year is not published; there such a limit has no due instant to warn of.
    """
    start, due = _utc(start), _utc(due)
    if isinstance(limit, Minutes) and limit.needs_calendar:
        return min(due, _when_duty_has_run(limit.count * _MINUTE * fraction, start, calendar, limit.hours))
    return min(due, start + (due - start) * fraction)


@dataclass(frozen=True)
class Explanation:
    """Why a limit is due when it is: the answer to a unit that asks how its five working days were counted.

    Either `due_at` or `missing_year` is set; in the latter case `days` goes up to where the calendar ends.
    """

    limit: Limit
    started_at: datetime
    due_at: datetime | None
    missing_year: int | None
    days: list[DayLine]


def explain(limit: Limit, start: datetime, calendar: WorkingCalendar) -> Explanation:
    """Count the limit again by the calendar given, day by day (R6); a natural clock lists no days."""
    days: list[DayLine] = []
    missing_year = None
    try:
        for line in limit.walk(start, calendar):
            days.append(line)
    except YearUnpublished as gap:
        missing_year = gap.year
    return Explanation(limit, start, limit.after(start, calendar), missing_year, days)
