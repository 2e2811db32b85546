"""Canaries of two units over every channel: what one unit wrote comes out to nobody of the other, wherever they look.

tests/two_units.py plants words, a customer, a number and files in all that each unit has, and other words in its
sheets. Whoever has no part in a unit walks every page on its things and on their own, every list with every order and
filter, every search, download and history; mails, notices and logs are read whole. tests/test_canary.py and
tests/test_secrecy.py walk one unit's complaint and case in each of their states.

A new page joins by itself (`probing.pages`); a new way out that is no page (a channel, a log) gets a test here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accountability.models import Notification, actor_for
from accountability.notices.channels.messages import Reader, compose
from accountability.web.listings import LISTINGS
from complaints.views import lists
from tests.looking import silence
from tests.probing import pages
from tests.shared_world import shared
from tests.two_units import Side, World, two_units
from tests.walking import body_of

pytestmark = [
    pytest.mark.asvs("8.2.2", "8.3.3", "16.2.5"),
    pytest.mark.compliance(11, 12, 14),
    pytest.mark.lesson(5, 14),
]

ClientFor = Callable[[str], Client]


stage, own_copy, now, cast, play, client_for, world = shared(two_units)


OF_WH = ("wh.contact", "wh.zhang", "wh.li", "wh.leader", "wh.head", "wh.deputy")
OF_YC = ("yc.contact", "yc.chen", "yc.leader", "yc.head")
OF_NEITHER = ("sj.plain", "sj.system", "sj.security", "sj.auditadmin")

LISTS = ("complaints", "cases", "plans", "inbox", "circulars", "bulletins", "rankings", "units", "search", "home")
QUERIES = (
    "state=all", "state=all&order=newest", "state=all&order=oldest", "state=all&order=due", "mine=on", "all=1",
    "aside=1", "clock=late", "unit=WH", "unit=YC", "holder=wh.zhang", "holder=yc.chen", "priority=P1&state=all",
    "flag=escalated&state=all", "list=hand_off", "list=answer", "asked=file_report", "show=limits", "unread=1",
)  # fmt: skip


def texts(side: Side) -> list[str]:
    """What somebody might look for."""
    told = side.secrets | {side.phone[-4:], side.customer[:2], f"{side.word}answer", f"{side.word}视图"}
    return [*sorted(told), "客户电话"]


def places(world: World) -> Iterator[str]:
    for side in world:
        yield from (page.place for page in pages(world, side))
        yield from (f"{reverse('complaints')}?number={text}" for text in texts(side))
        yield from (f"{reverse('search')}?q={text}" for text in texts(side))
        yield from (f"{reverse('complaints')}?open={side.things[name]}" for name in ("complaint", "open complaint"))
    yield from (f"{reverse(name)}?{query}" for name in LISTS for query in QUERIES)
    for table in ("units", "categories", "regions", "trend", "hours"):
        yield from (reverse("dashboard_table", kwargs={"table": table, "kind": kind}) for kind in ("csv", "xlsx"))
    for name in sorted(LISTINGS):
        yield from (reverse("list_file", kwargs={"name": name, "kind": kind}) for kind in ("csv", "xlsx"))


def walk(client: Client, world: World) -> Iterator[tuple[str, str]]:
    """(what was asked, what came back); whatever the status, error pages too."""
    client.raise_request_exception = False
    for place in dict.fromkeys(places(world)):
        yield place, body_of(client.get(place))
        if "/search/" in place:
            found = client.post(reverse("search"), {"q": place.partition("=")[2]})
            if found.headers.get("Location"):
                yield place, body_of(client.get(found.headers["Location"]))
    for side in world:
        for name, data in (("look_up", {"phone": side.phone}), ("suggest_unit", {"region": side.region})):
            yield f"{name} {data}", body_of(client.post(reverse(name), data))


Read = dict[str, set[tuple[str, str]]]
"""By unit: what of its secrets was read, and where."""


@pytest.fixture(scope="module")
def walks() -> dict[str, Read]:
    """Everybody walks once, and each page is looked at for both units' secrets."""
    return {}


@pytest.fixture
def read(username: str, world: World, client_for: ClientFor, walks: dict[str, Read]) -> Read:
    if username not in walks:
        secrets = {side.code: side.secrets for side in world}
        found: Read = {code: set() for code in secrets}
        with silence():
            for place, body in walk(client_for(username), world):
                for code, texts_of_it in secrets.items():
                    found[code] |= {(place, text) for text in texts_of_it if text in body and text not in place}
        walks[username] = found
    return walks[username]


def outsiders() -> list[tuple[str, str]]:
    several = [(who, side) for side, people in (("WH", OF_YC), ("YC", OF_WH)) for who in people]
    return several + [(who, side) for who in OF_NEITHER for side in ("WH", "YC")]


@pytest.mark.slow
@pytest.mark.parametrize(("username", "code"), outsiders())
def test_nothing_of_a_unit_comes_out_to_another(username: str, code: str, read: Read) -> None:
    """Pages, lists, counts, searches, completions, downloads, papers, files, error pages."""
    assert read[code] == set()


