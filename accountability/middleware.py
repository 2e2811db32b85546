"""The edge: the instant a request arrived, and who makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import SimpleLazyObject

from accountability import clock, sessions
from accountability.models import actor_for
from accountability.permissions import Actor


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
        request.user.came_from = get_client_ip_address(request) or None
        actor = actor_for(request.user.pk, request.at)  # type: ignore[attr-defined]
        is_verified = getattr(request.user, "is_verified", None)  # set further in, by OTPMiddleware
        return replace(actor, verified=bool(is_verified and is_verified())) if actor else None


class IdleMiddleware:
    """Whatever a signed-in person does keeps their session alive; what a page asks for by itself doesn't."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asks_itself = sessions.POLL in request.headers
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not asks_itself and SESSION_KEY in request.session:
            sessions.renew(request.session)
        return self.get_response(request)


def _holds_nul(typed: QueryDict) -> bool:
    return any("\x00" in text for name, values in typed.lists() for text in (name, *values))


def _without_nul(typed: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True, encoding=typed.encoding)
    for name, values in typed.lists():
        cleaned.setlist(name.replace("\x00", ""), [value.replace("\x00", "") for value in values])
    return cleaned
