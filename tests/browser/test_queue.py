"""Working through the list of complaints: by keys, with the complaint beside it, and fresh without moving."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from accountability.models import Preferences
from complaints.models import Complaint, SavedView
from tests.browser.office import PHONE, Office, wait_until_settled
from tests.browser.test_every_page import look
from tests.factories import Now, Play

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture
def three(play: Play) -> list[str]:
    """Delivered to WH, in the order of the list."""
    made = [play.upto("delivered", phone=f"1387123000{place}") for place in range(3)]
    return [str(complaint) for complaint in made]


def at(page: Page) -> str:
    """The number of the line that has the focus."""
    return page.evaluate("(document.activeElement.closest('[data-line]') || {dataset: {}}).dataset.line || ''")


def press(page: Page, keys: str) -> str:
    for key in keys.split():
        page.keyboard.press(key)
    return at(page)


def lines(page: Page) -> list[str]:
    return page.evaluate("Array.from(document.querySelectorAll('[data-line]'), (line) => line.dataset.line)")


def picked(page: Page) -> list[str]:
    return page.evaluate("Array.from(document.querySelectorAll('[data-pick]:checked'), (box) => box.value)")


def half_a_minute(page: Page) -> None:
    """The list is asked for anew; whatever comes of it stands when this returns."""
    with page.expect_response(lambda answer: answer.request.headers.get("x-poll") == "1"):
        page.clock.fast_forward(31_000)
    wait_until_settled(page)


def beside(page: Page) -> str:
    """The complaint that stands beside the list, once it is there."""
    page.locator("#beside [data-complaint]").wait_for()
    return page.locator("#beside [data-complaint]").get_attribute("data-complaint") or ""


def test_through_the_list_by_keys(office: Office, three: list[str]) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.goto("/complaints/")
    assert press(page, "j") == three[0]
    assert press(page, "j j j") == three[2]
    assert press(page, "k") == three[1]
    press(page, "x")
    assert picked(page) == [three[1]]
    press(page, "o")
    assert beside(page) == three[1]
    assert press(page, "j") == three[2]
    press(page, "Enter")
    expect(page.locator(f"#beside [data-complaint='{three[2]}']")).to_be_visible()
    assert press(page, "Escape") == three[2]
    press(page, "?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    press(page, "k")
    press(page, "Escape")
    assert (press(page, "k"), picked(page)) == (three[1], [three[1]])


def test_keys_are_letters_where_somebody_types(office: Office, three: list[str]) -> None:
    page = office.page("kf.agent", viewport=WIDE)
    page.goto("/complaints/")
    page.get_by_label("来电号码").press_sequentially("jokx?")
    expect(page.get_by_label("来电号码")).to_have_value("jokx?")
    page.locator("summary", has_text="筛选").click()
    page.get_by_label("紧急程度").press("j")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert (at(page), page.locator("#beside").is_visible()) == ("", False)


def test_keys_do_nothing_for_who_has_switched_them_off(office: Office, three: list[str]) -> None:
    Preferences.objects.create(employee=office.cast["wh.contact"], shortcuts=False)
    page = office.page("wh.contact", viewport=WIDE)
    page.goto("/complaints/")
    assert press(page, "j") == ""
    press(page, "?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(f"[data-line='{three[0]}'] .row__title").focus()
    press(page, "Enter")
    assert beside(page) == three[0]


def test_the_complaint_beside_the_list_is_worked_on_there(office: Office, three: list[str]) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.goto("/complaints/?list=hand_off")
    page.get_by_role("link", name=three[1]).click()
    assert beside(page) == three[1]
    assert page.url.endswith(f"/complaints/?list=hand_off&open={three[1]}")
    assert look(page) == {}
    page.set_viewport_size(WIDE)
    page.reload()
    assert beside(page) == three[1]
    page.locator('#beside [name="to"][value="wh.zhang"]').check()
    page.get_by_label("交办方式").select_option("system")
    page.locator("#beside").get_by_role("button", name="交办", exact=True).click()
    page.get_by_text("“交办”已完成。").wait_for()
    assert (beside(page), lines(page)) == (three[1], [three[0], three[2]])
    page.get_by_role("link", name="返回清单").click()
    expect(page.locator("#beside")).to_be_hidden()
    assert page.url.endswith("/complaints/?list=hand_off")


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_telephone_and_without_a_script_a_line_leads_to_its_page(
    office: Office, three: list[str], javascript: bool
) -> None:
    page = office.page("wh.contact", javascript=javascript, viewport=PHONE if javascript else WIDE)
    page.goto("/complaints/")
    page.get_by_role("link", name=three[0]).click()
    page.wait_for_url(f"**/complaints/{three[0]}/")
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"/complaints/?open={three[0]}")
    assert beside(page) == three[0]
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("link", name="返回清单").click()
    expect(page.get_by_role("link", name=three[0])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_fresh_lines_come_by_themselves_where_nobody_reads(office: Office, three: list[str], play: Play) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.clock.install()
    page.goto("/complaints/")
    more = str(play.upto("delivered", phone="13871239999", priority="P1"))
    half_a_minute(page)
    expect(page.locator(f"[data-line='{more}']")).to_be_visible()
    assert lines(page) == [more, *three]


def test_nothing_moves_under_who_reads(office: Office, three: list[str], play: Play, now: Now) -> None:
    page = office.page("wh.contact", viewport=WIDE)
    page.clock.install()
    page.goto("/complaints/?list=hand_off")
    press(page, "j j x")
    assert (at(page), picked(page)) == (three[1], [three[1]])
    more = str(play.upto("delivered", phone="13871239999", priority="P1"))
    play("hand_off", "wh.contact", Complaint.objects.get(matter__number=three[2]))
    now.forward(minutes=5)
    half_a_minute(page)
    notice = page.get_by_role("button", name="1 条新的，更新清单")
    expect(notice).to_be_visible()
    assert lines(page) == three
    expect(page.locator(f"[data-line='{three[2]}']")).to_contain_text("已不在本页")
    expect(page.locator(f"[data-line='{three[1]}']")).to_contain_text("已等待 5分")
    assert (at(page), picked(page)) == (three[1], [three[1]])
    notice.click()
    expect(notice).to_be_hidden()
    assert lines(page) == [more, *three[:2]]
    assert (at(page), picked(page)) == (more, [three[1]])
    expect(page.locator("[data-picked]")).to_have_text("1")


def test_anybody_can_read_the_pages(office: Office, three: list[str], now: Now) -> None:
    person = office.cast["wh.contact"]
    SavedView.objects.create(employee=person, name="急件", asked={"priority": "P1"}, is_default=True)
    SavedView.objects.create(employee=person, name="到期", asked={"order": "due"})
    page, wrong = office.page("wh.contact"), {}
    now.forward(minutes=31)
    for address in ("/complaints/?overdue=on&state=all&order=due", "/complaints/views/", "/preferences/"):
        page.goto(address)
        wrong[address] = look(page)
    page.goto("/complaints/?list=")
    press(page, "?")
    wrong["?"] = look(page)
    assert {place: found for place, found in wrong.items() if found} == {}
