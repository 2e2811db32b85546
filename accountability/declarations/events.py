"""Declares what other systems may be told: the types of events, and the facts of each that are safe to tell.

What isn't declared is not told, neither a verb nor a fact. An app declares the events of its own matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accountability.declarations.registry import Facts, Registry

PREFIX = "shouwen."
"""What each type begins with in messages."""

_WORD = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")


@dataclass(frozen=True)
class Event:
    """One type, `<kind of matter>.<verb>`. `tells` are the facts that its message may have: choices, numbers, codes of
    units and instants, never a person.
    """

    name: str
    tells: tuple[str, ...] = ()

    def safe(self, facts: Facts) -> dict[str, Any]:
        """The declared facts whose values are what was declared: a truth, a number, or one word without spaces."""
        return {name: facts[name] for name in self.tells if name in facts and _is_safe(facts[name])}


def _is_safe(value: Any) -> bool:
    return value is None or isinstance(value, bool | int) or (isinstance(value, str) and bool(_WORD.fullmatch(value)))


EVENTS: Registry[Event] = Registry("event")


@dataclass(frozen=True)
class Stands:
    """Where a matter stands after an act, as far as everybody who gets its events may know. `unit_id` is the unit whose
    round the entry belongs to, and which may be told of it.
    """

    data: dict[str, Any]
    unit_id: int | None = None


STANDS: dict[str, Callable[[Any, Any], Stands]] = {}
"""By kind of matter: from the subject and the ledger entry, when all of the act is done."""
