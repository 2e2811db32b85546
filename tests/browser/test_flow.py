"""How much a frequent job costs: taps and keys, counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accountability.models import LedgerEntry, Preferences
from complaints.models import Complaint, Round, State
from tests.browser.office import PHONE, Office
from tests.browser.test_desk import Thumb
from tests.browser.test_intake import Keys
from tests.factories import Cast, Play

pytestmark = pytest.mark.browser


class Reaching(Thumb):
    """Scrolls to what is tapped, as a thumb does; scrolling is no tap."""

    def tap(self, what: str) -> None:
        self.page.locator(what).first.scroll_into_view_if_needed()
        super().tap(what)


@pytest.mark.rule("R19")
def test_six_hand_overs_on_a_telephone(office: Office, play: Play, cast: Cast) -> None:
    complaints = [play.upto("delivered", phone=f"1387123000{place}") for place in range(6)]
    page = office.page("wh.contact", viewport=PHONE, touch=True)
    page.goto("/")
    thumb = Reaching(page)
    thumb.tap('a[href*="/bulk/hand_off/"]')
    page.wait_for_url("**/bulk/hand_off/**")
    for place, complaint in enumerate(complaints):
        person = ("wh.zhang", "wh.li")[place % 2]
        thumb.tap(f'label:has([name="to-{complaint.matter.number}"][value="{person}"])')
    thumb.tap('#bulk-act button[type="submit"]')
    expect(page.locator("h1")).to_contain_text("结果")
    assert thumb.taps == 8
    handlers = Round.objects.filter(complaint__in=complaints).order_by("complaint_id").values_list("handler__username")
    assert [name for (name,) in handlers] == ["wh.zhang", "wh.li"] * 3


def test_settled_on_the_call_is_one_form(office: Office, cast: Cast) -> None:
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    posts: list[str] = []
    page.on(
        "request",
        lambda sent: posts.append(sent.url) if sent.method == "POST" and sent.is_navigation_request() else None,
    )
    fill(page)
    page.get_by_text("当场已解决").click()
    page.get_by_label("处理结果").fill("已为客户关闭误订的流量包。")
    page.locator('[name="settled-satisfied"][value="true"]').check()
    page.get_by_role("button", name="登记并办结").click()
    expect(page.locator(".messages .message")).to_contain_text("已登记并办结")
    assert len(posts) == 1
    assert Complaint.objects.get().state == State.ARCHIVED
    assert LedgerEntry.objects.count() == 5


def fill(page: Page) -> None:
    page.get_by_label("联系电话").fill("13871230001")
    page.get_by_label("客户姓名").fill("刘芳")
    page.get_by_label("归属地市").fill("武汉")
    page.locator("select[name=category]").select_option("资费与收费争议", force=True)
    page.locator("[name=content]").fill("被误订流量包。")
    page.locator('[name="priority"][value="P3"]').check()


def test_a_judgement_takes_three_keys(office: Office, play: Play) -> None:
    complaint = play.upto("answered")
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    keys = Keys(page)
    keys.press("a")
    assert page.evaluate("document.activeElement.name") == "complete"
    keys.press("Space", "Enter")
    expect(page.locator(".messages .message")).to_contain_text("“审核办结”已完成。")
    assert (keys.pressed, keys.pressed <= 4) == (3, True)


def test_a_new_call_is_one_key_away(office: Office, play: Play) -> None:
    """From the complaint on the screen when the telephone rings; the rest is counted in test_intake."""
    complaint = play.upto("answered")
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    page.keyboard.press("c")
    page.wait_for_url("**/complaints/new/")
    expect(page.get_by_label("联系电话")).to_be_focused()


@pytest.mark.parametrize(
    ("state", "username", "key", "verb"),
    [
        ("registered", "kf.agent", "d", "dispatch"),
        ("delivered", "wh.contact", "h", "hand_off"),
        ("handed_off", "wh.zhang", "a", "accept"),
        ("accepted", "wh.zhang", "a", "answer"),
        ("completed", "kf.agent", "r", "reply"),
        ("replied", "kf.agent", "r", "record_satisfaction"),
    ],
)
def test_a_key_leads_to_the_form_and_sends_nothing(
    office: Office, play: Play, state: str, username: str, key: str, verb: str
) -> None:
    complaint = play.upto(state)
    page = office.page(username)
    page.goto(f"/complaints/{complaint.matter.number}/")
    page.keyboard.press(key)
    action = page.evaluate("(document.activeElement.form || {}).action || ''")
    assert action.endswith(f"/{verb}/"), action
    expect(page.locator(":focus")).to_be_in_viewport()
    assert play.again(complaint).state == complaint.state


def test_no_key_acts_while_somebody_types(office: Office, play: Play) -> None:
    complaint = play.upto("completed")
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    field = page.locator("[name=content]")
    field.fill("")
    field.press_sequentially("chard n")
    expect(field).to_have_value("chard n")
    expect(field).to_be_focused()


def test_who_switched_the_keys_off_has_none(office: Office, play: Play, cast: Cast) -> None:
    Preferences.objects.create(employee=cast["kf.agent"], shortcuts=False)
    complaint = play.upto("answered")
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    page.keyboard.press("a")
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.name || ''") == ""
    assert page.url.endswith(f"/complaints/{complaint.matter.number}/")
    assert page.locator("#keys").count() == 0


def test_the_next_of_the_list_is_one_key_away(office: Office, play: Play) -> None:
    first, second = (play.upto("delivered", phone=f"1387123000{place}") for place in range(2))
    page = office.page("wh.contact")
    page.goto("/complaints/?list=hand_off")
    page.goto(f"/complaints/{first.matter.number}/?list=hand_off")
    page.keyboard.press("h")
    page.locator('[name="to"][value="wh.zhang"]').first.check()
    page.locator('form[action$="/hand_off/"] button[type=submit]').first.click()
    expect(page.locator(".messages .message")).to_contain_text("现由 张伟民 负责")
    page.keyboard.press("n")
    page.wait_for_url(f"**/complaints/{second.matter.number}/?list=hand_off")


def test_the_keys_are_told(office: Office, play: Play) -> None:
    complaint = play.upto("answered")
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert page.locator("#keys dt").all_inner_texts() == ["d", "h", "a", "r", "n", "c", "?"]


def test_the_cursor_is_in_the_box_for_the_callers_number(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto("/")
    expect(page.get_by_label("来电号码")).to_be_focused()
