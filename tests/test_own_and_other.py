"""Objects that exist, own and the other unit's: every address that names one × everybody × every method.

`test_access_matrix` asks after things that aren't there or are with WH; here both units have one of everything
(`two_units`). Whoever isn't named in a row is answered exactly as if nothing stood there: status, body and headers are
those of an identifier that nobody has.

A new address that names an object fails `test_every_address_of_an_object_is_declared` until it has its row:
- a line in `TABLE`: which of the unit's things stands in the address (a name of `Side.things`; `other` for what else it
  takes), and who is answered what, by method;
- an address that names nothing of a unit's (a year, a kind of table) goes to `NO_OBJECT`, with the reason;
- a new kind of object is made in tests/two_units.py, once for each unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.looking import silence
from tests.shared_world import shared
from tests.test_access_matrix import METHODS
from tests.two_units import Side, World, relations, two_units
from tests.walking import addresses, body_of, nobodys, steady, steady_headers

pytestmark = [
    pytest.mark.asvs("8.2.1", "8.2.2", "8.3.1", "8.4.1"),
    pytest.mark.compliance(11, 12),
    pytest.mark.lesson(1),
]

stage, own_copy, now, cast, play, client_for, world = shared(two_units)

ClientFor = Callable[[str], Client]
Told = dict[int, set[str]]

# Who, by what they are to the things of the unit

CENTRE = {"agent", "supervisor"}
MARKETING = {"officer", "marketing_leader"}
GIVES_REASON = MARKETING | {"supervisor", "centre_head"}
BOOKS = MARKETING | {"auditor"}
EVERY = CENTRE | BOOKS | {"centre_head"}
UNIT = {"contact", "deputy", "handler", "leader", "head"}
ROUND = EVERY | UNIT
INVITED = {"invited_contact", "invited_handler", "invited_leader"}
KNOWS = ROUND | INVITED | {"forwarder"}
CONCERNED = {"contact", "deputy", "head"}
READS_EXPORT = {"supervisor", "centre_head", "marketing_leader", "auditor"}
OF_CASE = CENTRE | CONCERNED | {"panellist"}


@dataclass(frozen=True)
class Row:
    """`told` by method and status: the people. Everybody else gets `others`, as if nothing stood there."""

    thing: str
    told: dict[str, Told]
    other: dict[str, Any] = field(default_factory=dict)
    takes: str = "number"
    others: int = 404


def read(people: set[str], status: int = 200) -> dict[str, Told]:
    return {"GET": {status: people}}


def acted(
    thing: str, verb: str, may: set[str], knows: set[str], *, get: int = 200, post: int = 422, **more: Any
) -> Row:
    """A verb's form: `may` have the form, which refuses to be sent empty; who knows of the thing is told 403."""
    told = {"GET": {get: may, 403: knows - may}, "POST": {post: may, 403: knows - may}}
    return Row(thing, told, {"verb": verb}, **more)


def sent(thing: str, verb: str, may: set[str], knows: set[str]) -> Row:
    """The same sent by a program: there is no form to be read."""
    return Row(thing, {"POST": {422: may, 403: knows - may}}, {"verb": verb})


