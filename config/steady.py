"""The schedule's clock: it goes on evenly whatever is done to the machine's clock meanwhile."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from celery.schedules import schedule

_BEGUN = datetime.now(UTC)
_BEGUN_STEADY = time.monotonic()


def steady_now() -> datetime:
    """The instant of the process's start plus the seconds that passed since, by the monotonic clock."""
    return _BEGUN + timedelta(seconds=time.monotonic() - _BEGUN_STEADY)


def every(seconds: float) -> schedule:
    """A schedule that ticks so often. A wall clock that is set back an hour would stop it for an hour."""
    return schedule(seconds, nowfun=steady_now)
