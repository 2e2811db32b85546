"""Somebody in front of a browser: signed in, sends forms, and notes what each was answered."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client as DjangoClient

from accountability.models import Employee
from accountability.signin import sessions

PATIENCE = 15
"""Seconds after which somebody stops waiting."""

BOUNDARY = "as-a-browser-sends-files"


@dataclass
class Sent:
    """One form: who sent what about which complaint, under which key, and the statuses of the answers; 0: none."""

    who: str
    number: str
    verb: str
    key: str
    answers: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return 302 in self.answers

    @property
    def refused(self) -> bool:
        return all(400 <= status < 500 for status in self.answers)


def session_of(person: Employee) -> str:
    """The key of a new session in which this person has shown everything that is asked at a sign-in."""
    signed_in = DjangoClient(headers={"host": "localhost"})
    signed_in.force_login(person, backend="accountability.signin.backend.Backend")
    session: Any = signed_in.session
    session[sessions.VERIFIED] = True
    session.save()
    return signed_in.cookies[settings.SESSION_COOKIE_NAME].value


class Answer(NamedTuple):
    """What came back: the status, 0 where nothing did, the seconds that it took, where it leads, and the page."""

    status: int
    seconds: float
    location: str = ""
    body: bytes = b""


class Browser:
    def __init__(self, port: int, person: Employee, address: str = "10.0.0.1", patience: int = PATIENCE) -> None:
        self.port, self.who, self.patience = port, person.username, patience
        token = secrets.token_hex(16)
        self.token = token
        self.headers = {
            "Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": address,
            "Origin": "https://localhost", "Referer": "https://localhost/",
            "Cookie": f"__Host-sessionid={session_of(person)}; __Host-csrftoken={token}",
        }  # fmt: skip

    def open(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Ask for a page; a word of a header is written with `_`."""
        begun, line = time.monotonic(), HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        also = {name.replace("_", "-"): text for name, text in headers.items()}
        try:
            line.request(method, path, body, self.headers | also)
            response = line.getresponse()
            page, location = response.read(), response.headers["Location"] or ""
            status = 401 if location.startswith("/sign-in/") else response.status
        except (OSError, HTTPException):
            status, location, page = 0, "", b""
        finally:
            line.close()
        return Answer(status, time.monotonic() - begun, location, page)

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, float]:
        """The status, 0 where there is no answer, and the seconds that it took."""
        answer = self.open(method, path, body, **({"Content_Type": kind} if kind else {}))
        return answer.status, answer.seconds

    def get(self, path: str) -> tuple[int, float]:
        return self.ask("GET", path)

    def send(self, number: str, verb: str, *, again: Sent | None = None, **facts: Any) -> Sent:
        """Send the form of a verb; `again`: the same form once more, as a browser's button does."""
        sent = again or Sent(self.who, number, verb, secrets.token_urlsafe(16))
        self.post(f"/complaints/{number}/{verb}/", sent, **facts)
        return sent

    def post(self, path: str, sent: Sent, **facts: Any) -> Answer:
        """Send a form to this address, and note the answer."""
        typed = {name: {True: "true", False: "false"}.get(value, value) for name, value in facts.items()}
        body = urlencode({"csrfmiddlewaretoken": self.token, "_key": sent.key, **typed}).encode()
        answer = self.open("POST", path, body, Content_Type="application/x-www-form-urlencoded")
        sent.answers.append(answer.status)
        sent.seconds.append(answer.seconds)
        return answer

    def send_file(self, number: str, verb: str, field: str, content: bytes, **facts: Any) -> Sent:
        """The form with a text file."""
        sent = Sent(self.who, number, verb, secrets.token_urlsafe(16))
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrfmiddlewaretoken": self.token, "_key": sent.key, **facts}.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="file.txt"\r\n'
        parts += [head.encode(), b"Content-Type: text/plain\r\n\r\n", content, f"\r\n--{BOUNDARY}--\r\n".encode()]
        path = f"/complaints/{number}/{verb}/"
        status, seconds = self.ask("POST", path, b"".join(parts), f"multipart/form-data; boundary={BOUNDARY}")
        sent.answers.append(status)
        sent.seconds.append(seconds)
        return sent


class Crowd:
    """People who each do one thing after another until they are told to stop."""

    def __init__(self, *doing: Any) -> None:
        self.over = threading.Event()
        self.threads = [threading.Thread(target=each, args=[self.over], daemon=True) for each in doing]

    def __enter__(self) -> Crowd:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)
