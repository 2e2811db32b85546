"""The leads: what the centre may make a sheet of, and what its supervisors set aside (R38)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accountability.permissions import Actor
from accountability.templatetags.office import yes_or_no
from accountability.web.listings import (
    LISTINGS,
    Column,
    Found,
    Listing,
    is_clean,
    masked_person,
    page_of,
    second,
    words_of,
)
from accountability.web.request import Request
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

COLUMNS = (
    Column("complaint", gettext_lazy("投诉编号"), lambda row: str(row.complaint.matter.number)),
    Column("unit", gettext_lazy("责任单位"), lambda row: row.deadline.unit.name if row.deadline.unit else ""),
    Column("limit", gettext_lazy("未履行的时限"), lambda row: row.label),
    Column("focus", gettext_lazy("重点"), lambda row: yes_or_no(row.is_focus)),
    Column("category", gettext_lazy("投诉类别"), lambda row: row.category),
    Column("due_at", gettext_lazy("到期"), lambda row: second(row.deadline.due_at)),
    Column("missed_at", gettext_lazy("超时时间"), lambda row: second(row.deadline.missed_at)),
    Column(
        "owing", gettext_lazy("责任人"),
        lambda row: "、".join(f"{one.label} {masked_person(one.person)}" for one in row.owing),
    ),
)  # fmt: skip
MARKED = (
    Column("marked_at", gettext_lazy("不予采用时间"), lambda row: second(row.mark.marked_at)),
    Column("marked_by", gettext_lazy("不予采用人"), lambda row: masked_person(row.mark.marked_by)),
)


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    return Found(in_order(leads_for(actor)).filter(LeadFilters(asked).where()), ORDER)


def _found_aside(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    return Found(put_aside().filter(LeadFilters(asked).where("deadline__")), ASIDE_ORDER)


def _words(asked: QueryDict, actor: Actor, at: datetime) -> Iterable[str]:
    return words_of(LeadFilters(asked))


LEADS = Listing(
    "leads", gettext_lazy("线索"), _found, reads_leads, COLUMNS, _words,
    lambda rows, actor, at: leads_of(rows, at),
    understands=lambda asked, actor, at: is_clean(LeadFilters(asked), asked),
)  # fmt: skip
ASIDE = Listing(
    "leads-aside", gettext_lazy("不予采用的线索"), _found_aside, reads_leads, COLUMNS + MARKED, _words,
    lambda rows, actor, at: leads_set_aside(rows, at),
    understands=lambda asked, actor, at: is_clean(LeadFilters(asked), asked, besides=["aside"]),
)  # fmt: skip
LISTINGS.add(LEADS, ASIDE)


@require_safe
def page(request: Request) -> HttpResponse:
    """Open leads in the order of R38; `?aside=1` those set aside, with who did it and why."""
    actor = request.actor
    if not LEADS.may_read(actor):
        raise PermissionDenied
    aside = "aside" in request.GET
    filters = LeadFilters(request.GET)
    rows, found = _aside(request) if aside else _open(request)
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


def _open(request: Request) -> tuple[Any, Any]:
    page = page_of(LEADS, request)
    leads = leads_of(page.rows, request.at)
    propose_faults(leads, request.actor)
    return page, leads


def _aside(request: Request) -> tuple[Any, Any]:
    page = page_of(ASIDE, request)
    return page, leads_set_aside(page.rows, request.at)


def _chips(aside: bool) -> list[dict[str, Any]]:
    place = reverse("leads")
    return [
        {"label": _("待处置"), "url": place, "current": not aside},
        {"label": _("不予采用的"), "url": f"{place}?aside=1", "current": aside},
    ]
