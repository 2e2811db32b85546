"""The watch over the background tasks, in a thread of each web process: something that runs tells what has stopped."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from django.db import connection

from accountability import tasks
from accountability.monitoring import watchman
from accountability.notices.wrong_clock import WrongClock

log = logging.getLogger(__name__)


SERVED_EVERY = 3.0
"""Seconds between two marks of life. The sweep judges what fell due before the last one, so that a miss is found this
much later at most, besides its grace and the time until it comes again: within 15 s with all it does.
"""


def keep_mark() -> None:
    """Write the mark of life as long as the process lives, in a thread of its own: whatever hangs beside it (a disk, a
    gateway), people are served. They are from the start.
    """
    while True:
        note_served()
        time.sleep(SERVED_EVERY)


def keep_watch() -> None:
    """Look every so often, as long as the process lives."""
    while True:
        time.sleep(watchman.EVERY.total_seconds())
        look()


def note_served() -> None:
    """Write the mark of life, apart from everything else that is looked at, so that no other failure keeps it from
    being written: without it a hold would begin.
    """
    try:
        tasks.note_served()
    except Exception as error:
        log.warning("the mark of life was not written: %s", type(error).__name__)
    finally:
        connection.close()


def look() -> None:
    """One look. It never raises: the database may be away, which `/readyz` tells."""
    try:
        with suppress(WrongClock):
            watchman.look(tasks.present())
    except Exception as error:
        log.warning("the watch over the tasks failed: %s", type(error).__name__)
    finally:
        connection.close()
