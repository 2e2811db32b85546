"""The main work of each role by keyboard alone: Tab to it, type, Enter; nothing is ever dragged or pointed at.

What has the focus is in sight all the way: it is marked, and neither the bar nor a notice lies over it.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.assessment.cases import made_cases
from tests.browser.anybody import SCRIPT
from tests.browser.office import Office
from tests.factories import Play
from tests.looking import verbs_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AT = "document.activeElement"
MOST = 150
"""Presses of Tab after which somebody has given up."""


class Keyboard:
    """Somebody without a mouse: `keys.to("交办")` tabs to the control of this name, `keys.type("…")` writes into it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.evaluate(SCRIPT)
        self.page.keyboard.press("Tab")
        assert self.here() == "跳到正文"
        self.page.keyboard.press("Enter")

    def to(self, name: str, kind: str = "") -> Keyboard:
        for _press in range(MOST):
            self.page.keyboard.press("Tab")
            if self.here() == name and kind in self.page.evaluate(f"{AT}.tagName"):
                assert self.page.evaluate(f"anybody.lost({AT})") == []
                return self
        raise AssertionError(f"no way by Tab to {name}")

    def to_buttons(self) -> Keyboard:
        """The next group of radio buttons."""
        for _press in range(MOST):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(f"{AT}.type") == "radio":
                return self
        raise AssertionError("no way by Tab to radio buttons")

    def pick(self, option: str) -> Keyboard:
        """Among radio buttons, by the arrows."""
        for _press in range(MOST):
            if self.here().startswith(option):
                self.page.keyboard.press("Space")
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{option} is not among the buttons")

    def here(self) -> str:
        """The name of what has the focus, as it is read out."""
        name: str = self.page.evaluate(f"anybody.name({AT})")
        return name

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def choose(self, option: str) -> None:
        """In a list: by what its line begins with, as a screen full of names is gone through."""
        for _press in range(MOST):
            if self.page.evaluate(f"{AT}.selectedOptions[0].text").startswith(option):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{option} is not in the list")


def done(page: Page, verb: str) -> None:
    expect(page.get_by_text(f"“{verb}”已完成。")).to_be_visible()


def test_a_contact_hands_over(office: Office, play: Play) -> None:
    complaint = play.upto("delivered")
    keys = Keyboard(office.page("wh.contact"))
    keys.open("/")
    keys.to_buttons().pick("张伟民")
    keys.to("交办方式").choose("系统")
    keys.to("交办", "BUTTON").press("Enter")
    done(keys.page, "交办")
    assert verbs_of(complaint) == ["register", "dispatch", "hand_off"]


def test_a_handler_accepts_and_answers(office: Office, play: Play) -> None:
    complaint = play.upto("handed_off")
    keys = Keyboard(office.page("wh.zhang"))
    keys.open("/")
    keys.to("接单", "BUTTON").press("Enter")
    done(keys.page, "接单")
    keys.open(f"/complaints/{complaint.matter.number}/answer/")
    keys.to("处理结果").type("已退费。")
    keys.to("原因核查").type("套餐变更时未告知。")
    keys.to("答复客服中心", "BUTTON").press("Enter")
    done(keys.page, "答复客服中心")
    assert verbs_of(complaint) == ["register", "dispatch", "hand_off", "accept", "answer"]


def test_an_agent_replies(office: Office, play: Play) -> None:
    complaint = play.upto("completed")
    keys = Keyboard(office.page("kf.agent"))
    keys.open(f"/complaints/{complaint.matter.number}/reply/")
    keys.to("回复内容").type("已为您退费。")
    keys.to("回复客户", "BUTTON").press("Enter")
    done(keys.page, "回复客户")
    assert verbs_of(complaint)[-1] == "reply"


def test_the_marketing_officer_notifies_the_unit(office: Office, play: Play) -> None:
    case = made_cases.by_sheet(play)
    keys = Keyboard(office.page("sc.officer"))
    keys.open(f"/admin/assessment/case/{case.pk}/change/")
    keys.to("需核查的事项").type("请核查处理时限。")
    keys.to("通知自查", "BUTTON").press("Enter")
    done(keys.page, "通知自查")
    assert made_cases.again(case).state == "notified"
