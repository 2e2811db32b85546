"""The 通报批评: signed circulars are for everybody to read (R52)."""

from __future__ import annotations

from functools import partial

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accountability.documents.reading import papers_of
from accountability.models import Employee, privacy_in_force
from accountability.security.masking import blotted
from accountability.web.request import Request, page_by_key
from assessment.documents.showing import shown
from assessment.models import Case, Circular


@require_safe
def circulars(request: Request) -> HttpResponse:
    """The newest first; drafts only for those who draft and those who audit."""
    found = Circular.objects.visible_to(request.actor).select_related("unit", "withdrawal")
    return render(request, "assessment/cases/circulars.html", {"page": page_by_key(found, ("-pk",), request)})


@require_safe
def circular(request: Request, pk: int) -> HttpResponse:
    """One circular as its paper shows it, marked if no longer valid; a draft as it would be printed."""
    known = Circular.objects.visible_to(request.actor).select_related("unit", "withdraws", "withdrawal")
    found = known.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.case = case = Case.objects.with_everything().get(pk=found.case_id)
    policy = privacy_in_force(request.at)
    blot = None if found.shows_names_to(request.actor, policy) else partial(blotted, names=_names_in(found))
    context = {
        "circular": found,
        "names_until": found.names_until(policy),
        "names_nobody": found.names_nobody(policy, request.at),
        "shown": shown(case, [found], request.at, change=blot).get(found.pk, ""),
        "papers": papers_of([case.pk], request.actor, "circular", found.pk),
        "is_draft": found.is_draft and request.actor.is_marketing,
    }
    return render(request, "assessment/cases/circular.html", context)


def _names_in(circular: Circular) -> list[str]:
    """The names it may contain: the unit's people, including those who left, and everybody penalised in the case."""
    people = Employee.objects.filter(Q(unit=circular.unit_id) | Q(penalties__case=circular.case_id))
    return [each for names in people.values_list("name", "username") for each in names]
