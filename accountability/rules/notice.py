"""The notice's own text, clause by clause, each with an anchor; read once from `notice.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NUMERALS = "〇一二三四五六七八九十"
NAMED = {"flow": "流程图", "closing": "结尾", "form": "互动单", "0": "前言"}
"""The names of clauses without a number, as a rule cites them."""

_BEGINS = re.compile(r"\[([a-z0-9.]+)\]")


@dataclass(frozen=True)
class Clause:
    """One clause: `name` is its path (`3.2.1`), `remarks` say what the copy lost or mistyped."""

    name: str
    paragraphs: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        return anchor_of(self.name)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def is_heading(self) -> bool:
        """A section's heading with no content of its own; 一, 二 and 五 are clauses."""
        return self.name in ("3", "4", "6")

    @property
    def cells(self) -> list[list[str]]:
        """The rows of a form."""
        return [row.split(" | ") for row in self.paragraphs]


def anchor_of(name: str) -> str:
    """The anchor of the clause on the page: `clause-3-2-1`."""
    return f"clause-{name.replace('.', '-')}"


def label_of(name: str) -> str:
    """How the clause is cited: `三（二）1`, `前言`."""
    first, *rest = name.split(".")
    if first in NAMED:
        return NAMED[first]
    section, *items = (int(part) for part in (first, *rest))
    return NUMERALS[section] + "".join(f"（{NUMERALS[n]}）" if depth == 0 else str(n) for depth, n in enumerate(items))


@cache
def clauses() -> tuple[Clause, ...]:
    """Every clause in the order of the notice."""
    return tuple(_read((Path(__file__).parent / "notice.txt").read_text(encoding="utf-8")))


@cache
def clause(name: str) -> Clause:
    return next(found for found in clauses() if found.name == name)


def _read(text: str) -> Iterator[Clause]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    begun = [place for place, line in enumerate(lines) if _BEGINS.fullmatch(line)]
    for place, end in zip(begun, [*begun[1:], len(lines)], strict=True):
        told = lines[place + 1 : end]
        yield Clause(
            lines[place].strip("[]"),
            tuple(line for line in told if not line.startswith("※")),
            tuple(line.removeprefix("※") for line in told if line.startswith("※")),
        )
