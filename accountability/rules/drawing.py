"""The flow chart drawn: boxes on a grid, lines along it, so that a template has only numbers to put down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.rules.flow import NO, STEPS, YES

WIDE, HIGH, PITCH = 226, 54, 84
COLUMNS = (156, 424, 692)
"""The middles of the three columns; the way of what is handled directly runs left of them."""
LANE, CORNER, LINE, LETTERS = 18, 14, 17, 15
SIZE = (826, 12 * PITCH)

PLACES = {
    "N1": (1, 0), "N2": (1, 1), "D1": (1, 2), "N3": (1, 3), "N4": (1, 4), "D2": (1, 5), "N5": (0, 5), "N7": (1, 6),
    "N9": (0, 6), "D3": (1, 7), "N8": (0, 7), "N11": (1, 8), "N10": (1, 9), "D5": (1, 10), "D4": (2, 10),
    "N6": (2, 7), "N12": (1, 11),
}  # fmt: skip
"""Column and row of each box."""


@dataclass(frozen=True)
class Box:
    """A box: its outline (the corners of a question are cut off), and its lines of text with their places."""

    outline: str
    lines: list[tuple[int, int, str]]
    is_round: bool


@dataclass(frozen=True)
class Way:
    """A line with an arrow, and the word at its beginning."""

    points: str
    label: Any = ""
    at: tuple[int, int] = (0, 0)


def _middle(name: str) -> tuple[int, int]:
    column, row = PLACES[name]
    return COLUMNS[column], row * PITCH + PITCH // 2


def boxes() -> list[Box]:
    return [
        Box(_outline(*_middle(step.name), step.is_question), _lines(step.text, *_middle(step.name)),
            step.is_end or step.name == "N1")
        for step in STEPS
    ]  # fmt: skip


def _outline(x: int, y: int, is_question: bool) -> str:
    left, right, top, bottom = x - WIDE // 2, x + WIDE // 2, y - HIGH // 2, y + HIGH // 2
    if not is_question:
        return f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"
    return (
        f"{left},{y} {left + CORNER},{top} {right - CORNER},{top} "
        f"{right},{y} {right - CORNER},{bottom} {left + CORNER},{bottom}"
    )


def _lines(text: str, x: int, y: int) -> list[tuple[int, int, str]]:
    """The text in lines of equal length, about the middle."""
    count = -(-len(text) // LETTERS)
    length = -(-len(text) // count)
    parts = [text[start : start + length] for start in range(0, len(text), length)]
    first = y + 5 - (len(parts) - 1) * LINE // 2
    return [(x, first + place * LINE, part) for place, part in enumerate(parts)]


DOWN = (
    ("N1", "N2", ""), ("N2", "D1", ""), ("D1", "N3", NO), ("N3", "N4", ""), ("N4", "D2", ""), ("D2", "N7", YES),
    ("N7", "D3", ""), ("D3", "N11", YES), ("N11", "N10", ""), ("N10", "D5", ""), ("D5", "N12", YES),
)  # fmt: skip
ACROSS = (("D2", "N5", NO), ("D3", "N8", NO), ("N9", "N7", _("处理继续")), ("D5", "D4", NO))


def ways() -> list[Way]:
    return [*_down(), *_across(), *_around()]


def _down() -> Iterator[Way]:
    for start, end, label in DOWN:
        (x, y), (_x, below) = _middle(start), _middle(end)
        yield Way(f"{x},{y + HIGH // 2} {x},{below - HIGH // 2}", label, (x + 8, y + HIGH // 2 + 19))


def _across() -> Iterator[Way]:
    for start, end, label in ACROSS:
        (x, y), (other, _y) = _middle(start), _middle(end)
        side = 1 if other > x else -1
        begin, finish = x + side * WIDE // 2, other - side * WIDE // 2
        above = y - HIGH // 2 - 6 if len(str(label)) > 1 else y - 6
        yield Way(f"{begin},{y} {finish},{y}", label, (min(begin, finish) + 14, above))


def _around() -> Iterator[Way]:
    """Those that turn a corner."""
    half_wide, half_high = WIDE // 2, HIGH // 2
    (x, asked), (_x, done), (_x, sent), (_x, end) = (_middle(name) for name in ("D1", "N11", "N3", "N12"))
    yield Way(f"{x - half_wide},{asked} {LANE},{asked} {LANE},{done} {x - half_wide},{done}", YES,
              (x - half_wide - 20, asked - 6))  # fmt: skip
    left, told = _middle("N5")
    yield Way(f"{left},{told - half_high} {left},{sent} {x - half_wide},{sent}", _("重新派单"), (left + 8, sent - 6))
    (_x, late), (_x, opened) = _middle("N8"), _middle("N9")
    yield Way(f"{left},{late - half_high} {left},{opened + half_high}")
    right, again = _middle("N6")
    _x, asked_again = _middle("D4")
    yield Way(f"{right},{asked_again - half_high} {right},{again + half_high}", YES,
              (right + 8, asked_again - half_high - 8))  # fmt: skip
    yield Way(f"{right},{again - half_high} {right},{sent} {x + half_wide},{sent}")
    yield Way(f"{right},{asked_again + half_high} {right},{end} {x + half_wide},{end}", NO,
              (right + 8, asked_again + half_high + 19))  # fmt: skip
