"""The 互动单, exactly in the notice's layout (R39): for the marketing department alone (R40)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from accountability.db.following import follow
from accountability.db.sql import Later, Through
from accountability.deadlines.limits import day_of
from accountability.documents.content import Cell, Content, Table, chinese_date
from accountability.gate.act import Order
from accountability.models import Employee
from assessment.documents.material import OPEN, Material, row, wide_row
from assessment.models import Case, Sheet
from complaints.documents.known import together_of


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    """`facts["said"]` names the phrase for marketing's part; without it that part is blank. A sheet that the act itself
    made comes with the order.
    """
    fresh: dict[int, Sheet] = {order.subject.pk: order.facts["sheet"] for order in orders if "sheet" in order.facts}
    rest = {order.subject.pk for order in orders} - fresh.keys()
    filed = together_of(orders).rows(Sheet, case_id=rest)
    parts = ("texts", "texts"), ("people", "person"), ("people", "issued_by")
    made = Material(
        orders, texts=[(sheet, "texts") for sheet in fresh.values()],
        people=[pk for sheet in fresh.values() for pk in (sheet.person_id, sheet.issued_by_id)],
        unread=[(what, Through(Sheet, name, "case_id", rest)) for what, name in parts],
    )  # fmt: skip
    return _contents(orders, fresh, filed, made)


def _contents(
    orders: Sequence[Order], fresh: dict[int, Sheet], filed: Later[Sheet], made: Material
) -> Iterator[Content]:  # fmt: skip
    sheets = fresh | {sheet.case_id: sheet for sheet in filed()}
    follow(
        ([order.subject for order in orders], ("unit",)), (sheets.values(), ("unit",)),
        (made.linked.complaints.values(), ("category__parent",)),
    )  # fmt: skip
    for order in orders:
        yield _content(order, sheets[order.subject.pk], made)


def _content(order: Order, sheet: Sheet, made: Material) -> Content:
    case: Case = order.subject
    linked, texts = made.customers(case), made.words(case, sheet)
    causes = [f"{complaint} {complaint.category.path if complaint.category else ''}\n{who.masked_content}"
              for complaint, who in linked]  # fmt: skip
    evidence = [line for line in texts.get("evidence", "").split("\n") if line]
    listed = "\n".join(f"{place}. {line}" for place, line in enumerate(evidence, start=1))
    rows = (
        row("首问责任人", made.name_of(sheet.person_id), "所在部门", sheet.unit.name),
        row(
            "投诉客户姓名", "\n".join(who.masked_name for _complaint, who in linked),
            "联系电话", "\n".join(who.masked_phone for _complaint, who in linked),
        ),
        wide_row("客户投诉原因", "\n".join(causes)),
        wide_row("违规问题描述", f"{texts.get('description', '')}\n判定的依据：\n{listed}"),
        *_of_the_centre(sheet, made),
        *_of_marketing(order, made),
    )  # fmt: skip
    return Content("sheet", sheet.title, number=sheet.number, body=(Table(rows),), is_form=True)


def _of_the_centre(sheet: Sheet, made: Material) -> tuple[tuple[Cell, ...], ...]:
    wording = made.wording
    says = wording.text("sheet_centre", marketing=wording["marketing_on_sheet"])
    return _signed(says, wording["centre_on_sheet"], made.people.get(sheet.issued_by_id), sheet.issued_at)


def _of_marketing(order: Order, made: Material) -> tuple[tuple[Cell, ...], ...]:
    """That marketing notified the unit or declined, and who did; blank before that."""
    office, said = made.wording["marketing_on_sheet"], order.facts.get("said")
    if said is None or order.act is None or order.act.actor is None:
        return _signed(OPEN, office, None, None)
    return _signed(made.wording[said], office, order.act.actor.employee, order.at)


def _signed(says: str, office: str, by: Employee | None, at: datetime | None) -> tuple[tuple[Cell, ...], ...]:
    return (
        wide_row("意见", says),
        row(f"{office}签字", str(by) if by else OPEN, "日期", chinese_date(day_of(at)) if at else OPEN),
    )
