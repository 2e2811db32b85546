"""Nonsense of every kind in every parameter of every page: never a fault of the program, never a change.

Which parameters there are is found by listening (`probing.parameters`), as in tests/test_parameters.py.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.looking import OPENING_READS, PROBE
from tests.probing import Page, each_once, pages, parameters, send, sent
from tests.shared_world import shared
from tests.two_units import World, two_units

pytestmark = [pytest.mark.asvs("2.2.1", "2.2.2"), pytest.mark.compliance(11)]

ClientFor = Callable[[str], Client]


stage, own_copy, now, cast, play, client_for, world = shared(two_units)


NONSENSE: tuple[Any, ...] = (
    "", " ", "-1", "0", "1.5", "1e309", "NaN", "99999999999999999999999", "²", "٣", "２", "true", "null", "[]", "{}",
    "'", "' OR 1=1 --", '"; DROP TABLE accountability_matter; --', "%", "_", "\\", "a\x00b", "\u202eabc", "😀" * 50,
    "../../etc/passwd", "{{7*7}}", "a" * 6000, "0001-01-01", "9999-12-31", "9999-12-31 23:59", "2026-02-30", "24:00",
    ["1", "2"], ["", "x", ""], "WH", "kf.agent", "TS20261124000001#0", "TS20261124000001#99999999999999999999",
)  # fmt: skip
CORE: tuple[Any, ...] = ("99999999999999999999999", "²", "' OR 1=1 --", "a\x00b", "0001-01-01", ["1", "x"])

ALONE = 4

SQL_SPEAKS = ('near "', "syntax error", "sqlite3", "psycopg", "OperationalError", "Traceback", "SELECT ")


def nonsense(client: Client, page: Page, world: World, mp: pytest.MonkeyPatch, *, whole: bool) -> list[Any]:
    """Faults of the program, and refusals that changed something: in each parameter alone some of the core, other ones
    in the next, and everything in all of them at once.
    """
    side, wrong, core = world.sides["WH"], [], cycle(CORE)
    for method in ("GET", "POST"):
        names, is_shut = parameters(client, page, method, side, mp)
        if is_shut:
            tried = [(names, value) for value in CORE]
        else:
            tried = [([name], value) for name in names for value in islice(core, ALONE)]
            tried += [(names, value) for value in NONSENSE] if whole else []
        for together, value in each_once(tried):
            answer = send(client, method, page.place, sent(page, method, together, value, side))
            speaks = [text for text in SQL_SPEAKS if text in answer.body]
            refused = answer.status >= 400 or method == "GET"
            wrote = [sql for sql in answer.wrote if not may_write(page.name, answer.status, sql)]
            if answer.status >= 500 or speaks or (refused and wrote):
                what = " ".join(" ".join(wrote).split()[:3])
                wrong.append((page.place, method, answer.status, *speaks, what, ",".join(together), str(value)[:30]))
    return wrong


def may_write(name: str, status: int, sql: str) -> bool:
    """Who opened a matter has read the notices of it; a refused page wasn't opened."""
    return bool(status == 200 and OPENING_READS.fullmatch(sql)) or (name == "readyz" and bool(PROBE.fullmatch(sql)))


def first_of(found: list[Any]) -> dict[Any, Any]:
    """One of each kind of fault: many nonsenses meet with the same."""
    return {fault[:-2]: fault[-2:] for fault in reversed(found)}


SOME = ("complaints", "search", "leads", "saved_views")


@pytest.mark.lesson(10)
@pytest.mark.asvs("1.2.4", "16.5.1")
def test_nonsense_in_lists_and_forms(world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for("kf.supervisor")
    found = [
        fault
        for page in pages(world, world.sides["WH"])
        if page.name in SOME
        for fault in nonsense(client, page, world, monkeypatch, whole=False)
    ]
    assert first_of(found) == {}


@pytest.mark.slow
@pytest.mark.lesson(10)
@pytest.mark.asvs("1.2.4", "16.5.1")
@pytest.mark.parametrize("username", ["wh.contact", "sc.leader"])
def test_nonsense_in_every_parameter(
    username: str, world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(username)
    found = [
        fault
        for page in pages(world, world.sides["WH"])
        for fault in nonsense(client, page, world, monkeypatch, whole=True)
    ]
    assert first_of(found) == {}


@pytest.mark.lesson(10)
@pytest.mark.parametrize(
    ("verb", "name"), [("set_limits", "handling"), ("set_limits", "return"), ("set_papers", "phrases")]
)
def test_what_a_link_puts_into_several_inputs_is_passed_over_where_it_does_not_fit(
    verb: str, name: str, client_for: ClientFor
) -> None:
    answer: Any = client_for("sc.leader").get(reverse("organisation_act", args=[verb]), {name: "99999"})
    assert (answer.status_code, 'value="99999"' in answer.content.decode()) == (200, False)
