"""The charts of a bulletin: bars by unit, readable in black and white; the bulletin's own table gives the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessment.bulletins.freezing import Figures, in_order, share_of
from assessment.charts import Series, bars


@dataclass(frozen=True)
class Chart:
    name: str
    title: str
    svg: str


DRAWN = (
    ("rate", "各单位解决率", (("解决率", "resolved"),)),
    ("kept", "各单位按时处理率和交办及时率", (("按时处理率", "in_time"), ("交办及时率", "within_30"))),
)
"""Chinese, whatever the reader's language: the paper, which has one language, uses the same drawings."""


def charts(figures: Figures) -> list[Chart]:
    """The units with something to draw, by rank, as in the table."""
    return [Chart(name, title, draw(name, title, drawn(figures, told), told)) for name, title, told in DRAWN]


def drawn(figures: Figures, told: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    lines = in_order(figures["lines"])
    return [line for line in lines if any(share_of(line, measure) is not None for _label, measure in told)]


def draw(name: str, title: str, lines: list[dict[str, Any]], told: tuple[tuple[str, str], ...]) -> str:
    series = [Series(label, [share_of(line, measure) for line in lines], share=True) for label, measure in told]
    return bars(name, title, [line["name"] for line in lines], series, desc="没有数据的单位标为“—”。")
