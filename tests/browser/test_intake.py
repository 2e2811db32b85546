"""The intake by the keys alone: few of them, a category by whatever is quickest to type, and what a box must say."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accountability.models import Preferences
from complaints.models import Complaint, State
from tests.browser.office import Office, number_of
from tests.browser.test_pulse import faults
from tests.factories import Play

pytestmark = pytest.mark.browser

PAGE = "/complaints/new/"


class Keys:
    """Counts every key pressed beyond the text itself, the letters that find a category among them; a chord is as many
    keys as are held.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += len(key.split("+"))


def slow(page: Page, delay: int) -> None:
    """Each answer takes `delay` ms from now on."""
    conditions = {"offline": False, "latency": delay, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


@pytest.mark.parametrize("delay", [0, 400])
def test_from_the_open_page_to_the_dispatch_in_ten_keys(office: Office, delay: int) -> None:
    """Also where each answer takes `delay` ms, so that the suggestions of region and category wait for one another."""
    page = office.page("kf.agent")
    page.goto(PAGE)
    slow(page, delay)
    keys = Keys(page)
    keys.type("13871234567")
    keys.press("Tab")
    keys.type("王建国")
    keys.press("Tab")
    keys.type("武汉")
    keys.press("Tab")
    keys.press("t", "f", "Tab")
    keys.type("五月账单多出两笔扣费，要求退费。")
    keys.press("Control+Enter")
    page.wait_for_url("**/complaints/TS*/")
    made = Complaint.objects.with_everything().get()
    assert made.latest_round is not None
    assert made.category is not None
    assert (made.category.path, made.priority, made.region) == ("资费与收费争议/退费", "P3", "武汉")
    assert (made.state, made.latest_round.unit.code, number_of(page)) == (
        State.DISPATCHED,
        "WH",
        made.matter.number,
    )
    assert keys.pressed == 8


def test_the_same_chord_where_it_is_settled_registers_and_settles(office: Office) -> None:
    """Not the dispatch of the form, which would refuse or lose what was typed there."""
    page = office.page("kf.agent")
    page.goto(PAGE)
    page.locator("[name=phone]").fill("13871234567")
    page.locator("[name=customer]").fill("王建国")
    choose = "(it, value) => { it.value = value; it.dispatchEvent(new Event('change', { bubbles: true })) }"
    for name, value in (("region", "武汉"), ("category", "资费与收费争议/退费")):
        page.locator(f"[name={name}]").evaluate(choose, value)
    page.locator("[name=content]").fill("五月账单多出两笔扣费，要求退费。")
    page.get_by_text("当场已解决").click()
    page.locator("[name=settled-satisfied][value=true]").check()
    page.locator("[name=settled-result]").fill("已退费。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/complaints/TS*/")
    assert Complaint.objects.get().state == State.ARCHIVED


def found(page: Page) -> list[str]:
    return page.get_by_role("option").locator("visible=true").locator("span:first-child").all_inner_texts()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("退费", "退费"), ("tf", "退费"), ("TuiFei", "退费"), ("wjty", "未经同意开通"),
        ("网络 慢", "数据慢"), ("wlzl sjm", "数据慢"), ("volte", "VoLTE"), ("app", "APP"),
        ("乱扣费", "增值业务扣费"), ("客户说被乱扣费了", "增值业务扣费"), ("宽带慢", "宽带故障"),
        ("踢皮球", "推诿拖延"),
    ],
)  # fmt: skip
def test_a_category_is_found_by_characters_initials_or_words(office: Office, typed: str, first: str) -> None:
    page = office.page("kf.agent")
    page.goto(PAGE)
    page.get_by_role("combobox", name="投诉类别").fill(typed)
    assert found(page)[:1] == [first]


def test_the_box_says_what_it_does(office: Office) -> None:
    """By the ARIA pattern: whether it is open, which line is meant, how many there are; and nothing is sent half."""
    page = office.page("kf.agent")
    page.goto(PAGE)
    box, chosen = page.get_by_role("combobox", name="投诉类别"), page.locator("select[name=category]")

    def says() -> list[Any]:
        meant = box.get_attribute("aria-activedescendant")
        return [
            box.get_attribute("aria-expanded"),
            page.locator(f"#{meant}").get_attribute("aria-selected") if meant else None,
            page.locator(f"#{meant} span").first.inner_text() if meant else None,
            chosen.input_value(),
        ]

    assert says() == ["false", None, None, ""]
    box.fill("tk")
    box.fill("dh")
    assert says() == ["true", "true", "掉话", ""]
    assert faults(page) == []
    expect(page.locator(".combo:has(select[name=category]) [role=status]")).to_contain_text("用上下键选择")
    box.press("ArrowDown")
    assert says()[:2] == ["true", "true"]
    box.press("ArrowUp")
    box.press("Enter")
    assert says() == ["false", None, None, "网络质量/掉话"]
    box.press("ArrowDown")
    box.press("Escape")
    assert says() == ["false", None, None, "网络质量/掉话"]
    box.fill("没有这类")
    assert says() == ["false", None, None, ""]
    assert box.evaluate("(box) => box.validationMessage") == "没有符合的类别，请从列表中选择。"


