"""The registry that all declarations use: each name once, in the order of declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.utils.functional import Promise

Words = str | Promise
Facts = Mapping[str, Any]
"""The facts stored with a notice, an alarm or a ledger entry: references, numbers and names, never sentences."""


def listed(facts: Facts, name: str) -> list[Any]:
    """The list that the facts have by this name; empty if there is none. A forged entry may have anything there."""
    found = facts.get(name)
    return found if isinstance(found, list) else []


T = TypeVar("T")


class Registry(dict[str, T]):
    """All declarations of one sort, by name. Declaring a name twice raises ValueError at start."""

    def __init__(self, notion: str) -> None:
        super().__init__()
        self.notion = notion

    def add(self, *declarations: Any) -> None:
        for one in declarations:
            self.put(one.name, one)

    def put(self, name: str, declaration: T) -> None:
        if name in self:
            raise ValueError(f"the {self.notion} {name!r} is declared twice")
        self[name] = declaration
