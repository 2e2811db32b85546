"""Every page there is, in both languages and every theme, at 320 pixels and by keyboard: anybody can read and work it.

The walk begins at each role's desk and follows every link of a kind it hasn't followed yet, so that a new page joins
by itself; one that it doesn't come to fails.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from playwright.sync_api import Browser, Page, Route

from accountability.gate import holding
from accountability.gate.lookups import windows_at
from accountability.gate.verbs import VERBS
from accountability.models import Employee, Matter
from assessment.models import Case
from complaints.models import Complaint, Round
from config.demo.accounts import demo_accounts
from tests.browser.anybody import Anybody, Faults
from tests.browser.office import POLICY, Office, go_to
from tests.demo import NOW, Demo
from tests.factories import Now, Play
from tests.signing_in import signed_in
from tests.test_access_matrix import MODELS, TABLE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILES = {
    "attachment", "calendar_feed", "count_export", "dashboard_table", "list_file", "livez", "readyz", "metrics",
    "paper_file", "pulse", "ranking_table", "admin:jsi18n",
    *(name for name in TABLE if name.startswith("api_") and name != "api_docs"),
}  # fmt: skip
"""What a link gives that isn't a page."""

LEADS_ON = {
    "calendar",
    "rankings",
    "recording",
    "register_forwarded",
    "company_sign_in",
    "company_return",
    "company_sign_out",
}
"""What leads to another page at once, or would where a sign-on service is configured."""

OF_THE_BOOKS = {
    "begin_plan", "begin_ranking", "calendar_year", "holds", "import_organisation", "organisation_act", "plan",
    "rule_readings",
}  # fmt: skip
"""Pages outside the administration that marketing and the auditors work with, walked with theirs."""

IN_A_TEST_OF_THEIR_OWN: dict[str, str] = {
    **dict.fromkeys(
        (
            "access_log",
            "account",
            "accounts",
            "activate",
            "begin_export",
            "begin_rights",
            "enrol",
            "export",
            "exports",
            "my_sessions",
            "my_tokens",
            "my_calendar",
            "api_docs",
            "renew_token",
            "operations",
            "own_penalties",
            "privacy_policy",
            "record",
            "rights",
            "rights_act",
            "rights_request",
            "second_factor",
            "sign_in_act",
            "sign_in_policy",
        ),
        "test_every_page",
    ),
    "attachment_text": "test_every_page",
    "bulletin_act": "test_bulletins",
    "case_act": "test_cases",
    "customer_progress": "test_customer",
    "customer_word": "test_customer",
    "export_act": "test_exports",
    "mass": "test_every_page",
    "mass_act": "test_every_page",
    "minutes": "test_every_page",
    "plan_act": "test_plans",
    "ranking_act": "test_rankings",
    "ranking_check": "test_rankings",
    "ranking_numbered": "test_rankings",
    "urging": "test_every_page",
    "webhook": "test_webhooks",
    "webhooks": "test_webhooks",
}
"""What no link leads to in the demo's afternoon, and which file opens it."""

BOOKS = ("sc.officer", "sc.leader", "sj.auditor")
"""They enter the administration; everybody else works outside of it."""

EVERYBODY_ELSE = tuple(account.username for account in demo_accounts() if account.username not in BOOKS)

PEOPLE = (
    "工号,姓名,单位代码,分管领导,在职状态\nwh.new,钱小红,WH,wh.leader,\nwh.li,李思琪,WH,,离职\nzz.bad,无单位,ZZ,,\n"
)

Kind = tuple[str, ...]
Place = tuple[str, str]


@pytest.fixture
def office(_in_turn: None, live_server: Any, browser: Browser, now: Now, demo: Demo) -> Iterator[Office]:
    """The demo's: every desk has work, every kind of case and paper is there."""
    now.set(NOW)
    demo.lay_out()
    office = Office(browser, live_server.url, {person.username: person for person in Employee.objects.all()})  # type: ignore[arg-type]
    yield office
    office.close()
    assert office.faults == []


