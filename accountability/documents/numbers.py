"""Gives papers their 发文字号 at issue: prefix, year in 〔〕, running number without leading zeros (S63)."""

from __future__ import annotations

from accountability.db.series import take_from
from accountability.deadlines.limits import day_of
from accountability.gate.act import Act
from accountability.models import Series


def next_number(act: Act, prefix: str) -> str:
    """The next number for the prefix in the current year (Shanghai time). The series' row stays locked until the act is
    written, and a refused act gives its number back, so that there are no gaps and no duplicates.
    """
    series = f"{prefix}〔{day_of(act.at).year}〕"
    return f"{series}{act.draw(series)}号"


def last_number(series: str) -> int:
    """The last number of the series. Its row stays locked until the act is written."""
    return take_from(Series, series, 0) - 1
