"""Canaries: texts planted in a complaint of WH that must come out nowhere they don't belong, whatever pages there are.

It takes every address of the resolver with every value of the complaint's own numbers: a new page joins by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accountability.models import Deadline, Notification, Unit
from accountability.verbs import VERBS
from complaints.models import Complaint
from tests.factories import Play
from tests.walking import Address, addresses

CUSTOMER = "欧阳丝雀"
PHONE = "13987654321"
INTAKE = "金丝雀甲"
SECRETS = {"金丝雀甲", "金丝雀乙", "金丝雀丙", "金丝雀丁", "金丝雀戊"}
SOME = 3
"""Rows of a model walked one by one: of the complaint's own where it has any."""

OUTSIDERS = ("yc.contact", "wh.li", "sj.plain")
MORE_OUTSIDERS = ("yc.leader", "yc.head", "yc.chen", "wl.contact", "zd.zhou", "zd.head")
INSIDERS = ("kf.agent",)
MORE_INSIDERS = (
    "wh.zhang",
    "kf.supervisor",
    "kf.head",
    "sc.officer",
    "sj.auditor",
    "wh.contact",
    "wh.leader",
    "wh.head",
)


def people(fast: tuple[str, ...], slow: tuple[str, ...]) -> list[Any]:
    return [*fast, *(pytest.param(username, marks=pytest.mark.slow) for username in slow)]


def has(text: str) -> str:
    """A text with a canary in it, and the number where a customer or a colleague might write it."""
    return f"{text},客户电话{PHONE}。"


@pytest.fixture
def complaint(play: Play) -> Complaint:
    """With WH: returned once and not accepted, accepted, a solution proposed, answered, sent back."""
    found = play("register", "kf.agent", customer=CUSTOMER, phone=PHONE, content=has(INTAKE))
    found = play("hand_off", "wh.contact", play("dispatch", "kf.agent", found, reason=has("金丝雀乙")))
    found = play("request_return", "wh.zhang", found, reason=has("金丝雀丙"), guidance=has("金丝雀丙"))
    found = play("rule_on_return", "kf.agent", found, accepted=False, reason=has("金丝雀丙"))
    found = play("propose_solution", "wh.zhang", found, solution=has("金丝雀丁"))
    found = play("answer", "wh.zhang", found, result=has("金丝雀丁"), cause=has("金丝雀丁"))
    found = play("judge_complete", "kf.agent", found, complete=False, reason=has("金丝雀戊"))
    play("chase", "kf.agent", found, message=has("金丝雀戊"))
    return play.again(found)


def places(complaint: Complaint) -> Iterator[str]:
    """Every address with every value that leads to the complaint or lists things."""
    for address in addresses():
        if address.name not in ("admin:None", "admin:logout"):
            yield from (reverse(address.name, **taken) for taken in arguments(address, complaint))
    number = complaint.matter.number
    for query in (
        f"q={number}",
        f"number={number}",
        f"number={PHONE}",
        "list=hand_off",
        "list=answer",
        "unit=WH",
        "mine=1",
    ):
        yield f"{reverse('complaints')}?{query}"
    for model in admin.site._registry:
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield from (f"{place}?q={text}" for text in (number, CUSTOMER, PHONE))


def arguments(address: Address, complaint: Complaint) -> Iterator[dict[str, Any]]:
    values: dict[str, list[Any]] = {
        "number": [complaint.matter.number],
        "round_number": [1],
        "pk": list(Deadline.objects.filter(matter=complaint.matter).values_list("pk", flat=True)),
        "code": list(Unit.objects.values_list("code", flat=True)),
        "year": [2026, 2027],
        "verb": sorted({name for _kind, name in VERBS}),
        "app_label": ["accountability", "complaints"],
        "content_type_id": [ContentType.objects.get_for_model(Complaint).pk],
        "object_id": rows_of(address, complaint),
    }
    if address.positional:
        yield from ({"args": [pk, 1]} for pk in values["object_id"])
        return
    for chosen in product(*(values[name] for name in address.takes)):
        yield {"kwargs": dict(zip(address.takes, chosen, strict=True))}


def rows_of(address: Address, complaint: Complaint) -> list[Any]:
    """Rows of the model that an address of the administration is about."""
    for model in admin.site._registry:
        if address.name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            rows = model._base_manager.all()
            names = {field.name for field in model._meta.get_fields()}
            of_it = rows.filter(matter=complaint.matter) if "matter" in names else rows
            return list((of_it or rows).order_by("pk").values_list("pk", flat=True)[:SOME])
    return [complaint.pk]


def walk(client: Client, complaint: Complaint) -> Iterator[tuple[str, str]]:
    """(address, what came back)."""
    for place in places(complaint):
        yield place, client.get(place).content.decode()


@pytest.mark.parametrize("username", people(OUTSIDERS, MORE_OUTSIDERS))
def test_nothing_of_a_complaint_comes_out_to_others(
    username: str, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    """Neither its texts nor its customer, masked or not, nor that it exists at all."""
    secrets = {*SECRETS, CUSTOMER, CUSTOMER[:1] + "*", PHONE, str(complaint.matter.number)}
    walked = walk(client_for(username), complaint)
    assert [(place, text) for place, body in walked for text in secrets if text in body and text not in place] == []


@pytest.mark.parametrize("username", people(INSIDERS, MORE_INSIDERS))
def test_the_number_and_the_name_are_never_shown_on_reading(
    username: str, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    """Who may read the texts reads number and name masked; and the texts are there, or nothing would be proved."""
    walked = list(walk(client_for(username), complaint))
    shown = [
        (place, text) for place, body in walked for text in (PHONE, CUSTOMER) if text in body and text not in place
    ]
    bodies = "".join(body for _place, body in walked)
    assert (shown, {text for text in SECRETS if text in bodies}) == ([], SECRETS)


def test_the_forwarder_sees_their_own_words_and_nothing_of_the_round(
    play: Play, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    forwarded = play("forward", "yc.chen", customer=CUSTOMER, phone=PHONE, content=has(INTAKE))
    found = play("dispatch", "kf.agent", play("register", "kf.agent", forwarded), reason=has("金丝雀乙"))
    found = play(
        "answer", "wh.zhang", play("hand_off", "wh.contact", found), result=has("金丝雀丁"), cause=has("金丝雀丁")
    )
    bodies = "".join(body for _place, body in walk(client_for("yc.chen"), found))
    assert {text for text in SECRETS if text in bodies} == {INTAKE}


def test_notices_hold_references_only(complaint: Complaint) -> None:
    told = " ".join(str(facts) for facts in Notification.objects.values_list("facts", flat=True))
    assert [text for text in (*SECRETS, CUSTOMER, PHONE) if text in told] == []
