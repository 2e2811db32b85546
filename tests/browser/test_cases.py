"""The pages of cases and circulars, in the administration and outside it: readable for anybody."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.assessment.adjudicating import LIST, begin, do, page
from tests.assessment.office import Stage, form_of, page_of
from tests.browser.office import Office
from tests.browser.test_every_page import look
from tests.browser.test_rows import DESK, LAPTOP
from tests.factories import Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.browser

CUT_OFF = "(parts) => parts.filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.textContent)"


def pages(stage: Stage) -> list[tuple[str, str]]:
    """Who looks at which address."""
    phones = (f"1387130{place:04d}" for place in range(10))
    notified, waiting, judged, fault, sheet, admitted = (
        make(phone=next(phones))
        for make in (stage.notified, stage.waiting, stage.judged, stage.fault, stage.sheet, stage.admitted)
    )
    stage.do("penalise", "wh.head", admitted, person="wh.zhang", ground="handler", months=2, reason="未按时交办。")
    closed = stage.closed()
    asked = {"reason": "事实不清。", "approved_by": "sc.leader"}
    declined = stage.do("decline_case", "sc.officer", stage.sheet(phone=next(phones)), **asked)
    penalised = stage.penalised(stage.admitted(phone=next(phones)))
    laid_before = stage.do("issue_circular", "sc.officer", penalised, signed_by="sc.leader")
    circular = closed.circular_rows[0].pk
    return [
        ("wh.contact", "/"), ("wh.contact", "/cases/?all=1"), ("wh.contact", page_of(notified)),
        ("wh.contact", form_of(notified, "file_report")), ("wh.contact", form_of(closed, "file_slip")),
        ("wh.contact", form_of(notified, "sign_report")),
        ("wh.head", page_of(admitted)), ("wh.head", form_of(admitted, "penalise")), ("wh.head", page_of(closed)),
        ("wh.head", form_of(waiting, "sign_report")),
        ("wh.head", f"{page_of(notified)}deadlines/{deadline(notified, 'report').pk}/"),
        ("wh.leader", page_of(fault)), ("yc.head", page_of(judged)), ("yc.head", "/cases/"),
        ("kf.agent", "/cases/"), ("kf.agent", page_of(sheet)), ("kf.agent", "/cases/open_fault/"),
        ("sc.officer", "/admin/"), ("sc.officer", LIST), ("sc.officer", page(sheet)), ("sc.officer", page(judged)),
        ("sc.officer", page(closed)), ("sc.officer", page(fault)), ("sc.officer", do(sheet, "notify_unit")),
        ("sc.officer", do(admitted, "penalise")), ("sc.officer", begin("open_case")),
        ("sc.officer", f"{LIST}?state=closed&scope=all"), ("sc.leader", do(judged, "give_opinion")),
        ("sc.leader", do(declined, "approve")), ("sc.leader", do(laid_before, "sign_circular")),
        ("sj.plain", "/circulars/"), ("sj.plain", f"/circulars/{circular}/"),
        ("sc.officer", do(penalised, "issue_circular")), ("sc.leader", do(laid_before, "return_circular")),
    ]  # fmt: skip


@pytest.mark.parametrize("viewport", [DESK, LAPTOP], ids=["desk", "laptop"])
def test_what_is_asked_of_a_unit_is_one_line_a_case(
    office: Office, play: Play, now: Now, viewport: ViewportSize
) -> None:
    stage = Stage(play)
    for place, make in enumerate((stage.notified, stage.waiting, stage.judged, stage.admitted)):
        make(phone=f"1387130{place:04d}")
    now.forward(days=3)
    page = office.page("wh.head", viewport=viewport)
    page.goto("/cases/")
    heights = page.evaluate(
        "Array.from(document.querySelectorAll('.row'), (row) => row.getBoundingClientRect().height)"
    )
    assert (len(heights), max(heights) <= 42) == (3, True), heights
    row = page.locator(".row", has_text="签发自查报告")
    for said in ("武汉分公司", "已通知自查，待自查报告", "待办：签发自查报告", "已等待 3天", "自查报告 尚余"):
        expect(row.get_by_text(said).first).to_be_in_viewport()
    assert page.locator(".row__title, .row__state, .row__duty").evaluate_all(CUT_OFF) == []


@pytest.mark.slow
def test_every_page_is_readable_for_anybody(office: Office, play: Play, now: Now) -> None:
    addresses = pages(Stage(play))
    now.forward(days=3)
    wrong = {}
    for username, address in addresses:
        opened = office.page(username)
        opened.goto(address)
        wrong[username, address] = look(opened)
        opened.close()
    assert wrong == {place: {} for place in wrong}
