"""What the apps above put on pages of those below, which know nothing of them: one registry, filled in `ready()`.

Each entry says what it has to show to this reader, or None: nothing, for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from accountability.permissions import Actor

T = TypeVar("T")


@dataclass(frozen=True)
class Block:
    """What waits for one person, in numbers; `tallies` as `includes/tally.html` takes them."""

    title: Any
    url: str
    tallies: list[dict[str, Any]]


@dataclass(frozen=True)
class Card:
    """A card beside a complaint: its template reads `card.about`."""

    template: str
    about: Any


BLOCKS: list[Callable[[Actor, datetime], Block | None]] = []
"""Of the desk, below its lists."""

TALLIES: list[Callable[[Actor, datetime], dict[str, Any] | None]] = []
"""One number among the desk's own, as `includes/tally.html` takes it."""

CARDS: list[Callable[[Any, datetime], Card | None]] = []
"""Beside a complaint, of its `Story`."""

LINKS: list[Callable[[Any, Any], tuple[Any, str] | None]] = []
"""Label and address of what may be begun from a round of a `Story`."""


def contributed(registry: Iterable[Callable[..., T | None]], *about: Any) -> list[T]:
    """What the entries of one list have to show, in the order in which they came."""
    return [found for make in registry if (found := make(*about)) is not None]
