"""A stop from outside (`systemctl stop`, a connection that drops) ends a command as an error does: it clears up."""

from __future__ import annotations

import signal
import sys
import threading


def as_exceptions() -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _frame: sys.exit(128 + got))
