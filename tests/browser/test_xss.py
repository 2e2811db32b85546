"""The demo's office where everybody typed markup into everything: on every page it is text, and nothing of it acts.

The words go through the gate and the forms like any others; what these refuse is planted in what is read from the
database: every text, name and short fact of every model, every file's name. What ran would show as a dialog, what
tried to as a violation of the policy, what became part of a page as an element or attribute that no template of ours
has, what acted as a request or an entry of the ledger.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Dialog, Page

from accountability.gate.act import Refused
from accountability.gate.fields import Fact, Line
from accountability.gate.verbs import VERBS, Verb
from accountability.models import Category, Employee, LedgerEntry, Unit
from complaints.models import SavedView
from config.demo import player
from tests import xss
from tests.browser.office import Office, go_to
from tests.browser.test_all_pages import (
    BOOKS,
    EVERYBODY_ELSE,
    FILES,
    asked_for,
    kind_of,
    rows_of_the_books,
)
from tests.demo import NOW, NUMBER
from tests.factories import Now
from tests.signing_in import signed_in
from tests.xss import PAYLOADS, that_fits

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.asvs("1.2.1", "1.2.2", "1.2.3", "3.2.2"), pytest.mark.lesson(13),
]  # fmt: skip

PASSED: Counter[tuple[str, str, str]] = Counter()
"""Which facts of which verbs carried a script through the gate."""

LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""

FOREIGN = """() => {
    const parts = "[data-xss], [srcdoc], base, object, embed, iframe, script:not([src]), style, meta[http-equiv]";
    const found = [...document.querySelectorAll(parts)].map((element) => element.outerHTML.slice(0, 200));
    for (const element of document.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
            const leads = /^((form)?action|(xlink:)?href|src|data|hx-(get|post))$/.test(name);
            const runs = leads && /^[\\s\\u0000-\\u001f]*(javascript|vbscript|data:text)|^\\/+xss/i.test(value);
            const is_code = /^(on|hx-on|data-hx-|srcdoc)/i.test(name);
            if (is_code || runs) found.push(`${element.tagName} ${name}=${value}`.slice(0, 200));
        }
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const of = texts.currentNode.parentElement;
        if (/xss\\d/.test(texts.currentNode.data) && !of.closest("[hx-disable], textarea, option")) {
            found.push(`within reach of htmx: ${of.outerHTML.slice(0, 200)}`);
        }
    }
    return [...found, ...window.violations];
}"""

ACTS = re.compile(r"://[^/]+/+xss[0-9]+")
"""Requests that only a payload makes."""

OPEN = """async () => {
    document.querySelectorAll("details:not([open])").forEach((part) => { part.open = true; });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}"""
"""Every part that is shut is opened; its form may be fetched now."""

FETCHED = "() => !document.querySelector('.htmx-request')"

ASKED = (
    "q",
    "state",
    "order",
    "unit",
    "list",
    "open",
    "risk",
    "from",
    "to",
    "kind",
    "after",
    "s",
    "next",
    "pick",
    "aside",
)
"""Parameters of addresses that pages read."""


IN_A_BOX = 12
"""Payloads typed at once into each box of a form that is refused: all of them in five forms."""

SEVERAL: tuple[tuple[int, type[Fact]], ...] = ((4, Fact), (4, Line), (1, Line))
"""Payloads in a text, as many as it has room for, and in a short fact; where the gate refuses that, in the texts alone;
where it refuses that too, one.
"""


@pytest.fixture
def office(
    _in_turn: None, live_server: Any, browser: Browser, now: Now,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:  # fmt: skip
    """The demo's, with a script in each text that takes one."""
    perform, turn = player.DemoPlayer.perform, iter(range(10**6))

    def perform_nastily(demo: Any, entry: Verb, subject: Any, by: Employee, at: datetime, said: dict[str, Any]) -> Any:
        for several, spared in SEVERAL:
            told = [fact for fact in entry.facts if fact.name in said and type(fact) is not spared]
            nasty = {fact.name: xss.nasty(fact, said[fact.name], turn, several) for fact in told}
            with suppress(Refused):
                outcome = perform(demo, entry, subject, by, at, said | nasty)
                PASSED.update(
                    (entry.model.__name__, entry.name, key) for key, value in nasty.items() if value != said[key]
                )
                return outcome
        return perform(demo, entry, subject, by, at, said)

    monkeypatch.setattr(player.DemoPlayer, "perform", perform_nastily)
    now.set(NOW)
    player.play(NUMBER, seed=7, now=NOW, quiet=True)
    type_by_forms()
    people = {person.username: person for person in Employee.objects.all()}
    with xss.planted() as columns:
        office = Office(browser, live_server.url, people)  # type: ignore[arg-type]
        yield office
        office.close()
    assert len(columns) >= 15, sorted(columns)


def of(username: str) -> Client:
    return signed_in(Employee.objects.get(username=username))