def test_a_draft_brings_the_category_back(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto(PAGE)
    box = page.get_by_role("combobox", name="投诉类别")
    box.fill("sjm")
    box.press("Enter")
    page.reload()
    expect(box).to_have_value("网络质量/数据慢")
    page.get_by_role("button", name="放弃草稿").click()
    expect(box).to_have_value("")


def test_a_number_known_warns_before_anything_is_saved(office: Office, play: Play) -> None:
    earlier = play.upto("accepted", category="资费与收费争议/退费")
    page = office.page("kf.agent")
    page.goto(PAGE)
    page.get_by_label("联系电话").fill("13871234567")
    page.get_by_label("联系电话").press("Tab")
    expect(page.get_by_text(f"该号码的 {earlier.matter.number} 还在办理。")).to_be_visible()
    box = page.get_by_role("combobox", name="投诉类别")
    box.fill("tf")
    box.press("Enter")
    expect(page.get_by_text(f"重复投诉：与 {earlier.matter.number} 同号码、同类别。")).to_be_visible()
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "typed", "first", "value"),
    [
        ("归属地市", "yc", "宜昌", "宜昌"),
        ("归属地市", "武", "武汉", "武汉"),
        ("首问责任部门", "ycf", "宜昌分公司", "YC"),
    ],
)
def test_region_and_unit_are_found_by_pinyin(
    office: Office, name: str, typed: str, first: str, value: str
) -> None:  # fmt: skip
    """Also in the part that was asked for anew with the region."""
    page = office.page("kf.agent")
    page.goto(PAGE)
    for _again in range(2):
        box = page.get_by_role("combobox", name=name)
        box.fill(typed)
        assert found(page)[:1] == [first]
        with page.expect_response("**/suggest/") if name == "归属地市" else nullcontext():
            box.press("Enter")
        expect(box).to_have_value(first)
        assert page.locator(f"select[name={'region' if name == '归属地市' else 'unit'}]").input_value() == value
        with page.expect_response("**/suggest/"):
            page.get_by_role("button", name="按类别和地市建议单位").click()
    assert faults(page) == []


@pytest.mark.parametrize("asked", ["once", "again", "by the button"])
@pytest.mark.parametrize(("keys", "chosen", "shown"), [(["Enter"], "YC", "宜昌分公司"), ([], "", "ycf")])
def test_what_is_typed_while_a_suggestion_is_on_its_way_stays(
    office: Office, keys: list[str], chosen: str, shown: str, asked: str
) -> None:  # fmt: skip
    """The answer would bring a list that knows nothing of it: neither the text, the choice nor the place is lost. Not
    by a fetch that was asked for while another ran, either.
    """
    page = office.page("kf.agent")
    page.goto(PAGE)
    slow(page, 400)
    box, region = (page.get_by_role("combobox", name=name) for name in ("首问责任部门", "归属地市"))
    with page.expect_response("**/suggest/") as suggestion:
        region.fill("武汉")
        box.focus()
    suggestion.value.finished()
    page.wait_for_function("document.activeElement.matches('#suggestion input')")
    if asked == "by the button":
        page.get_by_role("button", name="按类别和地市建议单位").click()
    else:
        for name in ("襄阳", "宜昌")[asked == "once" :]:
            region.fill(name)
    box.fill("ycf")
    for key in keys:
        box.press(key)
    page.wait_for_timeout(800)
    expect(box).to_be_focused()
    expect(box).to_have_value(shown)
    assert page.locator("select[name=unit]").input_value() == chosen
    assert found(page) == ([] if keys else ["宜昌分公司"])
    assert faults(page) == []


def test_what_is_typed_into_a_box_that_was_just_filled_replaces_it(office: Office) -> None:
    """The place was taken over with a suggestion in it: the next key begins anew, as in any box that one comes to."""
    page = office.page("kf.agent")
    page.goto(PAGE)
    page.get_by_role("combobox", name="投诉类别").fill("tf")
    with page.expect_response("**/suggest/"):
        page.get_by_role("combobox", name="投诉类别").press("Enter")
    slow(page, 400)
    with page.expect_response("**/suggest/") as suggestion:
        page.get_by_role("combobox", name="归属地市").fill("武汉")
        page.get_by_role("combobox", name="首问责任部门").focus()
    suggestion.value.finished()
    box = page.get_by_role("combobox", name="首问责任部门")
    expect(box).to_have_value("武汉分公司")
    expect(box).to_be_focused()
    page.keyboard.type("ycf")
    expect(box).to_have_value("ycf")
    assert found(page) == ["宜昌分公司"]


def test_a_name_typed_in_full_is_chosen_at_once(office: Office) -> None:
    page = office.page("kf.agent")
    page.goto(PAGE)
    page.get_by_role("combobox", name="归属地市").fill("宜昌")
    page.get_by_label("投诉内容").click()
    assert page.locator("select[name=region]").input_value() == "宜昌"


