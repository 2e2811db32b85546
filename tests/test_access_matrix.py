"""Every address × role × method, read off the URL resolver and held against a table written by hand.

An address that is not in the table fails, so a new page can't come without somebody having said who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accountability.models import AccessLog, Category, Deadline, Employee, Unit
from complaints.models import Complaint
from tests.factories import Play
from tests.looking import contents
from tests.walking import Address, addresses

ROLES = {
    "agent": "kf.agent",
    "csc_supervisor": "kf.supervisor",
    "centre_head": "kf.head",
    "contact_own": "wh.contact",
    "deputy_own": "wh.deputy",
    "contact_other": "yc.contact",
    "handler_own": "wh.zhang",
    "handler_other": "wh.li",
    "leader": "wh.leader",
    "head": "wh.head",
    "head_other": "zd.head",
    "marketing": "sc.officer",
    "marketing_leader": "sc.leader",
    "auditor": "sj.auditor",
    "forwarder": "yc.chen",
    "plain": "sj.plain",
}
"""The complaint asked about was forwarded by yc.chen and is with wh.zhang of WH, led by wh.leader."""

CENTRE = {"agent", "csc_supervisor"}
MARKETING = {"marketing", "marketing_leader"}
ALL_COMPLAINTS = CENTRE | MARKETING | {"centre_head", "auditor"}
OF_THE_ROUND = ALL_COMPLAINTS | {"contact_own", "deputy_own", "handler_own", "leader", "head"}
OF_THE_COMPLAINT = OF_THE_ROUND | {"forwarder"}
BOOKS = MARKETING | {"auditor"}

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Answer = Callable[[str], int]


def everybody(status: int) -> Answer:
    return lambda role: status


def only(roles: set[str], status: int, *, others: int = 403) -> Answer:
    return lambda role: status if role in roles else others


def known(answer: Answer, roles: set[str] = OF_THE_COMPLAINT) -> Answer:
    """For whoever may know of the complaint; for everybody else it isn't there."""
    return lambda role: answer(role) if role in roles else 404


TABLE: dict[str, dict[str, Answer]] = {
    "healthz": {"GET": everybody(200)},
    "set_language": {"POST": everybody(302)},
    "sign_in": {method: everybody(302) for method in METHODS},
    "sign_out": {"POST": everybody(302)},
    "password": {"GET": everybody(200), "POST": everybody(422)},
    "inbox": {"GET": everybody(200)},
    "mark_read": {"POST": everybody(302)},
    "alarms": {"GET": only(MARKETING | {"auditor", "csc_supervisor"}, 200)},
    "units": {"GET": everybody(200)},
    "unit": {"GET": everybody(200)},
    "organisation_act": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 422)},
    "calendar": {"GET": everybody(200)},
    "calendar_year": {"GET": everybody(200)},
    "limits": {"GET": everybody(200)},
    "home": {"GET": everybody(200)},
    "complaints": {"GET": everybody(200)},
    "register": {"GET": only(CENTRE, 200), "POST": only(CENTRE, 422)},
    "look_up": {"POST": only(CENTRE, 200)},
    "suggest_unit": {"POST": only(CENTRE, 200)},
    "forward": {"GET": everybody(200), "POST": everybody(422)},
    "complaint": {"GET": known(everybody(200))},
    "register_forwarded": {"GET": only(CENTRE, 302), "POST": only(CENTRE, 409)},
    "reveal": {"POST": known(only(CENTRE | {"handler_own"}, 200))},
    "deadline": {"GET": known(everybody(200), OF_THE_ROUND)},
    "notice": {"GET": known(everybody(200), OF_THE_ROUND)},
    "act": {"GET": known(only({"handler_own"}, 200)), "POST": known(only({"handler_own"}, 422))},
}
"""What each role is answered. A method that is not named is 405 for everybody."""

OPEN_TO_STRANGERS = {
    "healthz": {"GET": 200},
    "set_language": {"POST": 302},
    "sign_in": {"GET": 200, "POST": 422},
}

ADMIN: dict[str, dict[str, Answer]] = {
    "index": {"GET": only(BOOKS, 200)},
    "login": {method: everybody(302) for method in METHODS},
    "logout": {"GET": only(BOOKS, 302)},
    "password_change": {"GET": only(BOOKS, 302)},
    "password_change_done": {"GET": only(BOOKS, 302)},
    "autocomplete": {"GET": only(BOOKS, 404)},
    "jsi18n": {"GET": only(BOOKS, 200)},
    "view_on_site": {"GET": only(BOOKS, 404)},
    "app_list": {"GET": only(BOOKS, 200)},
    "None": {"GET": only(BOOKS, 404)},
}

