"""The yearly ranking as JSON: its table, what it rests on and what was decided, as on its page (R53)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accountability.web.request import Request
from assessment.models import Ranking
from assessment.views.rankings import lists_of, told_of
from config.api.shapes import Json, choice, instant, person, unit


def body_of(request: Request, ranking: Ranking) -> Json:
    told = told_of(ranking, request)
    return line_body(ranking) | {
        "is_split": ranking.is_split,
        "edition": ranking.edition,
        "frozen_at": instant(ranking.frozen_at),
        "rounds": ranking.rounds,
        "inputs_digest": ranking.inputs_digest,
        "needs_decision": ranking.needs_decision,
        "present": _present(ranking) if ranking.is_draft else None,
        "lists": [_list(each) for each in lists_of(ranking)],
        "drafted_by": person(ranking.drafted_by),
        "decided_by": person(ranking.decided_by),
        "reason": told["reason"],
        "withdrawn_by": person(ranking.withdrawn_by),
        "withdrawn_at": instant(ranking.withdrawn_at),
        "withdrawal": told["withdrawal"],
        "papers": [
            {"number": paper.number, "title": paper.title, "issued_at": instant(paper.issued_at), "mark": paper.mark}
            for paper in told["papers"]
        ],
        "others": [{"number": str(each.matter.number), "state": _state(each)} for each in told["others"]],
    }


def _state(ranking: Ranking) -> Json:
    return choice(ranking.state, ranking.get_state_display())


def _present(ranking: Ranking) -> Json:
    matter = ranking.matter
    return {
        "holder": person(matter.holder),
        "unit": unit(matter.holder_unit),
        "awaits": ranking.awaits,
        "since": instant(matter.waiting_since),
        "until": instant(matter.alarm_at),
    }


def _list(told: dict[str, Any]) -> Json:
    return {
        "caption": str(told["caption"]),
        "note": str(told["note"]),
        "rows": [_row(each) for each in told["rows"]],
        "unranked": told["unranked"],
    }


def _row(told: dict[str, Any]) -> Json:
    """`is_barred` is what was decided; before that, what the numbers propose."""
    line, before = told["line"], told["trend"]
    return {
        "place": line.place,
        "unit": {"code": line.unit.code, "name": line.name},
        "resolved": line.resolved,
        "asked": line.asked,
        "rate": float(line.rate),
        "is_barred": told["is_barred"],
        "is_decided": told["is_decided"],
        "place_before": before["place"] if before else None,
    }


def line_body(ranking: Ranking) -> Json:
    """As the line of the page's list."""
    return {
        "number": str(ranking.matter.number),
        "year": ranking.year,
        "state": _state(ranking),
        "document_number": ranking.document_number,
        "decided_at": instant(ranking.decided_at),
        "url": reverse("api_ranking", args=[ranking.matter.number]),
    }
