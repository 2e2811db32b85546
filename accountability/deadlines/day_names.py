"""The names of holidays: of each day off, of the weekend days among them, and of the weekend days worked instead.

No limit depends on them; they tell readers why a day counts or doesn't.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

MOST_DAYS = 31
"""The longest span with one name, so that a slip of the pen names no half year."""

_LINE = re.compile(
    r"(?P<first>\d{4}-\d\d-\d\d)(?:\s*[至~\uff5e\u2013\u2014-]\s*(?P<last>\d{4}-\d\d-\d\d))?\s+(?P<name>[\w· ]{1,20})",
)


class Span(NamedTuple):
    """Days in a row with the same name."""

    first: date
    last: date
    name: str

    def __str__(self) -> str:
        days = f"{self.first}" if self.first == self.last else f"{self.first}–{self.last}"
        return f"{days} {self.name}"


def spans_of(names: Mapping[date, str]) -> Iterator[Span]:
    days = sorted(names)
    # Days in a row have the same distance from their places in the list.
    for (_start, name), run in itertools.groupby(
        enumerate(days), lambda placed: (placed[1] - timedelta(days=placed[0]), names[placed[1]])
    ):
        told = [day for _place, day in run]
        yield Span(told[0], told[-1], name)


def read_names(text: str) -> dict[date, str]:
    """Parse lines such as `2027-02-05–2027-02-11 春节` or `2027-02-14 春节`. Raises ValueError for anything else."""
    names: dict[date, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        written = _LINE.fullmatch(line)
        if written is None:
            raise ValueError(line)
        first = date.fromisoformat(written["first"])
        last = date.fromisoformat(written["last"] or written["first"])
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValueError(line)
        names |= {first + timedelta(days=place): written["name"].strip() for place in range((last - first).days + 1)}
    return names


def write_names(names: Mapping[date, str]) -> str:
    return "\n".join(map(str, spans_of(names)))
