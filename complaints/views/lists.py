"""The queue: everything this person may see, filtered, in the order of R12 unless they choose another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url

from accountability.declarations.places import everybody
from accountability.permissions import Actor
from accountability.web.listings import LISTINGS, OF_ONE_PAGE, Found, Listing, is_clean, with_files
from accountability.web.request import Request, page_by_key
from accountability.web.standing_statements import standing_rows
from complaints.lists.bulk import MOST, offered
from complaints.lists.desk import address_of
from complaints.lists.filters import OLD_CLOCK, ORDERS
from complaints.lists.queue import Queue, found_of, queue_of
from complaints.lists.worklists import for_lines, lines
from complaints.models import Complaint, SavedView
from complaints.views.complaint import known_complaint, page_context
from complaints.views.history import ASKED
from complaints.views.saved import SaveForm

OF_THE_OPEN = ("open", *ASKED)
"""What an address says of the complaint that is open next to the list."""

OF_THIS_PAGE = (*OF_ONE_PAGE, *OF_THE_OPEN)


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    queue = queue_of(asked, actor, at)
    return Found(for_lines(queue.found), queue.filters.keys)


def _words(asked: QueryDict, actor: Actor, at: datetime) -> Iterator[str]:
    """The list chosen and the filters in force."""
    queue = queue_of(asked, actor, at)
    if queue.work:
        yield str(queue.work.title)
    yield from queue.filters.told


def _understands(asked: QueryDict, actor: Actor, at: datetime) -> bool:
    """Whether the list chosen is one of this person's, and each filter a filter that they have."""
    queue = queue_of(asked, actor, at)
    return is_clean(queue.filters, asked, besides=[OLD_CLOCK], list=[work.name for work in queue.lists])


QUEUE = Listing(
    "complaints", gettext_lazy("投诉清单"), _found, everybody,
    words=_words, understands=_understands, of_one_page=OF_THIS_PAGE,
)  # fmt: skip
LISTINGS.add(QUEUE)


@require_safe
def complaints(request: Request) -> HttpResponse:
    """One page of the queue; only the rows when the page refreshes them, only the list when its search is typed in.
    The bare address opens the default view.
    """
    actor, at = request.actor, request.at
    views = [] if request.htmx else standing_rows(_views, actor, at)
    default = next((view for view in views if view.is_default), None)
    if default and not request.GET:
        return redirect(default.url)
    queue = queue_of(request.GET, actor, at)
    page = page_by_key(Complaint.objects.none(), queue.filters.keys, request, first=queue.first)
    with_files(page, QUEUE, request)
    context = {"page": page, "lines": lines(page.rows, actor, at), "bulk": offered(actor), "carries": _carried(queue)}
    if not request.htmx:
        around = _section(request, queue, views) | _around(request, queue, views)
        response = render(request, "complaints/lists/list.html", context | around)
    elif request.htmx.target == "queue":
        found = _section(request, queue, views) | {"total": queue.total}
        response = render(request, "complaints/lists/parts/queue.html", context | found)
        empty = [name for name, value in request.GET.items() if not value]
        replace_url(response, _address(request.GET, empty))
    else:
        response = render(request, "complaints/lists/parts/lines.html", context | {"total": queue.total})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _views(actor: Actor, _at: datetime) -> list[QuerySet[SavedView]]:
    return [SavedView.objects.visible_to(actor)]


def _section(request: Request, queue: Queue, views: list[SavedView]) -> dict[str, Any]:
    """What is said of the rows: filters, orders, and what may be done to them."""
    return {
        "filters": queue.filters,
        "work": queue.work,
        "asked": queue.asked,
        "given": queue.filters.given,
        "bulk_most": MOST,
        "save": SaveForm(view=SavedView(), own=views),
        "active": [(said, _address(request.GET, {*OF_THIS_PAGE, name})) for name, said in queue.filters.active],
        "orders": _orders(request.GET, queue),
        "bare": address_of(queue.work),
        "shortcuts": request.actor.shortcuts,
    }


def _around(request: Request, queue: Queue, views: list[SavedView]) -> dict[str, Any]:
    """Everything around the list: other lists, views, and the complaint next to it."""
    of_views = found_of([view.asked for view in views], request.actor, request.at)
    total, of_all, *rest = queue.totals(of_views)
    of_each, in_views = rest[: len(queue.offered)], rest[len(queue.offered) :]
    return {
        "total": total,
        "is_agent": request.actor.is_agent,
        "chips": _chips(queue, of_all, of_each),
        "views": [
            {"label": view.name, "url": view.url, "current": view.asked == queue.asked, "count": count}
            for view, count in zip(views, in_views, strict=True)
        ],
        "closed": _address(request.GET, OF_THE_OPEN),
        **_beside(request),
    }


def _carried(queue: Queue) -> str:
    """What the link to a complaint says of the list, so that its page knows the next one."""
    return f"?{urlencode(queue.asked)}" if queue.work else ""


def _beside(request: Request) -> dict[str, Any]:
    """The complaint that the address opens next to the list. One that the reader may not see is treated as missing."""
    number = request.GET.get("open", "")
    if not number:
        return {}
    try:
        complaint = known_complaint(request, number[:24])
    except Http404:
        return {"opened": number}
    part = "complaints/dossier/parts/beside_list.html"
    return {"opened": number, "beside": render_to_string(part, page_context(request, complaint), request)}


def _address(asked: QueryDict, without: Collection[str], **other: str) -> str:
    """The list's address with some parameters removed and others added."""
    kept = [(name, values) for name, values in asked.lists() if name not in without and name not in other]
    return f"{reverse('complaints')}?{urlencode([*kept, *other.items()], doseq=True) or 'list='}"


def _orders(asked: QueryDict, queue: Queue) -> list[dict[str, Any]]:
    chosen = queue.filters.cleaned_data.get("order", "")
    return [
        {
            "label": label,
            "url": _address(asked, {*OF_THIS_PAGE, "order"}, **({"order": name} if name else {})),
            "current": name == chosen,
        }
        for name, label in ORDERS
    ]


def _chips(queue: Queue, of_all: str, of_each: list[str]) -> list[dict[str, Any]]:
    everything = {"label": _("全部"), "url": address_of(None), "current": queue.work is None, "count": of_all}
    return [everything] + [
        {
            "label": work.title,
            "url": address_of(work),
            "current": work is queue.work,
            "count": count,
        }
        for work, count in zip(queue.offered, of_each, strict=True)
    ]
