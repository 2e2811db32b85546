"""The measured pages, each opened by the person whose page it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client, RequestFactory, override_settings

from accountability.models import Employee
from accountability.signin import sessions
from accountability.web import request as web
from complaints.lists.filters import KEYS
from complaints.lists.worklists import ORDER, for_lines
from complaints.models import Complaint

RUNS = 5
AGENT, CONTACT, HANDLER, HEAD, OFFICER = "kf.agent", "wh.contact", "wh.zhang", "wh.head", "sc.officer"


def pages() -> Iterator[tuple[str, str, str]]:
    """The name of each page, who opens it, and its address."""
    for who in (AGENT, "kf.supervisor", CONTACT, HANDLER, HEAD, "kf.head", OFFICER):
        yield f"home of {who}", who, "/"
    yield "queue", AGENT, "/complaints/?list="
    for order, keys in {"": ORDER, **KEYS}.items():
        if order:
            yield f"queue, order {order}", AGENT, f"/complaints/?order={order}"
        yield f"queue, order {order or 'of R12'}, deep", AGENT, _deep(order, keys)
    for name, value in (("unit", "WH"), ("overdue", "on"), ("flag", "escalated"), ("priority", "P1"), ("mine", "on")):
        yield f"queue, {name}={value}", AGENT, f"/complaints/?{name}={value}"
    for who in (CONTACT, HANDLER, HEAD):
        yield f"queue of {who}", who, "/complaints/?list="
        yield f"everything of {who}, newest first", who, "/complaints/?state=all&order=newest"
    yield "overdue of wh.contact", CONTACT, "/complaints/?overdue=on"
    yield "everything, newest first", AGENT, "/complaints/?state=all&order=newest"
    one = Complaint.objects.filter(state="dispatched", matter__number__regex=r"^TS\d+$").order_by("-round_count")[0]
    yield "complaint", AGENT, f"/complaints/{one}/"
    for what, typed in (
        ("number", str(one)), ("phone", _phone_of(one)), ("last four digits", _phone_of(one)[-4:]),
        ("a word", "退费"), ("words", "营业厅 套餐"), ("a word nobody wrote", "麒麟"),
    ):  # fmt: skip
        yield f"search, {what}", AGENT, f"/search/?{urlencode({'q': typed})}"
    yield "search of wh.contact, a word", CONTACT, f"/search/?{urlencode({'q': '退费'})}"
    yield "cases", OFFICER, "/cases/"
    yield "cases in the administration", OFFICER, "/admin/assessment/case/"
    yield "inbox", CONTACT, "/inbox/"


def is_list(name: str) -> bool:
    """Whether the page of this name is promised to stay equally fast: neither a desk nor a search."""
    return name.split()[0].strip(",") in ("queue", "everything", "overdue", "cases", "inbox")


def _deep(order: str, keys: tuple[str, ...]) -> str:
    """The page that begins in the middle of the open rows."""
    found = Complaint.objects.filter(matter__closed_at=None)
    row = found.select_related("matter").order_by(*keys)[found.count() // 2]
    asked = {"order": order} if order else {"list": ""}
    request = RequestFactory().get("/complaints/", asked)
    after = web._token(row, keys, web._list_of(for_lines(found), keys, request))
    return f"/complaints/?{urlencode(asked | {'after': after})}"


def _phone_of(complaint: Complaint) -> str:
    row = complaint.intake
    assert row is not None
    return row.opened["phone"]


@override_settings(LIMITS_COUNT=False)
def measured() -> dict[str, float]:
    """Seconds for each page, the best of several runs; the first doesn't count, since it fills the caches."""
    clients: dict[str, Client] = {}
    found = {}
    for name, who, address in pages():
        if who not in clients:
            clients[who] = Client(headers={"host": "localhost"})
            person = Employee.objects.get(username=who)
            clients[who].force_login(person, backend="accountability.signin.backend.Backend")
            session: Any = clients[who].session
            session[sessions.VERIFIED] = True
            session.save()
        found[name] = min(_seconds(clients[who], address) for _run in range(RUNS + 1))
    return found


def _clock() -> float:
    """SQLite runs in this process, so its CPU time is measured, which nothing else disturbs; PostgreSQL runs in
    others.
    """
    return time.perf_counter() if connection.vendor == "postgresql" else time.process_time()


def _seconds(client: Client, address: str) -> float:
    begun = _clock()
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address}: {response.status_code}")
    return _clock() - begun
