"""From a number to what it counted (R54)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accountability.web.request import Request, page_by_key
from assessment.figures import behind as lists
from assessment.figures.asking import Asked
from assessment.figures.counting import measures_for, reads_figures
from assessment.models import What
from assessment.permissions import MAY_EXPORT


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
    context = {"measure": asked_for, "asked": asked, "may_export": MAY_EXPORT[What.ROUNDS](actor)}
    if not asked.is_valid():
        return render(request, "assessment/figures/figures_behind.html", context)
    found = lists.behind(asked_for, asked.period, asked.scope)
    page = page_by_key(lists.joined(asked_for, found.rows), lists.KEYS, request)
    context |= {"found": found, "page": page, "rows": lists.told(asked_for, page.rows, actor, request.at)}
    return render(request, "assessment/figures/figures_behind.html", context | {"export": _request_of(asked)})


def _request_of(asked: Asked) -> str:
    """The rounds of the same period and unit, as the request for an export takes them."""
    period, unit = asked.period, asked.cleaned_data["unit"]
    told = {"what": What.ROUNDS.value, "since": f"{period.first_day}", "until": f"{period.last_day}"}
    return urlencode(told | ({"unit": unit.code} if unit else {}))
