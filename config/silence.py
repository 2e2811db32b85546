"""Gives up a database that takes what is asked and never answers: its processes are frozen, or its disk hangs.

No timeout of the server or of TCP helps there, since the server's kernel goes on confirming every packet. Only web
processes give up (config/wsgi.py): a person waits for them. A worker waits, and goes on when the database does.
"""

from __future__ import annotations

import select
import threading
import time
from typing import Any

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, STATUS_SETUP, set_wait_callback

CONNECTING = 2.0
"""Seconds for a new connection, as `connect_timeout`, which doesn't count where a callback waits."""

BEYOND = 0.5
"""Seconds after the server's own limit for a statement, which is to come first: it keeps the connection."""


FOR_ALL, LEAST = 8.0, 1.0
"""Seconds that a request waits for all its statements together, and that each of them has in any case: a lock that was
waited for, a new connection and a frozen server may come one after the other, and a person waits for all of them. What
the request works itself isn't counted.
"""

OF_REQUEST = threading.local()
"""Has `waited`, the seconds that the present request has waited for the database, from the outermost middleware on
(`config.headers.Headers`). What is streamed afterwards isn't counted.
"""


def _left(seconds: float) -> float:
    """How much of these seconds the present request may still wait; all of them where none is served."""
    waited = getattr(OF_REQUEST, "waited", None)
    return seconds if waited is None else min(seconds, max(LEAST, FOR_ALL - waited))


def give_up_after(seconds: float) -> None:
    """From now on no statement of this process is waited for any longer; 0: as long as it takes. The connection is
    closed with the error.
    """
    limit = seconds + BEYOND

    def wait(line: Any) -> None:
        _wait(line, _left(CONNECTING if line.status == STATUS_SETUP else limit))

    set_wait_callback(wait if seconds else None)


def _wait(line: Any, seconds: float) -> None:
    begun = time.monotonic()
    try:
        _wait_until(line, begun + seconds, seconds)
    finally:
        if hasattr(OF_REQUEST, "waited"):
            OF_REQUEST.waited += time.monotonic() - begun


def _wait_until(line: Any, ends: float, seconds: float) -> None:
    while (state := line.poll()) != POLL_OK:
        left = ends - time.monotonic()
        if left <= 0:
            raise psycopg2.OperationalError(f"the database gave no answer within {seconds:.1f} s")
        wanted = select.poll()
        wanted.register(line.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
        wanted.poll(left * 1000)
