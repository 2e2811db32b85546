"""Days at work that the long walks leave out: the deputy's and the leader's, and the supervisor's last word.

Each goes from the desk by what stands there, and the record says what came of it.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accountability.audit.chains import broken
from accountability.models import Matter
from complaints.models import Complaint
from tests.browser.office import PHONE, Office, choose_category, choose_region
from tests.browser.test_journey import act, standing
from tests.factories import Now, Play
from tests.looking import verbs_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def desk(office: Office, username: str, **more: Any) -> Page:
    page = office.page(username, **more)
    page.goto("/")
    return page


def open_line(page: Page, complaint: Complaint) -> None:
    """By its line on the desk."""
    page.get_by_role("main").get_by_role("link", name=str(complaint)).first.click()
    page.wait_for_url(f"**/complaints/{complaint}/**")


def done(page: Page, verb: str) -> None:
    expect(page.get_by_text(f"“{verb}”已完成。")).to_be_visible()


def kept(complaint: Complaint) -> list[str]:
    """The verbs on record, of a chain that holds."""
    assert broken(Matter.objects.get(pk=complaint.matter_id)) is None
    return verbs_of(complaint)


def standing_of(complaint: Complaint) -> tuple[str, str]:
    """State, and who must act."""
    fresh = Complaint.objects.select_related("matter__holder").get(pk=complaint.pk)
    return fresh.state, fresh.matter.holder.username if fresh.matter.holder else ""


@pytest.mark.rule("R18")
@pytest.mark.rule("R19")
def test_the_deputy_reports_to_the_leader_who_names_the_handler(office: Office, play: Play, now: Now) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=10)
    deputy = desk(office, "wh.deputy", viewport=PHONE)
    deputy.locator("summary", has_text="报告分管领导").click()
    form = deputy.locator("form[action$='/report_to_leader/']")
    form.locator("[name=leader]").select_option("wh.leader")
    form.locator("[name=reason]").fill("职责不清，一时难以确定责任人。")
    form.get_by_role("button").first.click()
    done(deputy, "报告分管领导")
    assert standing(str(complaint)) == ("dispatched", "reported", "wh.leader")

    now.forward(minutes=20)
    leader = desk(office, "wh.leader")
    form = leader.locator("form[action$='/name_handler/']")
    form.locator("label", has=leader.locator("input[value='wh.zhang']")).click()
    form.get_by_role("button").first.click()
    done(leader, "指定首问责任人")
    assert standing(str(complaint)) == ("dispatched", "handed_off", "wh.zhang")
    assert kept(complaint) == ["register", "dispatch", "report_to_leader", "name_handler"]


@pytest.mark.rule("R38")
def test_the_supervisor_ends_what_a_customer_will_not_be_content_with(office: Office, play: Play, now: Now) -> None:
    complaint = play("record_satisfaction", "kf.agent", play.upto("replied"), satisfied=False)
    supervisor = desk(office, "kf.supervisor")
    open_line(supervisor, complaint)
    act(supervisor, "未满意归档", reason="客户诉求超出政策，已解释三次。")
    assert standing_of(complaint) == ("archived", "")
    assert kept(complaint)[-2:] == ["record_satisfaction", "archive_unsatisfied"]


@pytest.mark.rule("R1")
@pytest.mark.rule("R34")
def test_an_employee_passes_a_customers_words_on_and_follows_them(office: Office, now: Now) -> None:
    employee = desk(office, "yc.chen", viewport=PHONE)
    employee.get_by_role("main").get_by_role("link", name="转交投诉").first.click()
    typed = {"customer": "王建国", "phone": "13871234567", "content": "五月账单多出两笔扣费。"}
    for name, text in typed.items():
        employee.locator(f"[name={name}]").fill(text)
    choose_region(employee, "武汉")
    employee.get_by_role("button", name="转交省客户服务中心").click()
    employee.wait_for_url("**/complaints/TS*/")
    complaint = Complaint.objects.get()
    assert standing_of(complaint)[0] == "forwarded"

    now.forward(minutes=5)
    agent = desk(office, "kf.agent")
    open_line(agent, complaint)
    agent.get_by_role("main").get_by_role("link", name="登记受理").click()
    choose_category(agent, "资费与收费争议/退费")
    agent.get_by_label("一般", exact=True).check()
    agent.get_by_role("button", name="只登记").click()
    expect(agent.get_by_text("已登记，编号")).to_be_visible()
    assert (standing_of(complaint)[0], kept(complaint)) == ("registered", ["forward", "register"])

    employee.goto("/")
    open_line(employee, complaint)
    expect(employee.get_by_role("main").get_by_text("已登记").first).to_be_visible()


def test_an_auditor_reads_everything_and_changes_nothing(office: Office, play: Play) -> None:
    complaint = play.upto("answered")
    before = kept(complaint)
    auditor = desk(office, "sj.auditor")
    auditor.get_by_role("link", name="投诉", exact=True).first.click()
    auditor.wait_for_url("**/complaints/")
    auditor.wait_for_load_state()  # the list opens a complaint beside it once its script runs
    auditor.get_by_role("main").get_by_role("link", name=str(complaint)).first.click()
    auditor.get_by_role("link", name="打开整页").click()
    auditor.wait_for_url(f"**/complaints/{complaint}/**")
    expect(auditor.get_by_role("heading", name="办理经过")).to_be_visible()
    verbs = f"form[method=post][action^='/complaints/{complaint}/']:not([action$='/presence/'])"
    assert (auditor.locator(verbs).count(), kept(complaint)) == (0, before)
    auditor.goto("/admin/")
    auditor.get_by_role("link", name="访问日志").first.click()
    expect(auditor.get_by_role("link", name="增加")).to_have_count(0)
