"""The one place that reads the clock. Only the edge calls it: middleware, tasks and commands."""

from __future__ import annotations

from datetime import UTC, datetime


def read() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)