class Walk:
    """`walk.from_desks(people)`, then `walk.wrong` and `walk.reached`, names of addresses."""

    def __init__(self, office: Office) -> None:
        self.office, self.anybody = office, Anybody()
        self.pages: dict[str, Page] = {}
        self.kinds: set[Kind] = set()
        self.reached: set[str] = set()
        self.wrong: dict[Any, Any] = {}

    def through(self, places: Iterable[Place], *, follow: bool = True) -> None:
        waiting = deque(places)
        while waiting:
            person, address = waiting.popleft()
            kind = kind_of(person, address)
            if kind is None or kind in self.kinds or kind[0] in FILES:
                continue
            self.kinds.add(kind)
            self.reached.add(kind[0])
            links = self.look_at(person, address)
            waiting.extend((person, link) for link in links if follow)

    def look_at(self, person: str, address: str, expected: int = 200) -> list[str]:
        """In Chinese and in English; returns where its links lead."""
        page = self.pages.get(person) or self.pages.setdefault(
            person, self.anybody.ready(self.office.page(person) if person else self.office.strangers_page())
        )
        page.set_default_timeout(60_000)
        links: list[str] = []
        for language in ("en", "zh-hans"):
            page.context.add_cookies(
                [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.office.address}]
            )
            answer = go_to(page, address)
            found: dict[str, Any] = {} if answer and answer.status == expected else {"status": answer and answer.status}
            found |= self.anybody.faults(page)
            links = page.evaluate("anybody.links()")
            self.wrong |= {(person, address, language): found} if found else {}
        return links

    def look_at_answer(self, name: str, body: str) -> None:
        """A page that answers a form, or that stands where something went wrong."""
        page = self.office.strangers_page()
        page.route(f"**/{name}", lambda route: answer_with(route, body))
        page.goto(f"/{name}")
        found: Faults = self.anybody.faults(page)
        self.wrong |= {name: found} if found else {}
        page.close()


