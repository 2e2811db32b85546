"""The figures of a month as a bulletin keeps them: counts by unit, exact shares as "2/3", the rank among the units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import override

from assessment.bulletins.columns import COLUMNS, COUNTED, RANKED_BY
from assessment.figures import periods
from assessment.figures.counting import figures
from assessment.models import Bulletin, BulletinState, Case, CaseState, Source

Figures = dict[str, Any]


def freeze(month: date, at: datetime) -> Figures:
    """The figures as recorded now, in a constant number of statements.

    `declined` counts the sheets that marketing declined in the month. Only readers of sheets see it, and it is in no
    line: a unit must not learn that there was a sheet against it (R40). `before` is what was told of the month before.
    """
    period = periods.month(month.year, month.month)
    with override(settings.LANGUAGE_CODE):  # what is sent is Chinese, whatever the language of its drafter
        lines = figures(period, "unit", names=COUNTED)
    units = [_line(line.key, str(line.label), {name: line.counts[name] for name in COUNTED}) for line in lines]
    counts = {name: sum(line["counts"][name] for line in units) for name in COUNTED}
    return {
        "lines": _ranked(units), "total": _line("", "", counts), "declined": _declined(period),
        "before": figures_before(month),
    }  # fmt: skip


def _line(unit: str, name: str, counts: dict[str, int]) -> dict[str, Any]:
    shares = {column.name: _share(counts[column.name], counts[column.among]) for column in COLUMNS if column.among}
    return {"unit": unit, "name": name, "counts": counts, "shares": shares, "rank": None}


def _share(part: int, whole: int) -> str | None:
    return str(Fraction(part, whole)) if whole else None


def _ranked(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rank is 1 plus the number of units with a higher rate of resolution. Equal rates share a rank; units without
    a rate have none.
    """
    rates = [rate for line in lines if (rate := share_of(line, RANKED_BY)) is not None]
    for line in lines:
        mine = share_of(line, RANKED_BY)
        line["rank"] = None if mine is None else 1 + sum(rate > mine for rate in rates)
    return lines


def figures_before(month: date) -> dict[str, Any] | None:
    """The bulletin of the month before as all units have it: its number, and its figures by unit, the sum under no
    code. None where none is sent.
    """
    sent = Bulletin.objects.filter(month=(month - timedelta(days=1)).replace(day=1), state=BulletinState.SENT)
    for number, told in sent.values_list("number", "figures"):
        kept = ("counts", "shares", "rank")
        lines = {line["unit"]: {name: line[name] for name in kept} for line in (*told["lines"], told["total"])}
        return {"number": number, "lines": lines}
    return None


def before_of(figures: Figures, line: dict[str, Any]) -> dict[str, Any] | None:
    """The same unit's line in the bulletin of the month before."""
    lines: dict[str, dict[str, Any]] = (figures["before"] or {"lines": {}})["lines"]
    return lines.get(line["unit"])


def share_of(line: dict[str, Any], name: str) -> Fraction | None:
    text = line["shares"].get(name)
    return None if text is None else Fraction(text)


def in_order(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """By rank, then units without one; within a rank by code."""
    return sorted(lines, key=lambda line: (line["rank"] is None, line["rank"] or 0, line["unit"]))


def _declined(period: periods.Period) -> int:
    within = Q(matter__closed_at__gte=period.begins, matter__closed_at__lt=period.ends)
    return Case.objects.filter(within, state=CaseState.DECLINED, source=Source.SHEET).count()
