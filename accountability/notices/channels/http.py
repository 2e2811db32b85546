"""Over HTTP: an SMS gateway, and the robot of a group chat. Redirects aren't followed, replies not trusted in size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPSConnection
from socket import SHUT_RD, socket
from threading import Timer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from accountability.notices.channels import Message, Rejected

TIMEOUT = 5.0
"""Seconds for each step of a request."""

LONGEST = 10.0
"""Seconds for all steps: one that answers byte by byte must not keep the worker from the sweep."""

MOST_BYTES = 65536

REFUSALS = frozenset({400, 404, 410, 413, 422})
"""Answers about the message itself. 401, 403, 429 and the like are about the channel, and pass."""


class BadAnswer(OSError):
    """The other side answered, but not that it took the message."""


def post(
    url: str, body: dict[str, Any], headers: dict[str, str], *, timeout: float = TIMEOUT, longest: float = LONGEST
) -> tuple[int, bytes]:
    """Status and beginning of the answer to a JSON body. Raises OSError or HTTPException where there is none."""
    parts = urlsplit(url)
    kinds = {"https": HTTPSConnection, "http": HTTPConnection}
    connection = kinds[parts.scheme](parts.hostname or "", parts.port, timeout=timeout)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.connect()
        with _at_most(longest, connection.sock):
            connection.request(
                "POST", target, json.dumps(body, ensure_ascii=False).encode(),
                {"Content-Type": "application/json; charset=utf-8"} | headers,
            )  # fmt: skip
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
    finally:
        connection.close()


@contextmanager
def _at_most(seconds: float, line: socket) -> Iterator[None]:
    """After so long the line is cut under the hands of whoever waits at it; what has come by then has come."""
    watchdog = Timer(seconds, _cut, [line])
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _cut(line: socket) -> None:
    """Ends the reading only: a line closed for writing too is reset by what still comes, and loses what had come.

    The base class's own method: TLS's would drop its session and hand on bytes that nobody has deciphered.
    """
    with suppress(OSError):
        socket.shutdown(line, SHUT_RD)


class SmsGateway:
    """One text message: `{"id", "to", "text"}`. The id is also sent as Idempotency-Key."""

    address: ClassVar[str] = "mobile"

    def __init__(self, url: str, token: str = "") -> None:  # nosec B107
        self.url, self.token = url, token

    def send(self, message: Message) -> None:
        headers = {"Idempotency-Key": message.key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, _body = post(self.url, {"id": message.key, "to": message.address, "text": message.text}, headers)
        if status in REFUSALS:
            raise Rejected(f"HTTP {status}")
        if not 200 <= status < 300:
            raise BadAnswer(f"HTTP {status}")


class GroupRobot:
    """A line in the group, the person mentioned by mobile number (the form of 企业微信's robots).

    A robot answers 200 whatever happens; `errcode` says whether it took the message.
    """

    address: ClassVar[str] = "mobile"

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, message: Message) -> None:
        text = {"content": message.text, "mentioned_mobile_list": [message.address]}
        status, body = post(self.url, {"msgtype": "text", "text": text}, {})
        # A robot's address is the channel's own: whatever it answers, no single message is at fault.
        if status != 200:
            raise BadAnswer(f"HTTP {status}")
        code = json.loads(body).get("errcode")
        if code != 0:
            raise BadAnswer(f"errcode {code}")
