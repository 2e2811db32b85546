"""Cases: what is asked of the reader, and below it every case that they may see."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accountability.permissions import Actor
from accountability.web.desk import chips_of
from accountability.web.listings import LISTINGS, Found, Listing, knows, page_of
from accountability.web.request import Request, open_or_all
from assessment.lists.worklists import ORDER, asks_of, by_nearest, for_lines, labels_of, lines, narrowed, with_lines
from assessment.models import Case
from assessment.permissions import sees_cases


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    found = Case.objects.visible_to(actor)
    everything = asked.get("all") == "1"
    return Found(for_lines(by_nearest(found if everything else found.open(), actor)), ORDER)


CASES = Listing(
    "cases", gettext_lazy("案件清单"), _found, sees_cases,
    words=lambda asked, actor, at: [_("全部") if asked.get("all") == "1" else _("未结")],
    understands=lambda asked, actor, at: knows(asked, (), all=["1"]),
)  # fmt: skip
LISTINGS.add(CASES)


@require_safe
def cases(request: Request) -> HttpResponse:
    """The open ones by nearest due instant; `?all=1` the finished ones too.

    `?asked=` and `?clock=` show what the desk counted, and nothing else.
    """
    actor: Actor = request.actor
    everything = request.GET.get("all") == "1"
    page = page_of(CASES, request)
    name, clock = request.GET.get("asked", ""), request.GET.get("clock", "")
    asks = with_lines(asks_of(actor), actor, request.at)
    active = chips_of(labels_of(actor), reverse("cases"), name, clock)
    context = {
        "asks": [ask for ask in narrowed(asks, name, clock) if ask.lines],
        "active": active,
        "page": page,
        "lines": lines(page.rows, actor, request.at),
        "chips": open_or_all(reverse("cases"), _("未结"), everything),
        "everything": everything,
        "sees_cases": sees_cases(actor),
        "shows_source": actor.is_agent or actor.reads_every_case,
    }
    return render(request, "assessment/lists/cases.html", context)
