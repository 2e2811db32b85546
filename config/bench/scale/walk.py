"""Goes through a large database as its people do: pages by their links, acts, tasks, commands; and says nothing of it.

What the database was asked meanwhile stands in its own statistics, and in `heard`.
"""

from __future__ import annotations

import html
import re
import secrets
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve

from accountability.models import Appointment, Employee
from config.bench.scale.operations import AGENT, CONTACT, HANDLER, HEAD, LEADER, OFFICER, operations, signed_in
from config.celery import app

ALIKE = 2
"""Pages of one person that differ in nothing but whose page it is."""

MOST = 20
"""Pages of one person."""

TURNS = 3
"""How often each operation of the bench is asked for."""

NOT_FOLLOWED = ("/static/", "/media/", "/i18n/")
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')


class Heard:
    """The statements that this process sent: how often each, and one of each with its values. What differs in the
    length of a list alone is one statement.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.example: dict[str, tuple[str, Any]] = {}
        self.answers: Counter[int] = Counter()

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str) and not many:
            name = alike(sql)
            self.calls[name] += 1
            self.example[name] = (sql, params)
        return execute(sql, params, many, context)


def alike(sql: str) -> str:
    return re.sub(r"\((?:%s, )+%s\)", "(%s, …)", sql)


def walk(at: datetime) -> Heard:
    """Pages, acts, tasks and commands, once each."""
    heard = Heard()
    with connection.execute_wrapper(heard):
        for part in (_operations, _pages, _tasks, _commands):
            begun = time.perf_counter()
            part(at, heard)
            print(f"{part.__name__[1:]}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    print(f"answers: {dict(heard.answers)}", file=sys.stderr)
    assert not heard.answers[HTTPStatus.BAD_REQUEST], "A host that isn't allowed opens no page."
    return heard


def _operations(at: datetime, heard: Heard) -> None:
    for operation in operations(Random(3)):  # noqa: S311 which complaint is asked for  # nosec B311
        client = browser(operation.who)
        script = {"HX-Request": "true"} if operation.is_by_script else {}
        for _turn in range(TURNS):
            _method, path, form = operation.ask()
            sent = (form or {}) | {"_key": secrets.token_urlsafe(16)}
            answer = (
                client.get(path, secure=True) if form is None else client.post(path, sent, secure=True, headers=script)
            )
            heard.answers[answer.status_code] += 1


@cache
def browser(who: str) -> Client:
    """Of this person, in this process: a page that fails answers 500. Each signs in once, as people do in a day."""
    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    for name, value in signed_in(who).items():
        client.cookies[name] = value
    return client


def _pages(at: datetime, heard: Heard) -> None:
    for who in people(at):
        client, known, waiting = browser(who), Counter[Any](), deque(["/"])
        seen, left = {"/"}, MOST
        while waiting and left:
            left -= 1
            answer = client.get(waiting.popleft(), secure=True)
            heard.answers[answer.status_code] += 1
            if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
                for path in _links(answer.content.decode(), known, seen):
                    waiting.append(path)


def people(at: datetime) -> Iterator[str]:
    """One of each combination of roles, and one who has none."""
    served: dict[int, set[str]] = {}
    for who, role in Appointment.objects.serving(at).values_list("employee_id", "role"):
        served.setdefault(who, set()).add(role)
    named = Employee.objects.filter(is_active=True).order_by("username").values_list("pk", "username")
    found = {frozenset(served.get(pk, set())): name for pk, name in reversed(named)}
    yield from sorted({*found.values(), AGENT, CONTACT, HANDLER, LEADER, HEAD, OFFICER})


def _links(page: str, known: Counter[Any], seen: set[str]) -> Iterator[str]:
    """Links to addresses of which few were seen: of another name, or asked with other words."""
    for written in LINK.findall(page):
        path = html.unescape(written)
        if path in seen or path.startswith(NOT_FOLLOWED):
            continue
        seen.add(path)
        parts = urlsplit(path)
        with suppress(Resolver404):
            kind = (resolve(parts.path).view_name, tuple(sorted(parse_qs(parts.query))))
            known[kind] += 1
            if known[kind] <= ALIKE:
                yield path


NOT_RUN = "accountability.tasks.verify_record"
"""It reads the whole record by its keys: minutes, and no index besides."""


def _tasks(at: datetime, heard: Heard) -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        if entry["task"] != NOT_RUN:
            app.tasks[str(entry["task"])].apply()


def _commands(at: datetime, heard: Heard) -> None:
    """Of one week: of all complaints they take longer than everything else."""
    last = at.date()
    period = {"first": last - timedelta(days=7), "last": last}
    with TemporaryDirectory() as folder:
        for form in ("xes", "ocel"):
            call_command("export_events", format=form, output=Path(folder) / form, **period)
    call_command("conformance", stdout=StringIO(), **period)
