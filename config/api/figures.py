"""Reads of figures: a table of the dashboard, with the same numbers for the same people (R54)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema

from assessment.dashboards.asked import DAYS, FILTERS, PRESETS, STEPS, Asked
from assessment.dashboards.sections import TABLES, table_named
from assessment.dashboards.tables import Column, Hours, Row, Table, names_of
from assessment.figures.counting import reads_figures
from assessment.figures.measures import MEASURES
from assessment.figures.periods import Period
from config.api.framework import View
from config.api.members import a
from config.api.paging import FIELDS, IF_NONE_MATCH, refuse_unknown
from config.api.problems import Problem
from config.api.shapes import Json
from config.api.versions import answered, tag_of

USUAL = "units"
"""The table that is told where none is named; it alone is compared with the period before."""

OF_FIGURES = [
    OpenApiParameter("table", str, enum=[*TABLES], default=USUAL), OpenApiParameter("preset", str, enum=[*PRESETS]),
    OpenApiParameter("step", str, enum=[name for name, _label in STEPS if name]),
    *(OpenApiParameter(name, str) for name in (*DAYS, *FILTERS)), FIELDS,
]  # fmt: skip


class Figures(View):
    """GET counts a period as the dashboard does: by unit, category, region, reason, over time, by hour of the week. A
    question that isn't understood is refused, since a number for another one would mislead.
    """

    @extend_schema(parameters=[*OF_FIGURES, IF_NONE_MATCH], responses={200: a("Figures"), 304: None})
    def get(self, request: Any) -> HttpResponse:
        given, actor = self.asked.GET, self.asked.actor
        if not reads_figures(actor):
            raise PermissionDenied
        refuse_unknown(self.asked, OF_FIGURES)
        wanted = Asked(given, actor, self.asked.at)
        if not wanted.is_valid():
            raise Problem(400, errors={name: " ".join(map(str, said)) for name, said in wanted.errors.items()})
        found = table_named(given.get("table", USUAL), wanted, actor)
        if found is None:
            raise Problem(400, errors={"table": _("请从列出的选项中选择。")})
        body = _body(found, wanted)
        return answered(self.asked, body, tag_of(self.asked, body, []))


def _body(found: Table | Hours, asked: Asked) -> Json:
    about = {"table": found.name, "title": found.title, "period": _days(asked.period)}
    if isinstance(found, Hours):
        nothing: Json = {"compared_with": None, "measures": [], "rows": [], "total": None}
        return about | nothing | {"hours": found.cells}
    return about | {
        "compared_with": _days(asked.before) if found.name == USUAL else None,
        "measures": [_measure(name) for name in names_of(found.columns)],
        "rows": [_row(each, found.columns) for each in found.rows],
        "total": _row(found.total, found.columns) if found.total else None,
        "hours": None,
    }


def _days(period: Period) -> Json:
    return {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}


def _measure(name: str) -> Json:
    """`among`: the measure that it is a share of, if it is one."""
    measure = MEASURES[name]
    return {"name": name, "label": str(measure.label), "among": measure.among or None}


def _row(row: Row, columns: Sequence[Column]) -> Json:
    line = row.line
    return {
        "key": line.key,
        "label": line.label,
        "from": row.first.isoformat(),
        "to": row.last.isoformat(),
        "counts": dict(line.counts),
        "before": dict(line.before),
        "shares": {column.measure: _share(line.share(column.measure)) for column in columns if column.share},
    }


def _share(share: Fraction | None) -> float | None:
    return None if share is None else float(share)
