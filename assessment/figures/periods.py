"""Spans of the Shanghai calendar that numbers are counted over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accountability.deadlines.limits import SHANGHAI, day_of

STEPS = ("day", "week", "month")

SETTLED_AFTER = timedelta(minutes=10)
"""How long after its end the figures of a month or a year are frozen. By then what arrived in its last seconds is
written, and what fell due in them is judged: the sweep waits up to 90 seconds with a miss (`sweeper.PATIENCE`).
"""


@dataclass(frozen=True)
class Period:
    """Instants, half open: what happens at `ends` belongs to the next period."""

    begins: datetime
    ends: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.begins <= instant < self.ends

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"

    @property
    def first_day(self) -> date:
        return day_of(self.begins)

    @property
    def last_day(self) -> date:
        """The last day that is at least partly in the period."""
        return day_of(self.ends - timedelta(microseconds=1))

    def parts(self, step: str) -> Iterator[Period]:
        """The days, weeks (from Monday) or months that it touches, whole, oldest first."""
        day = start_of(self.first_day, step)
        while day <= self.last_day:
            following = _next(day, step)
            yield between(day, following - timedelta(days=1))
            day = following


def between(first: date, last: date) -> Period:
    """From 00:00 of the first day to 24:00 of the last, both included."""
    return Period(_midnight(first), _midnight(last + timedelta(days=1)))


def month(year: int, number: int) -> Period:
    first = date(year, number, 1)
    return between(first, _next(first, "month") - timedelta(days=1))


def year(number: int) -> Period:
    return between(date(number, 1, 1), date(number, 12, 31))


def start_of(day: date, step: str) -> date:
    """The first day of the day, week or month."""
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _next(day: date, step: str) -> date:
    if step == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if step == "week" else 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
