"""Canaries: texts planted in a complaint of WH that must come out nowhere they don't belong, whatever pages there are.

It takes every address of the resolver with every value of the complaint's own numbers: a new page joins by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from accountability.finding import FINDERS
from accountability.models import Deadline, Notification, Unit
from accountability.verbs import VERBS
from complaints.models import Complaint
from tests.factories import Play
from tests.walking import Address, Values, body_of, everywhere

CUSTOMER = "欧阳丝雀"
PHONE = "13987654321"
INTAKE = "金丝雀甲"
SECRETS = {"金丝雀甲", "金丝雀乙", "金丝雀丙", "金丝雀丁", "金丝雀戊"}
SOME = 3
"""Rows of a model walked one by one: of the complaint's own where it has any."""

OUTSIDERS = ("yc.contact",)
MORE_OUTSIDERS = ("wh.li", "sj.plain", "yc.head", "zd.zhou")
INSIDERS = ("kf.agent",)
MORE_INSIDERS = ("wh.zhang", "kf.supervisor", "sc.officer", "sj.auditor")
"""One of each kind; everybody else is walked through the two units of tests/test_canary_channels.py."""


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
    yield from everywhere(lambda address: values(address, complaint))
    number = complaint.matter.number
    for query in (
        f"q={number}",
        f"number={number}",
        f"number={PHONE}",
        "list=hand_off",
        "list=answer",
        "unit=WH",
        "mine=1",
        f"open={number}",
    ):
        yield f"{reverse('complaints')}?{query}"
    asked = (number, str(number)[:8], PHONE, PHONE[-4:], CUSTOMER, "金丝雀", "客户电话")
    yield from (f"{reverse('search')}?q={text}" for text in asked)
    yield from (f"{reverse('search')}?q=金丝雀&kind={kind}" for kind in FINDERS)
    yield from (f"{reverse('bulk', args=[verb])}?pick={number}" for verb in ("dispatch", "chase", "reassign"))
    for model in admin.site._registry:
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield from (f"{place}?q={text}" for text in (number, CUSTOMER, PHONE))


def values(address: Address, complaint: Complaint) -> Values:
    return {
        "number": [complaint.matter.number],
        "round_number": [1],
        "place": [1],
        "pk": list(Deadline.objects.filter(matter=complaint.matter).values_list("pk", flat=True)),
        "code": list(Unit.objects.values_list("code", flat=True)),
        "year": [2026, 2027],
        "table": ["units", "categories", "regions", "trend", "hours"],
        "kind": ["csv", "xlsx"],
        "measure": ["received", "handoffs", "returns_rejected", "lunch"],
        "verb": verbs_of(address),
        "token": ["0" * 32],
        "username": ["wh.zhang", "nobody"],
        "app_label": ["accountability", "complaints", "assessment"],
        "content_type_id": [ContentType.objects.get_for_model(Complaint).pk],
        "object_id": rows_of(address, complaint),
    }


def verbs_of(address: Address) -> list[str]:
    """Those of the kind that the address is about; of an address of several kinds all."""
    kind = {"act": "complaint"}.get(address.name, address.name.removesuffix("_act"))
    return sorted({name for of, name in VERBS if of == kind} or {name for _of, name in VERBS})


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
        yield place, body_of(client.get(place))


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


@pytest.mark.slow
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


@pytest.fixture
def at_one_table(play: Play, complaint: Complaint) -> Complaint:
    """The complaint, with YC and WL at the table: each with a task, an objection and a result of its own."""
    due = "2026-11-24 15:00"
    tasks = [{"unit": code, "task": has(text), "due": due} for code, text in (("YC", "云雀甲"), ("WL", "云雀乙"))]
    found = play("convene", "wh.zhang", complaint, units=["YC", "WL"], problem=has("云雀丙"))
    found = play("record_tasks", "wh.zhang", found, tasks=tasks, third_parties=has("云雀丁"))
    for code, by, text in (("YC", "yc.chen", "云雀戊"), ("WL", "wl.zhao", "云雀己")):
        found = play("confirm_task", by, found, unit=code, objection=has(text))
    found = play("conclude_coordination", "wh.zhang", found)
    for code, by, text in (("YC", "yc.chen", "云雀庚"), ("WL", "wl.zhao", "云雀辛")):
        found = play("finish_task", by, found, unit=code, result=has(text))
    return found


AT_THE_TABLE = {f"云雀{sign}" for sign in "甲乙丙丁戊己庚辛"}


@pytest.mark.parametrize(
    ("username", "knows"),
    [
        pytest.param("yc.contact", {INTAKE, "云雀丙", "云雀甲", "云雀戊", "云雀庚"}, marks=pytest.mark.slow),
        pytest.param("wl.leader", {INTAKE, "云雀丙", "云雀乙", "云雀己", "云雀辛"}, marks=pytest.mark.slow),
        pytest.param("wh.zhang", SECRETS | AT_THE_TABLE, marks=pytest.mark.slow),
        pytest.param("zd.head", set(), marks=pytest.mark.slow),
    ],
)
def test_an_invited_unit_reads_the_intake_and_its_own_task(
    username: str, knows: set[str], at_one_table: Complaint, client_for: Callable[[str], Client]
) -> None:
    """R29 to R31: never the round, another unit's task, or who else is at the table; number and name masked."""
    walked = list(walk(client_for(username), at_one_table))
    bodies = "".join(body for _place, body in walked)
    assert {text for text in SECRETS | AT_THE_TABLE if text in bodies} == knows
    raw = [(place, text) for place, body in walked for text in (PHONE, CUSTOMER) if text in body and text not in place]
    assert raw == []


def test_notices_hold_references_only(complaint: Complaint) -> None:
    told = " ".join(str(facts) for facts in Notification.objects.values_list("facts", flat=True))
    assert [text for text in (*SECRETS, CUSTOMER, PHONE) if text in told] == []
