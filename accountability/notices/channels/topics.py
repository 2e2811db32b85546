"""Decides when people must not be disturbed. Depends only on the settings."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings

from accountability.deadlines.limits import SHANGHAI


def is_quiet(at: datetime) -> bool:
    """Whether it is night in Shanghai: from the first of `settings.QUIET_HOURS` until just before the second."""
    begins, ends = (time.fromisoformat(hour) for hour in settings.QUIET_HOURS)
    now = at.astimezone(SHANGHAI).time()
    return begins <= now < ends if begins <= ends else now >= begins or now < ends
