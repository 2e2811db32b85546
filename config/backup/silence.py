"""Listens while a restored copy is looked at: it must call nobody, send nothing and start no task."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from celery.signals import before_task_publish
from django.db.models import Max

from accountability.models import Delivery, Heartbeat, LedgerEntry, Notification, PaperFile

CALLS = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"}
"""Python's audit events of a call to another program. PostgreSQL's library, which is written in C, raises none: what is
heard is a mail server, a gateway, a broker.
"""

_heard: list[list[str]] = []


@cache
def _begin_to_listen() -> None:
    """Python asks a hook about each event, such as every `id()`, for as long as the process lives: those that never
    look at a copy are spared it.
    """
    sys.addaudithook(_listen)


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _heard and event in CALLS:
        _heard[-1].append(f"{event} {arguments[1:] if event != 'socket.getaddrinfo' else arguments[:2]}")


@contextmanager
def listening() -> Iterator[list[str]]:
    """A list of what is heard inside this context: calls, and tasks that are sent."""
    _begin_to_listen()
    heard: list[str] = []

    def sent(sender: Any = None, **_more: Any) -> None:
        heard.append(f"task {sender}")

    _heard.append(heard)
    before_task_publish.connect(sent)
    try:
        yield heard
    finally:
        before_task_publish.disconnect(sent)
        _heard.remove(heard)


def traces() -> dict[str, Any]:
    """What sending and tasks leave behind in the database; it must stay as it was."""
    return {
        "messages sent": Delivery.objects.exclude(sent_at=None).count(),
        "messages": Delivery.objects.count(),
        "notices sent": Notification.objects.exclude(sent_at=None).count(),
        "notices": Notification.objects.count(),
        "papers begun": PaperFile.objects.exclude(claimed_at=None).count(),
        "acts": LedgerEntry.objects.count(),
        "tasks succeeded": Heartbeat.objects.aggregate(latest=Max("at"))["latest"],
    }
