"""A complaint's deadlines as its page shows them: where each comes from, which one applies now, why it is due then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accountability.deadlines.limits import (
    Explanation,
    Minutes,
    WorkingCalendar,
    day_of,
    end_of_day,
    explain,
    show_due,
)
from accountability.declarations.limits import DEADLINE_KINDS, DeadlineKind, deadline_label, kind_that_binds
from accountability.models import Deadline, calendar_around, calendar_as_of
from complaints.declarations.limits import Kind

FIRST_CLOCKS = 2


def nearest(deadlines: Iterable[Deadline], count: int = FIRST_CLOCKS) -> list[Deadline]:
    """The outstanding deadlines by due instant, overdue ones first; those waiting for a calendar last."""
    outstanding = [deadline for deadline in deadlines if deadline.is_outstanding and not deadline.is_settled]
    return sorted(outstanding, key=lambda d: (d.due_at is None, d.due_at or d.started_at, d.pk))[:count]


def leading(deadlines: Sequence[Deadline], awaits: str) -> list[Deadline]:
    """The deadlines at the top of a page: the one of the awaited act, and the nearest running one of another kind."""
    ordered = nearest(deadlines, len(deadlines))
    pressing = binding(deadlines, awaits) or next(iter(ordered), None)
    others = (one for one in ordered if pressing and one.kind != pressing.kind and not one.suspended_at)
    return nearest([deadline for deadline in (pressing, next(others, None)) if deadline])


def binding(deadlines: Iterable[Deadline], awaits: str) -> Deadline | None:
    """The outstanding limit of the awaited verb; None where only the waiting alarm applies."""
    kind = kind_that_binds(awaits)
    outstanding = [deadline for deadline in deadlines if deadline.kind == kind and deadline.is_outstanding]
    return outstanding[-1] if outstanding else None


def label_of_name(name: str) -> str:
    """A deadline's name in words: `handoff#1` is 交办（第 1 轮）."""
    kind, _hash, rest = name.partition("/")[0].partition(":")[0].partition("#")
    party = name.partition("/")[0].partition(":")[2]
    label = str(deadline_label(kind))
    if not rest:
        return label
    words = {"kind": label, "part": rest, "party": party}
    return str((_("%(kind)s（第 %(part)s 轮 %(party)s）") if party else _("%(kind)s（第 %(part)s 轮）")) % words)


def missed_label(deadline: Deadline) -> str:
    """A missed deadline as a form offers it: which, whose, due when, and who proposes to excuse it."""
    assert deadline.due_at is not None
    words: dict[str, Any] = {
        "name": label_of_name(deadline.name),
        "unit": deadline.unit or "—",
        "due": show_due(deadline.due_at),
    }
    if not deadline.excuse_proposed_by:
        return str(_("%(name)s · %(unit)s · 到期 %(due)s") % words)
    words |= {"by": deadline.excuse_proposed_by}
    return str(_("%(name)s · %(unit)s · 到期 %(due)s · 由 %(by)s 提请") % words)


@dataclass
class Reckoning:
    """Explains a deadline's due instant: the limit computed again, and why the stored instant may differ from it."""

    deadline: Deadline
    clause: DeadlineKind | None
    count: Explanation
    reasons: list[Any] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return self.deadline.due_at != self.count.due_at

    @property
    def counts_minutes(self) -> bool:
        """A duty clock counts minutes of a day; every other limit counts days."""
        return isinstance(self.count.limit, Minutes)

    @property
    def status(self) -> Any:
        return Deadline.Status(self.deadline.status).label


def reckon(deadline: Deadline, calendar: WorkingCalendar | None = None) -> Reckoning:
    """Compute the deadline again with the calendar it was computed by. The stored instant stays binding (R6)."""
    count = explain(deadline.limit, deadline.started_at, calendar or _calendar_of(deadline))
    declared = DEADLINE_KINDS.get(deadline.kind)
    reckoning = Reckoning(deadline, declared if declared and declared.rule else None, count)
    if reckoning.differs:
        reckoning.reasons.append(_why_different(deadline, count))
    return reckoning


def reckon_all(deadlines: Iterable[Deadline]) -> list[Reckoning]:
    """Compute each deadline again. Each version of the calendar is read once, however many deadlines use it."""
    calendars: dict[Any, WorkingCalendar] = {}
    found = []
    for deadline in deadlines:
        by = tuple(deadline.calendar.items()) or (deadline.limit.needs_calendar and day_of(deadline.started_at).year)
        if by not in calendars:
            calendars[by] = _calendar_of(deadline)
        found.append(reckon(deadline, calendars[by]))
    return found


def _calendar_of(deadline: Deadline) -> WorkingCalendar:
    if deadline.calendar:
        return calendar_as_of(deadline.calendar)
    return calendar_around(deadline.started_at) if deadline.limit.needs_calendar else WorkingCalendar({})


def _why_different(deadline: Deadline, count: Explanation) -> Any:
    if deadline.due_at is None:
        return _("网络质量类投诉的处理时限不早于网络技术方案时限，后者所需年份的工作日历尚未公布。")
    if deadline.due_at == deadline.floor_at and deadline.kind != Kind.HANDLING:
        return _("登记更正为网络质量类投诉时，按期限推算的时刻已经过去；无人能事先知道，因此到更正当日24:00为止。")
    if deadline.due_at == deadline.floor_at:
        return _("网络质量类投诉的处理时限不早于网络技术方案时限，因此以网络技术方案的到期时刻为准。")
    if _released_late(deadline, count.due_at):
        return _("所需年份的工作日历公布时，按期限推算的时刻已经过去；无人能事先知道，因此顺延到该日24:00为止。")
    return _("到期时刻在时限开始时算定并存储，其后规则或日历的修订不影响它。")


def _released_late(deadline: Deadline, counted: datetime | None) -> bool:
    """Whether the instant had passed when the calendar of the needed year gave it (S44)."""
    due = deadline.due_at
    return due is not None and counted is not None and counted < due and due == end_of_day(day_of(due))