def test_a_number_fills_what_is_blank_and_says_what_is_wrong_with_it(office: Office, play: Play) -> None:
    play.upto("registered", region="宜昌", tier="vip")
    page = office.page("kf.agent")
    page.goto(PAGE)
    number, region = page.get_by_label("联系电话"), page.get_by_role("combobox", name="归属地市")
    number.fill("10086")
    number.press("Tab")
    expect(page.get_by_text("这是服务号码")).to_be_visible()
    expect(number).to_have_attribute("aria-invalid", "true")
    number.fill("13871234567")
    number.press("Tab")
    expect(region).to_have_value("宜昌")
    expect(page.get_by_label("VIP")).to_be_checked()
    expect(number).to_have_attribute("aria-invalid", "false")
    assert faults(page) == []
    page.get_by_role("button", name="填入姓名 王**").click()
    expect(page.get_by_label("客户姓名")).to_have_value("王建国")
    page.get_by_label("客户姓名").fill("李四")
    region.fill("wh")
    region.press("Enter")
    page.get_by_label("普通").check()
    number.fill("13871230002")
    number.press("Tab")
    expect(page.get_by_text("号码归属：武汉")).to_be_visible()
    number.fill("13871234567")
    number.press("Tab")
    expect(page.get_by_text("该号码此前登记的归属地市：宜昌")).to_be_visible()
    expect(region).to_have_value("武汉")
    expect(page.get_by_label("普通")).to_be_checked()
    expect(page.get_by_label("客户姓名")).to_have_value("李四")


@pytest.mark.parametrize("beside", [False, True], ids=["on its page", "beside a list"])
def test_a_place_is_corrected_from_the_same_list(office: Office, play: Play, beside: bool) -> None:
    complaint = play.upto("registered")
    page = office.page("kf.agent", viewport={"width": 1700, "height": 900})
    page.goto("/complaints/" if beside else f"/complaints/{complaint.matter.number}/")
    if beside:
        page.get_by_role("link", name=complaint.matter.number).click()
        page.locator("#beside [data-complaint]").wait_for()
    page.get_by_text("其他操作").click()
    page.locator("summary", has_text="更正登记").click()
    box = page.get_by_role("combobox", name="归属地市")
    box.fill("yc")
    box.press("Enter")
    expect(box).to_have_value("宜昌")
    assert faults(page) == []
    page.get_by_role("textbox", name="理由", exact=True).fill("登记有误。")
    page.get_by_role("button", name="更正登记", exact=True).click()
    expect(page.get_by_text("“更正登记”已完成。")).to_be_visible()
    assert play.again(complaint).region == "宜昌"


@pytest.mark.parametrize(("typed", "opens"), [("火星", False), ("123", False), ("138 7123-4567", True)])
def test_the_call_box_of_the_desk_takes_only_what_can_be_a_number(office: Office, typed: str, opens: bool) -> None:
    page = office.page("kf.agent")
    page.goto("/")
    box = page.get_by_label("来电号码")
    box.fill(typed)
    box.press("Enter")
    if opens:
        page.wait_for_url("**/complaints/lookup/")
        expect(page.get_by_label("联系电话")).to_have_value(typed)
    assert box.count() == 0 if opens else box.evaluate("(box) => box.validity.patternMismatch")


def test_a_colleague_is_dialled_from_the_complaint(office: Office, play: Play) -> None:
    complaint = play.upto("accepted")
    mine = Preferences(employee=play.cast["wh.zhang"])
    mine.addresses = {"office": "02712345678"}
    mine.save()
    page = office.page("kf.agent")
    page.goto(f"/complaints/{complaint.matter.number}/")
    links = page.get_by_role("link", name="02712345678")
    assert links.count() == 2, "in the line of who holds it, and with its people"
    for link in links.all():
        expect(link).to_have_attribute("href", "tel:02712345678")
    assert faults(page) == []


def test_a_call_fills_the_page_and_leaves_its_number_in_no_address(office: Office, play: Play) -> None:
    """The cursor waits where the agent goes on: at the first box that isn't filled."""
    earlier = play.upto("delivered", region="宜昌")
    page = office.page("kf.agent")
    page.goto("/intake/?phone=138-7123-4567")
    expect(page.locator("#earlier")).to_contain_text(str(earlier.matter))
    assert page.url.endswith(PAGE)
    expect(page.locator("[name=phone]")).to_have_value("138-7123-4567")
    expect(page.locator("[name=region]")).to_have_value("宜昌")
    expect(page.locator("[name=customer]")).to_be_focused()


def test_the_page_of_a_call_registers_like_any_other(office: Office) -> None:
    """A page that may send no referrer sends no origin either, and its form would be refused as forged."""
    page = office.page("kf.agent")
    page.goto("/intake/?phone=13871234567")
    expect(page.locator("[name=customer]")).to_be_focused()
    keys = Keys(page)
    keys.type("王建国")
    keys.press("Tab")
    keys.type("武汉")
    keys.press("Tab", "t", "f", "Tab")
    keys.type("五月账单多出两笔扣费，要求退费。")
    keys.press("Control+Enter")
    page.wait_for_url("**/complaints/TS*/")
    assert Complaint.objects.get().matter.number == number_of(page)
