"""The demo at an instant that stands still, behind a server of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.utils import translation

from accountability.deadlines import clock
from accountability.deadlines.limits import SHANGHAI
from accountability.models import Employee
from config.demo.player import play
from config.messages import compile_messages
from tests.signing_in import signed_in

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=SHANGHAI)
"""A Tuesday afternoon: everybody is at work."""

COMPLAINTS, SEED = 600, 2026


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads the access log of a minute."""


@contextmanager
def stage() -> Iterator[str]:
    """The address of the running demo."""
    clock.read = lambda: NOW
    for folder in settings.LOCALE_PATHS:
        compile_messages(folder)
    call_command("migrate", verbosity=0, interactive=False)
    play(COMPLAINTS, seed=SEED, now=NOW, quiet=True)
    with _serving() as address:
        yield address


@contextmanager
def _serving() -> Iterator[str]:
    from config.wsgi import application

    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        connections.close_all()


def cookies(username: str, language: str, address: str) -> list[Any]:
    """Of somebody who has signed in and chosen a language."""
    client = signed_in(Employee.objects.get(username=username))
    translation.activate(settings.LANGUAGE_CODE)
    values = {"sessionid": client.cookies["sessionid"].value, settings.LANGUAGE_COOKIE_NAME: language}
    return [{"name": name, "value": value, "url": address} for name, value in values.items()]
