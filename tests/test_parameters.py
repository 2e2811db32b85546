"""Every parameter of every page: what others have, what nobody has, and nonsense of every kind.

The parameters aren't listed here: `probing.parameters` listens which names a page looks for in its query string and
form, so that a new page and a new parameter are tried by themselves. An address that takes something needs a place to
be asked at: its row in tests/test_own_and_other.py, or in `probing.PLACES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from django.test import Client

from accountability.models import Notification
from tests.looking import Tables, contents
from tests.probing import (
    NOT_BUSINESS,
    Answer,
    Page,
    differ,
    each_once,
    pages,
    parameters,
    plain,
    rows_of,
    send,
    sent,
    told,
)
from tests.shared_world import shared
from tests.two_units import Side, World, two_units
from tests.walking import nobodys

pytestmark = [pytest.mark.asvs("8.2.2", "15.3.3", "2.2.1", "2.2.2"), pytest.mark.compliance(11)]

ClientFor = Callable[[str], Client]


stage, own_copy, now, cast, play, client_for, world = shared(two_units)


# What others have


def identifiers(side: Side, world: World) -> list[Any]:
    """By what the unit's things might be asked for: numbers, keys of rows, tokens; one of each kind."""
    told_of_it = Notification.objects.filter(matter=side.complaint.matter).latest("pk")
    names = ("complaint", "draft file", "hidden case", "sheet", "plan", "answer file", "dispatch_notice", "view")
    return [
        *(side.things[name] for name in names),
        f"{side.things['complaint']}#1",
        side.complaint.pk,
        told_of_it.pk,
        side.things["limit"],
    ]


def nobodys_of(known: list[Any]) -> dict[Any, Any]:
    """For each what nobody has; tokens share one, since to a page one is like another."""
    token = nobodys("")
    return {value: token if re.fullmatch(r"[\w-]{20,}", str(value)) else nobodys(value) for value in known}


@pytest.mark.parametrize("known", ["ZG2026-BBEJEBNK", "HD2026-A2B3C4D5", "TS20261124000004#1", "PM2026-2"])
def test_nobodys_look_like_what_is_there(known: str) -> None:
    """Whatever the keys make of a number: one without a digit was compared with a much shorter one."""

    def look(text: str) -> str:
        return re.sub(r"[A-Z]", "A", re.sub(r"\d", "9", text))

    assert (nobodys(known) != known, look(nobodys(known))) == (True, look(known))


GENERIC = (
    {"id": "{pk}", "type": "complaint"},
    {"model": "complaints.complaint", "pk": "{pk}", "action": "delete"},
    {"app_label": "complaints", "model": "complaint", "object_id": "{pk}", "delete": "1"},
    {"itemtype": "Complaint", "items_id": "{pk}", "purge": "1"},
    {"content_type": "1", "object_id": "{pk}", "_method": "DELETE"},
    {"related": "{number}", "complaint": "{number}", "unit": "YC", "case": "{case}", "supervisor": "1"},
)
"""Lesson 8: type and key in one request; lesson 3: something related named by the way."""


def foreign_parameters(
    client: Client, page: Page, world: World, theirs: Tables, monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """What was given away, told apart or changed by another's identifier in any of the page's parameters. `theirs` are
    the rows of the other unit.
    """
    own, other, wrong = world.sides["WH"], world.sides["YC"], []
    known = identifiers(other, world)
    nobodys_like = nobodys_of(known)
    for method in ("GET", "POST"):
        names, is_shut = parameters(client, page, method, own, monkeypatch)
        if is_shut:
            tried = [(names, known[0])]
        else:
            # Each parameter by itself with one kind, another for the next; every kind in all of them at once.
            tried = [([name], value) for name, value in zip(names, cycle(known), strict=False)]
            tried += [(names, value) for value in known]
        nothing: dict[tuple[str, ...], Answer] = {}
        for together, value in each_once(tried):
            answer = send(client, method, page.place, sent(page, method, together, value, own), compare=True)
            found = [*_faults(answer, value, other)]
            if differ(other, world, answer.changed, theirs):
                found.append("changed")
            if together and isinstance(value, str):
                none = nobodys_like[value]
                if (*together, none) not in nothing:
                    nothing[*together, none] = send(client, method, page.place, sent(page, method, together, none, own))
                if plain(answer, value, none) != plain(nothing[*together, none], value, none):
                    found.append("tells that it is there")
            wrong += [(page.place, method, together, value, fault) for fault in found]
    return wrong


def _faults(answer: Answer, value: Any, other: Side) -> Iterator[str]:
    if answer.status >= 500:
        yield "500"
    if told(answer, other.secrets, value):
        yield f"told {told(answer, other.secrets, value)}"


FEW = ("search", "saved_views", "mark_read", "bulk")


@pytest.mark.lesson(3, 5, 8)
def test_foreign_identifiers_in_lists_and_searches(
    world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, theirs = client_for("wh.contact"), rows_of(world.sides["YC"], world, contents(without=NOT_BUSINESS))
    found = [
        fault
        for page in pages(world, world.sides["WH"])
        if page.name in FEW
        for fault in foreign_parameters(client, page, world, theirs, monkeypatch)
    ]
    assert found == []


@pytest.mark.slow
@pytest.mark.lesson(3, 5, 8)
@pytest.mark.parametrize("username", ["wh.contact", "wh.zhang"])
def test_foreign_identifiers_in_every_parameter(
    username: str, world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, theirs = client_for(username), rows_of(world.sides["YC"], world, contents(without=NOT_BUSINESS))
    found = [
        fault
        for page in pages(world, world.sides["WH"])
        for fault in foreign_parameters(client, page, world, theirs, monkeypatch)
    ]
    assert found == []


SLOWLY = [(who, ("GET", "POST")) for who in ("wh.contact", "sj.auditor")]


@pytest.mark.slow
@pytest.mark.lesson(3, 8)
@pytest.mark.parametrize(("username", "methods"), SLOWLY)
def test_type_and_key_by_the_way_change_nothing(
    username: str, methods: tuple[str, ...], world: World, client_for: ClientFor
) -> None:
    """To every page, whatever it is: the other unit's things stay as they are, and nothing of them comes back."""
    client, other = client_for(username), world.sides["YC"]
    known = {"{pk}": str(other.complaint.pk), "{number}": other.things["complaint"], "{case}": other.things["case"]}
    theirs = rows_of(other, world, contents(without=NOT_BUSINESS))
    wrong = []
    for page in pages(world, world.sides["WH"]):
        # Everything at once in the fast tier: what one of them did would be seen all the same.
        for extra in GENERIC if len(methods) > 1 else ({n: v for each in GENERIC for n, v in each.items()},):
            data = {name: known.get(value, value) for name, value in extra.items()}
            for method in methods:
                answer = send(client, method, page.place, data, compare=True)
                changed = differ(other, world, answer.changed, theirs)
                gave = username != "sj.auditor" and told(answer, other.secrets, data)
                if answer.status >= 500 or changed or gave:
                    wrong.append((page.place, method, extra, answer.status, changed, gave))
    assert wrong == []
