"""Days at work that the long walks leave out: the deputy's and the leader's, and the supervisor's last word.

Each goes from the desk by what stands there, and the record says what came of it.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accountability.ledger import broken
from accountability.models import Matter
from complaints.models import Complaint
from tests.browser.office import PHONE, Office
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
    page.wait_for_url(f"**/complaints/{complaint}/")


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
