"""The security administrator's desk: who can sign in, who holds which role, and who administers and audits.

Actions on one account are on its page: appointments are here, and sign-in actions (`ACTIONS`) are registered by the
module that owns them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accountability.deadlines.limits import day_of
from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS
from accountability.models import SYSTEM_USERNAME, Appointment, Employee, GuardedChange
from accountability.permissions import OVERSIGHT_ROLES
from accountability.views.guarded_changes import described
from accountability.web.request import Request, page_by_key
from accountability.web.verb_forms import VerbForm

SEARCH_MOST = 60


@dataclass(frozen=True)
class Mark:
    """Something to know about an account, as a badge."""

    label: Any
    tone: str = "neutral"
    icon: str = "square"


MARKS: list[Callable[[list[Employee], Any], dict[int, list[Mark]]]] = []
"""What else is known of the accounts of a page (locked, second factor): `(people, at)` to marks by primary key."""

ACTIONS: list[Callable[[Request, Employee], Iterable[dict[str, Any]]]] = []
"""Other actions of the security administrator on one account: `{label, url, about}`, pages that ask why."""


@never_cache
@require_safe
def accounts(request: Request) -> HttpResponse:
    """Everybody, by username; `?q=` a part of username or name, `?only=oversight` those who administer or audit."""
    _demand(request)
    asked = request.GET.get("q", "").strip()[:SEARCH_MOST]
    only = request.GET.get("only", "") if request.GET.get("only") in ("oversight", "gone") else ""
    page = page_by_key(_found(request, asked, only), ["username"], request)
    context = {"page": page, "rows": _rows(page.rows, request), "q": asked, "only": only}
    return render(request, "accountability/signin/accounts.html", context)


def _demand(request: Request) -> None:
    if not request.actor.is_security_admin:
        raise PermissionDenied


def _found(request: Request, asked: str, only: str) -> QuerySet[Employee]:
    people = Employee.objects.exclude(username=SYSTEM_USERNAME).select_related("unit")
    if asked:
        people = people.filter(Q(username__icontains=asked) | Q(name__icontains=asked))
    if only == "gone":
        return people.filter(is_active=False)
    if only == "oversight":
        serving = Appointment.objects.serving(request.at).filter(role__in=OVERSIGHT_ROLES)
        return people.filter(pk__in=serving.values("employee"))
    return people


def _rows(people: list[Employee], request: Request) -> list[dict[str, Any]]:
    """The rows with roles and marks, in a constant number of queries."""
    roles: dict[int, list[Appointment]] = defaultdict(list)
    for one in Appointment.objects.serving(request.at).filter(employee__in=people).order_by("role", "pk"):
        roles[one.employee_id].append(one)
    marks: dict[int, list[Mark]] = defaultdict(list)
    for tell in MARKS:
        for pk, told in tell(people, request.at).items():
            marks[pk] += told
    return [{"person": person, "roles": roles[person.pk], "marks": marks[person.pk]} for person in people]


@never_cache
@require_safe
def account(request: Request, username: str) -> HttpResponse:
    """One account: its roles past and to come, and what may be done to it."""
    _demand(request)
    people = Employee.objects.exclude(username=SYSTEM_USERNAME).select_related("unit")
    person = get_object_or_404(people, username=username)
    (row,) = _rows([person], request)
    today = day_of(request.at)
    served = [(one, one.serves_on(today)) for one in person.appointments.order_by("-starts_on", "pk")]
    waiting = GuardedChange.objects.visible_to(request.actor).waiting().filter(employee=person).with_everything()
    context = {
        "row": row,
        "waiting": [described(change) for change in waiting],
        "served": served,
        "forms": _forms(request, person),
        "actions": [offer for tell in ACTIONS for offer in tell(request, person)],
    }
    return render(request, "accountability/signin/account.html", context)


def _forms(request: Request, person: Employee) -> list[VerbForm]:
    """Appointing and ending, with the person and today filled in; nobody appoints themselves."""
    if person.pk == request.actor.pk or not person.is_active:
        return []
    today = day_of(request.at).isoformat()
    held = Appointment.objects.serving(request.at).filter(employee=person, role__in=OVERSIGHT_ROLES).first()
    name = "end_administrator" if held else "appoint_administrator"
    known = {"employee": person.username, "starts_on": today, "ends_on": today if held else ""}
    known |= {"role": held.role} if held else {}
    form = VerbForm(VERBS["organisation", name], Organisation.standing(), request.actor, initial=known)
    return [form]
