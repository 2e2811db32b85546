"""The desk on a telephone: a contact has thirty minutes, and no other hand than the one that holds it (R19)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from complaints.models import Round
from tests.browser.office import PHONE, Office
from tests.factories import Cast, Play

pytestmark = pytest.mark.browser

FITS = "e => { const box = e.getBoundingClientRect(); return box.top >= 0 && box.bottom <= window.innerHeight }"


class Thumb:
    """Taps what can be seen without scrolling, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: str) -> None:
        found = self.page.locator(what).first
        assert found.evaluate(FITS), what
        box = found.bounding_box()
        assert box is not None
        self.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.taps += 1


@pytest.mark.rule("R19")
def test_a_contact_hands_over_on_a_telephone_in_three_taps(office: Office, play: Play, cast: Cast) -> None:
    complaints = [play.upto("delivered", phone=f"1387123000{place}") for place in range(2)]
    page = office.page("wh.contact", viewport=PHONE, touch=True)
    page.goto("/rules/")
    thumb = Thumb(page)
    thumb.tap('nav a[href="/"]')
    page.wait_for_url("**/")
    thumb.tap(f'.row__act label:has(input[value="{cast.wh_zhang.username}"])')
    thumb.tap('.row__act button[type="submit"]')
    expect(page.locator(".message").filter(has_text="“交办”已完成。")).to_be_visible()
    assert thumb.taps == 3
    rounds = Round.objects.filter(complaint__in=complaints).order_by("pk")
    assert [found.handler for found in rounds] == [cast.wh_zhang, None]
