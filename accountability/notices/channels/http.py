"""Sends over HTTP, and to an SMS gateway. Redirects aren't followed; replies are cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPSConnection
from socket import SHUT_RD, socket
from threading import Timer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from accountability.notices.channels import Message, OneLine, Rejected

TIMEOUT = 5.0
"""Timeout in seconds for each step of a request."""

LONGEST = 10.0
"""Timeout in seconds for the whole request, so that a server that answers byte by byte can't delay other notices."""

MOST_BYTES = 65536

REFUSALS = frozenset({400, 404, 410, 413, 422})
"""Status codes that reject the message itself. Others, such as 401, 403 and 429, are temporary and concern the channel.
"""


class BadAnswer(OSError):
    """The server answered, but didn't accept the message."""


def post(
    url: str, body: dict[str, Any], headers: dict[str, str], *, timeout: float = TIMEOUT, longest: float = LONGEST
) -> tuple[int, bytes]:
    """Post a JSON body; returns and raises as `call` does."""
    sent = json.dumps(body, ensure_ascii=False).encode()
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return call("POST", url, sent, kind | headers, timeout=timeout, longest=longest)


def call(
    method: str, url: str, body: bytes | None, headers: dict[str, str], *, timeout: float = TIMEOUT,
    longest: float = LONGEST,
) -> tuple[int, bytes]:  # fmt: skip
    """Send one request; returns the status and the first bytes of the answer. Raises OSError or HTTPException if there
    is no answer.
    """
    parts = urlsplit(url)
    kinds = {"https": HTTPSConnection, "http": HTTPConnection}
    connection = kinds[parts.scheme](parts.hostname or "", parts.port, timeout=timeout)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.connect()
        with at_most(longest, connection.sock):
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
    finally:
        connection.close()


@contextmanager
def at_most(seconds: float, line: socket) -> Iterator[None]:
    """Close the socket for reading after so many seconds, even during a read. Data received by then is kept."""
    watchdog = Timer(seconds, _cut, [line])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _cut(line: socket) -> None:
    """Close the socket for reading only. If it were closed for writing too, data that still arrives would reset it and
    received data would be lost.

    This calls the base class's method, because that of TLS sockets drops the session and returns encrypted bytes.
    """
    with suppress(OSError):
        socket.shutdown(line, SHUT_RD)


class SmsGateway(OneLine):
    """Sends a text message as `{"id", "to", "text"}`, or as `{"id", "to", "template", "values"}` where `templates` has
    one for its kind. The id is also sent as Idempotency-Key.
    """

    address: ClassVar[str] = "mobile"

    def __init__(self, url: str, token: str = "", templates: str = "") -> None:  # nosec B107
        self.url, self.token = url, token
        self.templates = dict(templates_of(templates))

    def send(self, message: Message) -> None:
        headers = {"Idempotency-Key": message.key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, _body = post(self.url, {"id": message.key, "to": message.address} | self._said(message), headers)
        if status in REFUSALS:
            raise Rejected(f"HTTP {status}")
        if not 200 <= status < 300:
            raise BadAnswer(f"HTTP {status}")

    def _said(self, message: Message) -> dict[str, Any]:
        if template := self.templates.get(message.kind):
            return {"template": template, "values": dict(message.values)}
        return {"text": message.text}


def templates_of(written: str) -> list[tuple[str, str]]:
    """Kind of message and the gateway's name of its template, of each `KIND=TEMPLATE` between commas."""
    pairs = [entry.partition("=") for entry in written.split(",") if entry.strip()]
    return [(kind.strip(), template.strip()) for kind, _equals, template in pairs]
