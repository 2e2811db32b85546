"""What is asked of a large database: each operation as a browser of one person would send it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from random import Random
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from accountability.models import Employee, Matter
from accountability.signin import sessions
from assessment.models import Bulletin
from complaints.models import Complaint

AGENT, CONTACT, HANDLER, LEADER, HEAD, OFFICER = (
    "kf.agent", "wh.contact", "wh.zhang", "wh.leader", "wh.head", "sc.officer",
)  # fmt: skip
RARE, COMMON, FREQUENT = "麒麟", "退费", "要求"
TOKEN = "c" * 32
MANY_ENTRIES = 100
PLAYED = r"^..\d{14}$"
"""Numbers of complaints that were played; those of copies are longer."""

Asked = tuple[str, str, dict[str, str] | None]
"""Method, address, form."""


@dataclass(frozen=True)
class Operation:
    """`floor`: the page of the floor that it is compared with. `ends`: the status of the right answer.

    `then`: what the page itself asks for next, from the first request and its answer; both count as one operation.
    """

    name: str
    who: str
    ask: Callable[[], Asked]
    floor: str = "table"
    ends: int = 200
    is_by_script: bool = False
    then: Callable[[Asked, str], Asked] | None = None

    @property
    def is_act(self) -> bool:
        return self.ends != 200

    def is_answered(self, browser: Browser, asked: Asked) -> bool:
        """Send it; whether the last answer is the right one."""
        status, body = browser.send(asked, by_script=self.is_by_script)
        if self.then:
            status, _body = browser.send(self.then(asked, body.decode()), by_script=self.is_by_script)
        return status == self.ends


class Browser:
    """Sends requests to a server on this machine, each over a connection of its own."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port, self.cookies = port, cookies or {}

    def send(self, asked: Asked, *, by_script: bool = False) -> tuple[int, bytes]:
        method, path, form = asked
        origin = f"https://127.0.0.1:{self.port}"
        headers = {
            "Host": f"127.0.0.1:{self.port}", "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1",
            "Accept-Language": "zh-CN", "Connection": "close", "Origin": origin, "Referer": f"{origin}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }  # fmt: skip
        if by_script:
            headers["HX-Request"] = "true"
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form | {"csrfmiddlewaretoken": TOKEN, "_key": secrets.token_urlsafe(16)})
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def signed_in(who: str) -> dict[str, str]:
    """The cookies of a person who has just signed in with both factors."""
    client = Client()
    client.force_login(Employee.objects.get(username=who), backend="accountability.signin.backend.Backend")
    session: Any = client.session
    session[sessions.VERIFIED] = True
    session.save()
    return {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: TOKEN}


def closed_ones() -> list[Complaint]:
    """Complaints that were played to their end, not copied: they are in every database, with all their texts."""
    played = Complaint.objects.filter(matter__number__regex=PLAYED).exclude(matter__closed_at=None)
    return list(played.select_related("matter", "intake", "category").order_by("pk")[:200])


def operations(chance: Random) -> Iterator[Operation]:
    """The pages; the acts are in `acts`."""
    closed = closed_ones()
    phones = [c.intake.opened["phone"] for c in closed if c.intake and c.intake.opened.get("phone")]

    def get(path: str) -> Callable[[], Asked]:
        return lambda: ("GET", path, None)

    def search(words: Callable[[], str]) -> Callable[[], Asked]:
        return lambda: ("GET", f"/search/?{urlencode({'q': words()})}", None)

    lists = "/complaints/"
    yield Operation("queue, agent", AGENT, get(f"{lists}?list="))
    yield Operation("queue, filtered and sorted", AGENT, get(f"{lists}?unit=WH&state=dispatched&order=due"))
    yield Operation("queue, contact", CONTACT, get(f"{lists}?list="))
    yield Operation("everything, agent, newest", AGENT, get(f"{lists}?state=all&order=newest"))
    yield Operation("everything, contact, newest", CONTACT, get(f"{lists}?state=all&order=newest"))
    for name, who in (
        ("agent", AGENT), ("contact", CONTACT), ("handler", HANDLER), ("leader", LEADER), ("head", HEAD),
        ("officer", OFFICER),
    ):  # fmt: skip
        yield Operation(f"desk, {name}", who, get("/"))
    yield Operation("complaint", AGENT, lambda: ("GET", f"{lists}{chance.choice(closed)}/", None), "detail")
    long = Matter.objects.filter(kind=Complaint.matter_kind, ledger_length__gte=MANY_ENTRIES).order_by("pk")
    for matter in long[:1]:
        yield Operation(f"complaint, {MANY_ENTRIES} entries", AGENT, get(f"{lists}{matter.number}/"), "detail")
    yield Operation("word, rare", AGENT, search(lambda: RARE), "search")
    yield Operation("word, common", AGENT, search(lambda: COMMON), "search")
    yield Operation("word, common, contact", CONTACT, search(lambda: COMMON), "search")
    yield Operation("word, frequent", AGENT, search(lambda: FREQUENT), "search")
    yield Operation("word, frequent, contact", CONTACT, search(lambda: FREQUENT), "search")
    yield Operation("number", AGENT, search(lambda: str(chance.choice(closed))))
    yield Operation("last four", AGENT, search(lambda: chance.choice(phones)[-4:]))
    look_up = f"{lists}lookup/"
    yield Operation(
        "telephone at intake", AGENT, lambda: ("POST", look_up, {"phone": chance.choice(phones)}), is_by_script=True
    )
    yield Operation("inbox", CONTACT, get("/inbox/"))
    yield Operation("live updates", CONTACT, get("/pulse/"))
    yield Operation("dashboard, a month", OFFICER, get("/dashboard/?preset=last_month"), "figures")
    for bulletin in Bulletin.objects.exclude(state="new").select_related("matter").order_by("-pk")[:1]:
        yield Operation("bulletin", OFFICER, get(f"/bulletins/{bulletin.matter.number}/"), "figures")
