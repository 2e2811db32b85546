"""Units, their contacts and supervisors; for the marketing department the forms that change them (R4, R15, R17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accountability.deadlines.limits import day_of
from accountability.gate.fields import Person
from accountability.gate.subjects import KEEP_TEMPLATES, REVISE_LIMITS, Organisation
from accountability.gate.verbs import VERBS, Verb
from accountability.models import Appointment, Employee, Unit
from accountability.permissions import CONTACT_ROLES, Role
from accountability.views.guarded_changes import VERBS_OF_CHANGES, shown_with
from accountability.views.holds import VERBS_OF_HOLDS, of_a_decision
from accountability.views.sign_in_policy import show_code
from accountability.views.webhooks import VERBS_OF_WEBHOOKS, show_secret, what_is_asked
from accountability.web.request import Request
from accountability.web.revision_forms import REVISIONS, revision_form
from accountability.web.verb_forms import VerbForm
from accountability.web.verb_pages import carry_out, ready_again

VERBS_OF_PEOPLE = ("set_supervisor", "appoint", "end_appointment", "set_head")
VERBS_OF_ADMINISTRATORS = ("appoint_administrator", "end_administrator")
SHOWN_ON = {
    "publish_rules": "rules",
    "set_privacy_policy": "privacy_policy",
    **dict.fromkeys(VERBS_OF_CHANGES, "changes"),
    **dict.fromkeys(VERBS_OF_HOLDS, "holds"),
    **dict.fromkeys(VERBS_OF_WEBHOOKS, "webhooks"),
    **dict.fromkeys(KEEP_TEMPLATES, "answer_templates"),
    **dict.fromkeys(REVISE_LIMITS, "limits"),
}
"""The page that shows what a verb did, where it is always the same."""
VERBS_OF_DUTY = ("roster", "cancel_roster", "record_absence", "end_absence")


@require_safe
def units(request: Request) -> HttpResponse:
    """Every unit with its head and the contacts in service; those without contacts are marked (R17)."""
    contacts = contacts_in_service(request.at)
    rows: dict[str, list[dict[str, Any]]] = {str(label): [] for _kind, label in Unit.Kind.choices}
    for unit in Unit.objects.select_related("head").order_by("code"):
        rows[unit.get_kind_display()].append({"unit": unit} | contacts[unit.pk])
    groups = [(label, found) for label, found in rows.items() if found]
    without = sum(not row["people"] for _label, found in groups for row in found)
    return render(request, "accountability/organisation/units.html", {"groups": groups, "without": without})


def contacts_in_service(at: datetime) -> dict[int, dict[str, list[Employee]]]:
    """Contacts and deputies in service by unit, in one query."""
    found: dict[int, dict[str, list[Employee]]] = defaultdict(lambda: {"contacts": [], "deputies": [], "people": []})
    serving = Appointment.objects.serving(at).filter(role__in=CONTACT_ROLES, employee__is_active=True)
    for appointment in serving.select_related("employee").order_by("employee__username"):
        person = appointment.employee
        if person.unit_id is not None:
            found[person.unit_id]["contacts" if appointment.role == Role.CONTACT else "deputies"].append(person)
            found[person.unit_id]["people"].append(person)
    return found


@require_safe
def unit(request: Request, code: str) -> HttpResponse:
    """The people of a unit: their supervisors, their roles and since when."""
    found = get_object_or_404(Unit.objects.select_related("head"), code=code)
    people = _people(found, request)
    context = {
        "unit": found,
        "people": people,
        "has_contact": any(row["is_contact"] for row in people),
        "forms": _forms_for(request, found),
        "known_people": _known_people(found) if request.actor.is_marketing else [],
    }
    return render(request, "accountability/organisation/unit.html", context)


def _people(unit: Unit, request: Request) -> list[dict[str, Any]]:
    today = day_of(request.at)
    appointments: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in Appointment.objects.filter(employee__unit=unit).order_by("-starts_on", "pk"):
        serves = row.serves_on(today)
        appointments[row.employee_id].append({"row": row, "serves": serves, "is_to_come": row.starts_on > today})
    people = Employee.objects.filter(unit=unit, is_active=True).select_related("supervisor").order_by("username")
    return [
        {
            "person": person,
            "appointments": appointments[person.pk],
            "is_contact": any(one["serves"] and one["row"].role in CONTACT_ROLES for one in appointments[person.pk]),
        }
        for person in people
    ]


def _forms_for(request: Request, unit: Unit) -> list[VerbForm]:
    """The forms of marketing, with today and this unit filled in."""
    if not request.actor.is_marketing:
        return []
    today = day_of(request.at).isoformat()
    known = {"unit": unit.code, "head": unit.head.username if unit.head else "", "starts_on": today, "ends_on": ""}
    return [organisation_form(request, VERBS["organisation", name], initial=known) for name in VERBS_OF_PEOPLE]


def organisation_form(
    request: Request, verb: Verb, data: Any = None, initial: dict[str, Any] | None = None
) -> VerbForm:
    """The form of a verb on the organisation; people are typed by username, with the page's list of names to choose
    from.
    """
    if verb.name in REVISIONS:
        return revision_form(verb, request.actor, data=data, initial=initial)
    form = VerbForm(verb, Organisation.standing(), request.actor, data=data, initial=initial)
    for fact in verb.facts:
        if isinstance(fact, Person) and fact.among is None:
            form.fields[fact.name].widget.attrs |= {"list": "known-people", "autocomplete": "off"}
    return form


def _known_people(unit: Unit | None = None) -> Iterable[Employee]:
    """The people that the input suggests: those of the unit, or everybody."""
    people = Employee.objects.filter(is_active=True).order_by("username")
    return people.filter(unit=unit) if unit else people


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, verb: str) -> HttpResponse:
    """One verb on the organisation: its form, or its result. An unknown verb is not found."""
    entry = VERBS.get((Organisation.matter_kind, verb))
    if entry is None:
        raise Http404
    if request.method == "POST":
        return _run(request, entry)
    if not entry.permits(Organisation.standing(), request.actor):
        raise PermissionDenied
    return _show(request, organisation_form(request, entry, initial=_asked_for(request, entry)), 200)


def _asked_for(request: HttpRequest, verb: Verb) -> dict[str, str]:
    """The values that a link may fill in: `?employee=wh.zhang`."""
    return {fact.name: request.GET[fact.name] for fact in verb.facts if fact.name in request.GET}


def _run(request: Request, verb: Verb) -> HttpResponse:
    form = organisation_form(request, verb, data=request.POST)
    if outcome := carry_out(request, form):
        if (code := outcome.subject.shown_once) and verb.name in VERBS_OF_WEBHOOKS:
            return show_secret(request, code)
        if code:
            return show_code(request, Employee.objects.get(pk=outcome.entries[0].facts["employee"]), code)
        return _back(form)
    assert form.refusal is not None
    if form.refusal.code == "forbidden":
        raise PermissionDenied
    return _show(request, form, ready_again(form, Organisation.standing()))


def _show(request: Request, form: VerbForm, status: int) -> HttpResponse:
    by_name = any(isinstance(fact, Person) for fact in form.verb.facts)
    context: dict[str, Any] = {"form": form, "known_people": _known_people() if by_name else []}
    if form.verb.name in VERBS_OF_CHANGES:
        context |= shown_with(form, request.actor)
    if form.verb.name in VERBS_OF_WEBHOOKS:
        context |= what_is_asked(form)
    if form.verb.name in VERBS_OF_HOLDS:
        context |= of_a_decision()
    return render(request, "accountability/organisation/act.html", context, status=status)


def _back(form: VerbForm) -> HttpResponse:
    """The page that shows the change."""
    typed = form.raw()
    if form.verb.name in SHOWN_ON:
        return redirect(SHOWN_ON[form.verb.name])
    if form.verb.name == "publish_calendar":
        return redirect("calendar_year", typed["year"])
    if form.verb.name in VERBS_OF_ADMINISTRATORS:
        return redirect("account", typed["employee"])
    of_duty = form.verb.name in VERBS_OF_DUTY
    if "unit" in typed:
        return redirect("unit_roster" if of_duty else "unit", typed["unit"])
    person = Employee.objects.filter(username=str(typed.get("employee", ""))).select_related("unit").first()
    if person and person.unit:
        return redirect("unit_roster" if of_duty else "unit", person.unit.code)
    return redirect("units" if "employee" in typed else "limits")
