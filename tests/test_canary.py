"""Canaries: texts planted in a complaint of WH that must come out nowhere they don't belong, whatever pages there are.

Everybody walks once over every address of the resolver, with every value of the complaints' own numbers; each page is
looked at for all that it must not say. A new page joins by itself. The fast tier asks each address with a few of its
values, as three people; the slow tier as everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import reverse

from accountability.documents.making import MEDIA_TYPES
from accountability.gate.verbs import VERBS
from accountability.models import Attachment, Deadline, Notification, Paper, Unit
from accountability.search.finders import FINDERS
from accountability.web.listings import LISTINGS
from complaints.models import Complaint
from tests.looking import NOT_BUSINESS, OPENING_READS, PROBE, Writes, logged
from tests.planted import (
    ADDED,
    AT_THE_TABLE,
    FORWARDED,
    FORWARDED_INTAKE,
    INTAKE,
    MASKED,
    NAME,
    NOTED,
    PHONE,
    SECRETS,
    Planted,
    planted,
    raw_in,
    words_of,
)
from tests.shared_world import shared
from tests.walking import MOST, Address, Values, everywhere

stage, own_copy, now, cast, play, client_for, world = shared(planted)

ClientFor = Callable[[str], Client]

SOME = 3
"""Rows of a model walked one by one: of the complaint's own where it has any."""
FEW = 4
"""Values of an address in the fast tier."""

WORDS = SECRETS | AT_THE_TABLE | FORWARDED | {ADDED, NOTED}
OUTSIDERS = ("wh.li", "wh.wang", "sj.plain", "sj.head", "zd.head")
INSIDERS = ("kf.agent", "wh.zhang", "kf.supervisor", "sc.officer", "sj.auditor")
OF_YC = {INTAKE, ADDED, "云雀丙", "云雀甲", "云雀戊", "云雀庚"}
OF_WL = {INTAKE, ADDED, "云雀丙", "云雀乙", "云雀己", "云雀辛"}

KNOWS: dict[str, set[str]] = {
    **{username: set() for username in OUTSIDERS},
    **dict.fromkeys(INSIDERS, SECRETS | AT_THE_TABLE | {ADDED}),
    **dict.fromkeys(("wh.zhang", "sj.auditor"), SECRETS | AT_THE_TABLE | {ADDED, NOTED}),
    **dict.fromkeys(("yc.contact", "yc.chen", "yc.head"), OF_YC),
    "wl.leader": OF_WL,
    "zd.zhou": {FORWARDED_INTAKE},
}
"""What each reads of the two complaints on a walk over the addresses of the first, in the slow tier of both.

Those who have the complaint read the forwarded one as well; how much of it is no matter here.
"""
FAST = ("kf.agent", "yc.contact", "wh.li")
"""One who has the complaint, one at its table, one with no part in it; everybody else is walked through the two units
of tests/test_canary_channels.py.
"""


def people(names: Iterable[str]) -> list[Any]:
    """In the fast tier three of them at a few places, in the slow tier all of them everywhere."""
    few = [pytest.param(name, FEW, id=name) for name in names if name in FAST]
    return few + [pytest.param(name, MOST, id=f"{name}-everywhere", marks=pytest.mark.slow) for name in names]


# Where


def places(complaint: Complaint, most: int = MOST) -> Iterator[str]:
    """Every address with every value that leads to the complaint or lists things."""
    known = values(complaint)
    yield from everywhere(lambda address: known | values_of(address, complaint), most=most)
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
    asked = (number, str(number)[:8], PHONE, PHONE[-4:], NAME, "金丝雀", "客户电话")
    yield from (f"{reverse('search')}?q={text}" for text in asked)
    yield from (f"{reverse('search')}?q=金丝雀&kind={kind}" for kind in FINDERS)
    yield from (f"{reverse('bulk', args=[verb])}?pick={number}" for verb in ("dispatch", "chase", "reassign"))
    for model in admin.site._registry:
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield from (f"{place}?q={text}" for text in (number, NAME, PHONE))


def values(complaint: Complaint) -> Values:
    """What any address may be filled with."""
    matter = complaint.matter
    tokens = [one.token for model in (Attachment, Paper) for one in model._base_manager.filter(matter=matter)]
    return {
        "number": [matter.number],
        "round_number": [1],
        "place": [1],
        "part": [0, 1],
        "pk": list(Deadline.objects.filter(matter=matter).values_list("pk", flat=True)),
        "code": list(Unit.objects.values_list("code", flat=True)),
        "year": [2026, 2027],
        "table": ["units", "categories", "regions", "trend", "hours"],
        "name": ["complaints", *(name for name, one in LISTINGS.items() if one.names_nobody)],
        "kind": ["csv", "xlsx", *sorted(set(Paper.objects.values_list("kind", flat=True)))],
        "form": list(MEDIA_TYPES),
        "measure": ["received", "handoffs", "returns_rejected", "lunch"],
        "token": ["0" * 32, *tokens],
        "username": ["wh.zhang", "nobody"],
        "app_label": ["accountability", "complaints", "assessment"],
        "content_type_id": [ContentType.objects.get_for_model(Complaint).pk],
    }


