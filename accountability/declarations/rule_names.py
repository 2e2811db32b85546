"""Finds the rules named in a text: `R19`, `R29 to R31`, `R1–R55`."""

from __future__ import annotations

import re

RULE = re.compile(r"(?<![A-Za-z0-9])R([1-9][0-9]?)(?![0-9A-Za-z])")
_SPAN = re.compile(r"(?<![A-Za-z0-9])R([1-9][0-9]?)(?:(?: to |–|-|至)R([1-9][0-9]?))?(?![0-9A-Za-z])")


def named_in(text: str) -> list[str]:
    """The rules that the text names, each once, in order; a span names all rules in it."""
    found: dict[str, None] = {}
    for match in _SPAN.finditer(text):
        first, last = int(match[1]), int(match[2] or match[1])
        found |= dict.fromkeys(f"R{number}" for number in range(first, last + 1))
    return list(found)
