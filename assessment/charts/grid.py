"""A grid of numbers, such as weekdays by hours: the number in each cell, shaded by thirds of the largest."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from assessment.charts.drawing import FAINT, INK, LINE, NOTHING, PALE, PAPER, Drawing, clean, width_of
from assessment.charts.series import MISSING

SHADES = (PAPER, "#e4e4e4", "#b4b4b4", "#333")
LEVELS = len(SHADES) - 1
CELL = 26
LABELS = 120


def heat(
    name: str, title: str, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[int | None]],
    *, desc: str = "", empty: str = NOTHING,
) -> SafeString:  # fmt: skip
    if len(cells) != len(rows) or any(len(row) != len(columns) for row in cells):
        raise ValueError("a cell for each row and column")
    sheet = Drawing(name, title, desc)
    known = [value for row in cells for value in row if value is not None]
    if not any(known):
        return sheet.nothing(empty)
    most = max(known)
    left = min(max(width_of(clean(row)) for row in rows), LABELS) + 8
    across = max(CELL, width_of(f"{most}") + 6, *(width_of(clean(column)) + 4 for column in columns))
    for at, column in enumerate(columns):
        sheet.text("text faint", left + across * (at + 0.5), LINE / 2, column, text_anchor="middle", fill=FAINT)
    for down, row in enumerate(rows):
        y = LINE + CELL * down
        sheet.text("text", left - 6, y + CELL / 2, row, room=LABELS, text_anchor="end")
        for at, value in enumerate(cells[down]):
            _cell(sheet, left + across * at, y, across, value, most, f"{row} {columns[at]}")
    bottom = LINE + CELL * len(rows)
    _legend(sheet, left, bottom + LINE * 0.8, most)
    return sheet.done(bottom + LINE * 1.5, left + across * len(columns) + 1)


def level_of(value: int, most: int) -> int:
    """0 for zero, otherwise which third of the largest the value is in."""
    return -(-value * LEVELS // most)


def _cell(sheet: Drawing, x: float, y: float, across: float, value: int | None, most: int, place: str) -> None:
    level = level_of(value or 0, most)
    words = MISSING if value is None else f"{value}"
    facts = {"fill": SHADES[level], "stroke": PALE, "stroke_width": 1}
    sheet.add("rect", f"cell level-{level}", x=x, y=y, width=across, height=CELL, hint=f"{place} {words}", **facts)  # type: ignore[arg-type]
    _number(sheet, x + across / 2, y + CELL / 2, level, words)


def _number(sheet: Drawing, x: float, y: float, level: int, words: str) -> None:
    kind = "text faint" if level == 0 else "text on-dark" if level == LEVELS else "text"
    fill = FAINT if level == 0 else PAPER if level == LEVELS else INK
    sheet.text(kind, x, y, words, text_anchor="middle", fill=fill)


def _legend(sheet: Drawing, left: float, y: float, most: int) -> None:
    """Which shade means which numbers; a third that contains no whole number is left out."""
    x = left
    for level in range(LEVELS + 1):
        lowest, highest = (0, 0) if level == 0 else (most * (level - 1) // LEVELS + 1, most * level // LEVELS)
        if lowest > highest:
            continue
        words = f"{lowest}" if lowest == highest else f"{lowest}–{highest}"
        facts = {"fill": SHADES[level], "stroke": INK, "stroke_width": 1}
        sheet.add("rect", f"cell level-{level}", x=x, y=y - 6, width=16, height=12, **facts)  # type: ignore[arg-type]
        sheet.text("text", x + 22, y, words)
        x += width_of(words) + 44
