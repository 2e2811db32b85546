"""The edge: the instant a request arrived, and who makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from accountability import clock, second_factor, sessions
from accountability.client_ip import client_ip
from accountability.models import actor_for
from accountability.permissions import Actor
from accountability.signins import PASSWORD_OLD


class ArrivalMiddleware:
    """Sets `request.at`, the one clock read of a request, and `request.actor`, the person as they stand just then.

    The actor is None for a stranger and for somebody who is no longer active. NUL is no character that anybody types
    and PostgreSQL holds none: in an address it is refused, from what was typed it is dropped.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = clock.read()  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: self._actor(request))  # type: ignore[attr-defined]
        if "\x00" in request.path or _holds_nul(request.GET):
            raise BadRequest("NUL in the address")
        if _holds_nul(request.POST):
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]
        return self.get_response(request)

    @staticmethod
    def _actor(request: HttpRequest) -> Actor | None:
        if not request.user.is_authenticated:
            return None
        request.user.came_from = client_ip(request)
        actor = actor_for(request.user.pk, request.at)  # type: ignore[attr-defined]
        return replace(actor, verified=bool(request.session.get(sessions.VERIFIED))) if actor else None


class SessionMiddleware:
    """Whatever a signed-in person does keeps their session alive; what a page asks for by itself doesn't. Who has left,
    is disabled or has moved is signed out, whatever they ask for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            if sessions.is_over(request):
                logout(request)
            elif sessions.POLL not in request.headers:
                sessions.renew(request.session)
        return self.get_response(request)


class StepsMiddleware:
    """Whoever owes a second factor, or a new password, comes to that page and to no other, whatever they ask for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        if second_factor.is_owed(request):
            return None if name in SECOND_FACTOR_PAGES else _sent_to("second_factor", request)
        if request.session.get(PASSWORD_OLD):
            return None if name == "password" else _sent_to("password", request)
        return None


ALWAYS_OPEN = frozenset({"healthz", "set_language", "sign_in", "sign_out", "activate"})
SECOND_FACTOR_PAGES = frozenset({"second_factor", "enrol", "begin_enrolment"})


def _sent_to(place: str, request: HttpRequest) -> HttpResponse:
    """A page goes there and comes back; what a page asks for by itself gets nothing, a part of one sends all of it."""
    if sessions.POLL in request.headers:
        return HttpResponse(status=403)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse(place)})
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse(place)}{back}")


class NotAllowedMiddleware:
    """Who opens an address that only takes what is sent to it reads why it doesn't open, instead of an empty page.

    People get there without a slip of theirs: the session ends, a button is pressed, and signing in leads back to where
    the button led.
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
