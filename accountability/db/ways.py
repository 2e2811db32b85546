"""Ways in which a person comes to see rows, each told once: as one condition, or each key by itself.

Where any of several ways will do, PostgreSQL walks no index in the order of a page: it looks for all rows that any of
them leads to. One way with one key is a plain join, of which it knows how many rows it has and which index is in the
order asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class Way:
    """A column holds one of these keys, and what else must be so."""

    column: str
    keys: Collection[int]
    besides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> Q:
        return Q(**{f"{self.column}__in": sorted(self.keys)}, **self.besides)

    def apart(self, path: str = "") -> Iterator[Q]:
        """For each key the condition, for a query over rows from which `path` (such as `rounds__`) leads there."""
        besides = {f"{path}{name}": value for name, value in self.besides.items()}
        for key in sorted(self.keys):
            yield Q(**{f"{path}{self.column}": key}, **besides)


def any_of(ways: Iterable[Way]) -> Q:
    return reduce(or_, (way.where for way in ways))