@pytest.mark.slow
@pytest.mark.parametrize(("username", "code"), [("wh.contact", "WH"), ("yc.head", "YC")])
def test_the_walk_finds_what_is_ones_own(username: str, code: str, read: Read, world: World) -> None:
    """Or nothing would be proved; the sheet's words, the customer and the number never come out on reading."""
    side = world.sides[code]
    found = {text for _place, text in read[code]}
    assert (side.word in found, side.things["complaint"] in found, side.things["case"] in found) == (True, True, True)
    # A file is handed out as it was handed in, each reading recorded; all that the system says itself is masked.
    told = [
        (place, text)
        for place, text in read[code]
        if text in (side.sheet_word, side.customer, side.phone) and not place.startswith("/files/")
    ]
    assert told == []


# What is sent


def test_notices_and_messages_name_nothing_and_reach_nobody_of_the_other_unit(world: World) -> None:
    """Mail, short message and robot have one text (`compose`)."""
    told = list(Notification.objects.select_related("matter", "recipient__unit"))
    for side in world:
        matters = {each.matter_id for each in (side.complaint, side.open, side.case, side.hidden, side.plan)}
        other = "YC" if side.code == "WH" else "WH"
        heard = {row.recipient.unit.code for row in told if row.matter_id in matters and row.recipient.unit}
        assert (other in heard, side.code in heard) == (False, True)
    words = {text for side in world for text in (side.word, side.sheet_word, side.customer, side.phone)}
    said = [f"{row.facts} {_message(row, language)}" for row in told for language in ("zh-hans", "en")]
    assert (len(said) > 50, [text for text in words for line in said if text in line]) == (True, [])


def _message(row: Notification, language: str) -> str:
    message = compose(
        [row],
        key="k",
        address="a",
        at=row.created_at,
        reader=Reader(language, actor_for(row.recipient_id, row.created_at)),
    )
    return f"{message.subject} {message.text}"


# What is written down


def test_logs_and_error_pages_say_nothing(
    world: World, client_for: ClientFor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was logged while both units worked, and while somebody went where nothing is and where it broke."""
    caplog.set_level(logging.DEBUG)
    client = client_for("wh.contact")
    client.raise_request_exception = False
    missing = [client.get(f"/complaints/{world.sides['YC'].things['complaint']}/").content.decode()]
    side = world.sides["YC"]

    def breaks(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(side.says("坏了"))

    monkeypatch.setattr(lists, "queue_of", breaks)
    broken = client.get("/complaints/")
    words = {text for each in world for text in (each.word, each.sheet_word, each.customer, each.phone)}
    pages_told = [*missing, broken.content.decode()]
    assert (broken.status_code, [text for text in words for page in pages_told if text in page]) == (500, [])
    monkeypatch.undo()
    logged = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    logged += world.logged
    assert logged
    assert [text for text in words for line in logged if text in line] == []


# The administration

READERS = ("sc.officer", "sj.auditor")


@pytest.mark.slow
@pytest.mark.parametrize("username", READERS)
def test_the_administration_shows_no_customer(username: str, world: World, client_for: ClientFor) -> None:
    """Lists, searches, rows and their history: whoever reads every complaint reads its customer masked."""
    client, shown = client_for(username), set()
    for place in admin_places(world):
        body = body_of(client.get(place, follow=True))
        shown |= {
            (place, text)
            for side in world
            for text in (side.customer, side.phone)
            if text in body and text not in place
        }
    assert shown == set()


def admin_places(world: World) -> Iterator[str]:
    for model in admin.site._registry:
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listing = reverse(f"{label}_changelist")
        yield listing
        yield from (f"{listing}?q={text}" for side in world for text in (side.customer, side.phone, side.word))
        row = model._base_manager.order_by("-pk").first()
        if row is not None:
            yield from (reverse(f"{label}_{view}", args=[row.pk]) for view in ("change", "history"))


HIDDEN = (
    "password__startswith", "actor__password__startswith", "employee__password__startswith",
    "recipient__password__startswith", "unit__head__password__startswith", "head__password__startswith",
    "intake__phone_digest", "intake__sealed__startswith", "texts__phone_digest", "texts__name_digest",
    "complaint__intake__phone_digest", "matter__complaint__intake__phone_digest", "notification__facts__contains",
    "message__contains", "employee__totpdevice__key__startswith", "key__startswith", "hmac__startswith",
)  # fmt: skip


SHOWN = [
    *(("/admin/assessment/case/", lookup, 200) for lookup in HIDDEN),
    ("/admin/accountability/ledgerentry/", "hmac__startswith", 200),
]
"""The list of cases has filters of its own and looks at no other parameter; the rest stands on the page itself."""


@pytest.mark.slow
def test_a_list_of_the_administration_is_not_narrowed_by_what_it_does_not_show(
    world: World, client_for: ClientFor
) -> None:
    """A list that could be narrowed by a hash or a sealed text would tell it letter by letter."""
    client, narrowed = client_for("sj.auditor"), []
    client.raise_request_exception = False
    for model in admin.site._registry:
        listing = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for lookup in HIDDEN:
            status = client.get(listing, {lookup: "a"}).status_code
            if status not in (302, 400):
                narrowed.append((listing, lookup, status))
    assert narrowed == SHOWN
