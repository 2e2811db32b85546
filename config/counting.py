"""Counters shared by all processes: in the broker's Redis where there is one, else in a file of their own.

They are a guard, not a record: if they can't be reached, people go on working and the log says so.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)

WAIT = 0.5
"""Seconds that a page waits for a counter."""

CLEARED_EVERY = 500

PAUSE, LONGEST_PAUSE = 10.0, 60.0
"""Seconds for which a broker that gave no answer isn't asked again, else each request would wait for it: the first
time, and at most; each failure in a row doubles them.
"""

_again_at, _pause = 0.0, PAUSE


def count(what: str, window: int, seconds: int) -> int:
    """Count one more in this window of so many seconds; return the total. 0 where it can't be counted."""
    global _again_at, _pause
    if _has_redis() and time.monotonic() < _again_at:
        return 0
    key = hashlib.sha256(f"{settings.SECRET_KEY}:{what}".encode()).hexdigest()[:32]
    try:
        found = _in_redis(key, window, seconds) if _has_redis() else _in_file(key, window, seconds)
        _pause = PAUSE
        return found
    except Exception as error:  # a broken guard must not lock everybody out
        log.error("limits: not counted: %s", type(error).__name__)
        # Threads that waited at the same time failed once together.
        if _has_redis() and time.monotonic() >= _again_at:
            _again_at, _pause = time.monotonic() + _pause, min(2 * _pause, LONGEST_PAUSE)
        return 0


def waiting_in(queues: Sequence[str]) -> dict[str, float]:
    """How many messages wait in these queues of the broker; nothing where there is none or it doesn't answer."""
    if not _has_redis():
        return {}
    try:
        with _redis(settings.CELERY_BROKER_URL).pipeline(transaction=False) as pipe:
            for queue in queues:
                pipe.llen(queue)
            return {queue: float(length) for queue, length in zip(queues, pipe.execute(), strict=True)}
    except Exception as error:
        log.warning("the broker tells no length: %s", type(error).__name__)
        return {}


def _has_redis() -> bool:
    return str(settings.CELERY_BROKER_URL).startswith(("redis://", "rediss://"))


@cache
def _redis(url: str) -> Any:
    import redis

    return redis.Redis.from_url(url, socket_timeout=WAIT, socket_connect_timeout=WAIT)


def _in_redis(key: str, window: int, seconds: int) -> int:
    name = f"shouwen:limit:{key}:{window}"
    with _redis(settings.CELERY_BROKER_URL).pipeline() as pipe:
        found = pipe.incr(name).expire(name, 2 * seconds).execute()
    return int(found[0])


def _in_file(key: str, window: int, seconds: int) -> int:
    """One statement counts, so that two processes never get the same total."""
    path = Path(settings.LIMITS_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous=OFF")
        file.execute("CREATE TABLE IF NOT EXISTS counted (key TEXT PRIMARY KEY, times INTEGER, ends INTEGER)")
        ends = (window + 1) * seconds
        (found,) = file.execute(
            "INSERT INTO counted VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times",
            (f"{key}:{window}", ends),
        ).fetchone()
        if found % CLEARED_EVERY == 1:
            file.execute("DELETE FROM counted WHERE ends < ?", (ends - seconds,))
    return int(found)
