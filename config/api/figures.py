"""Reads of figures: a table of the dashboard, with the same numbers for the same people (R54)."""

from __future__ import annotations

from collections.abc import Mapping
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
        request_of_page = self.asked
        if not reads_figures(request_of_page.actor):
            raise PermissionDenied
        refuse_unknown(request_of_page, OF_FIGURES)
        asked = Asked(request_of_page.GET, request_of_page.actor, request_of_page.at)
        if not asked.is_valid():
            raise Problem(400, errors={name: " ".join(map(str, said)) for name, said in asked.errors.items()})
        found = table_named(request_of_page.GET.get("table", USUAL), asked, request_of_page.actor)
        if found is None:
            raise Problem(400, errors={"table": _("请从列出的选项中选择。")})
        body = _body(found, asked)
        return answered(request_of_page, body, tag_of(request_of_page, body, []))


def _body(found: Table | Hours, asked: Asked) -> Json:
    is_table = isinstance(found, Table)
    return {
        "table": found.name,
        "title": found.title,
        "period": _days(asked.period),
        "compared_with": _days(asked.before) if is_table and found.name == "units" else None,
        "measures": [_measure(name) for name in names_of(found.columns)] if is_table else [],
        "rows": [_row(each, found.columns) for each in found.rows] if is_table else [],
        "total": _row(found.total, found.columns) if is_table and found.total else None,
        "hours": None if is_table else found.cells,
    }


def _days(period: Period) -> Json:
    return {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}


def _measure(name: str) -> Json:
    """`among`: the measure that it is a share of, if it is one."""
    measure = MEASURES[name]
    return {"name": name, "label": str(measure.label), "among": measure.among or None}


def _row(row: Row, columns: Any) -> Json:
    line = row.line
    shared: Mapping[str, Column] = {column.measure: column for column in columns if column.share}
    return {
        "key": line.key,
        "label": line.label,
        "from": row.first.isoformat(),
        "to": row.last.isoformat(),
        "counts": dict(line.counts),
        "before": dict(line.before),
        "shares": {name: _share(line.share(name)) for name in shared},
    }


def _share(share: Any) -> float | None:
    return None if share is None else float(share)
