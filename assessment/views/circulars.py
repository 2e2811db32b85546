"""The 通报批评: signed circulars are for everybody to read (R52)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db.models import Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accountability.declarations.places import everybody
from accountability.documents.reading import papers_of
from accountability.models import Employee, privacy_in_force
from accountability.permissions import Actor
from accountability.security.masking import blotted
from accountability.web.listings import LISTINGS, Column, Found, Listing, page_of, second
from accountability.web.request import Request
from assessment.documents.showing import shown
from assessment.models import Case, Circular


def _found(asked: QueryDict, actor: Actor, at: datetime) -> Found:
    return Found(Circular.objects.visible_to(actor).select_related("unit", "withdrawal"), ("-pk",))


CIRCULARS = Listing(
    "circulars", _("通报批评"), _found, everybody,
    (
        Column("number", _("发文字号"), lambda row: row.number or ""),
        Column("title", _("标题"), lambda row: row.title),
        Column("unit", _("被通报单位"), lambda row: row.unit.name),
        Column("signed_at", _("签发时间"), lambda row: second(row.signed_at)),
        Column("withdrawn_at", _("撤回时间"), lambda row: second(row.withdrawn_at)),
    ),
)  # fmt: skip
LISTINGS.add(CIRCULARS)


@require_safe
def circulars(request: Request) -> HttpResponse:
    """The newest first; drafts only for those who draft and those who audit."""
    return render(request, "assessment/cases/circulars.html", {"page": page_of(CIRCULARS, request)})


@require_safe
def circular(request: Request, pk: int) -> HttpResponse:
    """One circular as its paper shows it, marked if no longer valid; a draft as it would be printed."""
    known = Circular.objects.visible_to(request.actor).select_related("unit", "withdraws", "withdrawal")
    found = known.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.case = case = Case.of_matter(found.case_id)
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
