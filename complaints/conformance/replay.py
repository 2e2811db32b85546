"""Replays a complaint's record on the flow: where it stood before and after each entry, and what left the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from complaints.conformance.flow import Position, Step, activity_of, steps_of


class Recorded(Protocol):
    """What the replay reads of an entry."""

    @property
    def verb(self) -> str: ...

    @property
    def facts(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Move:
    """One entry on the flow. `step` is None if it moves nothing. `strays`: the flow has no such step at `before`."""

    entry: Any
    activity: str
    before: Position
    after: Position
    step: Step | None = None
    strays: bool = False

    @property
    def is_beside(self) -> bool:
        """The program allows it, the notice's chart doesn't have it (docs/adr/0006)."""
        return self.step is not None and self.step.beside

    @property
    def follows(self) -> bool:
        """Whether the notice's chart has it."""
        return not (self.strays or self.is_beside)


class Walk:
    """A complaint on the flow, entry by entry; it keeps nothing but the position."""

    def __init__(self) -> None:
        self.position = Position()

    def take(self, entry: Recorded) -> Move:
        before, steps = self.position, steps_of(entry.verb, entry.facts)
        activity = activity_of(entry.verb, entry.facts)
        if not steps:
            return Move(entry, activity, before, before)
        for step in steps:
            after = step.leads(before)
            if after is not None:
                self.position = after
                return Move(entry, activity, before, after, step)
        self.position = steps[0].forced(before)
        return Move(entry, activity, before, self.position, steps[0], strays=True)


def replay(entries: Iterable[Recorded]) -> Iterator[Move]:
    """The moves of one complaint's entries, in the order of the record."""
    walk = Walk()
    yield from map(walk.take, entries)
