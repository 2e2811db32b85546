"""Live search of the list: rows change while somebody types, the cursor stays, and no telephone number is sent."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from accountability.models import AccessLog
from tests.browser.office import PHONE, Office, wait_until_settled
from tests.browser.test_every_page import look
from tests.factories import Play

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1440, "height": 900}
BOX = "[data-find] [type=search]"


@pytest.fixture
def four(play: Play) -> list[str]:
    made = [play.upto("delivered", phone=f"1387123000{place}", priority=("P1", "P2")[place % 2]) for place in range(4)]
    return [str(complaint) for complaint in made]


def lines(page: Page) -> list[str]:
    return page.evaluate("Array.from(document.querySelectorAll('[data-line]'), (line) => line.dataset.line)")


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def type_in(page: Page, text: str) -> None:
    """Key by key; the answer is there when this returns."""
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "queue"):
        page.locator(BOX).press_sequentially(text, delay=20)
    wait_until_settled(page)


def test_the_rows_follow_what_is_typed_and_the_cursor_stays(office: Office, four: list[str]) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.goto("/complaints/?list=hand_off&priority=P2")
    assert set(lines(page)) == {four[1], four[3]}
    page.evaluate("window.isTheSame = true")
    type_in(page, four[3][-4:])
    expect(page.locator("[data-total-shown]")).to_have_text("1")
    assert lines(page) == [four[3]]
    assert asked(page) == {"list": ["hand_off"], "priority": ["P2"], "number": [four[3][-4:]]}
    at = page.evaluate(
        f"document.activeElement === document.querySelector('{BOX}') && document.activeElement.selectionEnd"
    )
    assert (at, page.locator("[data-find-status]").inner_text()) == (4, "找到 1 件")
    assert page.locator("#bulk [name=number]").input_value() == four[3][-4:]
    expect(page.locator("[data-pick-page]")).to_be_visible()
    assert look(page) == {}
    page.set_viewport_size(WIDE)
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "queue"):
        page.locator(BOX).fill("")
    wait_until_settled(page)
    assert set(lines(page)) == {four[1], four[3]}
    assert asked(page) == {"list": ["hand_off"], "priority": ["P2"]}
    assert page.evaluate("window.isTheSame") is True
    assert page.evaluate("history.length") == 2


def test_the_rows_that_were_found_are_what_is_asked_for_anew(office: Office, four: list[str]) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.clock.install()
    page.goto("/complaints/")
    page.locator(BOX).fill(four[0])
    page.clock.fast_forward(400)
    expect(page.locator("[data-total-shown]")).to_have_text("1")
    page.clock.run_for(100)  # the fresh list begins to count its half-minute once it is settled
    with page.expect_response(lambda answer: "/complaints/?" in answer.url) as fresh:
        page.clock.fast_forward(31_000)
    assert f"number={four[0]}" in fresh.value.url
    wait_until_settled(page)
    assert lines(page) == [four[0]]


def test_the_complaint_next_to_the_list_stays(office: Office, four: list[str]) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.goto("/complaints/")
    page.get_by_role("link", name=four[1]).click()
    page.locator(f"#beside [data-complaint='{four[1]}']").wait_for()
    type_in(page, four[1][-4:])
    expect(page.locator("[data-total-shown]")).to_have_text("1")
    assert asked(page) == {"number": [four[1][-4:]], "open": [four[1]]}
    expect(page.locator(f"[data-line='{four[1]}'].is-open")).to_be_visible()
    expect(page.locator(f"#beside [data-complaint='{four[1]}']")).to_be_visible()


def test_a_telephone_number_is_never_sent_by_itself(office: Office, four: list[str]) -> None:
    page, sent = office.page("kf.agent", viewport=WIDE), []
    page.clock.install()
    page.goto("/complaints/")
    page.on("request", lambda request: sent.append(request.url))
    before = AccessLog.objects.count()
    for typed in ("13871230001", "+8613871230001", "8613871230001", "1387123", "12", "王先生", "TS2026"):
        page.locator(BOX).fill(typed)
        page.clock.fast_forward(1_000)
    assert [address for address in sent if "number=" in address] == []
    assert len(lines(page)) == 4
    page.locator(BOX).fill(four[2])
    page.clock.fast_forward(1_000)
    expect(page.locator("[data-total-shown]")).to_have_text("1")
    assert [address for address in sent if "number=" in address] != []
    assert AccessLog.objects.count() == before


@pytest.mark.parametrize("javascript", [True, False])
def test_enter_sends_what_is_typed_without_a_script_too(office: Office, four: list[str], javascript: bool) -> None:
    page = office.page("wh.contact", javascript=javascript, viewport=PHONE)
    page.goto("/complaints/?list=hand_off")
    page.locator(BOX).fill(four[2].lower())
    page.locator(BOX).press("Enter")
    page.wait_for_url(f"**number={four[2].lower()}*")
    page.wait_for_load_state()
    assert page.locator("[data-line]").evaluate_all("(rows) => rows.map((row) => row.dataset.line)") == [four[2]]
    page.locator(BOX).fill(four[1])
    page.get_by_role("button", name="查找").click()
    expect(page.locator(f"[data-line='{four[1]}']")).to_be_visible()
    assert asked(page)["list"] == ["hand_off"]
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
