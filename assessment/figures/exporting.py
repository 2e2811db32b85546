"""The rounds of a period as CSV, written while they are read: numbers, units, instants and outcomes, no personal data.

CSV only: a workbook is a ZIP archive that must be finished before its first byte can be sent, so it can't be streamed.
The bulletin has its own workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_instant
from accountability.models import Deadline
from accountability.spreadsheets.cells import csv_lines
from assessment.figures.counting import Scope, counted
from assessment.figures.measures import MEASURES, limit_of_round
from assessment.figures.periods import Period
from complaints.declarations.limits import Kind
from complaints.models import Dissatisfaction, Ending, RoundState

AT_ONCE = 2000
Status = Deadline.Status
STAMPS = ("due_at", "met_at", "missed_at", "voided_at", "excused_at")


def lines_of(period: Period, whose: Scope, mark: str) -> Iterator[str]:
    """The watermark, the head and a line for each round delivered in the period, as text to send."""
    return csv_lines(_rows(period, whose, mark))


def _rows(period: Period, whose: Scope, mark: str) -> Iterator[list[str]]:
    columns = _columns()
    yield [mark]
    yield [label for label, _names, _say in columns]
    names = list(dict.fromkeys(name for _label, needed, _say in columns for name in needed))
    places = [(say, [names.index(name) for name in needed]) for _label, needed, say in columns]
    for row in rounds(period, whose).values_list(*names).iterator(chunk_size=AT_ONCE):
        yield [say(*(row[place] for place in needed)) for say, needed in places]


def rounds(period: Period, whose: Scope) -> QuerySet[Any]:
    """What `received` counts, a row each, with the binding limits."""
    own = {kind.value: limit_of_round(kind) for kind in (Kind.HANDOFF, Kind.HANDLING)}
    found = counted(MEASURES["received"], period, whose).alias(**own)
    return found.order_by("delivered_at", "pk")


Column = tuple[str, tuple[str, ...], Callable[..., str]]


def _columns() -> list[Column]:
    """The columns, and the fields they are computed from."""
    states, endings = dict(RoundState.choices), dict(Ending.choices)
    return [
        (_("投诉编号"), ("complaint__matter__number",), str),
        (_("通知单号"), ("notice_number",), str),
        (_("派单轮次"), ("number",), str),
        (_("单位代码"), ("unit__code",), str),
        (_("单位"), ("unit__name",), str),
        (_("大类"), ("complaint__category__parent__name", "complaint__category__name"), _first),
        (_("投诉类别"), ("complaint__category__name",), _text),
        (_("归属地市"), ("complaint__region",), str),
        (_("紧急程度"), ("priority",), str),
        (_("升级"), ("complaint__escalated",), _yes),
        (_("重复"), ("complaint__repeat_of_id",), _yes),
        (_("状态"), ("state",), lambda state: str(states[state])),
        (_("派发时间"), ("delivered_at",), _instant),
        (_("交办时间"), ("handed_off_at",), _instant),
        (_("受理时间"), ("accepted_at",), _instant),
        (_("答复时间"), ("answered_at",), _instant),
        (_("申请退回时间"), ("return_requested_at",), _instant),
        (_("本轮结束"), ("ended_at",), _instant),
        (_("交办到期"), ("handoff__due_at",), _instant),
        (_("交办结果"), tuple(f"handoff__{stamp}" for stamp in STAMPS), _outcome),
        (_("处理到期"), ("handling__due_at",), _instant),
        (_("处理结果"), tuple(f"handling__{stamp}" for stamp in STAMPS), _outcome),
        (_("客户满意"), ("satisfied",), _yes),
        (_("不满意原因"), ("satisfied", "dissatisfied_by"), _why_not),
        (_("满意度记录时间"), ("satisfied_at",), _instant),
        (_("归档方式"), ("complaint__ended_as",), lambda ending: str(endings.get(ending, ""))),
    ]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _first(*values: Any) -> str:
    return next((str(value) for value in values if value), "")


def _yes(value: Any) -> str:
    """Yes or no, from a flag or a link to another complaint; empty if it isn't known."""
    if value is None:
        return ""
    return _("否") if value is False else _("是")


def _why_not(satisfied: bool | None, kind: str) -> str:
    return str(dict(Dissatisfaction.choices).get(kind, "")) if satisfied is False else ""


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else show_instant(instant)


def _outcome(
    due_at: datetime | None, met_at: datetime | None, missed_at: datetime | None, voided_at: datetime | None,
    excused_at: datetime | None,
) -> str:  # fmt: skip
    if voided_at:
        return str(Status.VOID.label)
    if missed_at:
        return _("超时，已免责") if excused_at else str(Status.MISSED.label)
    if met_at:
        return str(Status.MET.label)
    return str(Status.OPEN.label) if due_at else ""
