"""Which pictures there are, and how one gets there. What is told of each stands in docs/screens.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Locator, Page

from assessment.models import Case
from complaints.models import Complaint


class Picture(NamedTuple):
    """A page of `who`, as `show` leaves it."""

    name: str
    who: str
    show: Callable[[Page], None]
    width: int = 1280
    height: int = 800
    language: str = "zh-hans"
    dark: bool = False
    contrast: bool = False


def at(address: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto(address)

    return show


def intake(page: Page) -> None:
    """A customer who has complained before calls again."""
    known = _known_customer()
    page.goto("/complaints/new/")
    page.get_by_label("联系电话").fill(known["phone"])
    page.get_by_label("客户姓名").fill(known["customer"])
    page.get_by_label("归属地市").fill("武汉")
    page.get_by_role("combobox", name="投诉类别").fill("tf")
    page.wait_for_load_state("networkidle")


def _known_customer() -> dict[str, str]:
    """Of whom there is a repeated complaint under way."""
    again = Complaint.objects.exclude(repeat_of=None).exclude(state="archived").order_by("-pk")
    row = again[0].intake
    assert row is not None
    return row.opened


def queue(page: Page) -> None:
    page.goto("/complaints/")
    page.locator("[data-line]").first.click()
    page.locator("#beside [data-complaint]").wait_for()


def hand_over(page: Page) -> None:
    """Two of the three taps are done."""
    page.goto("/")
    form = page.locator("form[action$='/hand_off/']").first
    form.locator("label", has=page.locator("input[value='wh.zhang']")).click()


def sent_back_and_forth(page: Page) -> None:
    """Of the complaints that are under way, the one that has been sent about most."""
    found = Complaint.objects.filter(state="dispatched").order_by("-round_count", "-out_of_scope_returns", "pk")
    page.goto(f"/complaints/{found[0]}/")


def answer(page: Page) -> None:
    held = Complaint.objects.filter(matter__holder__username="wh.zhang", matter__awaits="answer")
    page.goto(f"/complaints/{held.filter(category__name='套餐资费').latest('pk')}/")
    form = page.locator("details", has=page.locator("summary", has_text="答复客服中心"))
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    form.locator("[name=result]").fill(ANSWER)
    form.locator("[name=cause]").fill(CAUSE)
    _bring_up(form)


ANSWER = "经核实，变更当日按新旧套餐各扣了一次月费。重复收取的部分已于今日退回客户话费账户，并已短信告知。"
CAUSE = "营业员变更套餐时选错生效方式，未向客户说明当月资费。"


def charts(page: Page) -> None:
    page.goto("/dashboard/")
    _bring_up(page.locator(".chart").first.locator("xpath=ancestor::section[1]"))


def _bring_up(part: Locator) -> None:
    """To the top of the window, below the bar that stays."""
    part.evaluate("(part) => window.scrollTo(0, part.getBoundingClientRect().top + window.scrollY - 72)")


def case_of(unit: str) -> Case:
    return Case.objects.get(unit__code=unit, state__in=("disputed", "admitted"))


def case_in_the_admin(page: Page) -> None:
    page.goto(f"/admin/assessment/case/{case_of('XY').pk}/change/")


def panel(page: Page) -> None:
    page.goto(f"/cases/{case_of('XY')}/")
    page.get_by_label("违反", exact=True).check()
    page.locator("form textarea").first.fill(OPINION)
    _bring_up(page.get_by_role("heading", name="涉嫌的问题"))


OPINION = "报告所称接待时长与监控不符，证据材料未能证明已一次性告知，应认定违反。"


def penalty(page: Page) -> None:
    page.goto(f"/admin/assessment/case/{case_of('JZ').pk}/change/")
    page.locator(".tasks__row").first.get_by_role("radio", name="1").check()


def circular(page: Page) -> None:
    page.goto("/circulars/")
    page.get_by_role("row", name="黄石").get_by_role("link").first.click()


PICTURES = (
    Picture("desk", "kf.agent", at("/")),
    Picture("intake", "kf.agent", intake, height=900),
    Picture("queue", "kf.agent", queue, width=1440, height=900),
    Picture("hand-over", "wh.contact", hand_over, width=375, height=812),
    Picture("complaint", "kf.supervisor", sent_back_and_forth, height=1000),
    Picture("answer", "wh.zhang", answer, height=900),
    Picture("leader", "wh.leader", at("/")),
    Picture("head", "wh.head", at("/")),
    Picture("cases", "sc.officer", at("/"), height=900),
    Picture("signing", "sc.leader", at("/"), height=900),
    Picture("dashboard", "kf.head", charts, height=1000),
    Picture("case", "sc.officer", case_in_the_admin, height=900),
    Picture("panel", "wl.leader", panel, height=900),
    Picture("penalty", "sc.officer", penalty, height=900),
    Picture("circular", "wh.head", circular, height=1100),
    Picture("ranking", "sc.officer", at("/ranking/2026/"), height=900),
    Picture("bulletin", "kf.supervisor", at("/bulletins/TB2026-10-2/"), height=1000),
    Picture("dark", "kf.agent", queue, width=1440, height=900, dark=True),
    Picture("contrast", "wh.contact", at("/"), contrast=True),
    Picture("english", "kf.supervisor", sent_back_and_forth, height=1000, language="en"),
)
