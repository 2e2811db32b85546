"""The customer's pages on a telephone, with and without scripts, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from complaints.customer_word.links import code_of, link_of
from complaints.models import Complaint, CustomerMessage
from tests.browser.office import PHONE, Office
from tests.browser.test_pulse import faults
from tests.factories import Play

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.CUSTOMER_LINKS = True


@pytest.mark.parametrize("javascript", [True, False])
def test_a_customer_says_what_they_think(office: Office, play: Play, javascript: bool) -> None:
    complaint = play.upto("replied")
    page = office.strangers_page(javascript=javascript, viewport=PHONE)
    page.goto(f"/c/{link_of(CustomerMessage.objects.get(kind='replied'))}/")
    page.get_by_label("不满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("alert")).to_contain_text("哪里不满意")
    expect(page.get_by_label("不满意", exact=True)).to_be_checked()
    page.locator("select").select_option("slow")
    page.locator("textarea").fill("拖了三天才有人联系我。")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("status")).to_contain_text("您的评价已收到")
    assert Complaint.of_matter(complaint.matter_id).satisfied is False


def test_both_pages_are_readable_for_everybody(office: Office, play: Play) -> None:
    complaint = play.upto("replied")
    page = office.strangers_page(viewport=PHONE)
    page.goto(f"/c/{link_of(CustomerMessage.objects.get(kind='replied'))}/")
    assert faults(page) == []
    page.goto("/c/")
    assert faults(page) == []
    page.get_by_label("投诉编号").fill(str(complaint.matter))
    page.get_by_label("查询码").fill("AAAA-AAAA")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_contain_text("编号与查询码不符")
    assert faults(page) == []
    page.get_by_label("查询码").fill(code_of(complaint))
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("status")).to_contain_text("已答复")
    assert faults(page) == []
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Follow a complaint")
