"""Facts first: whoever owes an act reads the evidence and finds the button without scrolling."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from accountability.models import Preferences
from complaints.models import Complaint
from tests.browser.office import Office
from tests.browser.test_every_page import look
from tests.factories import Play

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1440, "height": 900}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}

MOST_OF_THE_LINE = 48
"""Pixels of height for holder, clocks and step together."""

NUMBER = "02712345678"

SAID = "五月账单多出两笔增值业务扣费共36元，本人从未开通，要求退费并说明由谁开通。" * 12
"""Longer than the card shows at once."""

ANSWERED = "已退费36元并致歉。"
WANTED_BACK = "号码归属宜昌，不属本单位。"


def judging(play: Play) -> tuple[str, Complaint, str]:
    return "kf.agent", play("answer", "wh.zhang", play.upto("accepted", content=SAID), result=ANSWERED), ANSWERED


def answering(play: Play) -> tuple[str, Complaint, str]:
    answered = play("answer", "wh.zhang", play.upto("accepted", content=SAID), result=ANSWERED)
    back = play("judge_complete", "kf.agent", answered, complete=False, reason="请核对第二笔扣费。")
    return "wh.zhang", back, "请核对第二笔扣费。"


def ruling(play: Play) -> tuple[str, Complaint, str]:
    delivered = play.upto("delivered", content=SAID)
    return "kf.agent", play("request_return", "wh.contact", delivered, reason=WANTED_BACK), WANTED_BACK


def handing_over(play: Play) -> tuple[str, Complaint, str]:
    registered = play("register", "kf.agent", content=SAID)
    return "wh.contact", play("dispatch", "kf.agent", registered, reason="请尽快核实扣费。"), "请尽快核实扣费。"


DUTIES: dict[str, Any] = {
    "judge_complete": judging, "answer": answering, "rule_on_return": ruling, "hand_off": handing_over,
}  # fmt: skip


def box(found: Locator) -> dict[str, float]:
    there: Any = found.bounding_box()
    assert there is not None, "it isn't shown"
    return {**there, "bottom": there["y"] + there["height"], "right": there["x"] + there["width"]}


def on_screen(page: Page, found: Locator, part: float = 0) -> bool:
    """Whether it is on the screen whole, or its first `part` pixels are, and nothing lies over it."""
    size, there = page.viewport_size, box(found)
    assert size is not None
    bottom = there["y"] + part if part else there["bottom"]
    x, y = there["x"] + min(there["width"] / 2, 60), there["y"] + min(there["height"], part or there["height"]) / 2
    uncovered = found.evaluate("(one, [x, y]) => one.contains(document.elementFromPoint(x, y))", [x, y])
    return bool(there["y"] >= 0 and bottom <= size["height"] and there["right"] <= size["width"] and uncovered)


def words(page: Page) -> Locator:
    return page.locator("#customer .prose").first


def newest(page: Page, text: str) -> Locator:
    return page.locator("#latest .prose", has_text=text)


@pytest.mark.parametrize("verb", DUTIES)
def test_evidence_and_button_are_on_the_first_screen(office: Office, play: Play, verb: str) -> None:
    who, complaint, said = DUTIES[verb](play)
    number = complaint.matter.number
    page = office.page(who, viewport=WIDE)
    for address in (f"/complaints/{number}/", f"/complaints/{number}/{verb}/", f"/complaints/?open={number}"):
        page.goto(address)
        button = page.locator(f"form[action$='/{number}/{verb}/'] button[type=submit]")
        assert on_screen(page, button), address
        assert on_screen(page, words(page), 60), address
        assert on_screen(page, newest(page, said)), address
        assert box(words(page))["right"] <= box(button)["x"], address
        if "open" not in address:
            assert box(page.locator(".matter__line"))["height"] <= MOST_OF_THE_LINE, address
    page.set_viewport_size(LAPTOP)
    page.goto(f"/complaints/{number}/")
    assert (on_screen(page, button), on_screen(page, words(page), 60)) == (True, True)
    page.mouse.wheel(0, 5000)
    expect(page.get_by_text("所有时间均为北京时间")).to_be_in_viewport()
    assert on_screen(page, page.locator(f"form[action$='/{verb}/'] button[type=submit]"))


@pytest.mark.parametrize("verb", DUTIES)
def test_the_holder_is_dialled_from_the_line(office: Office, play: Play, verb: str) -> None:
    _who, complaint, _said = DUTIES[verb](play)
    for person in play.cast.people.values():
        known, _made = Preferences.objects.get_or_create(employee=person)
        known.addresses = {"office": NUMBER}
        known.save()
    page = office.page("kf.agent2", viewport=WIDE)
    for size in (WIDE, LAPTOP):
        page.set_viewport_size(size)
        page.goto(f"/complaints/{complaint.matter.number}/")
        line = page.locator(".matter__line")
        expect(line.get_by_role("link", name=NUMBER)).to_have_attribute("href", f"tel:{NUMBER}")
        assert on_screen(page, line.get_by_role("link", name=NUMBER))
        assert box(line)["height"] <= MOST_OF_THE_LINE, size


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("verb", DUTIES)
def test_on_a_telephone_a_bar_at_the_foot_leads_to_the_form(
    office: Office, play: Play, verb: str, javascript: bool
) -> None:
    who, complaint, said = DUTIES[verb](play)
    number = complaint.matter.number
    page = office.page(who, viewport=PHONE, javascript=javascript)
    for address in (f"/complaints/{number}/", f"/complaints/{number}/{verb}/"):
        page.goto(address)
        bar, form = page.locator(".matter__bar"), page.locator(f"form[action$='/{verb}/']")
        assert on_screen(page, words(page), 60), address
        assert (on_screen(page, bar), box(bar)["bottom"]) == (True, PHONE["height"]), address
        assert box(words(page))["y"] < box(newest(page, said))["y"] < box(form)["y"], address
        bar.get_by_role("link").click()
        expect(form.locator("input:visible, select:visible, textarea:visible").first).to_be_in_viewport()
        assert box(bar)["bottom"] <= box(form)["y"], address


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_telephone_taking_it_up_is_one_tap(office: Office, play: Play, javascript: bool) -> None:
    page = office.page("wh.zhang", viewport=PHONE, javascript=javascript)
    page.goto(f"/complaints/{play.upto('handed_off').matter.number}/")
    bar = page.locator(".matter__bar")
    assert on_screen(page, bar)
    page.get_by_role("button", name="接单").click()
    page.get_by_text("“接单”已完成。").wait_for()
    assert bar.get_by_role("link").inner_text() == "答复客服中心"


def test_taking_it_up_is_one_tap_and_what_is_rare_is_folded(office: Office, play: Play) -> None:
    page = office.page("wh.zhang", viewport=WIDE)
    page.goto(f"/complaints/{play.upto('handed_off').matter.number}/")
    expect(page.locator("#actions details[open]")).to_have_count(0)
    expect(page.get_by_role("button", name="接单")).to_be_in_viewport()
    page.get_by_role("button", name="接单").click()
    page.get_by_text("“接单”已完成。").wait_for()
    opened = page.locator("#actions details[open] > summary")
    assert [text.split() for text in opened.all_inner_texts()] == [["答复客服中心", "待办"]]
    agent = office.page("kf.agent", viewport=WIDE)
    agent.goto(page.url)
    for rare in ("客户撤诉", "标记重复登记", "撤回派单"):
        expect(agent.locator("summary", has_text=rare)).to_be_hidden()
    agent.locator("summary", has_text="其他操作").click()
    expect(agent.locator("summary", has_text="客户撤诉")).to_be_visible()


def test_anybody_can_read_what_was_folded(office: Office, play: Play) -> None:
    who, complaint, _said = judging(play)
    page = office.page(who, viewport=WIDE)
    page.goto(f"/complaints/{complaint.matter.number}/")
    for fold in page.locator(".matter__fold > summary").all():
        fold.click()
    assert look(page) == {}
    page.emulate_media(media="print")
    page.reload()
    for head in ("办理进程", "各轮办理", "全部时限", "办理经过"):
        fold = page.locator(".matter__fold", has=page.locator("summary", has_text=head))
        assert box(fold)["height"] > 100, head
