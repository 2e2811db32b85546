"""The queue: everything this person may know of, filtered, in the order of R12."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accountability.permissions import Actor
from accountability.web import Request, page_by_key
from complaints.filters import Filters
from complaints.models import Complaint
from complaints.worklists import WorkList, for_lines, lines, lists_of


@require_safe
def complaints(request: Request) -> HttpResponse:
    """One page of the queue; the rows alone where the page asks anew for them."""
    actor: Actor = request.actor
    at = request.at
    lists = lists_of(actor, at)
    work = next((work for work in lists if work.name == request.GET.get("list")), None)
    filters = Filters(request.GET, actor, at)
    found = Complaint.objects.visible_to(actor)
    found = filters.narrow(found.filter(work.where) if work else found)
    page = page_by_key(for_lines(found), filters.keys, request)
    context = {"page": page, "lines": lines(page.rows, actor, at), "filters": filters, "work": work}
    if request.htmx:
        return render(request, "complaints/parts/lines.html", context)
    return render(
        request, "complaints/list.html", context | {"chips": _chips(lists, work, actor), "is_agent": actor.is_agent}
    )


def _chips(lists: list[WorkList], current: WorkList | None, actor: Actor) -> list[dict[str, Any]]:
    """The lists that go with somebody's office; to those who have few the lists of their own person too."""
    offered = [work for work in lists if work.is_standing or work is current or not actor.reads_every_complaint]
    everything = {"label": _("全部"), "url": reverse("complaints"), "current": current is None}
    return [everything] + [
        {
            "label": work.title,
            "url": f"{reverse('complaints')}?{urlencode({'list': work.name})}",
            "current": work is current,
        }
        for work in offered
    ]
