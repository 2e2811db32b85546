"""The leads: what the centre may make a sheet of, and what its supervisors set aside (R38)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.web.request import Request, page_by_key
from assessment.cases.lead_filters import LeadFilters
from assessment.cases.leads import (
    ASIDE_ORDER,
    ORDER,
    in_order,
    leads_for,
    leads_of,
    leads_set_aside,
    propose_faults,
    put_aside,
)
from assessment.permissions import reads_leads


@require_safe
def page(request: Request) -> HttpResponse:
    """Open leads in the order of R38; `?aside=1` those set aside, with who did it and why."""
    actor = request.actor
    if not reads_leads(actor):
        raise PermissionDenied
    aside = "aside" in request.GET
    filters = LeadFilters(request.GET)
    rows, found = _aside(request, filters) if aside else _open(request, filters)
    context = {
        "page": rows,
        "leads": found,
        "filters": filters,
        "aside": aside,
        "chips": _chips(aside),
        "may_issue": actor.is_agent and not aside,
        "may_judge": actor.is_csc_supervisor,
    }
    return render(request, "assessment/cases/leads.html", context)


def _open(request: Request, filters: LeadFilters) -> tuple[Any, Any]:
    page = page_by_key(in_order(leads_for(request.actor)).filter(filters.where()), ORDER, request)
    leads = leads_of(page.rows, request.at)
    propose_faults(leads, request.actor)
    return page, leads


def _aside(request: Request, filters: LeadFilters) -> tuple[Any, Any]:
    page = page_by_key(put_aside().filter(filters.where("deadline__")), ASIDE_ORDER, request)
    return page, leads_set_aside(page.rows, request.at)


def _chips(aside: bool) -> list[dict[str, Any]]:
    place = reverse("leads")
    return [
        {"label": _("待处置"), "url": place, "current": not aside},
        {"label": _("不予采用的"), "url": f"{place}?aside=1", "current": aside},
    ]
