"""Every page, as the person who works with it sees it: readable for anybody, and nothing on it that isn't ours."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from accountability.reminders import remind
from accountability.sweeping import sweep
from complaints.models import Complaint
from tests.browser.office import DESKTOP, PHONE, Office
from tests.factories import Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.browser

STATES = (
    "forwarded", "registered", "handling", "delivered", "reported", "handed_off", "accepted", "return_requested",
    "answered", "completed", "replied", "archived",
)  # fmt: skip


@pytest.fixture
def of(play: Play, now: Now) -> dict[str, Complaint]:
    """A complaint in each state; 29 hours later, swept, so that limits run, are warned of and are missed."""
    made = {state: play.upto(state, phone=f"1387123{place:04d}") for place, state in enumerate(STATES)}
    made["late"] = play.upto("delivered", phone="13871230000")
    now.forward(hours=29)
    made["fresh"] = play.upto("delivered", phone="13871239999", tier="vip", flags=["major", "cross_province"])
    sweep(now.at)
    remind(now.at)
    return {state: play.again(complaint) for state, complaint in made.items()}


def pages(of: dict[str, Complaint]) -> list[tuple[str, str]]:
    """Who looks at which address."""
    number = {state: complaint.matter.number for state, complaint in of.items()}
    handling = deadline(of["accepted"], "handling", 1)
    return [
        ("", "/sign-in/"), ("", "/no-such-page/"),
        ("kf.agent", "/"), ("kf.agent", "/complaints/new/"), ("kf.agent", "/complaints/"),
        ("kf.agent", f"/complaints/{number['return_requested']}/"),
        ("kf.agent", f"/complaints/{number['accepted']}/deadlines/{handling.pk}/"),
        ("wh.contact", "/"), ("wh.contact", f"/complaints/{number['answered']}/rounds/1/notice/"),
        ("wh.zhang", "/"), ("wh.zhang", f"/complaints/{number['accepted']}/"),
        ("wh.zhang", f"/complaints/{number['accepted']}/answer/"),
        ("wh.zhang", f"/complaints/{number['accepted']}/accept/"),
        ("wh.zhang", "/inbox/"), ("wh.zhang", "/units/"), ("wh.zhang", "/calendar/2027/"),
        ("wh.head", "/"), ("yc.chen", "/complaints/forward/"), ("yc.chen", f"/complaints/{number['forwarded']}/"),
        ("sc.officer", "/"), ("sc.officer", f"/complaints/{number['archived']}/"), ("sc.officer", "/units/WH/"),
        ("sc.officer", "/calendar/2026/"), ("sc.officer", "/limits/"), ("sc.officer", "/alarms/"),
        ("sc.officer", "/admin/"),
    ]  # fmt: skip


AXE = "(rules) => axe.run(document, rules.length ? {runOnly: rules} : {}).then((found) => found.violations)"


def violations(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    """What axe finds, by all of its rules or by these."""
    found = page.evaluate(AXE, list(rules))
    return [(rule["id"], [node["html"][:300] for node in rule["nodes"]]) for rule in found]


def paint(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Show the page in this scheme, once no colour fades into the other any more (the administration's links do)."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("Promise.allSettled(document.getAnimations().map((fading) => fading.finished))")


def look(page: Page) -> dict[str, object]:
    """What is wrong with the page that is open: by all rules in light, by its colours in dark, by its width."""
    paint(page, "light")
    page.evaluate(AXE_SCRIPT)
    light = violations(page)
    paint(page, "dark")
    dark = violations(page, "color-contrast")
    page.set_viewport_size(PHONE)
    wide = page.evaluate("document.documentElement.scrollWidth") - PHONE["width"]
    page.set_viewport_size(DESKTOP)
    return {name: found for name, found in (("light", light), ("dark", dark), ("too wide", wide)) if found}


def test_anybody_can_read_every_page_in_light_and_dark_and_on_a_telephone(
    office: Office, of: dict[str, Complaint]
) -> None:
    people = {person: office.page(person) if person else office.strangers_page() for person, _address in pages(of)}
    wrong: dict[Any, Any] = {}
    answers: dict[Any, int] = {}
    for place in pages(of):
        person, address = place
        answer = people[person].goto(address)
        answers[place] = answer.status if answer else 0
        found = look(people[person])
        wrong |= {place: found} if found else {}
    assert wrong == {}
    refused = {place: status for place, status in answers.items() if status != 200}
    assert list(refused.values()) == [404, 409]
