"""A long course on the complaint's page: the older entries come in place, and the keyboard stays where it was."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from complaints.views.history import FEW_MORE, NEWEST
from tests.browser.office import Office
from tests.factories import Play

pytestmark = pytest.mark.browser


def test_the_older_entries_come_where_one_reads(office: Office, play: Play) -> None:
    complaint = play.upto("registered")
    for place in range(NEWEST + FEW_MORE):
        play("add_note", "kf.agent", complaint, note=f"第 {place} 次说明。")
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    page.locator("summary", has_text="办理经过").click()
    way, entries = page.locator("#course-older"), page.locator("#course .timeline > li")
    expect(entries).to_have_count(NEWEST)
    way.press("Enter")
    expect(entries).to_have_count(NEWEST + FEW_MORE + 1)
    expect(way).to_have_text("只显示最新的 30 条")
    expect(way).to_be_focused()
    expect(page.get_by_text("第 0 次说明。")).to_be_visible()
    way.press("Enter")
    expect(entries).to_have_count(NEWEST)
    expect(way).to_be_focused()
