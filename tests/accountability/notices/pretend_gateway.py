"""A gateway of its own on this machine: answers as it is told, and remembers what it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Gateway:
    """`answers` are given one after the other, the last one for good: (status, body). A `judge` answers by what it is
    sent instead: path and body.
    """

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=lambda: [(200, {"errcode": 0})])
    received: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    silent: Event | None = None
    judge: Callable[[str, dict[str, Any]], Any] | None = None

    def answer(self) -> tuple[int, Any]:
        if self.judge is not None:
            return 200, self.judge(self.paths[-1], self.received[-1])
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def texts(self) -> list[str]:
        """The texts of an SMS gateway or of a robot."""
        return [body["text"] if isinstance(body["text"], str) else body["text"]["content"] for body in self.received]


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if gateway.silent is not None:
                gateway.silent.wait(10)
                return
            gateway.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            gateway.headers.append(dict(self.headers.items()))
            gateway.paths.append(self.path)
            status, body = gateway.answer()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        if gateway.silent is not None:
            gateway.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()
