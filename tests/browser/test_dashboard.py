"""Where it burns, in the browser: the worst unit on the first screen, its numbers a click from their list (R54)."""

from __future__ import annotations

import pytest

from tests.browser.office import Office
from tests.browser.test_every_page import looks
from tests.factories import Now, Play

pytestmark = [pytest.mark.browser, pytest.mark.rule("R54")]


@pytest.mark.rule("R53")
def test_the_worst_unit_is_on_the_first_screen(office: Office, play: Play, now: Now) -> None:
    play.upto("archived", phone="13800000001")
    page = office.page("sc.officer", viewport={"width": 1440, "height": 900})
    page.goto("/dashboard/")
    pane = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="武汉分公司"))
    place = pane.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= 900
    assert "解决率 100.0%" in " ".join(pane.inner_text().split())
    pane.get_by_role("link", name="1", exact=True).first.click()
    page.wait_for_url("**/figures/received/*unit=WH")
    page.go_back()
    page.get_by_role("link", name="数据表 按单位").click()
    page.get_by_role("row", name="武汉分公司").get_by_role("link").first.wait_for()


@pytest.mark.slow
def test_anybody_can_read_its_pages(office: Office, play: Play, now: Now) -> None:
    play.upto("archived", phone="13800000001")
    play.upto("delivered", phone="13800000002")
    now.forward(hours=1)
    wrong = looks(
        office, ("sc.officer", "/dashboard/"), ("sc.officer", "/dashboard/?table=units"),
        ("sc.officer", "/dashboard/?table=hours"), ("sc.officer", "/calendar/2026/"),
    )  # fmt: skip
    assert wrong == {}
