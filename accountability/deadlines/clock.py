"""The only module that reads clocks. Only middleware, tasks and commands ask it for the present.

Limits are judged by the clock of whichever machine serves a request or runs a task. The database's clock is the measure
for all of them: `skew` tells how far ours is ahead of it. Between two comparisons the monotonic clock counts, so that a
clock that is set wrong is found at once, without a statement.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper

MOST_SKEW = timedelta(seconds=2)
"""If our clock is further from the database's, nothing may be judged by it."""

SLOWEST = 1.0
"""Seconds. An answer that took longer doesn't tell the database's clock exactly enough."""

compared: tuple[datetime, float] | None = None
"""The database's clock when it was last read, and our monotonic one at the same moment; None where the database has no
clock of its own.
"""


def read() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def compare(connection: BaseDatabaseWrapper) -> None:
    """Read the database's clock. SQLite has none of its own: it asks this machine's."""
    global compared
    if connection.vendor != "postgresql":
        return
    asked = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    answered = time.monotonic()
    if answered - asked <= SLOWEST:
        compared = instant, (asked + answered) / 2


def skew(at: datetime) -> timedelta:
    """How far this instant, just read, is ahead of the database's clock; zero where it has none."""
    if (last := compared) is None:
        return timedelta()
    instant, asked = last
    return at - instant - timedelta(seconds=time.monotonic() - asked)
