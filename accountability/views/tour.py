"""The tour as a page, reachable any time, and the answer to its offer on the desk."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accountability.web.request import Request
from accountability.web.tour_steps import TOURS, answer, roles_of, stops_of


@require_safe
def tour(request: Request) -> HttpResponse:
    """All steps of one's own roles, each with its page: the whole tour without a script."""
    roles = [TOURS[role].label for role in roles_of(request.actor)]
    stops = stops_of(request.actor)
    context = {"stops": stops, "roles": _("、").join(str(role) for role in roles)}
    return render(request, "accountability/web/tour.html", context)


@require_POST
def answer_tour(request: Request) -> HttpResponse:
    """The answer, begin or skip: the tour isn't offered again. Anything but a skip leads to the first step."""
    skipped = request.POST.get("answer") == "skip"
    answer(request.actor, skipped=skipped)
    return redirect("home") if skipped else redirect(stops_of(request.actor)[0].guided_url)
