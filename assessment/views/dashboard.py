"""The dashboard: what is at risk now, and the numbers of a period; for one's own units, or for all."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.signin.backend import record
from accountability.web.request import Page, Request, page_by_key
from assessment.dashboards.asked import PRESETS, Asked
from assessment.dashboards.downloads import KINDS
from assessment.dashboards.risk import CHOICES, LATE, at_risk, count_late, rounds_at_risk
from assessment.dashboards.sections import sections, table_named, tallies
from assessment.figures.counting import reads_figures
from complaints.lists.worklists import ORDER, for_lines

MOST_AT_RISK = 10
"""Lines of what is at risk on a page: more would push out of sight where it burns."""

OF_A_LIST = ("after", "before")
"""Where a list's page begins."""


@require_safe
def dashboard(request: Request) -> HttpResponse:
    """If any input is unreadable, only the form: a number for another question would mislead."""
    asked = _asked(request)
    context = {"asked": asked, "presets": _presets(request, asked), "query": _query(request)}
    if not asked.is_valid():
        return render(request, "assessment/dashboards/dashboard.html", context)
    if "table" in request.GET:
        return _table(request, asked, context)
    told = sections(asked, request.actor)
    risk = _risk(request, asked)
    context |= {"sections": told, "tallies": tallies(told[0].table, _late(request, asked)), **risk}  # type: ignore[arg-type]
    return render(request, "assessment/dashboards/dashboard.html", context)


def _table(request: Request, asked: Asked, context: dict[str, Any]) -> HttpResponse:
    """One table alone, with every number and its list: all of them would make the page too heavy for a slow line."""
    found = table_named(request.GET["table"], asked, request.actor)
    if found is None:
        raise Http404
    return render(request, "assessment/dashboards/dashboard_table.html", context | {"table": found})


def _query(request: Request) -> str:
    """What was asked, without what belongs to one part of the page."""
    asked = request.GET.copy()
    for name in ("table", "risk", *OF_A_LIST):
        asked.pop(name, None)
    return asked.urlencode()


def _asked(request: Request) -> Asked:
    if not reads_figures(request.actor):
        raise PermissionDenied
    return Asked(request.GET, request.actor, request.at)


@require_safe
def download(request: Request, table: str, kind: str) -> HttpResponse:
    """Exactly a table of the page. If the page has no numbers, there is no file."""
    asked = _asked(request)
    if kind not in KINDS or not asked.is_valid():
        raise Http404
    found = table_named(table, asked, request.actor)
    if found is None:
        raise Http404
    media_type, write = KINDS[kind]
    content = write(found.title, found.sheet(), request.user, request.at)
    record(request, "export", request.user, detail=f"dashboard {table} {asked.period}")
    name = quote(_("看板") + f"-{found.title}-{asked.period.first_day}-{asked.period.last_day}.{kind}", safe="")
    disposition = f"attachment; filename=\"{table}.{kind}\"; filename*=UTF-8''{name}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    headers["X-Content-Type-Options"] = "nosniff"
    return HttpResponse(content, content_type=media_type, headers=headers)


def _presets(request: Request, asked: Asked) -> list[dict[str, Any]]:
    """Links that keep the filters."""
    return [
        {"label": label, "url": _address(request, preset=name), "current": asked.preset == name}
        for name, label in PRESETS.items()
    ]


def _address(request: Request, **changed: str) -> str:
    """This page with changed parameters; the list restarts at its first page."""
    asked = request.GET.copy()
    left_out = (*OF_A_LIST, *(("from", "to") if "preset" in changed else ()))
    for name in left_out:
        asked.pop(name, None)
    for name, value in changed.items():
        asked[name] = value
    return f"{reverse('dashboard')}?{asked.urlencode()}"


def _risk(request: Request, asked: Asked) -> dict[str, Any]:
    which = request.GET.get("risk", "")
    which = which if which in CHOICES else ""
    found = for_lines(rounds_at_risk(request.actor, request.at, asked, which))
    page: Page = page_by_key(found, ORDER, request, size=MOST_AT_RISK)
    chips = [
        {"label": label, "url": f"{_address(request, risk=name)}#risk", "current": name == which}
        for name, label in CHOICES.items()
    ]
    return {"page": page, "risk": at_risk(page.rows, request.actor, request.at), "risk_chips": chips, "which": which}


def _late(request: Request, asked: Asked) -> dict[str, Any]:
    number = count_late(request.actor, request.at, asked)
    url = f"{_address(request, risk=LATE)}#risk" if number != "0" else ""
    tone, icon = ("danger", "clock-late") if url else ("ok", "check")
    return {"label": _("现已超时"), "count": number, "tone": tone, "icon": icon, "url": url}
