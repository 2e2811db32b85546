"""The unit's side of a whole case, as its contact and its head click it; what marketing does on the way is played."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from accountability.audit.chains import broken
from accountability.files.attachments import content_of
from accountability.models import Matter
from assessment.models import Case, Evidence, Penalty
from tests.assessment.cases import made_cases
from tests.browser.office import Office
from tests.factories import Play

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILE = FilePayload(name="排班表.txt", mimeType="text/plain", buffer="当班人员名单".encode())


def open_from_inbox(page: Page, case: Case, words: str) -> None:
    """By the notice, as somebody who was told of it."""
    page.goto("/inbox/")
    page.locator(".row", has_text=str(case.matter)).filter(has_text=words).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(case.matter))


def choose(page: Page, verb: str) -> None:
    """A form of the case's page; the one that is owed is open."""
    form = page.locator("#actions details", has=page.locator("summary", has_text=verb)).first
    if form.count() and form.get_attribute("open") is None:
        form.locator("summary").click()
    expect(page.get_by_role("main").get_by_role("button", name=verb, exact=True)).to_be_visible()


def send(page: Page, verb: str) -> None:
    page.get_by_role("main").get_by_role("button", name=verb, exact=True).click()
    expect(page.get_by_text(f"“{verb}”已完成。")).to_be_visible()


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(".page-head .badge").first).to_have_text(state)


def report(contact: Page) -> None:
    """Admitted, with two people named and a file; refused first for want of a name (R44)."""
    choose(contact, "提交自查报告")
    contact.get_by_label("承认违反").check()
    contact.get_by_label("事件经过与原因").fill("当班人员接单后未处理，系交接遗漏。")
    contact.get_by_label("证据材料").set_input_files(FILE)
    contact.get_by_label("签发人").select_option("wh.head")
    contact.get_by_role("main").get_by_role("button", name="提交自查报告", exact=True).click()
    expect(contact.get_by_role("alert")).to_contain_text("承认违反的，应明确具体责任人，至少一名。")
    expect(contact.get_by_label("事件经过与原因")).to_have_value("当班人员接单后未处理，系交接遗漏。")
    expect(contact.locator(".files")).to_contain_text("排班表.txt")
    contact.get_by_label("张伟民").check()
    send(contact, "提交自查报告")


def penalise(page: Page, months: dict[str, str]) -> None:
    """Everybody who owes it, in one form."""
    choose(page, "一并记录处理")
    for person, number in months.items():
        owed = page.get_by_role("group", name=person)
        owed.get_by_role("radio", name=number).check()
        owed.get_by_label("情节与理由").fill("首次，情节较轻。")
    send(page, "一并记录处理")


def carry_out(page: Page, username: str, voucher: str) -> None:
    choose(page, "提交执行回执")
    page.get_by_label("受处理人").select_option(username)
    page.get_by_label("执行日期").fill("2026-11-24")
    page.get_by_label("人力资源凭证号").fill(voucher)
    send(page, "提交执行回执")


@pytest.mark.rule("R43")
@pytest.mark.rule("R44")
@pytest.mark.rule("R47")
@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_from_the_notice_to_the_last_slip(office: Office, play: Play) -> None:
    contact, head = office.page("wh.contact"), office.page("wh.head")
    case = made_cases.notified(play)
    open_from_inbox(contact, case, "自查")
    expect_state(contact, "已通知自查，待自查报告")
    report(contact)
    expect_state(contact, "已通知自查，待自查报告")

    open_from_inbox(head, case, "签发自查报告")
    choose(head, "签发自查报告")
    expect(head.get_by_role("main")).to_contain_text("系交接遗漏")
    expect(head.get_by_role("link", name="排班表.txt")).to_be_visible()
    send(head, "签发自查报告")
    expect_state(head, "单位承认违反")

    penalise(head, {"张伟民": "2", "刘建勋": "1"})
    # Nobody records their own, so the head's is marketing's to record.
    case = play(
        "penalise",
        "sc.officer",
        made_cases.again(case),
        person="wh.head",
        ground="unit_head",
        months=1,
        reason="管理责任。",
    )
    told = Penalty.objects.order_by("pk").values_list("person__username", "months", "recorded_by__username")
    assert list(told) == [("wh.zhang", 2, "wh.head"), ("wh.leader", 1, "wh.head"), ("wh.head", 1, "sc.officer")]

    case = play("issue_circular", "sc.officer", case, signed_by="sc.leader")
    case = play("sign_circular", "sc.leader", case)
    play("close_case", "sc.officer", case)
    head.reload()
    expect_state(head, "已结案")
    carry_out(head, "wh.zhang", "人〔2026〕88")
    carry_out(head, "wh.leader", "人〔2026〕89")
    contact.reload()
    carry_out(contact, "wh.head", "人〔2026〕90")

    slips = Penalty.objects.exclude(slip_at=None).order_by("pk")
    assert [row.person.username for row in slips] == ["wh.zhang", "wh.leader", "wh.head"]
    file = Evidence.objects.select_related("file").get().file
    assert (file.name, content_of(file)) == ("排班表.txt", "当班人员名单".encode())
    assert broken(Matter.objects.get(pk=case.pk)) is None
