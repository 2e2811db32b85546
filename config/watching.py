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


def keep_watch() -> None:
    """Look every so often, as long as the process lives."""
    while True:
        time.sleep(watchman.EVERY.total_seconds())
        look()


def look() -> None:
    """One look. It never raises: the database may be away, which `/readyz` tells."""
    try:
        with suppress(WrongClock):
            watchman.look(tasks.present())
    except Exception as error:
        log.warning("the watch over the tasks failed: %s", type(error).__name__)
    finally:
        connection.close()
