"""The case desk: one line of one height for each case, with the number, the charge, the next act and the clock."""

from __future__ import annotations

import pytest

from tests.assessment.adjudicating import LIST
from tests.assessment.office import Stage
from tests.browser.office import Office
from tests.browser.test_every_page import look
from tests.factories import Play

pytestmark = pytest.mark.browser

TALLEST = 44
"""Pixels of a line: 40, and its rounding."""

LONG = "客户反映本月账单中出现多笔未曾订购的增值业务费用，多次致电均未得到合理答复，要求退费并书面说明原因。"


def test_a_case_is_one_line_and_on_a_telephone_the_list_begins_in_the_upper_half(office: Office, play: Play) -> None:
    stage = Stage(play)
    phones = (f"1387130{place:04d}" for place in range(10))
    for make in (stage.sheet, stage.notified, stage.judged, stage.fault, stage.admitted, stage.waiting):
        make(phone=next(phones), content=LONG)
    page = office.page("sc.officer", viewport={"width": 1366, "height": 768})
    page.goto("/")
    rows = page.locator(".docket__row")
    assert rows.count() == 6
    heights = [rows.nth(place).evaluate("row => row.getBoundingClientRect().height") for place in range(6)]
    assert max(heights) <= TALLEST, heights
    assert rows.first.evaluate("row => row.getBoundingClientRect().top") < 768 / 2
    assert look(page) == {}
    phone = office.page("sc.officer", viewport={"width": 390, "height": 844})
    phone.goto("/")
    assert phone.locator(".docket__row").first.evaluate("row => row.getBoundingClientRect().top") < 844 / 2
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(LIST)
    listed = page.locator("#result_list tbody tr")
    heights = [listed.nth(place).evaluate("row => row.getBoundingClientRect().height") for place in range(6)]
    assert max(heights) <= TALLEST, heights
