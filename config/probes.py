"""What a load balancer and a monitor ask, without sign-in and before sessions (`ProbeMiddleware`): `/livez`, whether
this process answers, and `/readyz`, whether it can do its work.

They reveal nothing that a stranger may not know, and cost a stranger's thousand requests a second no more than one.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accountability.monitoring import heartbeats, system_health
from accountability.web.request import Request

log = logging.getLogger(__name__)

LONGEST = 2.0
"""Seconds after which an unanswered readiness counts as a failure."""

KEPT_FOR = 1.0
"""Seconds for which an answer is given again."""

CHECKS: dict[str, str] = {
    "migrations": "database_is_migrated",
    "heartbeats": "tasks_run",
    "calendar": "calendar_reaches",
    "disk": "disk_has_room",
}
"""The parts of readiness in addition to `database`, a write, and the check of the operations page that each is."""


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """200: this process takes requests. Nothing else is asked, so that a dead database restarts no web process."""
    return JsonResponse({"live": True})


@require_safe
def readyz(request: Request) -> JsonResponse:
    """200 where everything works, else 503; `?exclude=heartbeats` leaves out a part, as often as wanted."""
    wanted = {"database", *CHECKS} - set(request.GET.getlist("exclude"))
    found = {part: works for part, works in answer(request.at).items() if part in wanted}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _works(at: datetime) -> dict[str, bool]:
    """Each part. The database has to take a write."""
    with transaction.atomic():
        heartbeats.note(f"web {socket.gethostname()}"[:64], at)
    return {part: system_health.named(name)(at).tone != "danger" for part, name in CHECKS.items()}


class _Asked:
    """The latest answer of this process, and the thread that asks while one does."""

    lock = threading.Lock()
    thread: threading.Thread | None = None
    begun = 0.0
    answer: dict[str, bool] | None = None
    at = 0.0


def ask(at: datetime) -> None:
    """Ask every part, for `answer`. Nobody waits for it longer than LONGEST."""
    try:
        found = {"database": True} | _works(at)
    except Exception as error:
        log.warning("not ready: %s", type(error).__name__)
        found = NOTHING
    _Asked.answer, _Asked.at = found, time.monotonic()


def ask_apart(at: datetime) -> None:
    """Ask in a thread, since a frozen database may never answer; its connection is its own."""
    try:
        ask(at)
    finally:
        connection.close()


NOTHING = dict.fromkeys(["database", *CHECKS], False)
"""Without the database nothing is known to work."""


def answer_apart(at: datetime) -> dict[str, bool]:
    with _Asked.lock:
        if _Asked.answer is not None and time.monotonic() - _Asked.at < KEPT_FOR:
            return _Asked.answer
        if _Asked.thread is None or not _Asked.thread.is_alive():
            _Asked.answer, _Asked.begun = None, time.monotonic()
            _Asked.thread = threading.Thread(target=ask_apart, args=[at], name="readiness", daemon=True)
            _Asked.thread.start()
        _Asked.thread.join(max(0.0, _Asked.begun + LONGEST - time.monotonic()))
        return _Asked.answer or NOTHING


def answer_here(at: datetime) -> dict[str, bool]:
    """Without a thread and without what was kept: for a test, whose transaction no other thread sees."""
    ask(at)
    return _Asked.answer or NOTHING


answer: Callable[[datetime], dict[str, bool]] = answer_apart
"""The parts that work."""
