"""The request as pages see it, and the paging of lists by key."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accountability.models import ActingEmployee, Employee
from accountability.security.encryption import unveil, veil

PAGE_SIZE = 25


class Request(HttpRequest):
    """A request after the middleware: with its arrival, and with the signed-in person's roles at that instant."""

    at: datetime
    actor: ActingEmployee
    user: Employee
    htmx: Any


def page_in_sight(request: HttpRequest) -> str | None:
    """The path and query of the page of ours from which htmx asked for a part; None where its header names none. The
    header is whatever the client sent.
    """
    try:
        return request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    except ValueError:
        return None


@dataclass
class Page:
    """One page of a list and the tokens of its neighbours (None: there is none). `is_cut`: the list has only the newest
    rows. `files`: the links to the whole list as a file.
    """

    rows: list[Any]
    after: str | None
    before: str | None
    is_cut: bool = False
    files: list[Any] = field(default_factory=list)


def open_or_all(place: str, of_open: str, everything: bool) -> list[dict[str, Any]]:
    """The chips of a list that shows open rows, and with `?all=1` all rows."""
    return [
        {"label": of_open, "url": place, "current": not everything},
        {"label": _("全部"), "url": f"{place}?all=1", "current": everything},
    ]


First = Callable[[Sequence[str], Sequence[Any] | None, int], list[Any]]
"""The first so many rows in an order, after the row with these values of its columns if there are any."""


class NoSuchPage(ValueError):
    """A token that leads nowhere in this list; its text is the name of the parameter."""


def page_by_key(
    query: QuerySet[Any], keys: Sequence[str], request: HttpRequest, *, size: int = PAGE_SIZE, strict: bool = False,
    first: First | None = None,
) -> Page:  # fmt: skip
    """A page of the query in the order of `keys` (each may begin with "-"; the last is unique), found by key. `first`
    gives the rows where there is a quicker way to them.

    `?after=` or `?before=` carry the veiled key of the row at the edge (it may reveal more than its line does: how
    urgent a complaint has become since it left the reader's unit). A forged or outdated token, or one of another list,
    whose values mean nothing here, gives the first page; where it is `strict` it raises NoSuchPage.
    """
    of = _list_of(query, keys, request)
    after, before = _read(request.GET.get("after"), of), _read(request.GET.get("before"), of)
    if strict:
        _refuse_unread(request, {"after": after, "before": before})
    backwards = before is not None and after is None
    order = [key[1:] if key.startswith("-") else f"-{key}" for key in keys] if backwards else list(keys)
    edge = before if backwards else after
    if first is not None:
        rows = first(order, edge, size + 1)
    else:
        rows = list(query.filter(beyond(order, edge)).order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, edge is not None)
    return Page(
        rows=rows,
        after=_token(rows[-1], keys, of) if rows and has_next else None,
        before=_token(rows[0], keys, of) if rows and has_previous else None,
    )


def page_of_list(
    rows: Sequence[Any], key: Callable[[Any], list[int]], request: HttpRequest, *, of: str, size: int
) -> Page:
    """The same for rows in memory, in the order of their keys; `of` names this list among others on the page."""
    of = f"page {request.path} {of}"
    after, before = _read(request.GET.get("after"), of), _read(request.GET.get("before"), of)
    keys = [key(row) for row in rows]
    start = 0 if after is None else bisect_right(keys, after)
    if after is None and before is not None:
        start = max(bisect_left(keys, before) - size, 0)
    shown = rows[start : start + size]
    return Page(
        rows=list(shown),
        after=veil(json.dumps(keys[start + size - 1]), purpose=of) if start + size < len(rows) else None,
        before=veil(json.dumps(keys[start]), purpose=of) if start and shown else None,
    )


def _refuse_unread(request: HttpRequest, read: dict[str, Any]) -> None:
    """Refuse a token that isn't one of this list, and both of them at once."""
    given = [name for name in read if name in request.GET]
    if wrong := [name for name in given if read[name] is None] or given[1:]:
        raise NoSuchPage(wrong[0])


def beyond(order: Sequence[str], edge: Sequence[Any] | None) -> Q:
    """Rows after the edge in this order: (a, b, c) > (x, y, z), written out. All of them if there is no edge."""
    if edge is None:
        return Q()
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(order, edge, strict=True):
        name, op = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        found |= same & Q(**{f"{name}__{op}": value})
        same &= Q(**{name: value})
    return found


def _list_of(query: QuerySet[Any], keys: Sequence[str], request: HttpRequest) -> str:
    """The list that a token is veiled for: its page, its model, its order."""
    return f"page {request.path} {query.model._meta.label_lower} {' '.join(keys)}"


def _token(row: Any, keys: Sequence[str], of: str) -> str:
    values = []
    for key in keys:
        value = row
        for part in key.lstrip("-").split("__"):
            value = getattr(value, part)
        values.append(value.isoformat() if hasattr(value, "isoformat") else value)
    return veil(json.dumps(values), purpose=of)


def _read(token: str | None, of: str) -> list[Any] | None:
    said = unveil(token, purpose=of) if token else None
    return None if said is None else json.loads(said)
