"""Faults of a scenario file itself, as opposed to an expectation that isn't met."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class BadScenario(Exception):
    """The file can't be played: unreadable, an unknown key, verb, field or person.

    The message names the place in it.
    """

    def at(self, place: str) -> BadScenario:
        """The same fault, with its place in front."""
        return BadScenario(f"{place}: {self}")


def demand(condition: object, message: str) -> None:
    """Raise BadScenario with the message unless the condition is true."""
    if not condition:
        raise BadScenario(message)


def demand_keys(mapping: Any, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """The mapping, if it has exactly these keys; a mistyped key must never be ignored silently."""
    demand(isinstance(mapping, dict), f"{what} must be a mapping, not {mapping!r}")
    required, known = set(required), {*required, *optional}
    unknown = [str(key) for key in mapping if key not in known]
    demand(not unknown, f"{what}: unknown key {', '.join(unknown)}")
    missing = sorted(required - set(mapping))
    demand(not missing, f"{what}: {', '.join(missing)} is missing")
    return mapping
