"""The schedule's clock: it runs evenly even if the machine's clock is changed meanwhile."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import cache

from celery.schedules import schedule


@cache
def _begun() -> tuple[datetime, float]:
    """The first call's instant, by the wall clock and by the monotonic one."""
    from accountability.deadlines import clock

    return clock.read(), time.monotonic()


def steady_now() -> datetime:
    """The first call's instant plus the seconds since, by the monotonic clock."""
    at, seconds = _begun()
    return at + timedelta(seconds=time.monotonic() - seconds)


def every(seconds: float) -> schedule:
    """A schedule that ticks every so many seconds. A wall clock that is set back an hour would stop it for an hour."""
    return schedule(seconds, nowfun=steady_now)
