"""The unit's 自查报告 as a formal document of its own (R43, R44, R46), once its signer has signed it, late or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from accountability.db.sql import Through, Together
from accountability.deadlines.limits import day_of
from accountability.documents.content import Block, Content, Para
from accountability.gate.act import Order
from accountability.models import Attachment
from assessment.documents.material import Material, instant_in_words, part
from assessment.documents.words import grounds_in_words
from assessment.models import Case, Conclusion, Evidence, Report
from complaints.documents.known import together_of

SAYS = {
    Conclusion.ADMITTED: "经自查，本单位承认违反“首问责任制”。",
    Conclusion.DISPUTED: "经自查，本单位有异议，认为不违反“首问责任制”。",
}
ORDINALS = "一二三四"


def compose(orders: Sequence[Order]) -> Iterable[Content]:
    reports = [_signed_in(order) for order in orders]
    people = [pk for report in reports for pk in (report.signer_id, *report.named)]
    made = Material(orders, texts=[(report, "texts") for report in reports], people=people)
    files = names_of_evidence(reports, together_of(orders))
    return (
        _content(order, report, made, files().get(report.pk, []))
        for order, report in zip(orders, reports, strict=True)
    )  # fmt: skip


def names_of_evidence(reports: Sequence[Report], together: Together) -> Callable[[], dict[int, list[str]]]:
    """By report, as they were uploaded; still to be masked."""
    ids = {report.pk for report in reports}
    asked = together.rows(Evidence, report_id=ids)
    files = together.rows(Attachment, id=Through(Evidence, "file", "report_id", ids))

    def found() -> dict[int, list[str]]:
        names: dict[int, list[str]] = {}
        for evidence in asked():
            names.setdefault(evidence.report_id, []).append(files.by_key()[evidence.file_id].name or "")
        return names

    return found


def _signed_in(order: Order) -> Report:
    report = order.subject.report
    assert report is not None
    return report


def _content(order: Order, report: Report, made: Material, files: list[str]) -> Content:
    case, unit = order.subject, order.subject.unit.name
    texts = made.words(case, report)
    parts = [("事件经过与原因", texts.get("facts", "")), ("自查结论", SAYS[Conclusion(report.conclusion)])]
    if report.named:
        parts.append(("具体责任人", _persons(case, report, made)))
    if statement := texts.get("statement"):
        parts.append(("异议说明", statement))
    body: list[Block] = [Para(f"签发人：{made.name_of(report.signer_id)}", flush=True)]
    for ordinal, (title, text) in zip(ORDINALS, parts, strict=False):
        body += part(f"{ordinal}、{title}", text)
    late = "逾期报送，存档备查，不影响认定" if report.late else ""
    return Content(
        "report", "关于涉嫌违反“首问责任制”问题的自查报告", issuer=f"{unit}文件", number=order.number,
        to=(made.wording["marketing"],), body=tuple(body),
        attachments=tuple(made.mask(case, name) for name in files), signed=unit, dated=day_of(order.at),
        notes=(f"报送时间：{instant_in_words(order.at)}{'（' + late + '）' if late else ''}",),
    )  # fmt: skip


def _persons(case: Case, report: Report, made: Material) -> str:
    """Each with their office, and the grounds they answer on if the determination says so."""
    return "\n".join(
        f"{made.name_of(pk)}（{'，'.join(filter(None, (made.office_of(pk), _grounds(case, pk))))}）"
        for pk in report.named
    )


def _grounds(case: Case, person_id: int) -> str:
    return grounds_in_words(owed["ground"] for owed in case.owed if owed["person"] == person_id)
