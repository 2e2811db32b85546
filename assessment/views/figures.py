"""From a number to what it counted, and the rounds of a period as a file (R54)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.audit import access_log
from accountability.permissions import leads_or_audits
from accountability.web.request import Request, page_by_key
from assessment.exports.watermark import watermark
from assessment.figures import behind as lists
from assessment.figures.asking import Asked
from assessment.figures.counting import measures_for, reads_figures
from assessment.figures.exporting import lines_of


@require_safe
def behind(request: Request, measure: str) -> HttpResponse:
    """`?from=&to=&unit=` (or `category`, `head`, `region`): the number, and the list behind it."""
    actor = request.actor
    if not reads_figures(actor):
        raise PermissionDenied
    asked_for = next((known for known in measures_for(actor) if known.name == measure), None)
    if asked_for is None:
        raise Http404
    asked = Asked(request.GET, actor, request.at, asked_for)
    context = {"measure": asked_for, "asked": asked, "may_export": leads_or_audits(actor)}
    if not asked.is_valid():
        return render(request, "assessment/figures/figures_behind.html", context)
    found = lists.behind(asked_for, asked.period, asked.scope)
    page = page_by_key(lists.joined(asked_for, found.rows), lists.KEYS, request)
    context |= {"found": found, "page": page, "rows": lists.told(asked_for, page.rows, actor, request.at)}
    return render(request, "assessment/figures/figures_behind.html", context | {"export": _export_of(asked)})


def _export_of(asked: Asked) -> str:
    """The same period and unit, in the form that the export's address takes."""
    period, unit = asked.period, asked.cleaned_data["unit"]
    return urlencode({"from": period.first_day, "to": period.last_day} | ({"unit": unit.code} if unit else {}))


@never_cache
@require_safe
def export(request: Request) -> HttpResponseBase:
    """The rounds delivered in the period; the access log records who took them, and who tried."""
    allowed = leads_or_audits(request.actor)
    asked = Asked(request.GET, request.actor, request.at)
    if allowed and not asked.is_valid():
        return render(
            request, "assessment/figures/figures_behind.html", {"asked": asked, "may_export": True}, status=422
        )
    said = str(asked.period) if allowed else ""
    unit = asked.cleaned_data["unit"] if allowed else None
    detail = f"{said} {unit.code}" if unit else said
    access_log.note(request, "export", result="ok" if allowed else "refused", detail=detail)
    if not allowed:
        raise PermissionDenied
    name = f"rounds-{asked.period.first_day}-{asked.period.last_day}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    lines = lines_of(asked.period, asked.scope, watermark(request.user, request.at))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
