"""Computes when a duty ends, from instants, limits and working days. It reads no clock and no database.

A due instant is computed once, when the duty begins, and stored. Every datetime passed in must be aware (ValueError
otherwise) and every datetime returned is in UTC; days and duty hours follow the wall clock in Shanghai. "Within N"
includes N itself (R19): an act at the due instant is in time, and late means `due < at`. A working calendar that isn't
published is never guessed (S44): until it is, the limit has no due instant.
"""

from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy

SHANGHAI = ZoneInfo("Asia/Shanghai")
DutyHours = tuple[tuple[time, time], ...]
DUTY_HOURS: DutyHours = ((time(8, 30), time(12)), (time(14), time(17, 30)))
MAX_COUNT = 100_000  # minutes, hours or days: far above any real limit, far below where dates overflow

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
"""The dates that may be asked for: nothing was recorded earlier, and dates near Python's limits can't be converted."""

Why = Literal["workday", "weekend", "holiday", "make_up"]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_WORKED = ("workday", "make_up")
_INSTANT = re.compile(
    r"(?P<day>[1-9]\d{3}-\d\d-\d\d)[ T](?P<time>24:00|(?:[01]\d|2[0-3]):\d\d(?::\d\d(?:\.\d{3}(?:\d{3})?)?)?)", re.ASCII
)


# Instants, and how people write them


def _utc(instant: datetime) -> datetime:
    """The instant in UTC. All arithmetic is done in UTC, because Python adds wall-clock time to a zoned datetime."""
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant}")
    return instant.astimezone(UTC)


