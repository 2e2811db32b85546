"""The search box: in reach of two keys from everywhere, and of a click where there is no script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.office import Office
from tests.factories import Play

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("keys", ["Control+k", "/"])
def test_two_keys_and_a_word_find_a_complaint(keys: str, office: Office, play: Play) -> None:
    complaint = play.upto("registered")
    page = office.page("kf.agent")
    page.goto("/units/")
    page.keyboard.press(keys)
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("扣费")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("扣费")
    assert page.locator(".row__number").all_inner_texts() == [str(complaint.matter)]
    assert page.locator("#search-q").input_value() == "扣费"
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#find")).to_be_hidden()


@pytest.mark.parametrize("width", [1600, 1024, 760, 360])
def test_the_text_around_a_match_is_as_wide_as_its_row(width: int, office: Office, play: Play) -> None:
    """It isn't squeezed into a column of the row, nor hidden where a row has fewer of them."""
    play.upto("registered", content="客户反映每月扣费不对，要求查明。" * 12)
    page = office.page("kf.agent")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/search/?q=每月扣费")
    words, row = page.locator("mark").first.locator("xpath=.."), page.locator("li.row")
    expect(words).to_be_visible()
    its, whole = words.bounding_box(), row.bounding_box()
    assert its is not None
    assert whole is not None
    assert its["width"] > whole["width"] - 48


def test_a_slash_that_is_typed_stays_a_slash(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    content = page.get_by_label("投诉内容")
    content.focus()
    page.keyboard.type("3/4")
    assert content.input_value() == "3/4"
    expect(page.locator("#find")).to_be_hidden()


def test_without_a_script_a_click_opens_the_box(office: Office, play: Play) -> None:
    complaint = play.upto("registered")
    page = office.page("kf.agent", javascript=False)
    page.goto("/units/")
    page.locator("[data-search] > summary").click()
    page.locator("#find").fill(str(complaint.matter))
    page.locator("[data-search] button").click()
    assert page.locator(".row__number").all_inner_texts() == [str(complaint.matter)]
