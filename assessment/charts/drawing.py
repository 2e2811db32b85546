"""The sheet that a chart is drawn on: elements, texts, hatches, legend.

This is our own code because libraries such as pygal add style elements and scripts that the content security policy
forbids, and only a few shapes are needed. ElementTree escapes the texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import east_asian_width
from xml.etree import ElementTree as ET

from django.utils.safestring import SafeString

from accountability.security.markup import written

INK, PAPER, FAINT, PALE = "#000", "#fff", "#444", "#bbb"
FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
SIZE = 13
"""Font size, in units of the view box; `charts.css` lets no chart shrink below about one unit a pixel."""

LINE = 20
WIDTH = 640
NOTHING = "没有数据"
UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def px(value: object) -> str:
    """A length, to at most two decimal places."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")  # type: ignore[arg-type]


def width_of(text: str) -> float:
    """The approximate width of a text: one em for a Chinese character, a little over half for any other."""
    return sum(SIZE * (1 if east_asian_width(char) in "WF" else 0.58) for char in text)


def shorten(text: str, room: float) -> str:
    if width_of(text) <= room:
        return text
    kept = text
    while kept and width_of(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept}…"


def clean(text: object) -> str:
    return " ".join(UNPRINTABLE.sub("", f"{text}").split())


class Drawing:
    """One chart. `name` makes its ids unique in the page."""

    def __init__(self, name: str, title: str, desc: str) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            raise ValueError(name)
        self.name = name
        self.root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "chart__svg", "role": "img"})
        self.root.set("font-family", FONTS)
        self.root.set("font-size", f"{SIZE}")
        self._tell("title", title)
        if desc:
            self._tell("desc", desc)
        told = f"{name}-title {name}-desc" if desc else f"{name}-title"
        self.root.set("aria-labelledby", told)

    def _tell(self, tag: str, text: str) -> None:
        ET.SubElement(self.root, tag, {"id": f"{self.name}-{tag}"}).text = clean(text)

    def add(
        self, tag: str, kind: str, *, into: ET.Element | None = None, hint: str = "", **facts: object
    ) -> ET.Element:
        """An element of the class `chart__<kind>`; lengths are rounded, `stroke_width` becomes `stroke-width`."""
        parent = self.root if into is None else into
        made = ET.SubElement(parent, tag, {"class": " ".join(f"chart__{part}" for part in kind.split())})
        for key, value in facts.items():
            made.set(key.rstrip("_").replace("_", "-"), value if isinstance(value, str) else px(value))
        if hint:
            ET.SubElement(made, "title").text = clean(hint)
        return made

    def text(
        self, kind: str, x: float, y: float, text: str, *,
        room: float | None = None, text_anchor: str = "start", fill: str = INK,
    ) -> None:  # fmt: skip
        """`y` is the middle of the line. A text too long for `room` is cut; the hint has all of it."""
        whole = clean(text)
        shown = whole if room is None else shorten(whole, room)
        made = self.add("text", kind, x=x, y=y + SIZE * 0.36, text_anchor=text_anchor, fill=fill)
        made.text = shown
        if shown != whole:
            ET.SubElement(made, "title").text = whole

    def nothing(self, words: str) -> SafeString:
        self.text("text faint", WIDTH / 2, 40, words, text_anchor="middle", fill=FAINT)
        return self.done(80)

    def done(self, height: float, width: float = WIDTH) -> SafeString:
        self.root.set("viewBox", f"0 0 {px(width)} {px(height)}")
        self.root.set("width", px(width))
        self.root.set("height", px(height))
        return written(self.root)

    # Hatches: solid, slanting lines, dots, crossing lines

    def hatches(self, count: int) -> None:
        if count < 2:
            return
        defs = ET.SubElement(self.root, "defs")
        for index in range(1, count):
            pattern = ET.SubElement(defs, "pattern", {"id": f"{self.name}-hatch-{index}", "class": f"chart__s{index}"})
            for key, value in (("width", "6"), ("height", "6"), ("patternUnits", "userSpaceOnUse")):
                pattern.set(key, value)
            self.add("rect", "paper", into=pattern, width=6, height=6, fill=PAPER)
            ink = {"into": pattern, "stroke": INK, "stroke_width": 1.8}
            if index == 1:
                self.add("path", "stroke", d="M-1 1L1 -1M0 6L6 0M5 7L7 5", **ink)  # type: ignore[arg-type]
            elif index == 2:
                self.add("circle", "dot", into=pattern, cx=3, cy=3, r=1.4, fill=INK)
            else:
                self.add("path", "stroke", d="M0 3H6M3 0V6", **{**ink, "stroke_width": 1})  # type: ignore[arg-type]

    def fill_of(self, index: int) -> str:
        return f"url(#{self.name}-hatch-{index})" if index else INK

    def legend(self, labels: Sequence[str]) -> float:
        """Swatches in the order of the series, wrapped into lines. Returns their height; a single series needs none."""
        if len(labels) < 2:
            return 0
        x, y = 0.0, LINE / 2
        for index, label in enumerate(labels):
            room = min(width_of(clean(label)), WIDTH - 30) + 1
            if x and x + 24 + room > WIDTH:
                x, y = 0.0, y + LINE
            self.bar(index, x + 1, y - 6, 16, 12)
            self.text("text", x + 22, y, label, room=room)
            x += room + 42
        return y + LINE

    def bar(self, index: int, x: float, y: float, width: object, height: float, hint: str = "") -> None:
        facts = {"fill": self.fill_of(index), "stroke": INK, "stroke_width": 1, "hint": hint}
        kind = f"bar s{index}" if index else "bar solid s0"
        self.add("rect", kind, x=x, y=y, width=width, height=height, **facts)  # type: ignore[arg-type]
