"""Makes the key of a row before the row is inserted, for sealed content that is bound to its own row's key."""

from __future__ import annotations

import secrets
import threading
import time

SINCE = 1_577_836_800_000_000
"""The beginning of 2020 in microseconds: from there on 51 bits last for seventy years."""

CHANCE = 12
"""Bits of chance, so that two processes don't make the same key in the same microsecond."""

_lock = threading.Lock()
_last = 0


def own_key() -> int:
    """A key of 63 bits; each is higher than those that this process made before."""
    global _last
    with _lock:
        _last = max(_last + 1, (time.time_ns() // 1000 - SINCE) << CHANCE | secrets.randbits(CHANCE))
        return _last
