"""Asking pages odd questions: which pages there are on what exists, which parameters each of them reads, what an answer
gave away and what it changed. A new page and a new parameter of one join by themselves.

What a page reads is found by listening (`heard`): every look into a query string or form is noted while it answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accountability.gate.verbs import VERBS
from complaints.lists.bulk import verbs_in_bulk
from tests.factories import USUAL
from tests.looking import NOT_BUSINESS, Tables, Writes, contents, silence
from tests.test_own_and_other import TABLE, place_of
from tests.two_units import Side, World
from tests.walking import addresses, body_of, steady

KINDS = {
    "act": ("complaint", "open complaint"),
    "case_act": ("case", "hidden case"),
    "plan_act": ("plan",),
    "mass_act": ("mass",),
    "bulletin_act": ("bulletin",),
    "ranking_act": ("ranking",),
    "export_act": ("export",),
}
"""The pages of verbs, with what stands there to be acted on."""

PLACES: dict[str, tuple[dict[str, Any], ...]] = {
    "account": ({"username": "wh.zhang"},),
    "sign_in_act": ({"username": "wh.zhang", "verb": "unlock_sign_in"},),
    "end_session": ({"pk": 1},),
    "renew_token": ({"pk": 1},),
    "end_token": ({"pk": 1},),
    "api_organisation_act": ({"verb": "set_supervisor"},),
    "rights_request": ({"number": "QL2026-22222222"},),
    "rights_act": ({"number": "QL2026-22222222", "verb": "none"},),
    "unit": ({"code": "WH"},),
    "unit_roster": ({"code": "WH"},),
    "calendar_year": ({"year": 2026},),
    "api_calendar": ({"year": 2026},),
    "edit_template": ({"verb": "set_template"}, {"verb": "withdraw_template"}),
    "bulk": tuple({"verb": entry.name} for entry in verbs_in_bulk()),
    "dashboard_table": ({"table": "units", "kind": "csv"},),
    "list_file": tuple({"name": name, "kind": "csv"} for name in ("bulletins", "rankings", "category-records")),
    "figures_behind": ({"measure": "received"}, {"measure": "violations"}),
    "ranking": ({"year": 2026},),
    "circular": ({"pk": 1},),
    "webhook": ({"token": "0" * 16},),
    "resend_event": ({"token": "0" * 16, "pk": 1},),
    "calendar_feed": ({"link": "swc_" + "A" * 54},),
    "customer_word": ({"link": "1-AAAAAAAAAAAAAAAAAAAAAA"},),
}
"""Of addresses that name no object of a unit: one that is there. What isn't here takes nothing, or stands in TABLE."""

SIGNS_OUT = {"sign_out", "admin:logout", "admin:None"}


@dataclass(frozen=True)
class Page:
    """One place, and the verb whose form it is, if it is one."""

    name: str
    place: str
    verb: str = ""


def pages(world: World, side: Side) -> list[Page]:
    """Every page that isn't the administration's, on what the unit has."""
    return list(dict.fromkeys(_pages(world, side)))


def _pages(world: World, side: Side) -> Iterator[Page]:
    for address in addresses():
        name = address.name
        if name.startswith("admin:") or name in SIGNS_OUT:
            continue
        if name in KINDS:
            yield from _of_verbs(name, world, side)
        elif name == "organisation_act":
            verbs = [verb for kind, verb in VERBS if kind == "organisation"]
            yield from (Page(name, reverse(name, args=[verb]), verb) for verb in verbs)
        elif name in TABLE:
            yield from (Page(name, place_of(name, row, side, world)) for row in TABLE[name])
        else:
            yield from (Page(name, reverse(name, kwargs=takes)) for takes in PLACES.get(name, ({},)))


def _of_verbs(name: str, world: World, side: Side) -> Iterator[Page]:
    kind = {"act": "complaint"}.get(name, name.removesuffix("_act"))
    for (of, verb), entry in VERBS.items():
        if of == kind and not entry.creates:
            for thing in KINDS[name]:
                number = (side.things | world.common)[thing]
                yield Page(name, reverse(name, args=[number, verb]), verb)


FILLED: dict[str, dict[str, Any]] = {"register": USUAL["register"], "forward": USUAL["forward"]}
"""What the page of a form is sent that isn't a verb's by its address."""


def filled(page: Page, side: Side) -> dict[str, Any]:
    """A form as somebody might fill it in: what the verb is usually told."""
    told = FILLED.get(page.name) or USUAL.get(page.verb, {})
    return {name: _typed(value) for name, value in told.items() if not isinstance(value, dict)}


def _typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else str(value)


# Listening

UNASKED = {"csrfmiddlewaretoken"}


