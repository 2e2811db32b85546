"""Tells which background task has fallen silent, from when each last succeeded, or got further in a long run. A task
that hangs or fails, a worker without a broker and a dead beat look the same from here: nothing succeeds.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accountability.models import Heartbeat

SHORTEST_SILENCE = timedelta(seconds=60)
MOST_MISSED = 3
"""Periods after which a task that runs less often than every 20 s counts as silent."""

BEHIND_OTHERS = timedelta(minutes=45)
"""For a task that waits in a queue of its own kind, one at a time, behind a long export or the nightly verification."""


def note(name: str, at: datetime) -> None:
    """Say that this has just succeeded, or got further."""
    said = {"at": at, "host": socket.gethostname()[:64]}
    if not Heartbeat.objects.filter(name=name).update(**said):
        with suppress(IntegrityError), transaction.atomic():
            Heartbeat.objects.create(name=name, **said)


def take_turn(name: str, at: datetime, every: timedelta) -> bool:
    """Whether this process does now what one of many processes has to do every so often."""
    if Heartbeat.objects.filter(name=name, at__lte=at - every).update(at=at, host=socket.gethostname()[:64]):
        return True
    if Heartbeat.objects.filter(name=name).exists():
        return False
    note(name, at)
    return True


def expect_all(at: datetime) -> None:
    """From now on each scheduled task counts as silent if it doesn't run, even if it has never run."""
    known = set(Heartbeat.objects.values_list("name", flat=True))
    for name in scheduled():
        if name not in known:
            note(name, at)


def scheduled() -> dict[str, timedelta]:
    """Each task that beat sends, and how long it may be silent."""
    entries: Any = settings.CELERY_BEAT_SCHEDULE
    periods = {str(entry["task"]): entry["schedule"].run_every for entry in entries.values()}
    waits_its_turn = {task for task, route in settings.CELERY_TASK_ROUTES.items() if route["queue"] == "papers"}
    return {
        task: max(BEHIND_OTHERS if task in waits_its_turn else SHORTEST_SILENCE, MOST_MISSED * period)
        for task, period in periods.items()
    }


def silent(at: datetime) -> list[str]:
    """The scheduled tasks that have not succeeded for too long. A task that was never expected isn't among them."""
    last = dict(Heartbeat.objects.values_list("name", "at"))
    return [name for name, longest in scheduled().items() if name in last and at - last[name] > longest]
