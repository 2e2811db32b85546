"""A person's own penalties: here everybody reads their own and no others (PIPL 44, 45)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accountability.web.request import Request, page_by_key
from assessment.cases.papers import own_penalty
from assessment.models import Penalty


@require_safe
def own(request: Request) -> HttpResponse:
    """The newest first, with grounds, months, reason and outcome; without the case itself, which they may not know."""
    mine = Penalty.objects.filter(person=request.actor.pk).select_related("case__unit", "texts")
    page = page_by_key(mine, ["-pk"], request)
    page.rows = [own_penalty(row) for row in page.rows]
    return render(request, "assessment/cases/own_penalties.html", {"page": page})
