"""The one mechanism of all declarations: named once, kept in the order in which they were declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeVar

from django.utils.functional import Promise

Words = str | Promise
Facts = Mapping[str, Any]
"""What a row of a notice, an alarm or the ledger holds: references, numbers and names of things, never a sentence."""


class Named(Protocol):
    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


class Registry(Mapping[str, T]):
    """The declarations of one notion, by name. A name that is declared twice is an error at start."""

    def __init__(self, notion: str) -> None:
        self.notion = notion
        self._declared: dict[str, T] = {}

    def add(self, *declarations: T) -> None:
        for one in declarations:
            if one.name in self._declared:
                raise ValueError(f"the {self.notion} {one.name!r} is declared twice")
            self._declared[one.name] = one

    def __getitem__(self, name: str) -> T:
        return self._declared[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)
