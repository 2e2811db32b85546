"""A gateway for text messages that remembers each message, and takes its time, so that a kill meets a worker there."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAKES = 0.03


class Gateway:
    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.contents: dict[str, set[str]] = defaultdict(set)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/send"
        threading.Thread(target=self._server.serve_forever, name="gateway", daemon=True).start()

    def take(self, key: str, body: dict[str, Any]) -> None:
        with self._lock:
            self.times[key] += 1
            self.contents[key].add(f"{body['id']} {body['to']}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.take(self.headers["Idempotency-Key"], body)
                time.sleep(TAKES)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
