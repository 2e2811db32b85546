"""What the record says of a case's violation: which duty, due when, done when; how it was found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.utils.functional import cached_property

from accountability.db.following import follow
from accountability.deadlines.limits import SHANGHAI
from accountability.declarations.limits import deadline_label
from accountability.documents.phrases import Wording
from accountability.models import NO_DUE, Deadline, Matter
from assessment.declarations.limits import Kind
from assessment.documents.material import instant_in_words
from assessment.models import Case, Recorded, Source, taken_by
from complaints.declarations.limits import Kind as ComplaintKind
from complaints.models import Round

DUTIES: dict[str, str] = {
    ComplaintKind.HANDOFF: "交办首问责任人",
    ComplaintKind.HANDLING: "提出解决方案并答复",
    ComplaintKind.COOPERATION: "完成协办任务",
}
"""What had to be done by the limit."""

REFLECTED: dict[str, str] = {
    Source.SHEET: "根据客户投诉",
    Source.SUPERIOR: "根据上级主管单位转派的投诉",
    Source.LEADER: "根据有关领导反映的投诉",
    Source.IMPORTANT_CUSTOMER: "根据重要客户反映的投诉",
}
"""How the case began, in general words: the sheet isn't quoted (R40)."""


class Record(Recorded):
    """The same for what is told of the cases."""

    def __init__(self, cases: Iterable[Case]) -> None:
        super().__init__(cases)
        together, keys = self._together, {case.pk for case in self.cases}
        self._matters = together.rows(Matter, id=self.complaints)
        self._handling = together.rows(Deadline, matter_id=self.complaints, kind={ComplaintKind.HANDLING})
        self._reports = together.rows(Deadline, matter_id=keys, kind={Kind.REPORT})

    @cached_property
    def missed(self) -> dict[int, list[Deadline]]:
        """With complaint and unit, which their sentences name."""
        found, matters = super().missed, self._matters.by_key()
        deadlines = list(chain.from_iterable(found.values()))
        for deadline in deadlines:
            if deadline.matter_id in matters:
                deadline.matter = matters[deadline.matter_id]
        follow((self.cases, ("unit",)), (deadlines, ("matter", "unit")))
        return found

    @cached_property
    def numbers(self) -> dict[int, str]:
        """By linked complaint."""
        return {matter.pk: str(matter) for matter in self._matters()}

    @cached_property
    def limits(self) -> dict[tuple[int, int], Deadline]:
        """The latest handling limit, by complaint and round."""
        return {(one.matter_id, one.part): one for one in _by_cycle(self._handling()) if one.voided_at is None}

    @cached_property
    def reports(self) -> dict[int, Deadline]:
        """The latest limit of the unit's own report, by case."""
        return {one.matter_id: one for one in _by_cycle(self._reports())}


def _by_cycle(limits: Iterable[Deadline]) -> list[Deadline]:
    return sorted(limits, key=lambda limit: limit.cycle)


def facts_of(case: Case, wording: Wording, record: Record | None = None) -> list[str]:
    """Numbered sentences: the duties that the case took up, or if there are none, how its complaints were handled; then
    how the unit answered. A constant number of queries, for one case or for all of a `record`.
    """
    record = record or Record([case])
    told = _of_duties(case, record) or _of_complaints(case, record)
    return [
        f"（{ordinal(place)}）{line}"
        for place, line in enumerate([*told, *_of_the_inquiry(case, wording, record)], start=1)
    ]


def _of_duties(case: Case, record: Record) -> list[str]:
    """Each missed limit that the case took up; for a contact's fault the hand-over of its round, late or not."""
    if case.round is not None:
        follow(([case.handoff], ("matter", "unit")))
        return [_duty(case.handoff)] if case.handoff else []
    return [_duty(duty) for duty in sorted(record.missed.get(case.pk, []), key=lambda duty: duty.due_at or NO_DUE)]


def _duty(duty: Deadline) -> str:
    what = DUTIES.get(duty.kind, str(deadline_label(duty.kind)))
    unit = duty.unit.name if duty.unit else ""
    due = f"应于{moment(duty.due_at)}前{what}" if duty.due_at else f"应按时限{what}"
    if duty.met_at is None:
        done = f"至今未{what}" if duty.missed_at else ""
    else:
        done = f"实际于{moment(duty.met_at)}完成" + ("，已超时" if duty.missed_at else "")
    return f"投诉{duty.matter}第{duty.part}轮派单：{'，'.join(filter(None, (f'{unit}{due}', done)))}。"


def _of_complaints(case: Case, record: Record) -> list[str]:
    """The case's round of each linked complaint, as it was when the violation was found; a complaint without a round is
    named by its number.
    """
    judged = taken_by(case, case.determined_at or case.opened_at, record).rounds
    last = {each.complaint_id: each for each in judged}
    told = []
    for pk in sorted(case.complaint_ids):
        number, of = record.numbers[pk], last.get(pk)
        limit = record.limits.get((pk, of.number)) if of else None
        told.append(_round(number, case.unit.name, of, limit) if of else f"涉及投诉{number}。")
    return told


def _round(number: str, unit: str, of: Round, limit: Deadline | None) -> str:
    assert of.handed_off_at is not None
    parts = [f"{moment(of.delivered_at)}派单至{unit}，{moment(of.handed_off_at)}交办首问责任人"]
    if limit is not None and limit.due_at is not None:
        parts.append(f"应于{moment(limit.due_at)}前{DUTIES[ComplaintKind.HANDLING]}")
    parts.append(f"{moment(of.answered_at)}答复" if of.answered_at else "至今未答复")
    return f"投诉{number}第{of.number}轮派单：{'，'.join(parts)}。"


def _of_the_inquiry(case: Case, wording: Wording, record: Record) -> list[str]:
    """That the unit was asked, and what it answered by when."""
    if case.is_fault or case.notified_at is None:
        return []
    source = REFLECTED[case.source]
    lines = [f"{source}，{wording['marketing']}于{moment(case.notified_at)}通知{case.unit.name}开展自查。"]
    report = case.report
    if report is not None and report.signed_at and not report.late:
        return [*lines, f"{case.unit.name}于{moment(report.signed_at)}报送自查报告。"]
    duty = record.reports.get(case.pk)
    if duty is not None and duty.due_at is not None:
        lines.append(f"自查报告应于{moment(duty.due_at)}前报送，{case.unit.name}逾期未报。")
    return lines


def moment(at: datetime) -> str:
    """With seconds unless they are zero: a limit can be missed by seconds."""
    second = at.astimezone(SHANGHAI).second
    words = instant_in_words(at)
    if not second or words.endswith("24时"):
        return words
    return f"{words}{second}秒" if words.endswith("分") else f"{words}0分{second}秒"


def ordinal(number: int) -> str:
    """One to ninety-nine in Chinese."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones or not tens else "")
