"""On a case's page the facts and the act that is owed are on one screen: nobody scrolls between the evidence and the
button.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.assessment.adjudicating import page as page_of_admin
from tests.assessment.office import Stage, page_of
from tests.browser.office import Office
from tests.browser.test_every_page import look
from tests.factories import Play

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LINE = 48
"""The tallest that the line of holder, clock and step may be."""

SEEN = """e => { const box = e.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && (e.contains(top) || top.contains(e)) }"""


def expect_seen(page: Page, *found: Any) -> None:
    unseen = [str(each) for each in found if not each.first.evaluate(SEEN)]
    assert unseen == []


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_who_penalises_sees_the_charge_the_finding_and_the_button(office: Office, play: Play) -> None:
    case = Stage(play).decided()
    page = office.page("sc.officer", viewport=DESKTOP)
    page.goto(page_of_admin(case))
    button = page.get_by_role("button", name="一并记录处理", exact=True)
    expect_seen(page, page.get_by_text("接单四十分钟后才交办"), page.get_by_text("已当面交办。"), button)
    assert page.locator(".matter__line").evaluate("line => line.getBoundingClientRect().height") <= LINE
    assert look(page) == {}
    phone = office.page("sc.officer", viewport=PHONE)
    phone.goto(page_of_admin(case))
    to_the_form = phone.locator(".matter__bar").get_by_role("link", name="一并记录处理")
    expect_seen(phone, phone.get_by_text("接单四十分钟后才交办"), to_the_form)
    to_the_form.click()
    expect_seen(phone, phone.locator("#actions").get_by_role("heading", name="一并记录处理"))


@pytest.mark.rule("R48")
@pytest.mark.parametrize("username", ["sc.leader", "yc.head"])
def test_a_member_sees_the_charge_the_report_and_the_form(office: Office, play: Play, username: str) -> None:
    case = Stage(play).judged()
    address = page_of_admin(case) if username == "sc.leader" else page_of(case)
    page = office.page(username, viewport=DESKTOP)
    page.goto(address)
    choices = [page.get_by_role("radio", name=words, exact=True) for words in ("违反", "不违反")]
    charge = "接单四十分钟后才交办" if username == "sc.leader" else "请核查交办是否及时。"
    button = page.get_by_role("button", name="发表评判意见", exact=True)
    expect_seen(page, page.get_by_text(charge), page.get_by_text("已当面交办。"), *choices, button)
    phone = office.page(username, viewport=PHONE)
    phone.goto(address)
    expect_seen(
        phone, phone.get_by_text(charge), phone.locator(".matter__bar").get_by_role("link", name="发表评判意见")
    )


@pytest.mark.rule("R43")
def test_who_reports_sees_the_matters_to_answer_and_the_limit(office: Office, play: Play) -> None:
    case = Stage(play).notified()
    page = office.page("wh.contact", viewport=DESKTOP)
    page.goto(page_of(case))
    button = page.get_by_role("button", name="提交自查报告", exact=True)
    expect_seen(page, page.get_by_text("请核查交办是否及时。"), page.locator(".matter__line .clock"), button)
    phone = office.page("wh.contact", viewport=PHONE)
    phone.goto(page_of(case))
    to_the_form = phone.locator(".matter__bar").get_by_role("link", name="提交自查报告")
    expect_seen(phone, phone.get_by_text("请核查交办是否及时。"), to_the_form)
