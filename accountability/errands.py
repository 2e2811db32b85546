"""What the worker makes for the apps above, which register it in `ready()`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

EXPORTS: list[Callable[[datetime], int]] = []
"""Each makes the files that were approved until now, and says how many."""
