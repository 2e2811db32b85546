"""The 处理意见书 on an interface contact's fault (R22): facts, fault, the unit's opinion, the province's decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accountability.deadlines.limits import day_of
from accountability.documents.content import Content, Table, chinese_date
from accountability.gate.act import Order
from accountability.models import Deadline
from assessment.documents.material import Material, instant_in_words, row, wide_row
from assessment.documents.words import FINDINGS
from assessment.models import Case, Finding
from complaints.models import Round


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    """The round and its hand-over duty are what the act judged by."""
    cases: list[Case] = [order.subject for order in orders]
    people = [pk for case in cases for pk in (case.opinion_by_id, case.decided_by_id, case.at_fault)]
    people += [case.round.handler_id for case in cases if case.round]
    texts = [(case, name) for case in cases for name in ("texts", "opinion", "decision")]
    made = Material(orders, texts=texts, people=people)
    return (_content(order, made) for order in orders)


def _content(order: Order, made: Material) -> Content:
    case = order.subject
    of, complaint = case.round, made.linked.complaints[case.round.complaint_id]
    fault = _fault(of, case.handoff, made)
    opinion = made.words(case, case, "opinion").get("opinion", "")
    reasons = made.words(case, case, "decision").get("reasons", "")
    found = Finding.VIOLATED if case.violated else Finding.NOT_VIOLATED
    signed = chinese_date(day_of(case.opinion_at)) if case.opinion_at else "—"
    decided_on = chinese_date(day_of(order.at))
    rows = (
        row("案件编号", str(case), "首问责任部门", case.unit.name),
        row("涉及轮次", f"{complaint}#{of.number}", "投诉处理接口人", made.name_of(case.at_fault) or "—"),
        wide_row("问题事实", made.words(case, case, "texts").get("description", "")),
        wide_row("不当情形", fault),
        wide_row("首问责任部门处理意见", opinion or _without(case)),
        row("提交人", made.name_of(case.opinion_by_id) or "—", "日期", signed),
        wide_row(f"{made.wording['province']}决定", f"认定{FINDINGS[found]}。\n{reasons}"),
        row(f"{made.wording['marketing']}签字", made.name_of(case.decided_by_id), "日期", decided_on),
    )  # fmt: skip
    title = f"关于{case.unit.name}投诉处理接口人处理不当的处理意见书"
    return Content("fault_opinion", title, body=(Table(rows),), is_form=True)


def _without(case: Case) -> str:
    """Why the decision needed no opinion."""
    if case.opinion_lapsed_at:
        return f"逾期未提交（期限至{instant_in_words(case.opinion_lapsed_at)}）。"
    return "除应交办人外，该单位无人可提出意见。"


def _fault(of: Round, duty: Deadline | None, made: Material) -> str:
    """How the hand-over went, as the system stamped it (R19, R20)."""
    lines = [f"接单：{instant_in_words(of.delivered_at)}。"]
    if duty is not None and duty.due_at is not None:
        lines.append(f"交办时限：{instant_in_words(duty.due_at)}。")
    if of.handed_off_at is not None:
        lines.append(f"交办：{instant_in_words(of.handed_off_at)}，首问责任人{made.name_of(of.handler_id)}。")
    elif of.reported_at is not None:
        lines.append(f"向分管领导汇报：{instant_in_words(of.reported_at)}。")
    else:
        lines.append("交办：未交办。")
    return "\n".join(lines)
