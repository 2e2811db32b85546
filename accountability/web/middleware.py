"""The middleware: the instant a request arrived, who makes it, which pages they may open, and which reads are
recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from accountability.audit import access_log, refused_access
from accountability.db import sql
from accountability.deadlines import clock
from accountability.declarations.places import PLACES
from accountability.models import ActingEmployee, Attachment, Employee, Matter, Paper, actor_for
from accountability.models.serving import actor_of_person
from accountability.permissions import Actor, actor_of
from accountability.security.client_ip import client_ip
from accountability.signin import browsers, second_factor, sessions
from accountability.signin.backend import PASSWORD_OLD


class ArrivalMiddleware:
    """Sets `request.at`, the only clock reading of a request, and `request.actor`, the person with their roles at that
    instant.

    The actor is None for a stranger and for somebody who is no longer active.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = clock.read()  # type: ignore[attr-defined]
        request.actor = waiting = SimpleLazyObject(lambda: self._found(request, waiting))  # type: ignore[attr-defined]
        before = sessions.ARRIVED.set(request.at)  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            sessions.ARRIVED.reset(before)

    @classmethod
    def _found(cls, request: HttpRequest, waiting: Any) -> ActingEmployee | None:
        """From the first question on the request has the actor itself. A page asks it hundreds of things, and each
        would go through the object that waits, unless somebody put another actor there.
        """
        actor = cls._actor(request)
        if request.actor is waiting:  # type: ignore[attr-defined]
            request.actor = actor  # type: ignore[attr-defined]
        return actor

    @staticmethod
    def _actor(request: HttpRequest) -> ActingEmployee | None:
        if not request.user.is_authenticated:
            return None
        request.user.came_from = client_ip(request)
        actor = _as_read(request.user, request.at) or actor_for(request.user.pk, request.at)  # type: ignore[attr-defined]
        return replace(actor, verified=bool(request.session.get(sessions.VERIFIED))) if actor else None


def _as_read(user: Any, at: datetime) -> ActingEmployee | None:
    """The actor, if their roles were read with the person of the session; None where somebody has just signed in."""
    person: Employee = copy(user)  # what is behind Django's lazy object
    return actor_of_person(person) if person.serving and person.serving.at == at else None


class ProbeMiddleware:
    """Answers what machines ask about this process before sessions and limits are looked at: neither a session that
    can't be read nor a flood changes the answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES and request.method in ("GET", "HEAD"):
            request.at = clock.read()  # type: ignore[attr-defined]
            return resolve(request.path_info).func(request)
        return self.get_response(request)


PROBES = frozenset({"/livez", "/readyz", "/metrics"})


class NulMiddleware:
    """Nobody types NUL and PostgreSQL can't store it: in an address it is refused, from typed text it is removed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or _holds_nul(request.GET):
            raise BadRequest("NUL in the address")
        if _holds_nul(request.POST):
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]
        return self.get_response(request)


class SessionMiddleware:
    """Keeps a session alive while its person does something; automatic requests of a page don't count. People who have
    left, are disabled or have moved are signed out on any request. After a sign-in the browser keeps that it is known.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            if sessions.is_over(request):
                logout(request)
            elif sessions.POLL not in request.headers:
                sessions.renew(request.session)
        response = self.get_response(request)
        if known := getattr(request, "browser_known", ""):
            browsers.keep(response, known)
        return response


class StepsMiddleware:
    """Sends people who owe a second factor or a new password to that page, whatever they request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        if not request.session.get(sessions.VERIFIED) and second_factor.is_owed(request):
            return None if name in SECOND_FACTOR_PAGES else _sent_to("second_factor", request)
        if request.session.get(PASSWORD_OLD):
            return None if name == "password" else _sent_to("password", request)
        return None


ALWAYS_OPEN = {
    "livez", "readyz", "metrics", "set_language", "sign_in", "sign_out", "activate", "company_sign_in",
    "company_return", "company_sign_out", "calendar_feed",
}  # fmt: skip
"""Pages for anybody, signed in or not; the apps add theirs in `ready()`."""

SECOND_FACTOR_PAGES = frozenset({"second_factor", "enrol", "begin_enrolment"})


def _sent_to(place: str, request: HttpRequest) -> HttpResponse:
    """Redirect a page there and back; a poll gets nothing, and a request for part of a page sends the whole
    page there.
    """
    if sessions.POLL in request.headers:
        request.user.refusal_noted = True  # type: ignore[union-attr]  # a page asked, not the person
        return HttpResponse(status=403)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse(place)})
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse(place)}{back}")


