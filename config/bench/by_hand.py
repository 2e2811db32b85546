"""The same numbers by one hand-written statement: the base of the promised speed, and a second definition of each
number.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from assessment.figures.measures import MEASURES, RANKED_KINDS
from assessment.figures.periods import Period

IN_PERIOD = "%(column)s >= %%(begins)s AND %(column)s < %%(ends)s"
JUDGED = (
    f"(({IN_PERIOD % {'column': 'd.missed_at'}}) OR (d.missed_at IS NULL AND {IN_PERIOD % {'column': 'd.met_at'}}))"
    " AND d.voided_at IS NULL"
)
OF_ROUND = "d.matter_id = r.complaint_id AND d.part = r.number AND d.is_latest"
KEPT = "d.met_at IS NOT NULL AND d.missed_at IS NULL AND d.voided_at IS NULL"
IN_SCOPE = "(d.excused_at IS NULL OR d.voided_at IS NOT NULL)"

PARTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "r.unit_id",
        "complaints_round r JOIN complaints_complaint c ON c.matter_id = r.complaint_id"
        f" WHERE {IN_PERIOD % {'column': 'r.delivered_at'}} AND r.state <> 'cancelled'",
        {"received": "TRUE", "repeat": "c.repeat_of_id IS NOT NULL", "escalated": "c.escalated"},
    ),
    (
        "d.unit_id",
        f"accountability_deadline d WHERE {JUDGED} AND d.kind IN ('handoff', 'handling') AND d.excused_at IS NULL"  # noqa: S608
        " AND d.is_latest AND (d.missed_at IS NOT NULL OR NOT EXISTS"
        f" (SELECT 1 FROM complaints_round r WHERE {OF_ROUND} AND r.state = 'cancelled'))",
        {
            "judged": "d.kind = 'handling'", "in_time": "d.kind = 'handling' AND d.missed_at IS NULL",
            "overdue": "d.kind = 'handling' AND d.missed_at IS NOT NULL",
            "handoffs": "d.kind = 'handoff'", "within_30": "d.kind = 'handoff' AND d.missed_at IS NULL",
        },
    ),
    (
        "r.unit_id",
        f"accountability_deadline d JOIN complaints_round r ON {OF_ROUND} WHERE d.kind = 'ruling'"
        f" AND {JUDGED} AND r.state <> 'cancelled'",
        {"returns_accepted": "r.state = 'returned'", "returns_rejected": "r.state <> 'returned'"},
    ),
    (
        "r.unit_id",
        f"complaints_round r LEFT JOIN accountability_deadline d ON {OF_ROUND} AND d.kind = 'handling'"
        f" WHERE {IN_PERIOD % {'column': 'r.satisfied_at'}} AND r.state = 'closed' AND r.satisfied IS NOT NULL",
        {
            "asked": "TRUE", "satisfied": "r.satisfied", "closed_in_scope": IN_SCOPE,
            "resolved": f"r.satisfied AND {IN_SCOPE} AND {KEPT}",
            "unsatisfied": "NOT r.satisfied", "unsatisfied_unsaid": "NOT r.satisfied AND r.dissatisfied_by = ''",
        }
        | {
            f"unsatisfied_{kind}": f"NOT r.satisfied AND r.dissatisfied_by = '{kind}'"
            for kind in ("result", "slow", "attitude", "recurred", "compensation", "other")
        },
    ),
    (
        "k.unit_id",
        f"assessment_case k WHERE {IN_PERIOD % {'column': 'k.determined_at'}} AND k.violated AND k.state <> 'annulled'",
        {"violations": "TRUE"},
    ),
    (
        "k.unit_id",
        "assessment_penalty p JOIN assessment_case k ON k.matter_id = p.case_id JOIN assessment_historicalpenalty h"
        " ON h.id = p.id AND h.history_type = '+'"
        f" WHERE {IN_PERIOD % {'column': 'h.history_date'}} AND p.annulled_at IS NULL",
        {"penalties": "TRUE"},
    ),
    (
        "k.unit_id",
        "assessment_penalty p JOIN assessment_case k ON k.matter_id = p.case_id"
        f" WHERE {IN_PERIOD % {'column': 'p.slip_at'}} AND p.annulled_at IS NULL",
        {"penalties_done": "TRUE"},
    ),
)  # fmt: skip
"""The unit, the rows, and which of them each measure counts."""


def statement() -> str:
    parts = " UNION ALL ".join(_part(unit, rows, counted) for unit, rows, counted in PARTS)
    sums = ", ".join(f"CAST(SUM({name}) AS INTEGER)" for name in MEASURES)
    kinds = ", ".join(f"'{kind}'" for kind in RANKED_KINDS)
    return (
        f"SELECT u.code, {sums} FROM ({parts}) n JOIN accountability_unit u ON u.id = n.unit_id"  # noqa: S608
        f" WHERE u.kind IN ({kinds}) GROUP BY u.code"
    )


def _part(unit: str, rows: str, counted: dict[str, str]) -> str:
    numbers = ", ".join(
        f"COUNT(*) FILTER (WHERE {counted[name]}) AS {name}" if name in counted else f"0 AS {name}" for name in MEASURES
    )
    return f"SELECT {unit} AS unit_id, {numbers} FROM {rows} GROUP BY {unit}"  # noqa: S608


def figures_by_hand(period: Period) -> dict[str, dict[str, int]]:
    """By unit code the number of each measure; units without counted rows are absent."""
    with connection.cursor() as cursor:
        cursor.execute(statement(), {"begins": _written(period.begins), "ends": _written(period.ends)})
        return {code: dict(zip(MEASURES, numbers, strict=True)) for code, *numbers in cursor.fetchall()}


def _written(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant.astimezone(UTC))