READ_ONLY: dict[str, dict[str, Answer]] = {
    "changelist": {"GET": only(BOOKS, 200)},
    "add": {"GET": everybody(403)},
    "change": {"GET": only(BOOKS, 200)},
    "delete": {"GET": everybody(403)},
    "history": {"GET": only(BOOKS, 200)},
    "simple_history": {"GET": only(BOOKS, 404)},
}
"""A model in the administration: looked up by marketing and auditors, changed by nobody."""

EDITED: dict[str, dict[str, Answer]] = {
    "changelist": READ_ONLY["changelist"] | {"POST": only(BOOKS, 200)},
    "add": {"GET": only(MARKETING, 200), "POST": only(MARKETING, 200)},
    "change": READ_ONLY["change"] | {"POST": only(MARKETING, 200)},
    "delete": READ_ONLY["delete"] | {"POST": everybody(403)},
    "history": READ_ONLY["history"] | {"POST": only(BOOKS, 200)},
    "simple_history": READ_ONLY["simple_history"] | {"POST": only(BOOKS, 403)},
}
"""The catalogue's leaves: marketing's to change; what is posted empty is shown again with its errors."""

SEEN_BY_AUDITORS = {
    action: {method: only({"auditor"}, answer("auditor")) for method, answer in methods.items()}
    for action, methods in READ_ONLY.items()
}

MODELS = {"accountability_category": EDITED, "accountability_accesslog": SEEN_BY_AUDITORS}


@pytest.fixture
def complaint(play: Play) -> Complaint:
    forwarded = play("forward", "yc.chen", tier="vip")
    registered = play("register", "kf.agent", forwarded)
    handed = play("hand_off", "wh.contact", play("dispatch", "kf.agent", registered))
    return play("accept", "wh.zhang", handed)


def place_of(address: Address, complaint: Complaint) -> str:
    """The address of the thing that the table speaks of."""
    if address.name.startswith("admin:"):
        return admin_place_of(address, complaint)
    handling = Deadline.objects.get(matter=complaint.matter, kind="handling")
    values: dict[str, Any] = {
        "number": complaint.matter.number,
        "round_number": 1,
        "pk": handling.pk,
        "code": "WH",
        "year": 2026,
        "verb": "set_supervisor" if address.name == "organisation_act" else "propose_solution",
    }
    return reverse(address.name, kwargs={name: values[name] for name in address.takes})


def admin_place_of(address: Address, complaint: Complaint) -> str:
    if address.name == "admin:None":
        return f"/admin/nowhere-{'-'.join(address.takes)}/"
    values = {"content_type_id": 1, "object_id": 1, "app_label": "complaints"}
    model = model_named(address.name)
    if model is not None:
        values["object_id"] = a_row_of(model, complaint)
    if address.positional:
        return reverse(address.name, args=[values["object_id"], 999_999])
    return reverse(address.name, kwargs={name: values[name] for name in address.takes})


def model_named(name: str) -> Any:
    inner = name.removeprefix("admin:")
    labels = {f"{m._meta.app_label}_{m._meta.model_name}": m for m in admin.site._registry}
    return next((model for label, model in labels.items() if inner.startswith(f"{label}_")), None)


def a_row_of(model: Any, complaint: Complaint) -> Any:
    """A row to look at; of the catalogue a leaf, since heads are nobody's to change."""
    if model is Category:
        return Category.objects.exclude(parent=None).earliest("pk").pk
    row = model._base_manager.order_by("pk").first()
    if row is None:
        row = make_row(model, complaint)
    return row.pk


def make_row(model: Any, complaint: Complaint) -> Any:
    """Of what the story of the complaint leaves none."""
    at, matter = complaint.registered_at, complaint.matter
    given: dict[str, dict[str, Any]] = {
        "Region": {"name": "武汉", "unit": Unit.objects.get(code="WH")},
        "AccessLog": {"at": at, "actor": Employee.objects.get(username="kf.agent"), "action": "reveal", "result": "ok"},
        "Alarm": {"key": "waiting:1", "kind": "waiting", "matter": matter, "since": at, "raised_at": at},
    }
    return model.objects.create(**given[model.__name__])


