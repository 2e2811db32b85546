"""One case on each path through the administration, as the officer and the leader of marketing click it.

What the centre and the unit do on the way is played.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accountability.audit.chains import broken
from accountability.deadlines.limits import day_of
from accountability.models import Matter
from assessment.models import Case
from tests.assessment.adjudicating import page as page_of_case
from tests.assessment.cases import made_cases
from tests.browser.office import Office
from tests.factories import Now, Play

pytestmark = pytest.mark.browser


def open_case(page: Page, case: Case) -> None:
    """From the desk to the list to the dossier."""
    page.goto("/admin/")
    page.get_by_role("main").get_by_role("link", name="案件", exact=True).click()
    page.get_by_role("link", name=str(case.matter)).click()
    expect(page.get_by_role("heading", level=1, name=str(case.matter))).to_be_visible()


def choose(page: Page, verb: str) -> None:
    """An act of the dossier: the one that is owed has its form there, another is a link, a grave one folded."""
    acts = page.locator("#actions")
    expect(acts).to_be_visible()
    if acts.get_by_role("heading", name=verb, exact=True).count():
        return
    link = acts.get_by_role("link", name=verb, exact=True)
    if not link.is_visible():
        acts.get_by_text("其他操作").click()
    link.click()
    expect(page.get_by_role("heading", level=1, name=verb, exact=True)).to_be_visible()


def send(page: Page, verb: str) -> None:
    page.get_by_role("main").get_by_role("button", name=verb, exact=True).click()
    expect(page.get_by_text(f"“{verb}”已完成。")).to_be_visible()


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(".page-head .badge").first).to_have_text(state)


def notify(page: Page, case: Case) -> None:
    open_case(page, case)
    choose(page, "通知自查")
    expect(page.locator(".matter__facts")).to_contain_text("八小时内未处理亦未答复客户。")
    page.get_by_label("需核查的事项").fill("请核查处理时限。")
    send(page, "通知自查")
    expect_state(page, "已通知自查，待自查报告")


def penalise(page: Page, *people: str) -> None:
    """Everybody who owes it, in one form."""
    choose(page, "一并记录处理")
    for person in people:
        owed = page.get_by_role("group", name=person)
        owed.get_by_label("情节与理由").fill("情节一般。")
        owed.get_by_role("radio", name="1").check()
    send(page, "一并记录处理")
    expect(page.get_by_text("应处理而尚未记录")).to_have_count(0)


def penalised_by_the_head(page: Page, play: Play, case: Case) -> None:
    """The unit's head records those of their own people; the head's own is left to the department."""
    for person, ground in (("wh.zhang", "handler"), ("wh.leader", "leader")):
        play("penalise", "wh.head", made_cases.again(case), person=person, ground=ground, months=2, reason="情节一般。")
    page.reload()
    penalise(page, "赵国栋")


def issue_and_sign(officer: Page, leader: Page, case: Case) -> None:
    choose(officer, "送签通报批评")
    expect(officer.get_by_label("通报正文")).to_have_value(re.compile("二、性质认定\n.*违反“首问责任制”"))
    send(officer, "送签通报批评")
    open_case(leader, case)
    choose(leader, "签发通报批评")
    expect(leader.locator(".matter__facts").get_by_role("article").first).to_contain_text("予以全省通报批评")
    send(leader, "签发通报批评")
    officer.reload()


def close(page: Page, case: Case) -> None:
    choose(page, "结案")
    send(page, "结案")
    expect_state(page, "已结案")
    assert broken(Matter.objects.get(pk=case.pk)) is None


def appoint_panel(officer: Page, play: Play) -> None:
    choose(officer, "组织评判")
    for member in ("方睿（市场部）", "严守诚（市场部）"):
        officer.get_by_label(member).check()
    officer.get_by_label("意见截止日").fill(f"{day_of(play.now.at) + timedelta(days=3)}")
    send(officer, "组织评判")


def record_panel(officer: Page, conclusion: str) -> None:
    choose(officer, "记录评判")
    expect(officer.get_by_label(conclusion, exact=True)).to_be_checked()
    officer.get_by_label("理由").fill("录音为证。")
    send(officer, "记录评判")


def give_opinion(page: Page, opinion: str) -> None:
    choose(page, "发表评判意见")
    page.get_by_role("radio", name=opinion, exact=True).check()
    send(page, "发表评判意见")


@pytest.mark.rule("R47")
@pytest.mark.rule("R51")
def test_admitted(office: Office, play: Play) -> None:
    officer, leader = office.page("sc.officer"), office.page("sc.leader")
    case = made_cases.by_sheet(play)
    notify(officer, case)
    play("file_report", "wh.head", made_cases.again(case), **made_cases.ADMITTED)
    officer.reload()
    expect_state(officer, "单位承认违反")
    penalise(officer, "张伟民", "刘建勋", "赵国栋")
    issue_and_sign(officer, leader, case)
    close(officer, case)


@pytest.mark.rule("R48")
@pytest.mark.rule("R49")
@pytest.mark.slow
def test_disputed_and_violated(office: Office, play: Play) -> None:
    officer, leader = office.page("sc.officer"), office.page("sc.leader")
    case = made_cases.disputed(play)
    open_case(officer, case)
    expect(officer.get_by_role("link", name="回复录音.txt")).to_be_visible()
    appoint_panel(officer, play)
    give_opinion(officer, "违反")
    open_case(leader, case)
    give_opinion(leader, "违反")
    officer.reload()
    record_panel(officer, "违反")
    expect_state(officer, "判定违反")
    penalised_by_the_head(officer, play, case)
    issue_and_sign(officer, leader, case)
    close(officer, case)


@pytest.mark.rule("R48")
@pytest.mark.slow
def test_disputed_and_cleared(office: Office, play: Play) -> None:
    officer, leader = office.page("sc.officer"), office.page("sc.leader")
    case = made_cases.disputed(play)
    open_case(officer, case)
    appoint_panel(officer, play)
    open_case(leader, case)
    give_opinion(leader, "不违反")
    officer.reload()
    give_opinion(officer, "不违反")
    record_panel(officer, "不违反")
    expect_state(officer, "判定不违反")
    close(officer, case)


@pytest.mark.rule("R45")
@pytest.mark.slow
def test_deemed(office: Office, play: Play, now: Now) -> None:
    officer, leader = office.page("sc.officer"), office.page("sc.leader")
    case = made_cases.deemed(play, now)
    open_case(officer, case)
    expect_state(officer, "逾期未报，视为违反")
    penalised_by_the_head(officer, play, case)
    issue_and_sign(officer, leader, case)
    close(officer, case)


@pytest.mark.rule("R42")
@pytest.mark.slow
def test_declined(office: Office, play: Play) -> None:
    officer, leader = office.page("sc.officer"), office.page("sc.leader")
    case = made_cases.by_sheet(play)
    open_case(officer, case)
    choose(officer, "不予立案")
    officer.get_by_label("理由").fill("客户已撤诉，事实不清。")
    send(officer, "不予立案")
    expect(officer.get_by_text("“不予立案”待批准")).to_be_visible()
    leader.goto("/admin/")
    leader.get_by_role("link", name="待我批准 1 件").click()
    leader.get_by_role("link", name=str(case.matter)).click()
    choose(leader, "批准")
    expect(leader.locator(".matter__facts")).to_contain_text("客户已撤诉，事实不清。")
    send(leader, "批准")
    expect_state(leader, "不予立案")


@pytest.mark.rule("R22")
@pytest.mark.slow
def test_the_contacts_fault(office: Office, play: Play) -> None:
    officer, leader = office.page("sc.officer"), office.page("sc.leader")
    complaint = made_cases.linked(play)
    officer.goto("/admin/")
    officer.get_by_role("link", name="提出接口人处理不当").click()
    officer.get_by_label("涉及轮次").fill(f"{complaint.matter}#1")
    officer.get_by_label("问题描述").fill("接单后未及时交办。")
    send(officer, "提出接口人处理不当")
    case = Case.objects.select_related("matter").get()
    play("file_opinion", "wh.head", made_cases.again(case), opinion="当日请假未交接。")
    officer.reload()
    choose(officer, "决定")
    expect(officer.locator(".matter__facts")).to_contain_text("当日请假未交接。")
    officer.get_by_label("违反", exact=True).check()
    officer.get_by_label("理由").fill("无正当理由。")
    send(officer, "决定")
    penalise(officer, play.cast["wh.contact"].name)
    issue_and_sign(officer, leader, case)
    close(officer, case)


MOST_CLICKS, MOST_FORMS = 8, 2


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_penalties_and_circular_after_the_panel_take_two_forms_and_eight_clicks(office: Office, play: Play) -> None:
    case = made_cases.disputed_and_violated(play)
    officer = office.page("sc.officer")
    sent: list[str] = []
    officer.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    officer.add_init_script("""addEventListener("click", () =>
        sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") || 0) + 1), true)""")
    officer.goto(page_of_case(case))
    rows = officer.locator(".tasks__row")
    assert rows.count() == 3
    for place in range(3):
        rows.nth(place).get_by_label("情节与理由").click()
        officer.keyboard.type("情节一般。")
        rows.nth(place).get_by_role("radio", name="1").click()
    send(officer, "一并记录处理")
    send(officer, "送签通报批评")
    posts = [url for url in sent if "/do/" in url]
    clicks = int(officer.evaluate("sessionStorage.getItem('clicks')"))
    assert 0 < len(posts) <= MOST_FORMS, posts
    assert 0 < clicks <= MOST_CLICKS, clicks
    assert made_cases.again(case).circular_to_sign is not None
