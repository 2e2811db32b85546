"""The worker and beat of one queue in one process: what `manage.py serve` runs without Redis.

Both are Celery's own, as threads over its in-memory transport. They share no file and no server, so no message can be
half written. Pending work is in the database, so a restarted process continues it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from celery.beat import Scheduler, Service
from celery.worker import WorkController
from celery.worker import state as worker_state

from config.celery import app

DEFAULT_QUEUE = "celery"
WATCHED_EVERY = 0.5
"""Seconds between two checks of the threads."""


def ticks_of(queue: str, schedule: Mapping[str, Any], routes: Mapping[str, Any]) -> dict[str, Any]:
    """The part of beat's schedule whose tasks go to the queue."""
    return {
        name: entry
        for name, entry in schedule.items()
        if routes.get(entry["task"], {}).get("queue", DEFAULT_QUEUE) == queue
    }


class Background:
    """The worker and the beat of one queue."""

    def __init__(self, queue: str, concurrency: int) -> None:
        app.conf.beat_schedule = ticks_of(queue, app.conf.beat_schedule, app.conf.task_routes)
        logging.getLogger("celery").setLevel(logging.WARNING)
        self.worker = WorkController(
            app=app, hostname=f"{queue}@localhost", queues=[queue], pool="threads", concurrency=concurrency,
            without_gossip=True, without_mingle=True, without_heartbeat=True,
        )  # fmt: skip
        self.beat = Service(app, scheduler_cls=Scheduler)
        self.threads = [
            threading.Thread(target=self.worker.start, name="worker", daemon=True),
            threading.Thread(target=self.beat.start, name="beat", daemon=True),
        ]

    def run(self, stop: threading.Event, *, is_over: Callable[[], bool] = lambda: False) -> str | None:
        """Run until `stop` is set or `is_over` says so. Return the name of a thread that ended unexpectedly, if one
        did: the process must then end, and its parent restarts it.
        """
        for thread in self.threads:
            thread.start()
        while not stop.wait(WATCHED_EVERY) and not is_over():
            ended = [thread.name for thread in self.threads if not thread.is_alive()]
            if ended:
                return ended[0]
        self.end()
        return None

    def end(self) -> None:
        """Let the running tasks finish."""
        worker_state.should_stop = 0  # type: ignore[assignment]  # Celery writes no hint for it
        self.beat.stop()
        for thread in self.threads:
            thread.join()