def answer_with(route: Route, body: str) -> None:
    policy = "; ".join(f"{name} {values}" for name, values in POLICY.items())
    headers = {"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
    route.fulfill(body=body, headers=headers)


def kind_of(person: str, address: str) -> Kind | None:
    """What one page stands for: pages of the same kind differ only in what they are about."""
    path, _mark, asked = address.partition("?")
    try:
        found = resolve(path)
    except Resolver404:
        return None
    name = found.view_name
    if name.split(":")[-1] in ("logout", "None", "password_change", "view_on_site") or (name == "sign_in" and person):
        return None
    words = [str(value) for key, value in sorted(found.kwargs.items()) if key in ("verb", "kind", "app_label")]
    if name == "home":
        words.append(person)
    if "number" in found.kwargs and "verb" not in found.kwargs:
        words.append(state_of(name, found.kwargs))
    asks = sorted({part.partition("=")[0] for part in asked.split("&") if part})[:1]
    return (name, *words, *asks)


def state_of(name: str, taken: dict[str, Any]) -> str:
    if name in ("complaint", "case"):
        subject = {"complaint": Complaint, "case": Case}[name]
        row = subject.objects.filter(matter__number=taken["number"]).first()  # type: ignore[attr-defined]
        return str(row.state) if row else ""
    if name == "notice":
        row = Round.objects.filter(complaint__matter__number=taken["number"], number=taken["round_number"]).first()
        return str(row.state) if row else ""
    return ""


def named(*, in_administration: bool) -> set[str]:
    """The names of all pages that can be read."""
    if not in_administration:
        return (
            {name for name, answers in TABLE.items() if "GET" in answers}
            - FILES
            - LEADS_ON
            - set(IN_A_TEST_OF_THEIR_OWN)
        )
    found = {"admin:index", "admin:app_list"}
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        actions = {"changelist", "change", "history"} | (set(MODELS.get(label, {})) & {"begin", "do"})
        found |= {
            f"admin:{label}_{action}" for action in actions if action == "changelist" or model._base_manager.exists()
        }
    return found


def rows_of_the_books() -> list[Place]:
    """Each table, a row of it, and what has become of that."""
    found = [("sc.officer", "/admin/accountability/")]
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model._base_manager.order_by("-pk").first()
        person = "sj.auditor" if label == "accountability_accesslog" else "sc.officer"
        found.append((person, reverse(f"admin:{label}_changelist")))
        if row is not None:
            found += [(person, reverse(f"admin:{label}_{action}", args=[row.pk])) for action in ("change", "history")]
    return found


@pytest.fixture
def walk(office: Office) -> Walk:
    return Walk(office)


class TestTheBooks:
    """In a class of its own, so that the other half can be walked beside it."""

    def test_marketing_and_the_auditors_can_read_and_work_every_page_of_theirs(self, walk: Walk, now: Now) -> None:
        walk.through(rows_of_the_books(), follow=False)
        walk.through((person, "/") for person in BOOKS)
        walk.look_at("sc.officer", "/admin/accountability/unit/add/", 403)
        for name, address, typed in REFUSED_OR_COMPARED:
            walk.look_at_answer(name, posted("sc.officer", address, **{key: value() for key, value in typed.items()}))
        after_an_outage(walk, now)
        assert walk.wrong == {}
        assert (named(in_administration=True) | OF_THE_BOOKS) - walk.reached == set()


class TestEveryDesk:
    """Everybody outside the administration."""

    def test_everybody_else_can_read_and_work_every_page_of_theirs(self, walk: Walk) -> None:
        walk.through((person, "/") for person in EVERYBODY_ELSE)
        walk.through(asked_for())
        # The list of rankings leads few on to the running year, and others may have looked at it before them.
        walk.through([("kf.supervisor", reverse("ranking", args=[NOW.year]))])
        walk.look_at("kf.agent", "/no-such-page/", 404)
        walk.look_at_answer("refused", posted("kf.agent", "/complaints/new/"))
        walk.look_at_answer("password", posted("kf.agent", "/password/"))
        walk.look_at_answer("expired", Client(enforce_csrf_checks=True).post("/sign-in/").content.decode())
        for page in ("400.html", "405.html", "500.html"):
            walk.look_at_answer(page, render_to_string(page))
        later = {"status": 503, "title": "系统暂时不可用", "sentence": "请稍候再试。", "typed": [("to", "wh.zhang")]}
        walk.look_at_answer("try_again.html", render_to_string("try_again.html", later))
        assert walk.wrong == {}
        assert named(in_administration=False) - OF_THE_BOOKS - walk.reached == set()


def after_an_outage(walk: Walk, now: Now) -> None:
    """Nobody was served for an hour; one person proposes a ruling, another reads it."""
    holding.note_served(now.at)
    holding.forget()
    now.forward(hours=1)
    holding.note_served(now.at)
    assert holding.held_limits(windows_at(now.at)).exists()
    walk.through([("sc.officer", reverse("holds"))])
    said = {"ruling": "excuse", "messages": "drop", "reason": "机房断电。"}
    Play(walk.office.cast, now)("propose_release", "sc.officer", **said)
    for person, verbs in (("sc.leader", ("approve_release", "refuse_release")), ("sc.officer", ("withdraw_release",))):
        walk.look_at(person, reverse("holds"))
        for verb in verbs:
            walk.look_at(person, reverse("organisation_act", args=[verb]))


REFUSED_OR_COMPARED: tuple[tuple[str, str, dict[str, Callable[[], Any]]], ...] = (
    ("compared", "/import/organisation/", {"file": lambda: SimpleUploadedFile("people.csv", PEOPLE.encode())}),
    ("limits", "/admin/accountability/timelimits/begin/set_limits/", {}),
    ("category", "/admin/accountability/category/add/", {}),
    ("case", "/admin/assessment/case/begin/open_case/", {}),
    ("plan", "/plans/begin/open_plan/", {}),
)
"""Forms sent as they stand, and a file whose differences are shown before anything is done."""


VERB_NAMES = {name for kind, name in VERBS if kind == "complaint"}


def asked_for() -> Iterator[Place]:
    """Pages that a form, a choice or a key leads to, and what each matter waits for as a page of its own."""
    waiting = Matter.objects.filter(kind="complaint", holder__username__in=EVERYBODY_ELSE).exclude(awaits="register")
    held = waiting.filter(awaits__in=VERB_NAMES).order_by("pk").values_list("holder__username", "number", "awaits")
    yield from ((holder, reverse("act", args=[number, verb])) for holder, number, verb in held)
    registered = [matter.number for matter in Matter.objects.filter(awaits="dispatch").order_by("pk")[:2]]
    picked = "&".join(f"pick={number}" for number in registered)
    yield from (("kf.agent", f"/complaints/bulk/{verb}/?{picked}") for verb in ("dispatch", "chase"))
    yield "kf.agent", f"/complaints/notices/?pick={Round.objects.earliest('pk').complaint.matter.number}"
    yield "kf.agent", f"/complaints/?open={registered[0]}"
    asked = ("/search/", "/search/?q=扣费", "/leads/?aside=1", "/intake/?phone=13871234567")
    yield from (("kf.agent", address) for address in asked)
    yield "kf.agent", f"/sheets/new/?complaint={Round.objects.earliest('pk').complaint.matter.number}"
    yield "kf.supervisor", "/templates/set_template/"
    yield "", "/sign-in/"


def posted(person: str, address: str, **typed: Any) -> str:
    """What answers the form when it is sent with this in it and as it stands otherwise."""
    client = signed_in(Employee.objects.get(username=person))
    form = (client.get(address).context or {}).get("form")
    hidden = {field.html_name: field.value() for field in form.hidden_fields()} if form else {}
    return client.post(address, {key: value for key, value in hidden.items() if value} | typed).content.decode()