def type_by_forms() -> None:
    """What is written outside the flow: names of units and people, a category, templates, views, preferences."""
    officer = of("sc.officer")
    units = [
        [unit.code, f"{unit.name}{that_fits(60 - len(unit.name), n)}", unit.kind]
        for n, unit in enumerate(Unit.objects.all())
    ]
    people = [
        [
            person.username,
            f"{person.name}{that_fits(60 - len(person.name), n + 3)}",
            person.unit.code if person.unit else "",
        ]
        for n, person in enumerate(Employee.objects.exclude(unit=None).select_related("unit"))
    ]
    for header, rows in ((["代码", "名称", "类别"], units), (["工号", "姓名", "单位代码"], people)):
        written = io.StringIO()
        csv.writer(written).writerows([header, *rows])
        upload = SimpleUploadedFile("a.csv", written.getvalue().encode())
        page = officer.post("/import/organisation/", {"file": upload}).content.decode()
        found = re.search(r'name="token" value="([^"]+)"', page)
        assert found is not None, page[-3000:]
        assert officer.post("/import/organisation/confirm/", {"token": found[1]}).status_code == 200
    assert Unit.objects.filter(name__contains="xss").exists()
    assert Employee.objects.filter(name__contains="xss").exists()
    head = Category.objects.filter(parent=None).earliest("pk")
    officer.post(
        "/admin/accountability/category/add/", {"name": that_fits(60, 1), "parent": head.pk, "is_active": "on"}
    )
    agent, supervisor = of("kf.agent"), of("kf.supervisor")
    most = SavedView._meta.get_field("name").max_length or 0
    for number, payload in enumerate(PAYLOADS[:8]):
        agent.post("/complaints/views/", {"name": that_fits(most, number), "list": "", "state": "all"})
        typed = {"name": payload[:40], "use": "answer", "text": payload, "reason": payload, "_key": f"t{number}"}
        supervisor.post("/templates/set_template/", typed)


class Walk:
    """Opens pages of everybody, and keeps what is wrong with them and which scripts were seen as text."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.pages: dict[str, Page] = {}
        self.kinds: set[tuple[str, ...]] = set()
        self.wrong: dict[Any, Any] = {}
        self.seen: Counter[str] = Counter()
        self.dialogs: list[str] = []
        self.acts: list[str] = []

    def through(self, places: Any, *, follow: bool = True) -> None:
        waiting = deque(places)
        while waiting:
            person, address = waiting.popleft()
            kind = kind_of(person, address)
            if kind is None or kind in self.kinds or kind[0] in FILES:
                continue
            self.kinds.add(kind)
            links = self.look_at(person, address)
            waiting.extend((person, link) for link in links if follow)
            if kind[:1] not in {known[:1] for known in self.kinds - {kind}} and address:
                self.ask(person, address)

    def ask(self, person: str, address: str) -> None:
        """The same page with a script in every parameter that pages read."""
        path = address.partition("?")[0]
        asked = [(name, PAYLOADS[number % len(PAYLOADS)]) for number, name in enumerate(ASKED, len(self.kinds))]
        self.look_at(person, f"{path}?{urlencode(asked)}")

    def look_at(self, person: str, address: str) -> list[str]:
        page = self.pages.get(person) or self.pages.setdefault(person, self.open(person))
        go_to(page, address)
        page.evaluate(OPEN)
        if not page.evaluate(FETCHED):  # rarely: to begin to wait takes a page longer than to be asked
            page.wait_for_function(FETCHED)
        found = page.evaluate(FOREIGN)
        if found:
            self.wrong[person, address] = found
        self.seen.update(set(re.findall(r"xss\d+", page.evaluate("() => document.documentElement.textContent"))))
        links: list[str] = page.evaluate(
            "() => [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href'))"
        )
        return [link for link in links if link.startswith("/") and not link.startswith("//")]

    def open(self, person: str) -> Page:
        page = self.office.page(person) if person else self.office.strangers_page()
        page.set_default_timeout(240_000)
        page.add_init_script(LISTEN)
        page.on("dialog", self.hear)
        page.on("request", lambda asked: self.acts.append(asked.url) if ACTS.search(asked.url) else None)
        return page

    def hear(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.mark.compliance(24)
def test_what_anybody_typed_runs_on_no_page(office: Office) -> None:
    walk, recorded = Walk(office), LedgerEntry.objects.count()
    walk.through(rows_of_the_books(), follow=False)
    walk.through((person, "/") for person in (*BOOKS, *EVERYBODY_ELSE))
    walk.through(asked_for())
    refuse(walk)
    # A box for a date shows nothing of what is no date, and Chromium says so.
    faults = [fault for fault in office.faults if "does not conform to the required format" not in fault]
    assert (walk.dialogs, walk.wrong, walk.acts, faults) == ([], {}, [], [])
    assert LedgerEntry.objects.count() == recorded
    assert len(walk.kinds) >= 100
    assert {f"xss{number}" for number in range(len(PAYLOADS))} - set(walk.seen) == set()
    carried = {(model, verb) for model, verb, _fact in PASSED}
    assert len(carried) >= 15, sorted(PASSED)
    short = {(verb.name, fact.name) for verb in VERBS.values() for fact in verb.facts if type(fact) is Line}
    assert short & {(verb, fact) for _model, verb, fact in PASSED}, sorted(PASSED)


def refuse(walk: Walk) -> None:
    """Forms that are refused show again what was typed: in boxes, in areas, in sentences. Each box holds every script
    that it has room for, one after the other.
    """
    page = walk.pages["kf.agent"]
    everything = [payload.replace("\t", " ") for payload in PAYLOADS]
    for start in range(0, len(everything), IN_A_BOX):
        payloads = "".join(everything[start : start + IN_A_BOX])
        page.goto("/complaints/new/")
        page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
        for name in ("customer", "phone", "content"):
            page.locator(f"[name={name}]").first.fill(payloads)
        listed = page.locator("select[name=region]")
        listed.evaluate("(list, text) => list.append(new Option(text, text, true, true))", payloads)
        with page.expect_navigation():
            page.locator("[name=content]").first.evaluate("(box) => box.form.requestSubmit()")
        found = page.evaluate(FOREIGN)
        walk.wrong |= {("refused", payloads): found} if found else {}
        page.goto(reverse("search"))
        page.locator("#search-q").fill(everything[start][:60])
        with page.expect_navigation():
            page.locator("#search-q").press("Enter")
        found = page.evaluate(FOREIGN)
        walk.wrong |= {("searched", everything[start]): found} if found else {}
