"""What every page does the same way: run a verb from a form, and keep lists paged by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accountability.acts import Refused
from accountability.forms import VerbForm
from accountability.gate import Outcome, perform
from accountability.models import Employee
from accountability.permissions import Actor

PAGE_SIZE = 25

STATUS_OF = {"forbidden": 403, "state": 409, "stale": 409, "busy": 409}
"""The answer to a refusal by its code; 422 for what was filled in wrongly."""


class Request(HttpRequest):
    """A request behind the middleware: with its arrival, and with the signed-in person as they stand just then."""

    at: datetime
    actor: Actor
    user: Employee
    htmx: Any


def run(request: Request, form: VerbForm) -> Outcome | None:
    """Put the form through the gate as the signed-in person, counted when the request arrived.

    None where it was refused: the form then carries the sentences and still holds what was typed.
    """
    try:
        return perform(
            form.subject, form.verb.name, by=request.user, at=request.at, key=form.key, seen=form.seen, **form.raw()
        )
    except Refused as refusal:
        form.refuse(refusal)
        return None


@dataclass
class Page:
    """One page of a list and the tokens of its neighbours (None: there is none)."""

    rows: list[Any]
    after: str | None
    before: str | None


def page_by_key(query: QuerySet[Any], keys: Sequence[str], request: HttpRequest, *, size: int = PAGE_SIZE) -> Page:
    """A page of the query in the order of `keys` (each may begin with "-"; the last is unique), found by key.

    `?after=` or `?before=` carry the signed key of the row at the edge; a forged or stale token gives the first page.
    """
    after, before = _read(request.GET.get("after")), _read(request.GET.get("before"))
    backwards = before is not None and after is None
    order = [_flip(key) for key in keys] if backwards else list(keys)
    edge = before if backwards else after
    if edge is not None and len(edge) == len(keys):
        query = query.filter(_beyond(order, edge))
    rows = list(query.order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, edge is not None)
    return Page(
        rows=rows,
        after=_token(rows[-1], keys) if rows and has_next else None,
        before=_token(rows[0], keys) if rows and has_previous else None,
    )


def _flip(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(order: Sequence[str], edge: Sequence[Any]) -> Q:
    """Rows after the edge in this order: (a, b, c) > (x, y, z), written out."""
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(order, edge, strict=True):
        name, op = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        found |= same & Q(**{f"{name}__{op}": value})
        same &= Q(**{name: value})
    return found


def _token(row: Any, keys: Sequence[str]) -> str:
    values = []
    for key in keys:
        value = row
        for part in key.lstrip("-").split("__"):
            value = getattr(value, part)
        values.append(value.isoformat() if hasattr(value, "isoformat") else value)
    return signing.dumps(values, salt="page")


def _read(token: str | None) -> list[Any] | None:
    if not token:
        return None
    try:
        values = signing.loads(token, salt="page")
    except signing.BadSignature:
        return None
    return values if isinstance(values, list) else None