TABLE: dict[str, list[Row]] = {
    "complaint": [Row("complaint", read(KNOWS)), Row("open complaint", read(ROUND))],
    "register_forwarded": [
        Row("complaint", {"GET": {302: CENTRE}, "POST": {409: CENTRE}}, others=403),
    ],
    "presence": [Row("complaint", {"POST": {200: KNOWS}}), Row("open complaint", {"POST": {200: ROUND}})],
    "reveal": [
        Row("complaint", {"POST": {200: {"handler"}, 422: GIVES_REASON, 403: KNOWS - GIVES_REASON - {"handler"}}}),
        Row("open complaint", {"POST": {200: {"handler"}, 422: GIVES_REASON, 403: ROUND - GIVES_REASON - {"handler"}}}),
    ],
    "recording": [Row("complaint", read(set())), Row("open complaint", read(set()))],  # none has one: test_incoming
    "deadline": [Row("complaint", read(ROUND), {"pk": "limit"})],
    "conformance": [Row("complaint", read(ROUND | INVITED)), Row("open complaint", read(ROUND))],
    "urging": [Row("complaint", read(ROUND), {"pk": "missed limit"})],
    "notice": [Row("complaint", read(ROUND), {"round_number": 1})],
    "minutes": [Row("complaint", read(ROUND | INVITED), {"place": 1})],
    "attachment_text": [
        Row("complaint", read(KNOWS), {"token": "forwarded file"}),
        Row("complaint", read(ROUND | INVITED), {"token": "intake file"}),
        Row("complaint", read(ROUND), {"token": "answer file"}),
    ],
    "act": [
        acted("complaint", "answer", {"handler"}, KNOWS),
        acted("open complaint", "reassign", {"contact", "deputy", "leader", "head"}, ROUND),
        acted("open complaint", "chase", CENTRE, ROUND),
    ],
    "attachment": [
        Row("forwarded file", read(KNOWS), takes="token"),
        Row("intake file", read(ROUND | INVITED), takes="token"),
        Row("answer file", read(ROUND), takes="token"),
        Row("evidence", read(BOOKS | CONCERNED | {"panellist"}), takes="token"),
        Row("plan file", read(BOOKS | CONCERNED | {"handler"}), takes="token"),
        Row("draft file", read({"contact"}), takes="token"),
    ],
    "paper": [
        Row("dispatch_notice", read(ROUND), takes="token"),
        Row("minutes", read(ROUND), takes="token"),
        Row("sheet paper", read(BOOKS | CENTRE), takes="token"),
        Row("notice paper", read(BOOKS | CONCERNED), takes="token"),
        Row("report paper", read(BOOKS | CONCERNED | {"panellist"}), takes="token"),
        Row("panel_record paper", read(BOOKS), takes="token"),
        Row("order paper", read(BOOKS | CONCERNED), takes="token"),
    ],
    "paper_file": [
        Row("dispatch_notice", {"GET": {404: ROUND}, "POST": {302: ROUND}}, {"form": "pdf"}, "token"),
        Row("sheet paper", {"GET": {404: BOOKS | CENTRE}, "POST": {302: BOOKS | CENTRE}}, {"form": "pdf"}, "token"),
        Row(
            "order paper",
            {"GET": {404: BOOKS | CONCERNED}, "POST": {302: BOOKS | CONCERNED}},
            {"form": "docx"},
            "token",
        ),
    ],
    "paper_draft": [
        Row("ranking", {"POST": {302: BOOKS | {"supervisor"}}}, {"kind": "ranking", "part": 1}),
        Row("bulletin", {"POST": {302: BOOKS | {"supervisor"}}}, {"kind": "bulletin", "part": 0}),
        Row("complaint", {"POST": {}}, {"kind": "bulletin", "part": 0}),
        Row("hidden case", {"POST": {}}, {"kind": "circular", "part": 1}),
        Row("complaint", {"POST": {}}, {"kind": "dispatch_notice", "part": 1}),
    ],
    "case": [
        Row("case", {"GET": {200: OF_CASE, 302: BOOKS}}),
        Row("hidden case", {"GET": {200: CENTRE, 302: BOOKS}}),
    ],
    "case_act": [
        acted("case", "file_slip", CONCERNED, OF_CASE | BOOKS),
        acted("hidden case", "file_report", set(), CENTRE | BOOKS),
    ],
    "case_deadline": [
        Row("case", read(CENTRE | BOOKS), {"pk": "notice limit of case"}),
        Row("case", read(CONCERNED | BOOKS), {"pk": "report limit of case"}),
    ],
    "sheet": [Row("sheet", read(BOOKS | CENTRE))],
    "plan": [Row("plan", read(BOOKS | CONCERNED | {"handler"}))],
    "plan_act": [acted("plan", "send_back_plan", MARKETING, BOOKS | CONCERNED | {"handler"})],
    "rename_view": [Row("view", {"POST": {422: {"contact"}}}, takes="pk")],
    "delete_view": [Row("view", {"POST": {302: {"contact"}}}, takes="pk")],
    "choose_view": [Row("view", {"POST": {302: {"contact"}}}, takes="pk")],
    "mass": [Row("mass", read(EVERY))],
    "mass_act": [acted("mass", "dismiss_mass", {"supervisor"}, EVERY)],
    "bulletin": [Row("bulletin", read(BOOKS | {"supervisor"}))],
    "bulletin_act": [acted("bulletin", "withdraw_bulletin", {"supervisor"}, BOOKS | {"supervisor"}, get=409, post=409)],
    "export": [Row("export", read(READS_EXPORT))],
    "export_act": [acted("export", "decline_export", {"centre_head", "marketing_leader"}, READS_EXPORT)],
    "fetch_export": [Row("export", {"POST": {409: {"supervisor"}, 403: READS_EXPORT - {"supervisor"}}})],
    "ranking_numbered": [Row("ranking", read(BOOKS | {"supervisor"}))],
    "ranking_table": [Row("ranking", read(BOOKS | {"supervisor"}))],
    "ranking_check": [Row("ranking", read(BOOKS | {"supervisor"}))],
    "ranking_act": [acted("ranking", "redraft_ranking", MARKETING, BOOKS | {"supervisor"})],
    "api_complaint": [Row("complaint", read(KNOWS)), Row("open complaint", read(ROUND))],
    "api_complaint_act": [
        sent("complaint", "answer", {"handler"}, KNOWS),
        sent("open complaint", "reassign", {"contact", "deputy", "leader", "head"}, ROUND),
        sent("open complaint", "chase", CENTRE, ROUND),
    ],
    "api_case": [Row("case", read(OF_CASE | BOOKS)), Row("hidden case", read(CENTRE | BOOKS))],
    "api_case_act": [
        sent("case", "file_slip", CONCERNED, OF_CASE | BOOKS),
        sent("hidden case", "file_report", set(), CENTRE | BOOKS),
    ],
    "api_ranking": [Row("ranking", read(BOOKS | {"supervisor"}))],
    "api_ranking_act": [sent("ranking", "redraft_ranking", MARKETING, BOOKS | {"supervisor"})],
}
"""Of a draft of a bulletin and of a ranking that nobody has decided; what is sent and published is everybody's."""