def declared(address: Address) -> dict[str, Answer]:
    """What the table says of an address; KeyError where it says nothing."""
    if not address.name.startswith("admin:"):
        return TABLE[address.name]
    inner = address.name.removeprefix("admin:")
    model = model_named(address.name)
    if model is None:
        return ADMIN[inner]
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    return MODELS.get(label, READ_ONLY)[inner.removeprefix(f"{label}_")]


def ask(client: Client, method: str, place: str) -> HttpResponse:
    return client.generic(method, place)  # type: ignore[return-value]


ADDRESSES = addresses()
IDS = [address.name + "".join(f"-{name}" for name in address.takes) for address in ADDRESSES]


@pytest.mark.parametrize("address", ADDRESSES, ids=IDS)
def test_every_role_is_answered_as_declared(
    address: Address, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    table, place = declared(address), place_of(address, complaint)
    found, expected = {}, {}
    for role in roles_for(address):
        client = client_for(ROLES[role])
        for method in METHODS:
            if method in ("GET", "POST") or role in EVERY_METHOD:
                found[role, method] = ask(client, method, place).status_code
                expected[role, method] = table[method](role) if method in table else expected_otherwise(address, role)
            if address.name == "sign_out":
                client = client_for(ROLES[role])
    assert found == expected


EVERY_METHOD = {"agent", "marketing", "handler_own", "plain"}
"""Methods that no page offers are tried by these four; everybody tries to read and to post."""

AT_THE_BOOKS = ("agent", "head", "marketing", "marketing_leader", "auditor", "plain")
"""The administration asks for nothing but roles, so these stand for all."""


def roles_for(address: Address) -> Iterable[str]:
    return AT_THE_BOOKS if address.name.startswith("admin:") else ROLES


def expected_otherwise(address: Address, role: str) -> int:
    """A method that isn't offered; in the administration whoever may not enter is told that first."""
    return 403 if address.name.startswith("admin:") and role not in BOOKS else 405


@pytest.mark.parametrize("address", ADDRESSES, ids=IDS)
def test_a_stranger_is_sent_to_sign_in(address: Address, complaint: Complaint) -> None:
    place, opened = place_of(address, complaint), OPEN_TO_STRANGERS.get(address.name)
    doors = {reverse("sign_in"), reverse("admin:login")}  # the second leads to the first
    for method in METHODS:
        response = ask(Client(), method, place)
        if opened is None:
            assert response.status_code == 302
            assert response.headers["location"].split("?")[0] in doors - {place}
        else:
            assert response.status_code == opened.get(method, 405)


@pytest.mark.parametrize("address", ADDRESSES, ids=IDS)
def test_reading_changes_nothing(address: Address, complaint: Complaint, client_for: Callable[[str], Client]) -> None:
    place = place_of(address, complaint)
    readers = (
        ("sc.officer",) if address.name.startswith("admin:") else ("kf.agent", "wh.zhang", "sc.officer", "sj.plain")
    )
    clients = [client_for(username) for username in readers]
    before = contents(without=(AccessLog, Session))
    for client in clients:
        ask(client, "GET", place)
        ask(client, "HEAD", place)
    assert contents(without=(AccessLog, Session)) == before


OF_A_COMPLAINT = [address for address in ADDRESSES if "number" in address.takes]


@pytest.mark.parametrize("address", OF_A_COMPLAINT, ids=[address.name for address in OF_A_COMPLAINT])
@pytest.mark.parametrize("username", ["yc.contact", "zd.head", "wh.li", "sj.plain"])
def test_anothers_complaint_answers_like_one_that_is_not_there(
    address: Address, username: str, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    place, number = place_of(address, complaint), str(complaint.matter.number)
    nowhere = place.replace(number, "TS20200101000001")
    for method in METHODS:
        real, unreal = ask(client_for(username), method, place), ask(client_for(username), method, nowhere)
        assert (real.status_code, plain(real, number)) == (unreal.status_code, plain(unreal, "TS20200101000001"))


def plain(response: HttpResponse, number: str) -> str:
    """The page without what differs from one request to the next."""
    body = response.content.decode().replace(number, "NUMBER")
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    return re.sub(r'"X-CSRFToken": "\w+"', "", body)


def test_the_table_declares_nothing_that_is_not_there() -> None:
    assert sorted(TABLE) == sorted(address.name for address in ADDRESSES if not address.name.startswith("admin:"))
