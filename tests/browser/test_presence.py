"""Two people at one complaint: each is told of the other, and what the other fills in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.office import Office
from tests.factories import Play

pytestmark = pytest.mark.browser


def test_two_people_at_one_complaint_are_told_of_each_other(office: Office, play: Play) -> None:
    """Nothing flickers: what says the same isn't put there anew. Beside the list it is the same."""
    complaint = play.upto("accepted")
    place = f"/complaints/{complaint.matter.number}/"
    office.says_who_is_there = True
    agent, handler = office.page("kf.agent"), office.page("wh.zhang")
    agent.goto(place)
    expect(agent.locator("[data-onlookers] .badge")).to_have_count(0)
    with handler.expect_response("**/presence/"):
        handler.goto(place)
    expect(handler.locator("[data-onlookers] .badge")).to_contain_text("正在查看")
    with handler.expect_response("**/presence/"):
        handler.get_by_label("处理结果").first.press_sequentially("已")
    agent.clock.install()
    agent.goto(f"/complaints/?list=&open={complaint.matter.number}")
    badge = agent.locator("[data-onlookers] .badge")
    expect(badge).to_contain_text("正在填写“答复客服中心”")
    badge.evaluate("element => { element.dataset.same = 'yes'; }")
    with agent.expect_response("**/presence/"):
        agent.clock.fast_forward("00:20")
    expect(badge).to_have_attribute("data-same", "yes")
