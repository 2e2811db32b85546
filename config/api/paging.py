"""Pages of lists by key, and what a list may be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from accountability.web.request import PAGE_SIZE, NoSuchPage, Page, Request, page_by_key
from config.api.problems import Problem
from config.api.shapes import Json

MOST_ROWS = 100

FIELDS = OpenApiParameter("fields", str)
PAGED = [OpenApiParameter(name, str) for name in ("after", "before", "limit")]
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)


def refuse_unknown(request: Request, parameters: Iterable[Any] = (), *names: str) -> None:
    """A parameter that nobody reads is refused: a program might take the answer for that to its question."""
    known = {*names, *(each.name for each in parameters)}
    if unknown := [name for name in request.GET if name not in known]:
        raise Problem(400, errors=dict.fromkeys(unknown, _("没有这个参数。")))


def limit_asked(request: Request) -> int:
    said = request.GET.get("limit", str(PAGE_SIZE))
    if not (said.isascii() and said.isdecimal() and len(said) < 4 and 1 <= int(said) <= MOST_ROWS):
        told = _("请填写 %(least)s 到 %(most)s 的整数。") % {"least": 1, "most": MOST_ROWS}
        raise Problem(400, errors={"limit": told})
    return int(said)


def page_asked(query: QuerySet[Any], keys: Sequence[str], request: Request) -> Page:
    """The page that was asked for; a token of another list, or of none, is refused."""
    try:
        return page_by_key(query, keys, request, size=limit_asked(request), strict=True)
    except NoSuchPage as wrong:
        raise Problem(400, errors={str(wrong): _("没有这一页。")}) from None


def beside(request: Request, page: Page) -> dict[str, str | None]:
    """The addresses of the next and the previous page."""
    kept = {key: value for key, value in request.GET.items() if key not in ("after", "before")}

    def address(name: str, token: str | None) -> str | None:
        return f"{request.path}?{urlencode(kept | {name: token})}" if token else None

    return {"next": address("after", page.after), "previous": address("before", page.before)}


def only(body: Json, wanted: str | None) -> Json:
    """The members that were asked for, all if none were named."""
    if wanted is None:
        return body
    names = wanted.split(",")
    if unknown := [name for name in names if name not in body]:
        raise Problem(400, errors={"fields": _("没有：%(names)s") % {"names": ", ".join(unknown)[:100]}})
    return {name: body[name] for name in names}


def listed(request: Request, page: Page, rows: Iterable[Json]) -> Response:
    """A page of a list: of each row the members that were asked for, and the addresses of the pages beside it."""
    items = [only(row, request.GET.get("fields")) for row in rows]
    return told(Response({"items": items} | beside(request, page)))


def told(response: Any) -> Any:
    """The answer depends on who asks, and in which language."""
    patch_vary_headers(response, ["Accept-Language", "Authorization", "Cookie"])
    return response
