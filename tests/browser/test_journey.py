"""A complaint's whole way through the real pages: agent, contact, handler, agent, archive."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accountability.audit.chains import broken
from accountability.models import AccessLog, Deadline, Matter
from complaints.models import Complaint
from tests.browser.office import PHONE, Office, choose_category, choose_region, number_of, sign_in
from tests.factories import Cast, Now
from tests.looking import verbs_of

pytestmark = pytest.mark.browser

NUMBER = "13871234567"


def standing(number: str) -> tuple[str, str, str]:
    """How the database has it: the complaint's state, its newest round's, and who must act now."""
    complaint = Complaint.objects.select_related("matter__holder").get(matter__number=number)
    holder = complaint.matter.holder
    assert complaint.latest_round is not None
    return complaint.state, complaint.latest_round.state, holder.username if holder else ""


def shown(page: Page) -> list[str]:
    """How the page has it: the badges of the heading, and who holds it."""
    holder = page.locator(".matter__line .holder__who").inner_text()
    told = [*page.locator(".page-head .badge").all_inner_texts(), holder]
    return [" ".join(text.split()) for text in told]


def act(page: Page, label: str, **typed: str) -> None:
    """Do what one of the complaint page's forms offers, and see that it is done."""
    form = page.locator("details", has=page.locator("summary", has_text=label))
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    for field, text in typed.items():
        form.locator(f"[name={field}]").fill(text)
    form.get_by_role("button", name=label, exact=True).click()
    expect(page.get_by_text(f"“{label}”已完成。")).to_be_visible()


def look_up_on_the_desk(page: Page) -> None:
    page.get_by_label("来电号码").fill(NUMBER)
    page.get_by_role("button", name="查询并登记").click()
    expect(page.get_by_text("该号码此前没有投诉。")).to_be_visible()


def register_and_dispatch(page: Page, javascript: bool) -> None:
    """On one page, with the unit that category and region speak for."""
    page.get_by_label("客户姓名").fill("王建国")
    choose_category(page, "资费与收费争议/退费")
    choose_region(page, "武汉")
    page.get_by_label("投诉内容").fill("五月账单多出两笔扣费，要求退费。")
    page.get_by_label("一般", exact=True).check()
    if not javascript:
        page.get_by_role("button", name="按类别和地市建议单位").click()
    expect(page.locator("select[name=unit]")).to_have_value("WH")
    page.get_by_role("button", name="登记并派单").click()
    expect(page.get_by_text("已派单。")).to_be_visible()


def hand_over_from_the_desk(page: Page) -> None:
    """Two taps: the person, the button."""
    form = page.locator("form[action$='/hand_off/']")
    form.locator("label", has=page.locator("input[value='wh.zhang']")).click()
    form.get_by_role("button", name="交办", exact=True).click()
    expect(page.get_by_text("“交办”已完成。")).to_be_visible()


def open_from_the_desk(page: Page, number: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=number).first.click()
    page.wait_for_url(f"**/complaints/{number}/**")


@pytest.mark.rule("R10")
@pytest.mark.rule("R11")
@pytest.mark.rule("R19")
@pytest.mark.rule("R24")
@pytest.mark.rule("R35")
@pytest.mark.parametrize(
    "javascript", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["with script", "without script"]
)
def test_from_the_hotline_to_the_archive(office: Office, cast: Cast, now: Now, javascript: bool) -> None:
    agent = office.strangers_page(javascript=javascript)
    sign_in(agent, "kf.agent")
    look_up_on_the_desk(agent)
    register_and_dispatch(agent, javascript)
    number = number_of(agent)
    assert standing(number) == ("dispatched", "delivered", "wh.contact")
    assert shown(agent) == ["待交办", "P3 一般", "当前责任人 陈静怡 武汉分公司"]

    now.forward(minutes=12)
    contact = office.page("wh.contact", javascript=javascript, viewport=PHONE)
    contact.goto("/")
    assert contact.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    hand_over_from_the_desk(contact)
    assert standing(number) == ("dispatched", "handed_off", "wh.zhang")
    assert shown(contact) == ["已交办，待接单", "P3 一般", "当前责任人 张伟民 武汉分公司"]

    now.forward(minutes=30)
    handler = office.page("wh.zhang", javascript=javascript)
    handler.goto("/")
    handler.get_by_role("button", name="接单", exact=True).click()
    expect(handler.get_by_text("“接单”已完成。")).to_be_visible()
    assert standing(number) == ("dispatched", "accepted", "wh.zhang")
    assert shown(handler) == ["处理中", "P3 一般", "当前责任人 张伟民 武汉分公司"]
    now.forward(hours=2)
    act(handler, "提出方案", solution="退还两笔扣费。")
    now.forward(hours=1)
    act(handler, "答复客服中心", result="已退费。", cause="套餐变更时未告知。")
    assert standing(number) == ("dispatched", "answered", "kf.agent")
    assert shown(handler) == ["已答复，待审核", "P3 一般", "当前责任人 林晓雯 省客户服务中心"]

    now.forward(minutes=20)
    open_from_the_desk(agent, number)
    agent.get_by_label("处理完毕", exact=True).check()
    act(agent, "审核办结")
    assert standing(number) == ("completed", "closed", "kf.agent")
    act(agent, "回复客户", content="已为您退费。")
    assert standing(number) == ("replied", "closed", "kf.agent")
    agent.get_by_label("满意", exact=True).check()
    act(agent, "记录满意度")
    assert standing(number) == ("archived", "closed", "")
    assert shown(agent) == ["已归档", "客户满意", "P3 一般", "投诉状态 已归档"]
    assert kept(number) == KEPT
    assert AccessLog.objects.filter(action="look_up", actor=cast["kf.agent"]).exists() is True


KEPT = {
    "ledger": [
        "register", "dispatch", "hand_off", "accept", "propose_solution", "answer", "judge_complete", "reply",
        "record_satisfaction",
    ],
    "chain": None,
    "deadlines": {"handoff": "met", "return": "open", "handling": "met", "first_reply": "met", "legal": "met"},
}  # fmt: skip
"""What the way leaves behind. The window of the return is no duty: nobody returned, so it just stood open."""


def kept(number: str) -> dict[str, Any]:
    complaint = Complaint.objects.get(matter__number=number)
    found = Deadline.objects.filter(matter_id=complaint.matter_id)
    return {
        "ledger": verbs_of(complaint),
        "chain": broken(Matter.objects.get(pk=complaint.matter_id)),
        "deadlines": {deadline.kind: str(deadline.status) for deadline in found},
    }
