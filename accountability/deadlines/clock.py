"""The only module that reads the system clock. Only middleware, tasks and commands call it."""

from __future__ import annotations

from datetime import UTC, datetime


def read() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)