def _on(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def day_of(instant: datetime) -> date:
    """The day in Shanghai on which the instant falls; 24:00 belongs to the day that it ends."""
    return _utc(instant).astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """24:00 of the day, stored as 23:59:59.999999, so that 00:00 of the next day is late."""
    return _on(day, time.max)


def months_before(instant: datetime, months: int) -> datetime:
    """The same day and hour in Shanghai so many months ago; the month's last day where it has no such day."""
    wall = _utc(instant).astimezone(SHANGHAI)
    year, month = divmod(wall.year * 12 + wall.month - 1 - months, 12)
    day = min(wall.day, monthrange(year, month + 1)[1])
    return wall.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def show_instant(instant: datetime) -> str:
    """The instant as text for people: `2026-10-13 24:00`, `2026-11-24 09:30`, `2026-11-24 09:30:00.001`.

    Seconds and milliseconds are shown only if they are not zero. Microseconds are cut off, never rounded up, so that an
    act in time is never shown as late.
    """
    wall = _utc(instant).astimezone(SHANGHAI).replace(tzinfo=None)
    if wall.time() == time.max:
        return f"{wall.date()} 24:00"
    precision = "milliseconds" if wall.microsecond >= 1000 else "seconds" if wall.second else "minutes"
    return wall.isoformat(" ", precision)


def show_second(instant: datetime) -> str:
    """The instant as pages show it, cut off at the second."""
    return show_instant(instant).partition(".")[0]


WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip


def weekday(day: date) -> str:
    return str(WEEKDAYS[day.weekday()])


def show_due(instant: datetime, exact: bool = False) -> str:
    """When a limit ends, with the day of the week: `2026-10-13 24:00 周二`. 24:00 belongs to the day that it ends.

    `exact` keeps the milliseconds.
    """
    shown = show_instant(instant) if exact else show_second(instant)
    return f"{shown} {weekday(day_of(instant))}"


def read_instant(text: str) -> datetime:
    """Parse `YYYY-MM-DD HH:MM[:SS[.mmm]]` in Shanghai time; browsers send a `T` instead of the space.

    24:00 is the end of that day. Raises ValueError for anything else, including a time zone.
    """
    written = _INSTANT.fullmatch(text)
    if written is None:
        raise ValueError(f"not an instant (YYYY-MM-DD HH:MM[:SS[.mmm]]): {text!r}")
    day = date.fromisoformat(written["day"])
    return end_of_day(day) if written["time"] == "24:00" else _on(day, time.fromisoformat(written["time"]))


# The working calendar


def is_weekend(day: date) -> bool:
    """Whether the day is a Saturday or Sunday. These are not worked unless the year's calendar says so."""
    return day.weekday() >= 5


class YearUnpublished(Exception):
    """The working calendar of `year` is not published, so its working days are unknown (S44)."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year

    def __str__(self) -> str:
        return f"the working calendar of {self.year} is not published"


@dataclass(frozen=True)
class CalendarYearRules:
    """The changes that the State Council's notice makes to the ordinary working weeks of one year.

    `days_off` are days that are not worked (weekends are off anyway); `days_worked` are weekend days that are worked.
    `version` counts the corrections, so that a stored due instant can name the calendar it was computed with. Raises
    ValueError for a day of another year and for a day that is both off and worked.
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
    """The calendars of the published years. A question about a day of any other year raises YearUnpublished."""

    def __init__(self, years: Mapping[int, CalendarYearRules]) -> None:
        self._years = dict(years)

    def with_year(self, rules: CalendarYearRules) -> WorkingCalendar:
        """A copy of this calendar in which one year is added or replaced."""
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

    def version_of(self, year: int) -> int | None:
        """The version of a year; None if it isn't published."""
        return self._years[year].version if year in self._years else None

    def versions_between(self, first: date, last: date) -> dict[str, int]:
        """The calendar version of each year from first to last, to be stored with a due instant.

        Keys are text, because it is stored as JSON. Unpublished years are left out, since no day in them was counted.
        """
        years = range(first.year, last.year + 1)
        return {str(year): self._years[year].version for year in years if year in self._years}


# Limits


class DayLine(NamedTuple):
    """One day of a limit, as the page lists it.

    `counted` is the running number of the working day or, on a duty clock, the minutes that ran on that day (possibly
    0). It is None if the day is skipped because it is not worked; `why` gives the reason.
    """

    day: date
    counted: int | None
    why: Why


class Limit(ABC):
    """The time allowed for a duty, written in the time-limit table as `str(limit)` (R6)."""

    @property
    def needs_calendar(self) -> bool:
        """Whether the due instant depends on the working calendar, which may not be published yet."""
        return False

    @abstractmethod
    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime | None:
        """The due instant of a duty that began at `start`; None while a year it needs is not published."""

    def walk(self, start: datetime, calendar: WorkingCalendar) -> Iterator[DayLine]:
        """The days counted and skipped up to the due instant; no days on a natural clock. May raise YearUnpublished."""
        return iter(())


@dataclass(frozen=True)
class _Counted(Limit):
    """A limit that is a number of units. Raises ValueError unless `count` is an integer from 1 to MAX_COUNT."""

    count: int

    def __post_init__(self) -> None:
        if type(self.count) is not int or not 1 <= self.count <= MAX_COUNT:
            raise ValueError(f"the count of a limit is a whole number from 1 to {MAX_COUNT}, not {self.count!r}")


@dataclass(frozen=True)
class Minutes(_Counted):
    """Minutes of natural time, or of duty time on working days: 08:30–12:00 and 14:00–17:30, or the unit's own hours
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
        """Whole minutes for each day. The running total is rounded down, so that the days add up to the limit."""
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
    """Hours of natural time, day and night, on every day: the limits of units and of the centre (R24)."""

    def __str__(self) -> str:
        return f"{self.count}h"

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        return _utc(start) + timedelta(hours=self.count)


@dataclass(frozen=True)
class Workdays(_Counted):
    """Working days (R42, R43). The starting day isn't counted; the last day ends at 24:00, or at 17:30 by policy."""

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
        """Every day after the starting day; working days are numbered."""
        day, counted = day_of(start), 0
        while counted < self.count:
            day += _DAY
            why = calendar.why(day)
            worked = why in _WORKED
            counted += worked
            yield DayLine(day, counted if worked else None, why)


@dataclass(frozen=True)
class Days(_Counted):
    """Calendar days: the legal limit of 15 days. The starting day isn't counted; the last day ends at 24:00."""

    def __str__(self) -> str:
        return f"{self.count}d"

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        return end_of_day(day_of(start) + self.count * _DAY)


@dataclass(frozen=True)
class Fixed(Limit):
    """A due instant agreed in writing (R30): an extension, or a task in the record of a coordination."""

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
    """Parse what `str(limit)` wrote: `30m`, `30m duty`, `30m duty 09:00-18:00`, `36h`, `5wd`, `5wd 17:30`, `15d`,
    `until <ISO instant>`.

    Raises ValueError for anything else, so that a mistyped limit in the table is never taken for another limit.
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
    """A day's duty hours as text: `08:30-12:00 14:00-17:30`."""
    return " ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in hours)


def read_hours(text: str) -> DutyHours:
    """Parse what `show_hours` wrote. Raises ValueError for anything else and for spans that overlap or are unsorted."""
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
    """The part of the day's duty hours that lies after `start`. May raise YearUnpublished."""
    if not calendar.is_workday(day):
        return []
    spans = [(max(_on(day, opens), start), _on(day, closes)) for opens, closes in hours]
    return [(opens, closes) for opens, closes in spans if opens < closes]


def _when_duty_has_run(span: timedelta, start: datetime, calendar: WorkingCalendar, hours: DutyHours) -> datetime:
    """The first instant at which `span` of duty time has passed since `start`. May raise YearUnpublished."""
    day = day_of(start)
    while True:
        for opens, closes in _duty_spans(day, start, calendar, hours):
            if span <= closes - opens:
                return opens + span
            span -= closes - opens
        day += _DAY


# Warnings and explanations


def warning_instant(
    limit: Limit, start: datetime, due: datetime, fraction: float, calendar: WorkingCalendar
) -> datetime:
    """When to warn: the instant at which `fraction` (0.5 or 0.8) of the limit has passed, never after `due`.

    On a duty clock only duty time counts, so that no warning comes at night while the limit is paused. On every other
    clock it is the natural time from `start` to the stored `due`, which may have been extended. Raises YearUnpublished
    on a duty clock if the year's calendar is not published; such a limit has no due instant.
    """
    start, due = _utc(start), _utc(due)
    if isinstance(limit, Minutes) and limit.needs_calendar:
        return min(due, _when_duty_has_run(limit.count * _MINUTE * fraction, start, calendar, limit.hours))
    return min(due, start + (due - start) * fraction)


@dataclass(frozen=True)
class Explanation:
    """How a due instant was counted, for example for a unit that asks about its five working days.

    Either `due_at` or `missing_year` is set; in the latter case `days` ends with the published calendar.
    """

    limit: Limit
    started_at: datetime
    due_at: datetime | None
    missing_year: int | None
    days: list[DayLine]


def explain(limit: Limit, start: datetime, calendar: WorkingCalendar) -> Explanation:
    """Recount the limit day by day with this calendar (R6). A natural clock lists no days."""
    days: list[DayLine] = []
    missing_year = None
    try:
        for line in limit.walk(start, calendar):
            days.append(line)
    except YearUnpublished as gap:
        missing_year = gap.year
    return Explanation(limit, start, limit.after(start, calendar), missing_year, days)
