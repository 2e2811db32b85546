"""Who takes which steps of the tours, which of them the page shows, and what each person answered to the offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accountability.models import Employee, Preferences
from accountability.permissions import CONTACT_ROLES, Actor, Role
from accountability.tours import STEPS, TOURS, VERSION, Step

ASKED = "tour"
"""Names the step in the address of a page that the tour leads to; without it no page knows of the tour."""


def _of_a_unit(actor: Actor) -> bool:
    """Whether complaints may be dispatched to where this person works, rather than judged there."""
    return not (actor.reads_every_complaint or actor.unit_id is None)


def _may_be_handed_work(actor: Actor) -> bool:
    """Work is handed to whoever has a supervising leader on file, and to nobody else (R4)."""
    return _of_a_unit(actor) and actor.employee.supervisor_id is not None


def _leads(actor: Actor) -> bool:
    return _of_a_unit(actor) and Employee.objects.filter(supervisor=actor.pk, is_active=True).exists()


TAKES: dict[str, Callable[[Actor], bool]] = {
    "agent": lambda actor: Role.AGENT in actor.roles,
    "csc_supervisor": lambda actor: actor.is_csc_supervisor,
    "contact": lambda actor: bool(actor.roles & CONTACT_ROLES) or (_of_a_unit(actor) and bool(actor.stands_in_for)),
    "handler": _may_be_handed_work,
    "leader": _leads,
    "head": lambda actor: bool(actor.heads),
    "marketing": lambda actor: actor.is_marketing,
    "auditor": lambda actor: actor.is_auditor,
    "system_admin": lambda actor: actor.is_system_admin,
    "security_admin": lambda actor: actor.is_security_admin,
    "audit_admin": lambda actor: actor.is_audit_admin,
}
"""Whose tour it is; who has none of these takes the one for everybody."""


def roles_of(actor: Actor) -> list[str]:
    return [role for role, takes in TAKES.items() if takes(actor)] or ([] if actor.at_odds else ["plain"])


@dataclass(frozen=True)
class Stop:
    """A step of one person's tour: with the number it has there, and where its page is."""

    step: Step
    number: int

    @property
    def url(self) -> str:
        """The page itself, at the element: for whoever goes there without a script."""
        return f"{reverse(self.step.place)}#{self.step.target}"

    @property
    def guided_url(self) -> str:
        """The page with the step shown on it."""
        return f"{reverse(self.step.place)}?{urlencode({ASKED: self.step.name})}"


def stops_of(actor: Actor) -> list[Stop]:
    """The steps of all roles one has, each once, in the order of the roles."""
    names = dict.fromkeys(name for role in roles_of(actor) for name in TOURS[role][1])
    return [Stop(STEPS[name], number) for number, name in enumerate(names, start=1)]


def under_way(request: HttpRequest, actor: Actor | None) -> dict[str, Any] | None:
    """What the page shows of the tour: the step its address names, if it is one of this person's and of this page."""
    step, match = STEPS.get(request.GET.get(ASKED, "")), request.resolver_match
    if actor is None or step is None or match is None or match.view_name != step.place:
        return None
    stops = stops_of(actor)
    place = next((place for place, stop in enumerate(stops) if stop.step is step), None)
    if place is None:
        return None
    return {
        "stop": stops[place],
        "of": len(stops),
        "before": stops[place - 1] if place else None,
        "after": stops[place + 1] if place + 1 < len(stops) else None,
        "leave": request.path,
    }


def is_offered(actor: Actor | None) -> bool:
    """Until one answered, taken or skipped, and again only when the tours were rewritten. One query."""
    if actor is None:
        return False
    return not Preferences.objects.filter(pk=actor.pk, toured__gte=VERSION).exists()


def answer(actor: Actor, *, skipped: bool) -> None:
    """Keeps that this person was offered the tours as they stand."""
    Preferences.objects.update_or_create(pk=actor.pk, defaults={"toured": VERSION, "tour_skipped": skipped})
