"""The tour with a script: it goes to the element it speaks of, by keys alone, and is left with one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.office import Office
from tests.factories import Play

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}


def stands_before(page: Page, target: str) -> bool:
    return bool(page.evaluate("(id) => document.getElementById('tour').nextElementSibling.id === id", target))


@pytest.mark.slow
def test_begun_walked_and_left_by_keys(office: Office, play: Play) -> None:
    play.upto("delivered")
    page = office.page("wh.contact")
    page.goto("/")
    page.get_by_role("button", name="开始").press("Enter")
    card = page.get_by_role("dialog", name="30分钟")
    expect(card).to_be_focused()
    assert stands_before(page, "waiting")
    card.get_by_role("link", name="下一步").press("Enter")
    expect(page.get_by_role("dialog", name="新派单会叫您")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#id_plays_sound")).to_be_focused()
    expect(page.locator("#tour")).to_have_count(0)
    assert page.url.endswith("/preferences/")
    page.goto("/")
    expect(page.locator("#tour-offer")).to_have_count(0)


@pytest.mark.slow
def test_on_a_narrow_screen_tour_and_search_box_fit(office: Office, play: Play) -> None:
    play.upto("delivered")
    page = office.page("wh.contact", viewport=NARROW)
    for place in ("/", "/tour/", "/?tour=hand_over", "/complaints/?tour=give_back", "/preferences/?tour=bell"):
        page.goto(place)
        assert (place, page.evaluate("document.documentElement.scrollWidth")) == (place, 320)
    page.keyboard.press("Control+k")
    field = page.locator("#find")
    expect(field).to_be_focused()
    box = page.locator("[data-search] .menu__panel").bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 320) == (True, True)
