"""The line of alarms in a browser: one low line at every width, read in full, folded with one key."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accountability.models import Alarm
from tests.browser.anybody import Anybody
from tests.browser.office import Office
from tests.factories import Now

pytestmark = pytest.mark.browser

HIGHEST = 36


def faults(page: Page) -> list[str]:
    anybody = Anybody()
    anybody.begin(page)
    return [*anybody.structure(page, sizes=False), *anybody.colours(page, {})["light colours"]]


def test_all_alarms_are_one_low_line_until_they_are_read(office: Office, now: Now) -> None:
    for kind in ("waiting", "lead", "calendar", "criticism"):
        facts = {"year": 2027, "awaits": "dispatch", "kind": "handoff", "part": 1}
        Alarm.objects.create(key=kind, kind=kind, facts=facts, since=now.at, raised_at=now.at)
    page = office.page("sc.leader")
    page.goto("/units/")
    line = page.get_by_role("region", name="预警")
    for width, height in ((1440, 900), (1366, 768), (390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        box = line.bounding_box()
        assert box is not None
        assert (box["height"] <= HIGHEST, box["width"]) == (True, width), (width, box)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
        for part in (line.get_by_role("link", name="去公布"), line.get_by_role("button", name="知道了")):
            inside = part.bounding_box()
            assert inside is not None
            assert (inside["height"] >= 24, inside["x"] + inside["width"] <= width) == (True, True), (width, inside)
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(line.get_by_role("listitem")).to_have_count(4)
    expect(line.get_by_text("1 件投诉等待过久。")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Enter")
    line.get_by_role("button", name="知道了").press("Enter")
    expect(line).to_have_count(0)
    page.get_by_title("预警").click()
    expect(page.locator(".bar__tools .menu__panel").get_by_text("1 件投诉等待过久。")).to_be_visible()
    assert faults(page) == []
