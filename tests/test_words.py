"""Chinese pages are in Chinese: no English word, no code name, no placeholder, no abbreviation of a limit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from lxml import html

from accountability.administration.record_words import alarm_label, page_label
from accountability.deadlines import clock
from accountability.declarations.notices import ALARMS
from accountability.gate.verbs import VERBS
from accountability.models import AccessLog
from accountability.notices.sentences import verb_label
from tests.browser.test_all_pages import rows_of_the_books
from tests.factories import Cast
from tests.shared_world import Stage, shared
from tests.signing_in import signed_in
from tests.test_markup import Walk
from tests.two_units import two_units
from tests.walking import addresses

pytestmark = pytest.mark.django_db

# What stands in `code` is sent or typed as it is.
READ = (
    "//text()[not(ancestor::script or ancestor::style or ancestor::code)]"
    " | //@title | //@aria-label | //@placeholder | //@alt"
)
LATIN = re.compile(r"\{[ -~]*\}|[A-Za-z_][A-Za-z0-9_.:/-]*")

stage, own_copy, now, cast, play, client_for, world = shared(two_units)


@dataclass
class Reading(Walk):
    """Opens each kind of page once and keeps the words of Latin letters on it, with a place where they are."""

    words: dict[str, dict[Any, str]] = field(default_factory=lambda: defaultdict(dict))

    def look_at(self, person: str, address: str, is_part: bool) -> Iterator[tuple[str, bool]]:
        headers = {"HX-Request": "true"} if is_part else {}
        response: Any = self.clients[person].get(address, follow=True, headers=headers)
        if response.streaming or not response.headers["Content-Type"].startswith("text/html"):
            return
        page = html.document_fromstring(response.content.decode().strip() or "<p>")
        for text in page.xpath(READ):
            for word in LATIN.findall(str(text)):
                self.words[word][person, address] = " ".join(str(text).split())[:100]
        for part, links in ((False, page.xpath("//a/@href")), (True, page.xpath("//@hx-get"))):
            yield from ((link, part) for link in links if link.startswith("/") and not link.startswith("//"))


@pytest.fixture(scope="module")
def read(stage: Stage, django_db_blocker: Any) -> Reading:
    read = Reading()
    with pytest.MonkeyPatch.context() as patched, django_db_blocker.unblock():
        patched.setattr(clock, "read", stage.play.now)
        read.clients |= {person.username: signed_in(person) for person in stage.play.cast} | {"": Client()}
        read.through(rows_of_the_books(), follow=False)
        read.through((person.username, "/") for person in stage.play.cast)
        read.through([("kf.agent", "/search/?q=扣费"), ("", "/sign-in/")])
    return read


REAL = {
    "APP", "CSV", "Ctrl", "DOCX", "English", "Enter", "Esc", "Excel", "HTML", "JSON", "OA", "PDF", "PostgreSQL",
    "SHA-256", "SQLite", "TOTP", "VIP", "VoLTE", "XLSX", "csv", "xlsx", "Ctrl-K",
    "G", "SIM", "VoNR", "WiFi", "eSIM",
}  # fmt: skip
"""What is called so in Chinese too: terms, forms of files, keys, the other language; how customers call what they
complain about (5G通话, SIM卡).
"""

KEYS = set("jkox") | set("dharnc")
"""Keys of lists, and of acts."""

TYPED = {"BACKUP_MARK", "manage.py", "verify_ledger"}
"""What an administrator must type as it is: the name of a setting, a command."""

NUMBERED = re.compile(
    r"(AJ|HD|DC|ZG)\d{4}-\w{8}|(TS|TZ|DM|CB)\d{14}(-\d+)*|TS\d{8}|TB\d{4}-\d\d|PM\d{4}|R\d+|P[123]|v\d+|[a-f0-9]{12,}"
)
"""Numbers of matters (in a list the running part is set apart), rules, versions and priorities, and digests."""

CODES = re.compile(r"[A-Z]{2}|[a-z]{2}\.[a-z]+\d?|system")
"""Codes of units and categories, and the names people sign in with, which organisations choose."""

OF_THE_WORLD = re.compile(r"(answer|evidence|forwarded|intake)(\.txt)?")
"""Files that the two units of the test hand in."""


def is_known(word: str) -> bool:
    return (
        word in REAL | KEYS | TYPED
        or any(pattern.fullmatch(word) for pattern in (NUMBERED, CODES, OF_THE_WORLD))
    )  # fmt: skip


def test_no_page_has_a_word_that_is_not_chinese(read: Reading) -> None:
    assert len(read.kinds) >= 200
    assert {word: next(iter(places.items())) for word, places in read.words.items() if not is_known(word)} == {}


def test_every_page_has_a_name_in_the_access_log() -> None:
    named = {address.name: str(page_label(address.name)) for address in addresses()}
    assert {name: label for name, label in named.items() if LATIN.search(label.replace("VIP", ""))} == {}


def test_every_alarm_and_every_act_has_a_name() -> None:
    labels = [str(alarm_label(kind)) for kind in ALARMS] + [str(verb_label(name)) for _kind, name in VERBS]
    assert [label for label in labels if label.isascii()] == []


def test_a_list_is_narrowed_by_what_its_filter_calls_in_words(client_for: Callable[[str], Client], cast: Cast) -> None:
    client, person = client_for("sj.auditor"), cast["kf.agent"]
    for result in ("ok", "refused"):
        AccessLog.objects.create(at="2026-11-24T09:00+08:00", actor=person, action="file", result=result)
    page = client.get("/admin/accountability/accesslog/?result=refused")
    shown = page.content.decode()
    assert (page.status_code, "被拒绝" in shown, ">成功<" in shown.replace("\n", "").replace(" ", "")) == (
        200,
        True,
        True,
    )
    assert {row.result for row in page.context["cl"].result_list} == {"refused"}
    assert client.get("/admin/accountability/alarm/?kind=mass").status_code == 200
