"""The administrators' places: what each of the three may open, and nothing else of the whole office.

Said by the names of addresses, so that a page that comes later is closed to them until somebody says otherwise here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accountability.context import actor_of
from accountability.declarations.places import PLACES
from accountability.permissions import Actor

OWN = frozenset({
    "healthz", "set_language", "sign_in", "sign_out", "password", "inbox", "mark_read", "preferences", "pulse", "stay",
    "tour", "answer_tour", "units", "unit", "calendar", "calendar_year", "limits", "rules", "confirm_reading",
    "privacy_policy", "second_factor", "enrol", "begin_enrolment", "activate", "my_sessions", "end_session",
})  # fmt: skip
"""Their own account, the rules and the organisation: no complaint in it."""

OF_ACCOUNTS = frozenset({"accounts", "account", "organisation_act", "sign_in_policy", "sign_in_act"})

OFFICES: tuple[tuple[Callable[[Actor], bool], str, frozenset[str]], ...] = (
    (lambda actor: actor.is_system_admin, "operations", frozenset({"operations"})),
    (lambda actor: actor.is_security_admin, "accounts", OF_ACCOUNTS),
    (lambda actor: actor.is_audit_admin, "access_log", frozenset({"access_log", "record", "sign_in_policy"})),
)
"""Whose office it is, the page that is their desk, and the pages of it."""


def is_own(name: str) -> bool:
    """Whether a page is everybody's own: one of these, or one within them (what was decided against oneself)."""
    return name in OWN or (name in PLACES and PLACES[name].within in OWN)


def desk_of(actor: Actor) -> str:
    """The page an administrator works on; for one whose roles contradict each other, their notices."""
    return next((desk for is_theirs, desk, _pages in OFFICES if is_theirs(actor)), "inbox")


def opens(actor: Actor, name: str) -> bool:
    """Whether a page of the office is an administrator's to open."""
    return is_own(name) or any(is_theirs(actor) and name in pages for is_theirs, _desk, pages in OFFICES)


class AdministratorMiddleware:
    """Lets an administrator into their own places. Everything else is refused before anything is looked up, so that
    what is there is answered like what isn't; the front page leads to their desk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        actor, match = actor_of(request), request.resolver_match
        if actor is None or match is None or not actor.is_administrator:
            return None
        if match.view_name == "home" and request.method in ("GET", "HEAD"):
            return redirect(desk_of(actor))
        if not opens(actor, match.view_name):
            raise PermissionDenied
        return None
