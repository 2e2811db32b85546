"""The annual ranking by rate of resolution: which rounds count, and what they come to (R53).

The same rounds count as for the month's rate: the measures of the figures, over a year.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When

from accountability.models import Unit
from assessment.figures import counting, periods
from assessment.figures.measures import MEASURES, RANKED_KINDS
from assessment.models.standings import Group, Standings, Tally, standings_of

ASKED, RESOLVED = MEASURES["closed_in_scope"], MEASURES["resolved"]


def ranking_of(year: int) -> Standings:
    """The ranking of a calendar year of Shanghai in one list, by what is recorded so far."""
    units = list(Unit.objects.filter(kind__in=RANKED_KINDS).order_by("code"))
    tallies = tallied(counted(year))
    known = {unit.code: tallies[unit.pk] for unit in units if unit.pk in tallies}
    return standings_of(known, [(unit.code, unit.kind) for unit in units], is_split=False)[Group.ALL]


def bounds(year: int) -> tuple[datetime, datetime]:
    """The first instant of the year in Shanghai, and of the next."""
    whole = periods.year(year)
    return whole.begins, whole.ends


def counted(year: int) -> QuerySet[Any]:
    """The rounds that count in the year, each with `is_resolved`."""
    rows = counting.counted(ASKED, periods.year(year), counting.scope())
    resolved = Case(When(RESOLVED.where, then=Value(True)), default=Value(False), output_field=BooleanField())
    return rows.annotate(is_resolved=resolved)


def tallied(rounds: QuerySet[Any]) -> dict[int, Tally]:
    """By unit (primary key)."""
    told = rounds.order_by().values("unit_id").annotate(
        resolved=Count("pk", filter=Q(is_resolved=True)), asked=Count("pk")
    )  # fmt: skip
    return {row["unit_id"]: (row["resolved"], row["asked"]) for row in told}
