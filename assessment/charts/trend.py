"""Lines over time: each with its own dash and marker, its name and last value at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from xml.etree import ElementTree as ET

from django.utils.safestring import SafeString

from assessment.charts.drawing import FAINT, INK, LINE, NOTHING, PALE, PAPER, WIDTH, Drawing, clean, shorten, width_of
from assessment.charts.series import Number, Series, check, is_empty

DASHES = ("", "7 4", "2 3", "9 3 2 3")
MOST = len(DASHES)
HEIGHT = 200
ENDS = 150
ASIDE = 26
"""The largest room for a name at the end of its line."""

STEPS = 4


def lines(
    name: str, title: str, labels: Sequence[str], series: Sequence[Series], *, desc: str = "", empty: str = NOTHING
) -> SafeString:
    """All series are of one kind, counts or shares, on one scale. A missing value breaks the line."""
    check(labels, series, MOST)
    sheet = Drawing(name, title, desc)
    if is_empty(series):
        return sheet.nothing(empty)
    ticks = ticks_to(max(one.top for one in series), share=series[0].share)
    frame = _Frame(sheet, labels, series, ticks)
    frame.scale(share=series[0].share)
    frame.stamps()
    for index, one in enumerate(series):
        frame.line(index, one)
    frame.ends()
    return sheet.done(HEIGHT + 3 * LINE)


def ticks_to(top: Number, *, share: bool) -> list[Number]:
    """Round numbers from zero to the first that is not below the top, in about four steps."""
    if share:
        return [Fraction(part, STEPS) for part in range(STEPS + 1)]
    unit = 1
    while unit * 10 * STEPS <= top:
        unit *= 10
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor * STEPS >= top)
    return [step * part for part in range(int(-(-top // step)) + 1)] if top else [0, 1]


class _Frame:
    """The coordinates: x by index, y by value."""

    def __init__(self, sheet: Drawing, labels: Sequence[str], series: Sequence[Series], ticks: list[Number]) -> None:
        self.sheet, self.labels, self.series, self.ticks = sheet, labels, series, ticks
        self.left = max(width_of(_tick(tick, share=series[0].share)) for tick in ticks) + 10
        self.right = WIDTH - min(max(width_of(clean(self._end(one))) for one in series), ENDS) - ASIDE

    @staticmethod
    def _end(one: Series) -> str:
        return f"{one.label} {one.words(_last(one))}"

    def x(self, at: int) -> float:
        steps = len(self.labels) - 1
        return self.left + 8 + (self.right - self.left - 16) * (at / steps if steps else 0.5)

    def y(self, value: Number) -> float:
        return LINE + HEIGHT * (1 - float(value) / float(self.ticks[-1]))

    def scale(self, *, share: bool) -> None:
        for tick in self.ticks:
            y = self.y(tick)
            kind, stroke = ("grid", PALE) if tick else ("axis", INK)
            self.sheet.add("path", kind, d=f"M{self.left:.2f} {y:.2f}H{self.right:.2f}", stroke=stroke, fill="none")
            self.sheet.text("text faint", self.left - 6, y, _tick(tick, share=share), text_anchor="end", fill=FAINT)

    def stamps(self) -> None:
        """As many of the labels below the axis as have room, from the first on."""
        room = max(width_of(clean(label)) for label in self.labels) + 12
        between = self.x(1) - self.x(0) if len(self.labels) > 1 else room
        every = max(1, -(-int(room) // max(1, int(between))))
        for at in range(0, len(self.labels), every):
            x, y = self.x(at), LINE + HEIGHT
            self.sheet.add("path", "axis", d=f"M{x:.2f} {y:.2f}V{y + 4:.2f}", stroke=INK, fill="none")
            self.sheet.text("text faint", x, y + LINE, self.labels[at], text_anchor="middle", fill=FAINT)

    def line(self, index: int, one: Series) -> None:
        for run in _runs(one):
            points = " ".join(f"{self.x(at):.2f},{self.y(value):.2f}" for at, value in run)
            if len(run) > 1:
                self.sheet.add(
                    "polyline", f"line s{index}", points=points, fill="none", stroke=INK, stroke_width=2,
                    stroke_dasharray=DASHES[index] or "none",
                )  # fmt: skip
        marks = self._marks(index)
        for at, value in ((at, value) for run in _runs(one) for at, value in run):
            hint = f"{self.labels[at]} {one.label} {one.words(at)}"
            self._marker(marks, index, self.x(at), self.y(value), hint)

    def _marks(self, index: int) -> ET.Element:
        """The markers of a line are one group, so that how they look is written once."""
        fill = INK if index == 0 else PAPER
        kind = f"mark s{index}" if index else "mark solid s0"
        return self.sheet.add("g", kind, fill=fill, stroke=INK, stroke_width=1.5)

    @staticmethod
    def _marker(marks: ET.Element, index: int, x: float, y: float, hint: str = "") -> None:
        shape = (
            "M{0} {1}m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", "M{0} {1}m-3.5 -3.5h7v7h-7z",
            "M{0} {1}m0 -4.5l4.5 8h-9z", "M{0} {1}m0 -5l5 5l-5 5l-5 -5z",
        )[index].format(f"{x:.2f}", f"{y:.2f}")  # fmt: skip
        made = ET.SubElement(marks, "path", {"d": shape})
        if hint:
            ET.SubElement(made, "title").text = clean(hint)

    def ends(self) -> None:
        """Marker, name and newest value at the end of each line, pushed apart where they would overlap."""
        wanted = sorted((self.y(one.values[_last(one)] or 0), index) for index, one in enumerate(self.series))
        lowest = LINE + HEIGHT - (len(wanted) - 1) * LINE
        y = float("-inf")
        for place, (at_line, index) in enumerate(wanted):
            y = min(max(at_line, y + LINE * 0.9), lowest + place * LINE)
            value, room = self.series[index].words(_last(self.series[index])), WIDTH - self.right - ASIDE + 2
            label = shorten(clean(self.series[index].label), room - width_of(f" {value}"))
            self._marker(self._marks(index), index, self.right + 12, y)
            self.sheet.text("text", self.right + 22, y, f"{label} {value}")


def _tick(value: Number, *, share: bool) -> str:
    return f"{int(value * 100)}%" if share else f"{value}"


def _last(one: Series) -> int:
    """The index of the newest value; if there is none, the last index."""
    known = [at for at, value in enumerate(one.values) if value is not None]
    return known[-1] if known else len(one.values) - 1


def _runs(one: Series) -> Iterator[list[tuple[int, Number]]]:
    """Stretches without a gap."""
    run: list[tuple[int, Number]] = []
    for at, value in enumerate(one.values):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
