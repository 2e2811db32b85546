"""What goes wrong at a desk: something left out, a tab that is out of date, a button clicked twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from accountability.models import LedgerEntry
from complaints.models import Complaint, Round
from tests.browser.office import Office, choose_category, choose_region, choose_unit, let_through, number_of, said_at
from tests.factories import Play
from tests.looking import verbs_of

pytestmark = pytest.mark.browser


def values(page: Page, *fields: str) -> list[str]:
    return [page.locator(f"#{field}").input_value() for field in fields]


def test_an_intake_without_a_category_is_refused_at_the_field_and_nothing_typed_is_lost(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    page.get_by_label("联系电话").fill("13871234567")
    page.get_by_label("客户姓名").fill("王建国")
    choose_region(page, "宜昌")
    page.get_by_label("投诉内容").fill("宽带三天没有修好。")
    page.get_by_label("紧急", exact=True).check()
    page.get_by_label("跨省").check()
    choose_unit(page, "宜昌分公司")
    let_through(page)
    with page.expect_response("**/complaints/new/") as refused:
        page.get_by_role("button", name="登记并派单").click()
    assert refused.value.status == 422
    assert said_at(page, "id_register_category") == "此项必填。"
    assert page.evaluate("document.activeElement.className") == "error-summary"
    kept = ["id_register_phone", "id_register_customer", "id_register_region", "id_register_content"]
    assert values(page, *kept) == ["13871234567", "王建国", "宜昌", "宽带三天没有修好。"]
    assert values(page, "id_dispatch_unit") == ["宜昌分公司"]
    assert [page.get_by_label(name, exact=True).is_checked() for name in ("紧急", "跨省")] == [True, True]
    assert Complaint.objects.count() == 0


def test_a_return_without_guidance_is_refused_at_the_field_and_its_reason_is_kept(office: Office, play: Play) -> None:
    complaint = play.upto("handed_off")
    page = office.page("wh.zhang")
    page.goto(f"/complaints/{complaint.matter.number}/request_return/")
    page.get_by_label("不属本部门职责的理由").fill("客户在宜昌办理，归宜昌分公司。")
    page.get_by_label("建议单位").select_option("YC")
    let_through(page)
    with page.expect_response("**/request_return/") as refused:
        page.get_by_role("button", name="申请退回").click()
    assert refused.value.status == 422
    expect(page.locator("#id_request_return_guidance[aria-invalid=true]")).to_be_visible()
    expect(page.locator(".error-summary")).to_be_focused()  # also where the form alone came back
    assert said_at(page, "id_request_return_guidance") == "此项必填。"
    kept = values(page, "id_request_return_reason", "id_request_return_suggested_unit")
    assert kept == ["客户在宜昌办理，归宜昌分公司。", "YC"]
    assert verbs_of(complaint) == ["register", "dispatch", "hand_off"]


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_tab_that_is_out_of_date_is_refused_with_the_state_as_it_now_is(
    office: Office, play: Play, javascript: bool
) -> None:
    complaint = play.upto("registered")
    address = f"/complaints/{complaint.matter.number}/dispatch/"
    late, first = office.page("kf.agent", javascript=javascript), office.page("kf.agent2", javascript=javascript)
    for page, unit in ((late, "WH"), (first, "YC")):
        page.goto(address)
        page.get_by_label("首问责任部门").select_option(unit)
        page.get_by_label("派单理由").fill("归属地分公司。")
    first.get_by_role("button", name="派单", exact=True).click()
    expect(first.get_by_text("“派单”已完成。")).to_be_visible()
    with late.expect_response(f"**{address}") as refused:
        late.get_by_role("button", name="派单", exact=True).click()
    assert refused.value.status == 409
    expect(late.locator(".message.tone-warn")).to_be_visible()
    assert late.locator(".error-summary li").all_inner_texts() == ["页面已过时，当前状态：待交办。"]
    assert late.locator(".message.tone-warn strong").inner_text() == "待交办"
    assert values(late, "id_dispatch_unit", "id_dispatch_reason") == ["WH", "归属地分公司。"]
    assert late.get_by_role("button", name="派单", exact=True).count() == 0
    assert list(Round.objects.values_list("unit__code", flat=True)) == ["YC"]


class SlowLink:
    """Holds every POST of a page back until it is let go: what a second click meets on a slow link."""

    def __init__(self, page: Page) -> None:
        self.page, self.held = page, list[Route]()
        page.route("**/*", self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method == "POST":
            self.held.append(route)
        else:
            route.continue_()

    def double_click(self, button: str) -> int:
        """How many requests that sends. By the mouse alone: a locator would wait for the answer in between."""
        box = self.page.get_by_role("button", name=button, exact=True).bounding_box()
        assert box is not None
        self.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, delay=60)
        self.page.wait_for_timeout(200)
        return len(self.held)


def test_a_double_click_sends_one_request(office: Office, play: Play) -> None:
    complaint = play.upto("handed_off")
    page = office.page("wh.zhang")
    page.goto("/")
    link = SlowLink(page)
    assert link.double_click("接单") == 1
    link.held[0].continue_()
    expect(page.get_by_text("“接单”已完成。")).to_be_visible()
    assert verbs_of(complaint) == ["register", "dispatch", "hand_off", "accept"]


def test_two_requests_of_one_form_have_one_effect(office: Office) -> None:
    """Without a script nothing keeps the second one from being sent; the server takes it for the first."""
    page = office.page("kf.agent", javascript=False)
    page.goto("/complaints/new/")
    fill_intake(page)
    link = SlowLink(page)
    assert link.double_click("登记并派单") == 2
    answers = [route.fetch(max_redirects=0) for route in link.held]
    assert [answer.status for answer in answers] == [302, 302]
    assert len({answer.headers["location"] for answer in answers}) == 1
    link.held[1].fulfill(response=answers[1])
    page.wait_for_url("**/complaints/TS*/")
    assert page.locator(".page-head .badge").all_inner_texts() == ["待交办", "P3 一般"]
    said = LedgerEntry.objects.filter(matter__number=number_of(page)).order_by("seq")
    assert list(said.values_list("verb", flat=True)) == ["register", "dispatch"]
    assert Complaint.objects.count() == 1


def test_a_unit_chosen_while_the_suggestion_is_on_its_way_stands(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto("/complaints/new/")
    link = SlowLink(page)
    choose_region(page, "武汉")
    choose_unit(page, "宜昌分公司")
    assert [route.request.url.removeprefix(office.address) for route in link.held] == ["/complaints/suggest/"]
    link.held[0].continue_()
    page.wait_for_timeout(300)
    assert page.locator("select[name=unit]").input_value() == "YC"


def fill_intake(page: Page) -> None:
    page.get_by_label("联系电话").fill("13871234567")
    page.get_by_label("客户姓名").fill("王建国")
    choose_category(page, "资费与收费争议/退费")
    choose_region(page, "武汉")
    page.get_by_label("投诉内容").fill("五月账单多出两笔扣费，要求退费。")
    page.get_by_label("一般", exact=True).check()
    choose_unit(page, "武汉分公司")
