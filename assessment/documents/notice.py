"""The 自查通知 (R42): what the unit must look into and by when, with nothing from the sheet or about the customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accountability.deadlines.limits import Workdays, day_of
from accountability.documents.content import Content
from accountability.gate.act import Order
from assessment.declarations.limits import Kind
from assessment.documents.material import Material, instant_in_words, paragraphs, part
from assessment.models import Case, Source

SOURCES: dict[str, str] = {
    Source.SHEET: "经省公司对客户投诉的初步判定",
    Source.SUPERIOR: "根据上级主管单位转派的投诉，经省公司初步判定",
    Source.LEADER: "根据有关领导反映的投诉，经省公司初步判定",
    Source.IMPORTANT_CUSTOMER: "根据重要客户反映的投诉，经省公司初步判定",
}
"""How the case began, in general words (R38, R41)."""


def title_of(case: Case) -> str:
    return f"关于对{case.unit.name}涉嫌违反“首问责任制”问题开展自查的通知"


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    made = Material(orders, texts=[(order.subject, "notice") for order in orders])
    return (_content(order, made) for order in orders)


def _content(order: Order, made: Material) -> Content:
    case, wording = order.subject, made.wording
    check = made.words(case, case, "notice").get("check", "") or wording["notice_check"]
    opening = wording.text("notice_opening", source=SOURCES[case.source], basis=wording["basis"])
    body = (
        *paragraphs(opening),
        *part("一、需核查的事项", check),
        *part("二、报告时限", _limit(order, made)),
        *part("三、报告内容", wording["notice_report"]),
        *part("四、逾期后果", wording["notice_consequence"]),
        *part("五、联系人", f"{wording['marketing']}　{case.officer}"),
    )
    return Content(
        "notice", title_of(case), issuer=wording["red_head"], number=order.number, to=(case.unit.name,), body=body,
        signed=wording["marketing"], dated=day_of(order.at),
    )  # fmt: skip


def _limit(order: Order, made: Material) -> str:
    """From the deadline that this act began; if its calendar isn't published, the day is told later."""
    assert order.act is not None
    duty = order.act.latest(Kind.REPORT)
    assert duty is not None
    limit, office = duty.limit, made.wording["marketing"]
    days = limit.count if isinstance(limit, Workdays) else limit
    if duty.due_at is None:
        return made.wording.text("notice_limit_unknown", days=days, marketing=office)
    until = instant_in_words(duty.due_at)
    return made.wording.text("notice_limit", days=days, until=until, marketing=office)
