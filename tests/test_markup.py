"""What anybody typed is text on every page: no element and no attribute of it, and no power of htmx where it is shown.

The pages are those of the demo, each kind once, with payloads in every text of every model; a browser opens them in
tests/browser/test_xss.py.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from lxml import html

from accountability.deadlines import clock
from tests.browser.test_all_pages import FILES, kind_of, rows_of_the_books
from tests.shared_world import Stage, shared
from tests.signing_in import signed_in
from tests.two_units import two_units
from tests.xss import MARKED, PAYLOADS, planted

pytestmark = [pytest.mark.django_db, pytest.mark.asvs("1.2.1", "1.2.2", "1.2.3", "3.2.2"), pytest.mark.lesson(13)]

FOREIGN = "//*[@data-xss or @srcdoc or self::base or self::object or self::embed or self::iframe or self::style]"
INLINE = "//script[not(@src)] | //meta[@http-equiv]"
CODE = re.compile(r"on|hx-on|data-hx-|srcdoc|style$")
LEADS = {"href", "src", "action", "formaction", "xlink:href", "data", "hx-get", "hx-post"}
RUNS = re.compile(r"[\s\x00-\x1f]*(javascript|vbscript|data:text)|/+xss", re.IGNORECASE)
SHOWS_TEXT_ONLY = {"textarea", "title", "option"}


def foreign(page: Any) -> list[str]:
    """Elements and attributes that no template of ours has."""
    found = [html.tostring(each, encoding="unicode")[:200] for each in page.xpath(f"{FOREIGN} | {INLINE}")]
    return found + [
        f"{each.tag} {name}={value}"[:200]
        for each in page.iter(html.etree.Element)
        for name, value in each.attrib.items()
        if CODE.match(name) or (name in LEADS and RUNS.match(value))
    ]


def within_reach(page: Any) -> list[str]:
    """Words that anybody typed, outside of every `hx-disable`."""
    return [
        f"{text.getparent().tag}: {text}"[:200]
        for text in page.xpath("//text()[contains(., 'xss') and not(ancestor::*[@hx-disable])]")
        if MARKED.search(text) and (text.getparent().tag not in SHOWS_TEXT_ONLY or text.is_tail)
    ]


@dataclass
class Walk:
    """Opens each kind of page once, as somebody who comes to it, and what htmx fetches into it."""

    clients: dict[str, Client] = field(default_factory=dict)
    kinds: set[tuple[str, ...]] = field(default_factory=set)
    foreign: dict[Any, list[str]] = field(default_factory=dict)
    within_reach: dict[Any, list[str]] = field(default_factory=dict)
    broken: dict[Any, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)

    def through(self, places: Iterable[tuple[str, str]], *, follow: bool = True) -> None:
        waiting = deque((person, address, False) for person, address in places)
        while waiting:
            person, address, is_part = waiting.popleft()
            kind = kind_of(person, address)
            if kind is None or (*kind, str(is_part)) in self.kinds or kind[0] in FILES - {"count_export"}:
                continue
            self.kinds.add((*kind, str(is_part)))
            waiting.extend((person, *link) for link in self.look_at(person, address, is_part) if follow)

    def look_at(self, person: str, address: str, is_part: bool) -> Iterator[tuple[str, bool]]:
        headers = {"HX-Request": "true"} if is_part else {}
        response: Any = self.clients[person].get(address, follow=True, headers=headers)
        where = (person, address, is_part)
        if response.status_code >= 500:
            self.broken[where] = response.status_code
        if response.streaming or not response.headers["Content-Type"].startswith("text/html"):
            return
        body = response.content.decode()
        page = html.document_fromstring(body.strip() or "<p>")
        self.seen.update(MARKED.findall(body))
        for found, wrong in ((foreign(page), self.foreign), (within_reach(page), self.within_reach)):
            if found:
                wrong[where] = found
        for part, links in ((False, page.xpath("//a/@href")), (True, page.xpath("//@hx-get"))):
            yield from ((link, part) for link in links if link.startswith("/") and not link.startswith("//"))


stage, own_copy, now, cast, play, client_for, world = shared(two_units)


@pytest.fixture(scope="module")
def walk(stage: Stage, django_db_blocker: Any) -> Walk:
    walk = Walk()
    with pytest.MonkeyPatch.context() as patched, django_db_blocker.unblock():
        patched.setattr(clock, "read", stage.play.now)
        # Before the planting: signing in keeps the person's row in the history, with a name that the column can hold.
        walk.clients |= {person.username: signed_in(person) for person in stage.play.cast} | {"": Client()}
        with planted() as walk.columns:
            walk.through(rows_of_the_books(), follow=False)
            walk.through((person.username, "/") for person in stage.play.cast)
            walk.through([("kf.agent", "/search/?q=扣费"), ("", "/sign-in/")])
    return walk


def test_nothing_that_was_typed_becomes_part_of_a_page(walk: Walk) -> None:
    assert (walk.foreign, walk.broken) == ({}, {})


def test_htmx_is_off_where_anything_typed_is_shown(walk: Walk) -> None:
    assert walk.within_reach == {}


def test_the_walk_came_to_every_kind_of_page_with_everything_planted(walk: Walk) -> None:
    assert len(walk.kinds) >= 200
    assert {f"xss{number}" for number in range(len(PAYLOADS))} - walk.seen == set()
    assert len(walk.columns) >= 20, sorted(walk.columns)
