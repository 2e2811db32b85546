"""Horizontal bars, one group per label, the value written at the end of each bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from assessment.charts.drawing import FAINT, INK, LINE, NOTHING, WIDTH, Drawing, clean, width_of
from assessment.charts.series import Series, check, is_empty

MOST = 4
BAR, GAP = 15, 9
LABELS = 170
"""The widest that a name may be; a longer one is cut, and its hint has all of it."""


def bars(
    name: str, title: str, labels: Sequence[str], series: Sequence[Series], *, desc: str = "", empty: str = NOTHING
) -> SafeString:
    """Counts are drawn against the largest of all series, shares against 100%."""
    check(labels, series, MOST)
    sheet = Drawing(name, title, desc)
    if is_empty(series):
        return sheet.nothing(empty)
    sheet.hatches(len(series))
    y = sheet.legend([one.label for one in series])
    left = min(max(width_of(clean(label)) for label in labels), LABELS) + 10
    right = max(width_of(one.words(at)) for one in series for at in range(len(labels))) + 10
    plot, top = WIDTH - left - right, max(one.top for one in series)
    begins = y
    for at, label in enumerate(labels):
        group = BAR * len(series)
        sheet.text("text", left - 8, y + GAP / 2 + group / 2, label, room=LABELS, text_anchor="end")
        for index, one in enumerate(series):
            _bar(sheet, index, one, at, label=label, left=left, y=y + GAP / 2 + BAR * index, plot=plot, top=top)
        y += group + GAP
    sheet.add("path", "axis", d=f"M{left:.2f} {begins:.2f}V{y:.2f}", stroke=INK, fill="none")
    return sheet.done(y + LINE / 4)


def _bar(
    sheet: Drawing, index: int, one: Series, at: int, *, label: str, left: float, y: float, plot: float, top: object
) -> None:
    value, middle = one.values[at], y + BAR / 2
    if value is None:
        sheet.text("text faint", left + 6, middle, one.words(at), fill=FAINT)
        return
    length = plot * float(value) / float(top) if top else 0.0  # type: ignore[arg-type]
    if length:
        sheet.bar(index, left, y + 1, length, BAR - 2, f"{label} {one.label} {one.words(at)}")
    sheet.text("text", left + length + 6, middle, one.words(at))
