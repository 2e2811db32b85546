"""The windows in which nobody was served: what waits for a ruling, and the verbs of those who rule."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.declarations.limits import deadline_label
from accountability.gate import holding
from accountability.gate.lookups import windows_at
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import Hold, Unit
from accountability.notices.sentences import page_of
from accountability.permissions import Actor, sees_holds
from accountability.web.request import Request, page_by_key

VERBS_OF_HOLDS = ("propose_release", "approve_release", "refuse_release", "withdraw_release")


@never_cache
@require_safe
def holds(request: Request) -> HttpResponse:
    """The holds that aren't over, how many limits of which kind and unit wait because of them, and which."""
    if not sees_holds(request.actor):
        raise PermissionDenied
    waiting = holding.held_limits(windows_at(request.at))
    page = page_by_key(waiting.select_related("matter", "unit"), ["due_at", "pk"], request)
    context = {
        "holds": [{"hold": hold, "verbs": _offered(hold, request.actor)} for hold in _open()],
        "tally": _tally(waiting),
        "page": page,
        "rows": [{"limit": row, "url": page_of(row.matter)} for row in page.rows],
    }
    return render(request, "accountability/monitoring/holds.html", context)


def _open() -> list[Hold]:
    return list(Hold.objects.holding().select_related("proposed_by", "approved_by", "reason"))


def of_a_decision() -> dict[str, Any]:
    """For the page of a verb on the hold that nobody has decided yet: what is read before deciding."""
    return {"hold": Hold.objects.undecided().select_related("proposed_by", "approved_by", "reason").first()}


def _tally(waiting: Any) -> list[dict[str, Any]]:
    """How many limits wait, by kind and unit."""
    counted = (
        waiting.order_by().values_list("kind", "unit").annotate(count=Count("pk")).order_by("-count", "kind", "unit")
    )
    rows = list(counted)
    units = Unit.objects.in_bulk({unit for _kind, unit, _count in rows if unit})
    return [{"label": deadline_label(kind), "unit": units.get(unit), "count": count} for kind, unit, count in rows]


def _offered(hold: Hold, actor: Actor) -> list[dict[str, Any]]:
    """The verbs that this person may run on the hold now."""
    mine = hold.proposed_by_id == actor.pk
    proposed = hold.state == Hold.State.PROPOSED
    fitting = {
        "propose_release": hold.state == Hold.State.HELD,
        "approve_release": proposed and not mine,
        "refuse_release": proposed and not mine,
        "withdraw_release": proposed and mine,
    }
    entries = [VERBS[Organisation.matter_kind, name] for name, fits in fitting.items() if fits]
    return [
        {"label": entry.label, "url": reverse("organisation_act", args=[entry.name])}
        for entry in entries
        if entry.permission(None, actor)
    ]