NO_OBJECT = {
    "sign_in_act": "the security administrator's desk; nobody else comes in",
    "end_session": "a session of one's own; see the tests of signing in",
    "renew_token": "a token of one's own; see the tests of the interface",
    "end_token": "as its page",
    "api_organisation_act": "the one standing organisation, by verb",
    "rights_request": "the centre's supervisors' and the auditors'; see the tests of rights requests",
    "rights_act": "as its page",
    "account": "the security administrator's desk; nobody else comes in",
    "unit": "the organisation is everybody's to read",
    "unit_roster": "who is there is everybody's to read",
    "calendar_year": "a year",
    "api_calendar": "a year",
    "edit_template": "the centre's own texts, by verb",
    "organisation_act": "the one standing organisation, by verb",
    "bulk": "a verb over a selection; see test_parameters",
    "dashboard_table": "a table over what one sees; see test_parameters",
    "list_file": "a list whose rows lead to nobody; see test_access_matrix and assessment/exports/test_lists",
    "figures_behind": "a measure over what one sees; see test_parameters",
    "ranking": "a year",
    "webhook": "the administrators', of no unit; see accountability/webhooks",
    "resend_event": "as its page",
    "calendar_feed": "one's own, by a secret that nobody else has; see accountability/signin/test_calendar_feeds",
    "customer_word": "the customer's own, by a link that nobody here has; see complaints/customer_word",
    "circular": "what is signed is everybody's to read (R52); drafts: assessment/views/test_circulars",
}


def test_every_address_of_an_object_is_declared() -> None:
    named = {address.name for address in addresses() if address.takes and not address.name.startswith("admin:")}
    assert named == set(TABLE) | set(NO_OBJECT)


# Asking


def place_of(name: str, row: Row, side: Side, world: World, **instead: Any) -> str:
    """The address of the unit's own thing; `instead` puts another identifier in a place of it."""
    known = side.things | world.common
    takes = {row.takes: known[row.thing]}
    takes |= {key: known[value] if key in ("pk", "token") else value for key, value in row.other.items()}
    return reverse(name, kwargs=takes | instead)


