"""A unit's turns of duty and absences: everybody sees who is there; contacts, heads and marketing change it (R17)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accountability.deadlines.limits import show_instant
from accountability.gate.verbs import VERBS
from accountability.models import Absence, DutyRoster, Employee, Unit, contacts_of
from accountability.views.organisation import VERBS_OF_DUTY, organisation_form
from accountability.web.request import Request, page_by_key
from accountability.web.verb_forms import VerbForm

MOST_ABSENCES = 50


@require_safe
def unit_roster(request: Request, code: str) -> HttpResponse:
    """Who receives now, the turns of duty that aren't over, and who is or will be away (the reason stays sealed)."""
    unit = get_object_or_404(Unit.objects.select_related("head"), code=code)
    there = contacts_of(unit.pk, request.at)
    absences = _absences(unit, request)
    duties = DutyRoster.objects.standing().filter(unit=unit, ends_at__gte=request.at).select_related("employee", "note")
    page = page_by_key(duties, ["starts_at", "pk"], request)
    # Without turns there is nothing to call off.
    none = {"cancel_roster": not page.rows, "end_absence": not absences}
    context = {
        "unit": unit,
        "receiver": there[0] if there else unit.head,
        "by_head": not there,
        "others": there[1:],
        "page": page,
        "absences": absences,
        "forms": [form for form in _forms(request, unit) if not none.get(form.verb.name)],
        "known_people": Employee.objects.filter(unit=unit, is_active=True).order_by("username"),
    }
    return render(request, "accountability/organisation/roster.html", context)


def _absences(unit: Unit, request: Request) -> list[dict[str, Any]]:
    """Present and future absences, the next ones first."""
    open_ones = Q(ends_at=None) | Q(ends_at__gte=request.at)
    found = Absence.objects.filter(open_ones, employee__unit=unit, employee__is_active=True, ended_at=None)
    rows = found.select_related("employee").order_by("starts_at", "pk")[:MOST_ABSENCES]
    return [{"row": row, "is_running": row.starts_at <= request.at} for row in rows]


def _forms(request: Request, unit: Unit) -> list[VerbForm]:
    """For marketing, the unit's head and its contacts; a contact can only record their own absence."""
    actor = request.actor
    if not (
        actor.is_marketing or unit.pk in actor.heads or (unit.pk == actor.unit_id and actor.is_contact_of(unit.pk))
    ):
        return []
    known = {"unit": unit.code, "starts_at": show_instant(request.at.replace(second=0, microsecond=0))}
    if not actor.is_marketing and unit.pk not in actor.heads:
        return [_form(request, name, known | _oneself(name, actor.username)) for name in VERBS_OF_DUTY]
    return [_form(request, name, known) for name in VERBS_OF_DUTY]


def _oneself(verb: str, username: str) -> dict[str, str]:
    return {"employee": username} if verb in ("record_absence", "end_absence") else {}


def _form(request: Request, name: str, known: dict[str, str]) -> VerbForm:
    return organisation_form(request, VERBS["organisation", name], initial=known)
