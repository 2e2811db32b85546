"""A period of days, for commands that go through the complaints taken in between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from accountability.deadlines.limits import SHANGHAI, day_of


@dataclass(frozen=True)
class Period:
    """From the day `first` to the day `last` in Shanghai, both included; None: no bound."""

    first: date | None = None
    last: date | None = None

    def of(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """Those whose `column` lies in it."""
        if self.first is not None:
            rows = rows.filter(**{f"{column}__gte": _midnight(self.first)})
        if self.last is not None:
            rows = rows.filter(**{f"{column}__lt": _midnight(self.last + timedelta(days=1))})
        return rows

    def has(self, at: datetime) -> bool:
        """The same for one instant."""
        day = day_of(at)
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)
