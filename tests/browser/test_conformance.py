"""The table of clauses on a complaint's page: folded until asked for, readable by anybody, in dark, on a telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from complaints.models import Complaint
from tests.browser.office import PHONE, Office
from tests.browser.test_every_page import look
from tests.factories import Now, Play

pytestmark = pytest.mark.browser

TABLE = "#conformance"
LANGUAGES = {"zh-hans": ("对照制度", "1 项不符合"), "en": ("Checked against the rules", "1 clause not kept")}


@pytest.fixture
def late(play: Play, now: Now) -> Complaint:
    """Returned once, handed over too late the second time, reported on, and answered."""
    complaint: Complaint = play("dispatch", "kf.agent", play.upto("returned"))
    now.forward(minutes=31)
    for verb, by in (("report_to_leader", "wh.contact"), ("name_handler", "wh.leader"), ("answer", "wh.zhang")):
        complaint = play(verb, by, complaint)
    return complaint


def unfold(page: Page, complaint: Complaint, title: str) -> None:
    page.goto(f"/complaints/{complaint.matter.number}/")
    expect(page.locator(TABLE)).to_have_count(0)
    page.locator("summary", has_text=title).click()
    expect(page.locator(TABLE)).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_anybody_can_read_what_was_kept_and_what_was_not(office: Office, late: Complaint, language: str) -> None:
    page, (title, count) = office.page("kf.supervisor"), LANGUAGES[language]
    page.context.add_cookies([{"name": "django_language", "value": language, "url": office.address}])
    unfold(page, late, title)
    expect(page.locator(TABLE)).to_contain_text(count)
    lines = page.locator(f"{TABLE} tbody tr")
    expect(lines.filter(has=page.locator(".tone-danger"))).to_have_count(1)
    expect(lines.filter(has=page.locator(".tone-danger"))).to_contain_text("R19")
    assert lines.count() > 15
    assert look(page) == {}
    page.goto(f"/complaints/{late.matter.number}/conformance/")
    assert look(page) == {}


def test_a_verdict_is_reached_by_the_keyboard_and_fits_a_telephone(office: Office, late: Complaint) -> None:
    page = office.page("wh.contact", viewport=PHONE)
    page.goto(f"/complaints/{late.matter.number}/")
    page.locator("summary", has_text="对照制度").focus()
    page.keyboard.press("Enter")
    rule = page.locator(f"{TABLE} a", has_text="R19").first
    expect(rule).to_be_visible()
    rule.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rules/#R19")


def test_without_scripts_it_is_a_page_of_its_own(office: Office, late: Complaint) -> None:
    page = office.page("kf.agent", javascript=False)
    page.goto(f"/complaints/{late.matter.number}/")
    page.locator("summary", has_text="对照制度").click()
    page.get_by_role("link", name="对照制度").click()
    expect(page.locator("h1")).to_have_text("对照制度")
    expect(page.locator(TABLE)).to_be_visible()
