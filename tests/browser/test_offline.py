"""An agent can't lose a customer's words: without a line nothing is sent, nothing is lost, nothing is done twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from complaints.models import Complaint
from tests.browser.office import Office, number_of, sign_in
from tests.browser.test_refusals import fill_intake, values
from tests.factories import Play
from tests.looking import verbs_of

pytestmark = pytest.mark.browser

TYPED = ["13871234567", "王建国", "武汉", "五月账单多出两笔扣费，要求退费。"]
FIELDS = [f"id_register_{name}" for name in ("phone", "customer", "region", "content")]
NO_LINE, UNSURE, RESTORED = "[data-draft-offline]", "[data-draft-unsure]", "[data-draft-note]"


def drafts(page: Page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))")


def test_without_a_line_an_intake_stays_and_is_sent_once_it_is_back(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="登记并派单").click()
    expect(page.locator(NO_LINE)).to_be_visible()
    assert (values(page, *FIELDS), page.get_by_role("button", name="登记并派单").is_enabled()) == (TYPED, True)
    page.context.set_offline(False)
    expect(page.locator(NO_LINE)).to_be_hidden()
    page.get_by_role("button", name="登记并派单").click()
    page.wait_for_url("**/complaints/TS*/")
    assert (Complaint.objects.count(), drafts(page)) == (1, [])


def test_a_line_that_breaks_on_the_way_loses_nothing_and_does_nothing_twice(office: Office) -> None:
    """The request arrives, its answer is lost and another tab reads the notice: sent again it has one effect."""
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.route("**/complaints/new/", lambda route: (route.fetch(max_redirects=0), route.abort()), times=1)
    page.get_by_role("button", name="只登记").click()
    page.wait_for_timeout(1000)
    page.unroute_all()
    office.page("kf.agent").goto("/")
    page.goto("/complaints/new/")
    expect(page.locator(UNSURE)).to_be_visible()
    assert (values(page, *FIELDS), Complaint.objects.count()) == (TYPED, 1)
    page.get_by_role("button", name="只登记").click()
    page.wait_for_url("**/complaints/TS*/")
    assert (Complaint.objects.count(), drafts(page)) == (1, [])
    assert number_of(page) == Complaint.objects.get().matter.number


def test_an_answer_that_was_lost_is_told_on_the_next_page(office: Office) -> None:
    """The notice of success says that it is done: nothing comes back that could be sent twice."""
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.route("**/complaints/new/", lambda route: (route.fetch(max_redirects=0), route.abort()), times=1)
    page.get_by_role("button", name="只登记").click()
    page.wait_for_timeout(1000)
    page.unroute_all()
    page.goto("/complaints/new/")
    expect(page.get_by_text(f"已登记，编号 {Complaint.objects.get().matter.number}。")).to_be_visible()
    assert (values(page, *FIELDS), drafts(page)) == (["", "", "", ""], [])


def test_an_answer_to_a_complaint_survives_a_server_that_is_away(office: Office, play: Play) -> None:
    complaint = play.upto("accepted")
    page = office.page("wh.zhang")
    page.goto(f"/complaints/{complaint.matter.number}/answer/")
    page.get_by_label("处理结果").fill("已退费两笔。")
    page.get_by_label("原因核查").fill("套餐变更时未告知。")
    page.route("**/answer/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="答复客服中心").click()
    expect(page.locator(NO_LINE)).to_be_visible()
    page.reload()
    expect(page.locator(RESTORED)).to_be_visible()
    assert values(page, "id_answer_result", "id_answer_cause") == ["已退费两笔。", "套餐变更时未告知。"]
    page.unroute_all()
    page.get_by_role("button", name="答复客服中心").click()
    expect(page.get_by_text("“答复客服中心”已完成。")).to_be_visible()
    assert (verbs_of(complaint)[-1], drafts(page)) == ("answer", [])


def test_a_refused_form_goes_on_being_kept(office: Office, play: Play) -> None:
    """The form that comes back with its errors is a new one on the page: what is typed into it is kept too."""
    complaint = play.upto("handed_off")
    page = office.page("wh.zhang")
    page.goto(f"/complaints/{complaint.matter.number}/request_return/")
    page.get_by_label("不属本部门职责的理由").fill("归宜昌分公司。")
    page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true })")
    page.get_by_role("button", name="申请退回").click()
    expect(page.locator("#id_request_return_guidance[aria-invalid=true]")).to_be_visible()
    page.get_by_label("指导意见").fill("请改派宜昌。")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator(RESTORED)).to_be_visible()
    kept = values(page, "id_request_return_reason", "id_request_return_guidance")
    assert kept == ["归宜昌分公司。", "请改派宜昌。"]


def test_nobody_reads_anothers_draft_on_the_same_desk(office: Office) -> None:
    page = office.strangers_page()
    sign_in(page, "kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.wait_for_timeout(600)
    assert len(drafts(page)) == 1
    page.context.clear_cookies()
    sign_in(page, "kf.agent2")
    assert drafts(page) == []
    page.goto("/complaints/new/")
    assert values(page, *FIELDS) == ["", "", "", ""]


def test_signing_out_leaves_nothing(office: Office) -> None:
    page = office.strangers_page()
    sign_in(page, "kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.wait_for_timeout(600)
    page.evaluate("document.querySelector('form[data-sign-out]').requestSubmit()")
    page.wait_for_url("**/sign-in/**")
    assert drafts(page) == []


def test_a_session_that_ran_out_gives_the_words_back(office: Office) -> None:
    page = office.strangers_page()
    sign_in(page, "kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.context.clear_cookies()
    page.get_by_role("button", name="只登记").click()
    page.wait_for_timeout(1000)
    assert Complaint.objects.count() == 0
    sign_in(page, "kf.agent")
    page.goto("/complaints/new/")
    expect(page.locator(UNSURE)).to_be_visible()
    assert values(page, *FIELDS) == TYPED


@pytest.mark.asvs("14.3.1", "14.3.2")
def test_signing_out_leaves_nothing_in_the_browser(office: Office) -> None:
    """The next person at a shared desk finds neither what was typed nor, by going back, what was shown."""
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    fill_intake(page)
    page.wait_for_timeout(600)
    assert len(drafts(page)) == 1
    page.locator("#id_register_content").press_sequentially("。")
    page.locator("form[data-sign-out] button").first.evaluate("button => button.click()")
    page.wait_for_url("**/sign-in/")
    kept = page.evaluate("Object.values({...sessionStorage, ...localStorage}).filter((text) => text.includes('1387'))")
    assert (drafts(page), kept) == ([], [])
    page.go_back()
    expect(page.locator("#id_username")).to_be_visible()
    assert page.locator("#id_register_phone").count() == 0
