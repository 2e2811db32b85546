"""A period of days, for commands that go through the complaints taken in between them."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from accountability.deadlines.limits import SHANGHAI, day_of


@dataclass(frozen=True)
class Period:
    """From the day `first` to the day `last` in Shanghai, both included; None: no bound."""

    first: date | None = None
    last: date | None = None

    @staticmethod
    def add_to(parser: ArgumentParser) -> None:
        """`--from DAY` and `--to DAY`, which a command gets as `first` and `last`."""
        for word, name, until in (("--from", "first", "from then on"), ("--to", "last", "until then")):
            parser.add_argument(
                word, dest=name, type=date.fromisoformat, metavar="DAY", help=f"complaints taken in {until}"
            )

    @classmethod
    def asked(cls, first: date | None, last: date | None) -> Period:
        if first is not None and last is not None and last < first:
            raise CommandError("--to is before --from")
        return cls(first, last)

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