@contextmanager
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that are looked for in query strings and forms meanwhile."""
    names: set[str] = set()

    def listening(method: Any) -> Any:
        def look(self: Any, key: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(key, str):
                names.add(key)
            return method(self, key, *args, **kwargs)

        return look

    with monkeypatch.context() as patched:
        for name in ("__getitem__", "get", "getlist", "__contains__"):
            patched.setattr(QueryDict, name, listening(getattr(QueryDict, name)), raising=False)
        yield names
    names -= UNASKED


def parameters(
    client: Client, page: Page, method: str, side: Side, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], bool]:
    """What the page reads when it is asked with nothing (a form: filled in as usual), and with everything that it was
    heard to read; whether it refused the first: then one kind of each is tried, not every one.
    """
    told = sent(page, method, [], "", side)
    with heard(monkeypatch) as names:
        answer = send(client, method, page.place, told)
    more = names
    if names:
        with heard(monkeypatch) as more:
            send(client, method, page.place, dict.fromkeys(names, "1") | told)
    return sorted(names | more), answer.status in (403, 404, 405, 409)


def each_once(tried: Iterable[tuple[list[str], Any]]) -> list[tuple[list[str], Any]]:
    """Without what would be sent again: one name alone is all names together, and nothing says nothing."""
    return list({(tuple(names), repr(value) if names else ""): (names, value) for names, value in tried}.values())


# Asking

SENT_AS = {"GET": "get", "POST": "post"}


@dataclass
class Answer:
    status: int
    body: str
    location: str
    wrote: list[str]
    changed: Tables | None = None


def send(client: Client, method: str, place: str, data: dict[str, Any], *, compare: bool = False) -> Answer:
    """The answer, and what it wrote to business tables (with `compare` what those that it wrote to held then); all
    undone.
    """
    client.raise_request_exception = False
    client.cookies.pop("messages", None)  # what an earlier answer still wanted to say
    writes = Writes()
    with transaction.atomic(), silence():
        with connection.execute_wrapper(writes):
            response: Any = getattr(client, SENT_AS[method])(place, data)
            body = body_of(response)
        written = writes.but(*NOT_BUSINESS)
        changed = contents(without=NOT_BUSINESS, of=writes.tables()) if compare and written else None
        transaction.set_rollback(True)
    return Answer(response.status_code, body, response.headers.get("Location", ""), written, changed)


def sent(page: Page, method: str, names: list[str], value: Any, side: Side) -> dict[str, Any]:
    return ({} if method == "GET" else filled(page, side)) | dict.fromkeys(names, value)


VEILED = r"[?&;](after|before|s)=[\w%.=-]+"
"""What is veiled is another each time."""


def plain(answer: Answer, *typed: Any) -> tuple[int, str, str]:
    """The answer without what differs from one request to the next, and without what was typed itself."""
    body, location = re.sub(VEILED, "", steady(answer.body)), re.sub(VEILED, "", answer.location)
    for text in [
        form
        for each in typed
        for form in dict.fromkeys((str(each), quote(str(each)), str(each).upper(), str(each).upper()[:24]))
    ]:
        for said in (text,) if len(text) > 3 else (f'"{text}"', f"={text}&", f"={text}#", f"“{text}”"):
            body, location = body.replace(said, "TYPED"), location.replace(said, "TYPED")
    return answer.status, body, location


def told(answer: Answer, secrets: Iterable[str], typed: Any) -> set[str]:
    """The secrets that came out, without those that were typed in."""
    return {text for text in secrets if text in answer.body and text not in str(typed)}


# What belongs to whom

OWNERS = ("matter_id", "complaint_id", "case_id", "employee_id", "recipient_id", "uploaded_by_id", "subject_id")


def rows_of(side: Side, world: World, tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """The rows that hang on the unit's matters, and those that its people alone have (views, drafts, preferences)."""
    matters = {each.matter_id for each in (side.complaint, side.open, side.case, side.hidden, side.plan)}
    people = {person.pk for person in world.play.cast if person.unit and person.unit.code == side.code}
    return {
        table: [row for row in rows if _is_of(row, matters, people)] for table, rows in tables.items()
    }  # fmt: skip


def differ(side: Side, world: World, changed: Tables | None, before: Tables) -> bool:
    """Whether rows of the unit in the tables that were written to are others than before."""
    return any(rows != before[table] for table, rows in rows_of(side, world, changed or {}).items())


def _is_of(row: dict[str, Any], matters: set[int], people: set[int]) -> bool:
    if any(row.get(name) in matters for name in ("matter_id", "complaint_id", "case_id")):
        return True
    if row.get("matter_id") is not None:
        return False
    return any(row.get(name) in people for name in ("employee_id", "recipient_id", "uploaded_by_id"))
