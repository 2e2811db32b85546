"""How fast it was, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that so large a part of them doesn't exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else 0.0


def in_milliseconds(seconds: Sequence[float]) -> str:
    """The three quantiles that are told of answers."""
    return "/".join(f"{quantile(seconds, part) * 1000:.0f}" for part in (0.5, 0.95, 0.99)) + " ms"
