"""The policy on personal data: everybody reads it, marketing's leader changes it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accountability.actions.privacy import VALUES
from accountability.declarations.places import PLACES
from accountability.gate.verbs import VERBS
from accountability.models import PrivacyPolicy, privacy_in_force
from accountability.web.request import Request, page_by_key
from accountability.web.revision_forms import revision_form
from accountability.web.versions import note_changes

SET = VERBS["organisation", "set_privacy_policy"]


@require_safe
def policy(request: Request) -> HttpResponse:
    """The policy in force, every version with author and reason, and for the leader the form of a new one."""
    current = privacy_in_force(request.at)
    page = page_by_key(PrivacyPolicy.objects.select_related("author"), ["-version"], request, size=20)
    note_changes(page.rows, _changes)
    context = {
        "current": current,
        "page": page,
        "within": [place for place in PLACES.values() if place.within == "privacy_policy"],
        "forms": [revision_form(SET, request.actor)] if SET.permits(None, request.actor) else [],
    }
    return render(request, "accountability/privacy/privacy.html", context)


def _changes(before: PrivacyPolicy | None, after: PrivacyPolicy) -> list[tuple[Any, int, int]]:
    if before is None:
        return []
    pairs = [(fact.label, getattr(before, fact.name), getattr(after, fact.name)) for fact in VALUES]
    return [(label, old, new) for label, old, new in pairs if old != new]
