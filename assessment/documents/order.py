"""The 责成通知 to a unit whose violation was determined (R49–R51), with its return slip, first blank, then
filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accountability.deadlines.limits import day_of
from accountability.documents.content import Cell, Content, Heading, Table, chinese_date
from accountability.gate.act import Order
from assessment.declarations.limits import Kind
from assessment.documents.material import Material, instant_in_words, paragraphs, part
from assessment.documents.words import GROUNDS, grounds_in_words
from assessment.models import Case, Conclusion, Penalty

HEADS = ("责任人", "处理依据", "扣除绩效奖金（月）", "执行日期", "人力资源凭证号")


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    """Once all slips are there (`facts["slips"]`) the next version includes them."""
    owing = [owed["person"] for order in orders for owed in order.subject.owed]
    paid = [penalty.person_id for order in orders for penalty in order.subject.penalty_rows]
    made = Material(orders, people=[*owing, *paid])
    return (_content(order, made) for order in orders)


def _content(order: Order, made: Material) -> Content:
    case, wording = order.subject, made.wording
    assert order.act is not None
    phrase = "order_opening_fault" if case.is_fault else "order_opening"
    opening = wording.text(phrase, found=how_found(case, "你单位"), basis=wording["basis"])
    is_filled = bool(order.facts.get("slips"))
    rows = _filled(case, made) if is_filled else _blank(case, made)
    body = (
        *paragraphs(opening),
        *part("一、责任人", _persons(case, made)),
        *part("二、处理幅度", wording["order_range"]),
        *part("三、处理时限", _limit(order)),
        Heading("四、执行回执"),
        *paragraphs(f"全部回执已于{instant_in_words(order.at)}报齐。" if is_filled else wording["order_slip"]),
        Table((tuple(Cell(head, is_head=True) for head in HEADS), *rows), heads=1),
    )
    return Content(
        "order", f"关于责成{case.unit.name}对责任人进行处理的通知", issuer=wording["red_head"], number=order.number,
        to=(case.unit.name,), body=body, signed=wording["marketing"], dated=day_of(order.at),
    )  # fmt: skip


def how_found(case: Case, unit: str) -> str:
    """How the violation was found. Derived from the papers, since a closed case may get another circular."""
    report = case.report
    if case.is_fault:
        return f"经省公司决定，认定{unit}投诉处理接口人处理不当，违反“首问责任制”。"
    if report is not None and not report.late and report.conclusion == Conclusion.ADMITTED:
        return f"经自查，{unit}承认违反“首问责任制”。"
    if case.panel is not None and case.panel.recorded_at is not None:
        return f"经省公司讨论评判，判定{unit}违反“首问责任制”。"
    return f"{unit}逾期未报自查报告，依规定视为违反“首问责任制”。"


def _owing(case: Case) -> dict[int | str, list[str]]:
    """Grounds by person; where any person of the unit can pay, by the ground itself."""
    found: dict[int | str, list[str]] = {}
    for owed in case.owed:
        found.setdefault(owed["person"] or owed["ground"], []).append(owed["ground"])
    return found


def _who(key: int | str, made: Material) -> str:
    return made.name_of(key) if isinstance(key, int) else "由你单位明确"


def _persons(case: Case, made: Material) -> str:
    return "\n".join(f"{grounds_in_words(grounds)}：{_who(key, made)}" for key, grounds in _owing(case).items())


def _limit(order: Order) -> str:
    assert order.act is not None
    duty = order.act.latest(Kind.DISCIPLINE)
    if duty is None or duty.due_at is None:
        return "处理期限待工作日历公布后另行通知。"
    return f"请于{instant_in_words(duty.due_at)}前完成处理并记录。"


def _blank(case: Case, made: Material) -> list[tuple[Cell, ...]]:
    return [
        tuple(map(Cell, (_who(key, made) if isinstance(key, int) else "", grounds_in_words(grounds), "", "", "")))
        for key, grounds in _owing(case).items()
    ]


def _filled(case: Case, made: Material) -> list[tuple[Cell, ...]]:
    return [_slip(penalty, case, made) for penalty in case.penalty_rows if penalty.annulled_at is None]


def _slip(penalty: Penalty, case: Case, made: Material) -> tuple[Cell, ...]:
    grounds = "、".join(GROUNDS[ground] for ground in penalty.grounds)
    executed = chinese_date(penalty.executed_on) if penalty.executed_on else ""
    return (
        Cell(made.name_of(penalty.person_id)), Cell(grounds), Cell(str(penalty.months), is_number=True),
        Cell(executed), Cell(made.mask(case, penalty.voucher)),
    )  # fmt: skip
