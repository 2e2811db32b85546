"""The one mechanism of all declarations: named once, kept in the order in which they were declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.utils.functional import Promise

Words = str | Promise
Facts = Mapping[str, Any]
"""What a row of a notice, an alarm or the ledger holds: references, numbers and names of things, never a sentence."""


T = TypeVar("T")


class Registry(Mapping[str, T]):
    """The declarations of one notion, by name. A name that is declared twice is an error at start."""

    def __init__(self, notion: str) -> None:
        self.notion = notion
        self._declared: dict[str, T] = {}

    def add(self, *declarations: Any) -> None:
        for one in declarations:
            self.put(one.name, one)

    def put(self, name: str, declaration: T) -> None:
        if name in self._declared:
            raise ValueError(f"the {self.notion} {name!r} is declared twice")
        self._declared[name] = declaration

    def __getitem__(self, name: str) -> T:
        return self._declared[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)
