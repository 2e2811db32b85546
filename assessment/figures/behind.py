"""The list behind a number: what was counted, row by row, as far as its reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_instant
from accountability.models import Deadline
from accountability.permissions import Actor
from assessment.figures.counting import Scope, counted
from assessment.figures.measures import Measure
from assessment.figures.periods import Period
from complaints.lists.worklists import Line, for_lines, lines
from complaints.models import Complaint

KEYS = ("-instant", "-pk")
"""The newest first."""


@dataclass
class Row:
    """One counted thing, as a line of the list."""

    url: str
    number: str
    title: str
    badges: list[tuple[str, str, Any]] = field(default_factory=list)
    meta: list[str] = field(default_factory=list)


@dataclass
class Behind:
    """The number, the rows that its reader may see, and how many those are."""

    measure: Measure
    number: int
    shown: int
    rows: QuerySet[Any]

    @property
    def is_part(self) -> bool:
        return self.shown < self.number


def behind(measure: Measure, period: Period, whose: Scope) -> Behind:
    """The number is the whole unit's; a reader who may see only some of its rounds sees those, and a note says so."""
    assert whose.actor is not None
    everything = counted(measure, period, whose)
    seen = everything.filter(measure.source.seen_by(whose.actor))
    number = everything.count()
    all_seen = measure.is_of_cases or whose.actor.reads_every_complaint
    rows = seen.annotate(instant=F("counted_at")).order_by(*KEYS)
    return Behind(measure, number, number if all_seen else seen.count(), rows)


def told(measure: Measure, found: Sequence[Any], actor: Actor, at: datetime) -> list[Row]:
    """The rows of a page as lines; a constant number of queries."""
    return _of_cases(measure, found) if measure.is_of_cases else _of_rounds(found, actor, at)


def joined(measure: Measure, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Joined with what a line of a case shows; complaints are fetched separately."""
    if not measure.is_of_cases:
        return rows.select_related("unit")
    return rows.select_related("matter", "unit") if measure.source.case == "pk" else rows.select_related(
        "case__matter", "case__unit"
    )  # fmt: skip


def _of_rounds(found: Sequence[Any], actor: Actor, at: datetime) -> list[Row]:
    ids = [_round_of(row)[0] for row in found]
    complaints = list(for_lines(Complaint.objects.visible_to(actor)).filter(pk__in=ids))
    by_pk = {line.complaint.pk: line for line in lines(complaints, actor, at)}
    return [_of_round(row, line) for row, pk in zip(found, ids, strict=True) if (line := by_pk.get(pk))]


def _round_of(row: Any) -> tuple[int, int]:
    """The complaint's key and the round's number, of a round or a limit."""
    return (row.matter_id, row.part) if isinstance(row, Deadline) else (row.complaint_id, row.number)


def _of_round(row: Any, line: Line) -> Row:
    complaint, place = line.complaint, _("第%(number)s轮") % {"number": _round_of(row)[1]}
    meta = [f"{place} {row.unit}", line.customer.masked_name, complaint.region, show_instant(row.instant)]
    number = str(complaint.matter.number)
    return Row(reverse("complaint", args=[number]), number, line.category, list(line.badges), meta)


def _of_cases(measure: Measure, found: Sequence[Any]) -> list[Row]:
    """Without the penalised person, whom only the case's own page shows."""
    return [_of_case(row if measure.source.case == "pk" else row.case, row.instant) for row in found]


def _of_case(case: Any, instant: datetime) -> Row:
    number = str(case.matter.number)
    badges = [("case", case.state, case.get_state_display())]
    return Row(reverse("case", args=[number]), number, str(case.unit), badges, [show_instant(instant)])
