"""How much a frequent job costs: taps and keys, counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accountability.models import LedgerEntry
from complaints.models import Complaint, Round, State
from tests.browser.office import PHONE, Office
from tests.browser.test_desk import Thumb
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
    expect(page.locator(".message")).to_contain_text("已登记并办结")
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