def ask(client: Client, method: str, place: str, *identifiers: Any) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers without what is asked for and what differs from one request to the next.

    What it does is undone, so that every question finds the same world.
    """
    with transaction.atomic(), silence():
        response: Any = client.generic(method, place)
        body = steady(body_of(response))
        transaction.set_rollback(True)
    headers = {name: value for name, value in steady_headers(response).items() if name != "Content-Length"}
    for said in (place, *(text for text in identifiers if isinstance(text, str))):
        body = body.replace(said, "ASKED")
        headers = {name: value.replace(said, "ASKED") for name, value in headers.items()}
    return response.status_code, body, headers


Nothing = dict[tuple[Any, ...], Any]
"""By address, whatever else it takes, and method: what somebody was answered where nothing stands."""


def alike(
    answer: Any, client: Client, asked: tuple[Any, ...], real: tuple[Any, ...], none: tuple[Any, ...], nothing: Nothing
) -> bool:
    """The answer is what anybody was told where nothing stands, which no thing can have shaped; else what this person
    is told there. What tells them apart does so every time; a page's own random parts once in a thousand.
    """
    if nothing.get(asked) == answer:
        return True
    method = asked[0]
    nothing[asked] = there = ask(client, method, *none)
    return answer == there or ask(client, method, *real) == ask(client, method, *none)


def rows() -> Iterator[tuple[str, Row]]:
    yield from ((name, row) for name, several in TABLE.items() for row in several)


def declared(row: Row, method: str, who: str) -> int | None:
    """The status of somebody who is named; None where nothing stands there for them."""
    found = [status for status, people in row.told.get(method, {}).items() if who in people]
    assert len(found) < 2, (row, who)
    return found[0] if found else None


def differences(
    client: Client, who: str, side: Side, world: World, methods: Iterable[str], nothing: Nothing
) -> dict[Any, Any]:
    """What isn't as declared for this person: (who, address, thing, method) → what was answered."""
    found: dict[Any, Any] = {}
    for name, row in rows():
        place, thing = place_of(name, row, side, world), (side.things | world.common)[row.thing]
        none = nobodys(thing)
        nowhere = place.replace(str(thing), str(none))
        for method in methods:
            answer, wanted = ask(client, method, place, thing), declared(row, method, who)
            if wanted is not None:
                if answer[0] != wanted:
                    found[who, name, row.thing, method] = (answer[0], wanted)
                continue
            if answer[0] != (row.others if method in row.told else 405):
                found[who, name, row.thing, method] = (answer[0], "others")
            if not alike(answer, client, (method, name, *row.other.values()), (place, thing), (nowhere, none), nothing):
                found[who, name, row.thing, method] = "tells that it is there"
    return found


# What stands beside one's own


@pytest.mark.lesson(13, 15)
@pytest.mark.parametrize("who", ["contact", "handler", pytest.param("agent", marks=pytest.mark.slow)])
def test_below_ones_own_thing_anothers_is_not_found(who: str, world: World, client_for: ClientFor) -> None:
    """The other unit's limit, file or paper asked for below one's own number is one that isn't there."""
    client, side, other = client_for(relations("WH")[who]), world.sides["WH"], world.sides["YC"]
    found, asked = {}, 0
    for name, row in rows():
        for key, thing in row.other.items():
            if key in ("pk", "token"):
                asked += 1
                crossed = place_of(name, row, side, world, **{key: other.things[thing]})
                none = place_of(name, row, side, world, **{key: nobodys(other.things[thing])})
                answers = [ask(client, "GET", place, other.things[thing]) for place in (crossed, none)]
                if answers[0] != answers[1] or answers[0][0] != 404:
                    found[name, thing] = answers[0][0]
    assert (found, asked) == ({}, 7)


@pytest.mark.lesson(8, 15)
def test_the_administration_tells_outsiders_nothing_by_number(world: World, client_for: ClientFor) -> None:
    """Rows that are there and rows that aren't, by whatever model and key: the same refusal."""
    clients = [client_for(username) for username in ("wh.contact", "kf.agent", "zd.head")]
    differing = []
    for place, row, none in admin_places():
        for client in clients:
            answers = [ask(client, "GET", place.replace("/0/", f"/{key}/")) for key in (row, none)]
            if answers[0] != answers[1] or answers[0][0] != 403:
                differing.append((place, answers[0][0], answers[1][0]))
    assert differing == []


def admin_places() -> Iterator[tuple[str, Any, Any]]:
    for model in admin.site._registry:
        row = model._base_manager.order_by("pk").first()
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if row is not None:
            yield from ((reverse(f"{label}_{view}", args=[0]), row.pk, 987_654_321) for view in ("change", "history"))


# Everything


FEW = {"other contact": ("GET", "POST"), "contact": ("GET", "POST"), "agent": ("GET",)}


def test_whoever_is_not_named_finds_nothing_there(world: World, client_for: ClientFor) -> None:
    assert wrong("WH", FEW, world, client_for) == {}


@pytest.mark.slow
@pytest.mark.parametrize("code", ["WH", "YC"])
def test_everybody_is_answered_as_declared(code: str, world: World, client_for: ClientFor) -> None:
    assert wrong(code, dict.fromkeys(relations(code), METHODS), world, client_for) == {}


def wrong(code: str, asked: Mapping[str, Iterable[str]], world: World, client_for: ClientFor) -> dict[Any, Any]:
    """What isn't as declared for the things of the unit, by person and the methods that are asked."""
    found: dict[Any, Any] = {}
    nothing: Nothing = {}
    with silence():
        for who, methods in asked.items():
            found |= differences(client_for(relations(code)[who]), who, world.sides[code], world, methods, nothing)
    return found
