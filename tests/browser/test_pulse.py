"""What an open page says by itself: a new round, the number unread, and that the session is about to end."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as of_the_office
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accountability.models import Notification, Preferences
from accountability.signin import sessions
from tests.browser.anybody import Anybody
from tests.browser.office import Office
from tests.factories import Cast, Play

pytestmark = pytest.mark.browser

IDLE = 3600


@pytest.fixture(autouse=True)
def _an_hour(settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = IDLE


def ask(page: Page) -> None:
    """As when one comes back to the tab: the page asks at once."""
    with page.expect_response("**/pulse/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def faults(page: Page) -> Any:
    """What axe finds, with nothing of the page's own policy in its way."""
    anybody = Anybody()
    anybody.begin(page)
    return anybody.structure(page, sizes=False) + anybody.colours(page, {})["light colours"]


def session_of(page: Page) -> Any:
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    return import_module(of_the_office.SESSION_ENGINE).SessionStore(key)


def leave_alone(page: Page, left: int) -> None:
    """Until so many seconds are left."""
    session = session_of(page)
    session.set_expiry(timedelta(seconds=left))
    session.save()


@pytest.mark.rule("R19")
def test_a_new_round_is_said_once_and_counted(office: Office, play: Play) -> None:
    page = office.page("wh.contact")
    page.goto("/inbox/")
    title = page.title()
    ask(page)
    expect(page.locator("[data-news] .message")).to_have_count(0)
    complaint = play.upto("delivered")
    ask(page)
    line = page.get_by_role("status").get_by_role("link", name=f"新到一轮派单 {complaint.matter.number}，请尽快交办。")
    expect(line).to_be_visible()
    assert (page.title(), page.locator(".bar__tools .count").inner_text().split()) == (f"(1) {title}", ["1", "条未读"])
    assert faults(page) == []
    page.locator("[data-news] button").click()
    ask(page)
    expect(line).to_have_count(0)
    page.goto("/units/")
    ask(page)
    expect(line).to_have_count(0)
    Notification.objects.update(read_at=play.now.at)
    ask(page)
    expect(page.locator(".bar__tools .count")).to_have_count(0)
    assert page.title().startswith("(") is False


def test_the_title_is_left_alone_and_a_bell_rings_where_that_was_chosen(office: Office, play: Play, cast: Cast) -> None:
    Preferences.objects.create(employee=cast["wh.contact"], counts_in_title=False, plays_sound=True)
    page = office.page("wh.contact")
    page.add_init_script(
        "window.rung = 0; window.AudioContext = class extends AudioContext"
        " { createOscillator() { window.rung += 1; return super.createOscillator(); } }"
    )
    page.goto("/inbox/")
    title = page.title()
    play.upto("delivered")
    ask(page)
    expect(page.locator("[data-news] .message")).to_be_visible()
    assert (page.title(), page.evaluate("window.rung")) == (title, 2)


def test_before_a_session_ends_a_dialog_offers_to_stay(office: Office, play: Play) -> None:
    complaint = play.upto("accepted")
    page = office.page("wh.zhang")
    page.goto(f"/complaints/{complaint.matter.number}/answer/")
    field = page.get_by_label("处理结果")
    field.focus()
    page.evaluate("document.activeElement.value = '已退费两笔。'")
    leave_alone(page, 200)
    ask(page)
    dialog = page.get_by_role("alertdialog", name="还在吗？")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="继续使用")).to_be_focused()
    assert dialog.locator("[data-left]").inner_text().startswith("3:") is True
    assert faults(page) == []
    with page.expect_response("**/pulse/stay/"):
        page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(field).to_be_focused()
    assert field.input_value() == "已退费两笔。"
    assert sessions.left(session_of(page)) > IDLE - 60


def test_who_types_is_there(office: Office, play: Play) -> None:
    complaint = play.upto("accepted")
    page = office.page("wh.zhang")
    page.goto(f"/complaints/{complaint.matter.number}/answer/")
    page.get_by_label("处理结果").press_sequentially("已退费")
    leave_alone(page, 200)
    with page.expect_response("**/pulse/stay/"):
        ask(page)
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    assert sessions.left(session_of(page)) > IDLE - 60


def test_a_session_that_is_over_says_so_and_leads_back(office: Office, play: Play) -> None:
    complaint = play.upto("accepted")
    place = f"/complaints/{complaint.matter.number}/answer/"
    page = office.page("wh.zhang")
    page.goto(place)
    page.get_by_label("处理结果").fill("已退费")
    page.wait_for_timeout(600)
    Session.objects.all().delete()
    ask(page)
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("已退出登录。填写的内容已保存在本窗口")
    dialog.get_by_role("link", name="重新登录").click()
    page.wait_for_url(f"**/sign-in/?next={place.replace('/', '%2F')}")


def test_a_template_is_put_where_the_cursor_stands(office: Office, play: Play) -> None:
    play(
        "set_template", "kf.supervisor", name="核查", use="answer", text="（{number} 已核查）", reason="常用",
    )  # fmt: skip
    complaint = play.upto("accepted")
    page = office.page("wh.zhang")
    page.goto(f"/complaints/{complaint.matter.number}/")
    form = page.locator("form[action$='/answer/']")
    if not form.is_visible():
        page.locator("summary", has_text="答复客服中心").click()
    field = form.get_by_label("处理结果")
    form.get_by_label("答复模板").select_option("核查")
    field.fill("第一行。\n第二行。")
    field.press("Control+Home")
    field.press("End")
    form.get_by_role("button", name="插入").click()
    assert field.input_value() == f"第一行。（{complaint.matter.number} 已核查）\n第二行。"
    expect(field).to_be_focused()
