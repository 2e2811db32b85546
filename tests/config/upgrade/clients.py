"""People who work on without a pause: each opens pages and registers complaints over HTTP, and notes every answer."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.factories import INTAKE

TYPED = INTAKE | {"channel": "call", "category": "资费与收费争议/套餐资费", "priority": "P3", "then": ""}
HIDDEN = re.compile(r'<input[^>]*name="(_key|_seen|csrfmiddlewaretoken)"[^>]*value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """`status` is 0 where none came; `ended` on the monotonic clock."""

    asked: str
    status: int
    ended: float
    body: str = ""
    cookies: tuple[str, ...] = ()


def ask(port: int, method: str, path: str, session: str, form: dict[str, str] | None = None) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    status, body, cookies = 0, "", list[str]()
    token = (form or {}).get("cookie", "")
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "Connection": "close"}
    try:
        if form is None:
            connection.request(method, path, headers=headers)
        else:
            typed = urlencode({name: value for name, value in form.items() if name != "cookie"})
            connection.request(method, path, typed, headers | {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        status, body = answer.status, answer.read().decode()
        cookies = answer.headers.get_all("Set-Cookie") or []
    except OSError as error:
        body = repr(error)
    finally:
        connection.close()
    return Answer(f"{method} {path}", status, time.monotonic(), body, tuple(cookies))


class Person(threading.Thread):
    """Works until told to stop."""

    def __init__(self, port: int, session: str) -> None:
        super().__init__(daemon=True)
        self.port, self.session = port, session
        self.answers: list[Answer] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.05):
            page = self.ask("GET", "/complaints/new/")
            token = next((c.split("csrftoken=")[1].split(";")[0] for c in page.cookies if "csrftoken=" in c), "")
            form = dict(HIDDEN.findall(page.body)) | {"cookie": token}
            self.ask("POST", "/complaints/new/", TYPED | form)
            self.ask("GET", "/")

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        answer = ask(self.port, method, path, self.session, form)
        self.answers.append(answer)
        return answer

    def bad(self) -> list[tuple[str, int, str]]:
        return [(one.asked, one.status, one.body[:200]) for one in self.answers if not 200 <= one.status < 400]

    def registered(self, begun: float, ended: float) -> int:
        return sum(1 for one in self.answers if one.status == 302 and begun <= one.ended < ended)
