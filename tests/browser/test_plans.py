"""A rectification plan in the browser: asked for, reported done with evidence, accepted; readable for anybody (R16)."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page

from accountability.gate.sweeper import sweep
from assessment.models import Plan
from tests.assessment.plans.made_plans import Plans
from tests.browser.office import Office
from tests.browser.test_case_first_screen import expect_seen
from tests.browser.test_every_page import looks
from tests.factories import Now, Play

pytestmark = [pytest.mark.browser, pytest.mark.rule("R16")]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_from_the_first_form_to_the_acceptance(office: Office, play: Play, now: Now) -> None:
    officer, owner = office.page("sc.officer"), office.page("wh.zhang")
    officer.goto("/plans/")
    officer.get_by_role("link", name="提出整改").click()
    officer.get_by_label("整改单位").select_option("WH")
    press(officer, "下一步")
    officer.get_by_label("整改责任人").select_option("wh.zhang")
    officer.get_by_label("整改期限").fill("2026-11-27")
    officer.get_by_label("整改要求").fill("清理超时工单。")
    press(officer, "提出整改")
    officer.get_by_text("整改方案已提出").wait_for()
    owner.goto("/plans/")
    owner.get_by_role("link", name=str(Plan.objects.get())).click()
    owner.get_by_label("整改结果").fill("已全部清理。")
    owner.get_by_label("证明材料").set_input_files(
        FilePayload(name="清单.txt", mimeType="text/plain", buffer="已清理".encode())
    )
    press(owner, "报告整改完成")
    owner.get_by_role("link", name="清单.txt").wait_for()
    officer.reload()
    press(officer, "验收通过")
    officer.get_by_text("“验收通过”已完成。").wait_for()
    assert Plan.objects.get().state == "closed"


@pytest.mark.slow
def test_anybody_can_read_the_pages(office: Office, play: Play, now: Now) -> None:
    plans = Plans(play)
    case = plans.case()
    late, reported = plans.open(case=case.matter.number, due="2026-11-24"), plans.reported()
    now.set("2026-11-26 10:00")
    sweep(now.at)
    changed = plans("change_plan", "sc.officer", late, due="2026-12-02", owner="wh.li")
    places = [
        ("wh.head", "/plans/"), ("sc.officer", "/plans/?all=1"), ("sj.auditor", f"/plans/{changed}/"),
        ("wh.head", f"/plans/{changed}/"), ("wh.li", f"/plans/{changed}/"), ("sc.officer", f"/plans/{changed}/"),
        ("sc.officer", f"/plans/{reported}/"), ("wh.li", f"/plans/{changed}/do/report_plan_done/"),
        ("sc.officer", "/plans/begin/open_plan/"),
        ("sc.officer", f"/plans/begin/open_plan/?case={case.matter.number}"),
    ]  # fmt: skip
    assert looks(office, *places) == {}


def test_who_owes_it_sees_what_is_asked_and_the_button_on_one_screen(office: Office, play: Play) -> None:
    plan = Plans(play).open()
    page = office.page("wh.zhang", viewport={"width": 1440, "height": 900})
    page.goto(f"/plans/{plan}/")
    button = page.get_by_role("button", name="报告整改完成", exact=True)
    expect_seen(page, page.locator(".matter__facts .prose"), button)
    phone = office.page("wh.zhang", viewport={"width": 390, "height": 844})
    phone.goto(f"/plans/{plan}/")
    to_the_form = phone.locator(".matter__bar").get_by_role("link", name="报告整改完成")
    expect_seen(phone, phone.locator(".matter__facts .prose"), to_the_form)
