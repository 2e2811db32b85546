"""The numbered 纪要 of a panel's decision (R48; GB/T 9704 10.3): who sat, which papers they had, what each said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accountability.deadlines.limits import day_of
from accountability.documents.content import Cell, Content, Heading, Table
from accountability.gate.act import Order
from accountability.models import Paper
from assessment.documents.material import Material, instant_in_words, part
from assessment.documents.report import names_of_evidence
from assessment.documents.words import FINDINGS
from assessment.models import Case, Panel, Report
from complaints.documents.known import together_of

HEADS = ("成员", "所在部门", "意见", "说明", "本人签名时间")


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    panels = [_decided_in(order) for order in orders]
    seats = [seat for panel in panels for seat in panel.sitting]
    texts = [*((panel, "texts") for panel in panels), *((seat, "texts") for seat in seats)]
    people = [seat.member_id for seat in seats]
    people += [pk for panel in panels for pk in (panel.appointed_by_id, panel.recorded_by_id) if pk]
    made = Material(orders, texts=texts, people=people)
    # The report that was judged, by number, and its evidence by name.
    together, cases = together_of(orders), [order.subject for order in orders]
    reports = {case.pk: case.report for case in cases if case.report}
    issued = together.rows(Paper, matter_id=reports, kind={"report"})
    files = names_of_evidence(list(reports.values()), together)

    def laid(case: Case) -> list[str]:
        numbers = {paper.matter_id: paper.number for paper in issued() if not paper.is_draft}
        return _papers(case.report, numbers.get(case.pk, ""), files())

    return (
        _content(order, panel, made, laid(order.subject)) for order, panel in zip(orders, panels, strict=True)
    )  # fmt: skip


def _decided_in(order: Order) -> Panel:
    panel = order.subject.panel
    assert panel is not None
    return panel


def _papers(report: Report | None, number: str, files: dict[int, list[str]]) -> list[str]:
    if report is None:
        return []
    named = [name for name in files.get(report.pk, []) if name]
    return [f"自查报告{f'（{number}）' if number else ''}", *(f"证据材料：{name}" for name in named)]


def _content(order: Order, panel: Panel, made: Material, laid: list[str]) -> Content:
    case, wording = order.subject, made.wording
    materials = "\n".join(f"{place}. {made.mask(case, name)}" for place, name in enumerate(laid, start=1))
    assert panel.recorded_by_id is not None
    times = f"召集：{instant_in_words(panel.appointed_at)}；记录并决定：{instant_in_words(order.at)}。"
    members = "\n".join(f"{made.name_of(seat.member_id)}（{made.office_of(seat.member_id)}）" for seat in panel.sitting)
    by = f"召集人{made.name_of(panel.appointed_by_id)}，记录人{made.name_of(panel.recorded_by_id)}"
    convened = f"由{wording['marketing']}召集，{by}。"
    body = (
        *part("一、召集与时间", convened, times, wording["panel_manner"]),
        *part("二、出席", members),
        *part("三、回避", wording["panel_avoidance"]),
        *part("四、会议材料", materials),
        Heading("五、各成员意见"),
        _opinions(case, panel, made),
        *part("六、结论", f"经评判，认定{case.unit.name}{FINDINGS[panel.conclusion]}。"),
        *part("七、理由", made.words(case, panel).get("reasons", "")),
    )
    return Content(
        "panel_record", f"关于{case.unit.name}涉嫌违反“首问责任制”问题的评判会纪要", issuer=wording["minutes_head"],
        number=order.number, body=body, signed=wording["marketing"], dated=day_of(order.at),
    )  # fmt: skip


def _opinions(case: Case, panel: Panel, made: Material) -> Table:
    """Each member's own opinion, given and signed in their own session at the instant shown."""
    rows = [tuple(Cell(head, is_head=True) for head in HEADS)]
    for seat in panel.sitting:
        assert seat.given_at is not None
        texts = (
            made.name_of(seat.member_id), made.office_of(seat.member_id), FINDINGS[seat.opinion],
            made.words(case, seat).get("grounds", "") or "—", instant_in_words(seat.given_at),
        )  # fmt: skip
        rows.append(tuple(map(Cell, texts)))
    return Table(tuple(rows), heads=1)