def values_of(address: Address, complaint: Complaint) -> Values:
    """What the address itself determines."""
    return {"verb": verbs_of(address), "object_id": rows_of(address, complaint)}


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


# Walking


@dataclass
class Read:
    """What somebody came across on their walk, and where they came across what they must not."""

    places: int = 0
    words: set[str] = field(default_factory=set)
    masked: set[str] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)
    raw: list[tuple[str, str]] = field(default_factory=list)
    broken: list[tuple[str, int]] = field(default_factory=list)
    wrote: list[tuple[str, str]] = field(default_factory=list)
    logged: list[tuple[str, str]] = field(default_factory=list)


TYPED = (NAME, PHONE, PHONE[-4:])
"""What is typed into addresses: a page, and the log, may say back what was asked for."""


def walk(client: Client, wanted: list[str], secrets: set[str]) -> Read:
    read, writing = Read(len(wanted)), Writes()
    client.raise_request_exception = False
    with connection.execute_wrapper(writing), logged() as lines:
        for place in wanted:
            response: Any = client.get(place)
            body = f"{response.headers} {words_of(response)}"
            read.words |= {text for text in WORDS if text in body and text not in place}
            read.masked |= {text for text in MASKED if text in body}
            read.told += [(place, text) for text in secrets if text in body and text not in place]
            if not any(text in place for text in TYPED):
                # A file is handed out as it was handed in, each reading recorded.
                raw = [] if place.startswith("/files/") else raw_in(body)
                read.raw += [(place, text) for text in raw]
                read.logged += [(place, line) for line in lines if raw_in(line)]
            if response.status_code >= 500:
                read.broken.append((place, response.status_code))
            read.wrote += [(place, sql) for sql in writing.but(*NOT_BUSINESS)]
            writing.done.clear()
            lines.clear()
    return read


@pytest.fixture(scope="module")
def walks() -> dict[Any, Read]:
    """Everybody walks once; each of the tests looks at something else of what they read."""
    return {}


@pytest.fixture
def read(username: str, most: int, world: Planted, client_for: ClientFor, walks: dict[Any, Read]) -> Read:
    if (username, most) not in walks:
        wanted = list(places(world.complaint, most))
        wanted += list(places(world.forwarded, most)) if most == MOST else []
        numbers = {str(each.matter.number) for each in (world.complaint, world.forwarded)}
        secrets = {*numbers, NAME[:1] + "*"} if username in OUTSIDERS else set()
        walks[username, most] = walk(client_for(username), list(dict.fromkeys(wanted)), secrets)
    return walks[username, most]


@pytest.mark.parametrize(("username", "most"), people(OUTSIDERS))
def test_nothing_of_a_complaint_comes_out_to_others(username: str, most: int, read: Read) -> None:
    """Neither its texts nor its customer, masked or not, nor that it exists at all."""
    assert (read.told, read.words) == ([], set())


@pytest.mark.parametrize(("username", "most"), people(KNOWS))
def test_everybody_reads_what_is_theirs_and_no_more(username: str, most: int, read: Read) -> None:
    """R29 to R31: an invited unit reads the intake and its own task, never the round, another unit's task, or who else
    is at the table; the forwarder their own words. Who has the complaint reads it all, or nothing would be proved.
    """
    assert read.words - (FORWARDED if username in INSIDERS else set()) == KNOWS[username]


@pytest.mark.compliance(11, 13, 14, 15, 23)
@pytest.mark.asvs("14.2.1", "14.2.6", "16.2.5", "16.5.1")
@pytest.mark.lesson(14)
@pytest.mark.parametrize(("username", "most"), people(KNOWS))
def test_the_number_and_the_name_are_never_shown_on_reading(username: str, most: int, read: Read) -> None:
    """By reading alone nobody comes by a raw value, however it was written; nor does a log."""
    masked = set() if username in OUTSIDERS else set(MASKED)
    assert (read.raw, read.logged, read.masked) == ([], [], masked)


@pytest.mark.parametrize(("username", "most"), people(KNOWS))
def test_reading_breaks_nothing_and_changes_nothing(username: str, most: int, read: Read) -> None:
    """Whatever is asked for; only who read what is noted, and that they have read their notices of it."""
    wrote = [
        (place, sql) for place, sql in read.wrote
        if not OPENING_READS.fullmatch(sql) and not (place.startswith("/readyz") and PROBE.fullmatch(sql))
    ]  # fmt: skip
    assert (read.broken, wrote, read.places > 300) == ([], [], True)


def test_notices_hold_references_only(world: Planted) -> None:
    told = " ".join(str(facts) for facts in Notification.objects.values_list("facts", flat=True))
    assert [text for text in (*WORDS, NAME, PHONE) if text in told] == []
