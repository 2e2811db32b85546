"""What is drawn: a named row of counts or shares, some of which may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

Number = int | Fraction

MISSING = "—"
"""Written for a missing value: a unit without volume has no share, since a share of zero is undefined."""


@dataclass(frozen=True)
class Series:
    """`shown` is the text of each value, if the caller has it; else whole numbers, or per cent to one decimal place."""

    label: str
    values: Sequence[Number | None]
    share: bool = False
    shown: Sequence[str] = field(default=())

    def words(self, index: int) -> str:
        value = self.values[index]
        if value is None:
            return MISSING
        return self.shown[index] if self.shown else words(value, share=self.share)

    @property
    def top(self) -> Number:
        """A share is measured against the whole, a count against the largest."""
        return Fraction(1) if self.share else max((value for value in self.values if value is not None), default=0)


def words(value: Number, *, share: bool) -> str:
    return per_cent(Fraction(value)) if share else f"{value}"


def per_cent(share: Fraction) -> str:
    """To one decimal place, halves rounded up, without binary fractions; 100% or 0% only if it is exact."""
    tenths = (share * 2000 + 1) // 2
    if share < 1:
        tenths = min(tenths, 999)
    if share > 0:
        tenths = max(tenths, 1)
    return f"{tenths // 10}.{tenths % 10}%"


def check(labels: Sequence[str], series: Sequence[Series], most: int) -> None:
    """Raise if values lack labels or series can't be told apart: that is a mistake of the caller."""
    if len(series) > most:
        raise ValueError(f"at most {most} series can be told apart")
    if any(len(one.values) != len(labels) for one in series):
        raise ValueError("a value for each label")
    if len({one.share for one in series}) > 1:
        raise ValueError("counts and shares have no scale in common")


def is_empty(series: Sequence[Series]) -> bool:
    return all(value is None for one in series for value in one.values)