class NotAllowedMiddleware:
    """Explains an address that only takes POST to people who open it, instead of showing an empty page.

    People get there without a mistake of theirs: the session ends, a button is pressed, and signing in leads back to
    the button's address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page


def _holds_nul(typed: QueryDict) -> bool:
    return any("\x00" in text for name, values in typed.lists() for text in (name, *values))


def _without_nul(typed: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True, encoding=typed.encoding)
    for name, values in typed.lists():
        cleaned.setlist(name.replace("\x00", ""), [value.replace("\x00", "") for value in values])
    return cleaned


# The only pages that each of the three administrators may open. They are named here, so that a new page is closed to
# them until somebody adds it.

OWN = frozenset({
    "password", "inbox", "mark_read", "preferences", "pulse", "stay", "tour", "answer_tour", "units", "unit",
    "calendar", "calendar_year", "limits", "rules", "confirm_reading", "privacy_policy", "second_factor", "enrol",
    "begin_enrolment", "my_sessions", "end_session",
})  # fmt: skip
"""Their own account, the rules and the organisation: pages without complaints."""

OF_WEBHOOKS = frozenset({"webhooks", "webhook", "resend_event"})

OF_ACCOUNTS = OF_WEBHOOKS | {"accounts", "changes", "account", "organisation_act", "sign_in_policy", "sign_in_act"}

OF_AUDIT = OF_WEBHOOKS | {"access_log", "record", "sign_in_policy", "changes", "organisation_act"}

OFFICES: tuple[tuple[Callable[[Actor], bool], str, frozenset[str]], ...] = (
    (lambda actor: actor.is_system_admin, "operations", OF_WEBHOOKS | {"operations"}),
    (lambda actor: actor.is_security_admin, "accounts", OF_ACCOUNTS),
    (lambda actor: actor.is_audit_admin, "access_log", OF_AUDIT),
)
"""For each administrator's office: who has it, the page that is their desk, and its pages."""


def is_own(name: str) -> bool:
    """Whether every administrator may open the page: anybody may, it is one of `OWN`, or one below those (what was
    decided against oneself).
    """
    return name in ALWAYS_OPEN or name in OWN or (name in PLACES and PLACES[name].within in OWN)


def desk_of(actor: Actor) -> str:
    """The page an administrator works on; the inbox for one whose roles contradict each other."""
    return next((desk for is_theirs, desk, _pages in OFFICES if is_theirs(actor)), "inbox")


def opens(actor: Actor, name: str) -> bool:
    """Whether an administrator may open a page of the office."""
    return is_own(name) or any(is_theirs(actor) and name in pages for is_theirs, _desk, pages in OFFICES)


class AdministratorMiddleware:
    """Lets an administrator open only their own pages. Everything else is refused before anything is looked up, so that
    the answer is the same whether it exists or not; the front page leads to their desk.
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


# Reads by those who watch over the business are recorded, a row each, and so is what anybody was refused. The row is
# written when the page is ready and before it is sent; if it can't be written, nothing is sent.

SHOWS = {200, 206, 304, 409, 422}
"""Answers that show a page; a redirection or a refusal shows nothing of it."""

WATCHED = {"access_log"}
"""Pages whose every reader is recorded: readers of the log are in the log."""

NAMED_BY: dict[str, Callable[[Mapping[str, Any]], int | None]] = {}
"""The matter (primary key) that a page is about, by the name of its address, from the values in the address; for pages
whose address doesn't have the matter's own number. Filled in `ready()` by the app that knows.
"""


class AuditingMiddleware:
    """One row per request: who, when, from where, which page, of which matter. Who still owes a second factor has asked
    for nothing yet: `StepsMiddleware` answers them before any page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        actor, match = actor_of(request), request.resolver_match
        if actor is None or match is None:
            return response
        if response.status_code in SHOWS and _is_watched(actor, match.view_name):
            about = _matter_of(match.view_name, match.kwargs)
            access_log.note(request, "read", matter_id=about, detail=match.view_name)
        elif response.status_code in refused_access.RESULTS and not self._is_known(request):
            about, named = _matter_of(match.view_name, match.kwargs), match.kwargs.values()
            refused_access.note(request, response.status_code, match.view_name, named, about)
        return response

    @staticmethod
    def _is_known(request: HttpRequest) -> bool:
        """Whether the gate or a page has noted the refusal itself, or nothing was asked for."""
        return request.user.refusal_noted or second_factor.is_owed(request)  # type: ignore[union-attr]


def _is_watched(actor: Actor, name: str) -> bool:
    return name in WATCHED or (actor.is_auditor and not is_own(name))


def _matter_of(name: str, taken: Mapping[str, Any]) -> int | None:
    """The matter that the page was about, as far as its address tells."""
    if name in NAMED_BY:
        return NAMED_BY[name](taken)
    if "number" in taken:
        return next((matter.pk for matter in sql.rows(Matter, number=[taken["number"]])), None)
    if "token" in taken:
        return _of_a_file(str(taken["token"]))
    if name.startswith("admin:") and "object_id" in taken:
        return _of_a_row(name, str(taken["object_id"]))
    return None


def _of_a_file(token: str) -> int | None:
    kept: tuple[type[models.Model], ...] = (Attachment, Paper)
    rows = [model._default_manager.filter(token=token).values_list("matter_id", flat=True).first() for model in kept]
    return next((matter for matter in rows if matter is not None), None)


MOST_DIGITS = 18
"""Of a primary key; a longer one is nobody's."""


def _of_a_row(name: str, object_id: str) -> int | None:
    """For a row in the administration: the matter it belongs to. The address is whatever somebody typed, and some of
    the administration's addresses name no model.
    """
    app_label, _underscore, rest = name.removeprefix("admin:").partition("_")
    try:
        model = apps.get_model(app_label, rest.partition("_")[0])
    except LookupError:  # an address of the administration itself
        return None
    column = "pk" if model is Matter else "matter_id"
    has_matter = model is Matter or any(field.name == "matter" for field in model._meta.get_fields())
    is_key = object_id.isascii() and object_id.isdigit() and len(object_id) <= MOST_DIGITS
    if not has_matter or not is_key:
        return None
    found = model._base_manager.filter(pk=int(object_id)).values_list(column, flat=True).first()
    return int(found) if found is not None else None
