"""Nonsense in every field of every verb that is offered: never a fault of the program, and a refusal changes nothing.

The walks over all pages send forms; a program sends JSON, in which a field may be of any kind. A new verb joins by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction

from accountability.gate.verbs import Verb
from complaints.models import Complaint
from config.api import acts, versions
from config.api.kinds import CASES, COMPLAINTS, KINDS, ORGANISATION, RANKINGS, Kind
from config.api.versions import Read
from tests.config.api.conftest import Program, ProgramOf
from tests.factories import USUAL, Play
from tests.looking import NOT_BUSINESS, Writes
from tests.test_nonsense import NONSENSE, SQL_SPEAKS

OF_JSON: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, [], {}, [[]], [None], [{}], [True, 1, "x"], {"": ""}, {"unit": 1}, [[["x"]]],
    [{"unit": "WH", "task": {}, "due": []}], {"P1": None}, {"P1": ["8h"]}, {"2027-01-01": 1}, "\u202e", "９", "WH\nYC",
    "9" * 5000, "TS20261124000001#" + "9" * 5000, {"P1": "9" * 5000}, ["9" * 5000],
    ["WH"] * 300, ["kf.agent", {"a": 1}], {"a": {"b": {"c": "d"}}},
)  # fmt: skip
EACH = 8
"""How many of them each field is tried with, the next field with other ones."""
PEOPLE = ("kf.supervisor", "wh.contact", "wh.zhang", "wh.leader", "wh.head", "sc.leader", "yc.contact")


@pytest.fixture
def standing(play: Play) -> list[Complaint]:
    """One of each position in which many verbs are offered."""
    registered = play("register", "kf.agent")
    delivered, *others = (play("dispatch", "kf.agent", play("register", "kf.agent")) for _n in range(5))
    handed, *others = (play("hand_off", "wh.contact", each) for each in others)
    accepted, answered, convened = (play("accept", "wh.zhang", each) for each in others)
    play("answer", "wh.zhang", play("propose_solution", "wh.zhang", answered))
    play("convene", "wh.zhang", convened)
    return [play("forward", "yc.chen"), registered, delivered, handed, accepted, answered, convened]


def asked(program: Program, place: str, body: dict[str, Any], tag: str) -> tuple[int, str, list[str]]:
    """Status, answer and what was written; all of it is undone. `tag` is of what was read before."""
    writing = Writes()
    with transaction.atomic(), connection.execute_wrapper(writing):
        answer = program.post(place, body, **({"If_Match": tag} if tag else {}))
        transaction.set_rollback(True)
    tokens = 'UPDATE "accountability_apitoken"'
    return (
        answer.status_code,
        answer.content.decode(),
        [s for s in writing.but(*NOT_BUSINESS) if not s.startswith(tokens)],
    )


def faults(program: Program, entry: Verb, place: str, tag: str = "", **more: Any) -> Iterator[tuple[Any, ...]]:
    """What went wrong where: a fault, words of the database, a refusal that wrote, or a status of none of these."""
    values, usual = cycle((*OF_JSON, *NONSENSE)), USUAL.get(entry.name, {})
    for fact in entry.facts:
        for value in islice(values, EACH):
            if isinstance(value, str) and "\x00" in value:
                continue
            status, told, wrote = asked(program, place, usual | more | {fact.name: value}, tag)
            speaks = [text for text in SQL_SPEAKS if text in told]
            if status not in (200, 201, 403, 409, 422) or speaks or (status >= 400 and wrote):
                yield place, fact.name, value, status, speaks, wrote[:1]


@pytest.fixture
def known_versions(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Read]:
    """What somebody reads of a complaint, for the tag that they send: each attempt is undone, so that it is the same
    before the next. Whoever empties this has it read anew, and a tag of something else is answered with 412.
    """
    known: dict[Any, Read] = {}

    def version_of(request: Any, kind: Kind, number: str) -> Read:
        key = request.actor.pk, kind.place, number
        if key not in known:
            known[key] = versions.version_of(request, kind, number)
        return known[key]

    monkeypatch.setattr(acts, "version_of", version_of)
    return known


@pytest.mark.parametrize(
    "everywhere", [pytest.param(False, id="once"), pytest.param(True, id="everywhere", marks=pytest.mark.slow)]
)
def test_nonsense_in_what_is_offered_on_a_complaint(
    program: ProgramOf, standing: list[Complaint], everywhere: bool, known_versions: dict[Any, Read]
) -> None:
    """Each verb once; in the slow tier on each complaint on which it is offered. It is read anew for each verb."""
    found: list[Any] = []
    tried: set[Any] = set()
    for username in PEOPLE:
        asking = program(username)
        for complaint in standing:
            answer = asking.get(f"complaints/{complaint.matter.number}")
            offers = answer.json()["verbs"] if answer.status_code == 200 else []
            for offer in offers:
                what = (offer["name"], complaint.pk if everywhere else 0)
                if what not in tried:
                    tried.add(what)
                    known_versions.clear()
                    found += faults(asking, COMPLAINTS.verb(offer["name"]), offer["url"], answer.headers["ETag"])
    assert found == []
    assert len({name for name, _pk in tried}) > 25


def test_nonsense_in_beginnings(program: ProgramOf) -> None:
    found: list[Any] = []
    for username, kind in (("kf.supervisor", COMPLAINTS), ("sc.leader", CASES), ("sc.leader", RANKINGS)):
        for entry in kind.beginnings:
            found += faults(program(username), entry, kind.place, do=entry.name)
    assert found == []


@pytest.mark.parametrize(
    ("where", "name"),
    [(where, name) for where in ("cases", "penalties", "rankings", "ledger", "figures") for name in ("fields", "after")
     if (where, name) != ("figures", "after")]
    + [("cases", "asked"), ("cases", "all"), ("ledger", "number"), ("penalties", "mine")]
    + [("figures", name) for name in ("table", "preset", "from", "unit", "head", "category", "region", "step")],
)  # fmt: skip
def test_nonsense_in_the_questions_of_the_other_lists(program: ProgramOf, where: str, name: str) -> None:
    asking = program("sc.leader")
    for value in NONSENSE:
        answer = asking.get(f"{where}?{urlencode({name: value}, doseq=True)}")
        assert answer.status_code in (200, 400), (name, value)
        for text in SQL_SPEAKS:
            assert text not in answer.content.decode()


@pytest.mark.parametrize("field", ["round", "complaints"])
def test_a_number_of_more_digits_than_can_be_counted_is_wrong_input(program: ProgramOf, field: str) -> None:
    said = {"do": "open_fault" if field == "round" else "open_case", field: f"TS20261124000001#{'9' * 5000}"}
    answer = program("sc.leader").post(CASES.place, said)
    assert (answer.status_code, field in answer.json()["errors"]) == (422, True)
    assert max(map(len, answer.json()["errors"].values())) <= 300


@pytest.mark.slow
def test_nonsense_in_the_organisation(program: ProgramOf) -> None:
    found: list[Any] = []
    for entry in ORGANISATION.verbs:
        found += faults(program("sc.leader"), entry, f"{ORGANISATION.place}/{entry.name}")
    assert found == []


def test_every_kind_is_tried() -> None:
    assert set(KINDS) == {COMPLAINTS, CASES, RANKINGS, ORGANISATION}


@pytest.mark.parametrize(
    "name", ["after", "before", "fields", "limit", "list", "state", "number", "person", "category"]
)
def test_nonsense_in_the_questions_of_the_list(program: ProgramOf, standing: list[Complaint], name: str) -> None:
    asking = program("kf.supervisor")
    for value in NONSENSE:
        answer = asking.get(f"complaints?{urlencode({name: value}, doseq=True)}")
        assert answer.status_code in (200, 400), (name, value)
        for text in SQL_SPEAKS:
            assert text not in answer.content.decode()
