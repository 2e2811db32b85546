"""The annual ranking by rate of resolution, in exact fractions, and who is barred by it (R53)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import groupby

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Sum, Value, When

from accountability.deadlines import SHANGHAI
from accountability.models import Deadline, Unit
from complaints.models import Round, RoundState

RANKED_KINDS = (Unit.Kind.BRANCH, Unit.Kind.DEPARTMENT, Unit.Kind.DIRECT_UNIT)
PLACES_BARRED = 3
FEWEST_RANKED = 4
"""With fewer units there is no sense in "the three lowest": people decide (S57)."""


@dataclass(frozen=True)
class Ranking:
    """A year's ranking by unit code.

    `order` is best first, units of one rate together; `unranked` are those without a round that counts. `barred` are
    the three lowest and all tied with the third-lowest; `needs_decision` says that a tie crosses that place or too
    few are ranked.
    """

    rates: dict[str, Fraction]
    order: list[list[str]]
    unranked: list[str]
    barred: list[str]
    needs_decision: bool


def ranking_of(year: int) -> Ranking:
    """The ranking of a calendar year of Shanghai, by what is recorded so far."""
    rates = {code: Fraction(resolved, asked) for code, resolved, asked in _counted(year)}
    codes = Unit.objects.filter(kind__in=RANKED_KINDS).order_by("code").values_list("code", flat=True)
    ranked = sorted((code for code in codes if code in rates), key=lambda code: -rates[code])
    barred = _barred(ranked, rates)
    return Ranking(
        rates=rates,
        order=[list(tied) for _rate, tied in groupby(ranked, key=rates.__getitem__)],
        unranked=[code for code in codes if code not in rates],
        barred=barred,
        needs_decision=len(ranked) < FEWEST_RANKED or len(barred) > PLACES_BARRED,
    )


def _barred(ranked: list[str], rates: dict[str, Fraction]) -> list[str]:
    if len(ranked) < FEWEST_RANKED:
        return []
    third_lowest = rates[ranked[-PLACES_BARRED]]
    return [code for code in ranked if rates[code] <= third_lowest]


def _counted(year: int) -> QuerySet[Round, tuple[str, int, int]]:
    """For each unit its resolved rounds and the rounds whose customer was asked."""
    begins, ends = (datetime(y, 1, 1, tzinfo=SHANGHAI) for y in (year, year + 1))
    asked = Round.objects.filter(
        state=RoundState.CLOSED, satisfied__isnull=False, satisfied_at__gte=begins, satisfied_at__lt=ends,
        unit__kind__in=RANKED_KINDS,
    )  # fmt: skip
    resolved = Case(When(_resolved(), then=Value(1)), default=Value(0), output_field=IntegerField())
    return asked.values("unit__code").annotate(resolved=Sum(resolved), asked=Count("pk")).values_list(
        "unit__code", "resolved", "asked"
    )  # fmt: skip


def _resolved() -> Q:
    """The customer was satisfied, and the unit's handling was met; a missed hand-off doesn't count here."""
    met = Deadline.objects.filter(
        matter_id=OuterRef("complaint_id"), part=OuterRef("number"), kind=Deadline.Kind.HANDLING, met_at__isnull=False,
        missed_at=None, voided_at=None,
    )  # fmt: skip
    return Q(Exists(met), satisfied=True)
