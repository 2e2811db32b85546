"""发文字号: prefix, year in six-corner brackets, running number without leading zero, given at issue (S63)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountability.db.sql import take_from
from accountability.deadlines.limits import day_of
from accountability.models import Series

if TYPE_CHECKING:
    from accountability.gate.act import Act


def next_number(act: Act, prefix: str) -> str:
    """The next number of the prefix in the year of Shanghai. The series' row stays locked until the act is written, and
    an act that comes to nothing gives its number back: no gaps, none twice.
    """
    series = f"{prefix}〔{day_of(act.at).year}〕"
    return f"{series}{act.draw(series)}号"


def last_number(series: str) -> int:
    """How far the series has come; its row stays locked until the act is written."""
    return take_from(Series, series, 0) - 1
