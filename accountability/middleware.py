"""The edge: the instant a request arrived, and who makes it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accountability import clock
from accountability.models import actor_for
from accountability.permissions import Actor


class ArrivalMiddleware:
    """Sets `request.at`, the one clock read of a request, and `request.actor`, the person as they stand just then.

    The actor is None for a stranger and for somebody who is no longer active.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = clock.read()  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: self._actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _actor(request: HttpRequest) -> Actor | None:
        if not request.user.is_authenticated:
            return None
        return actor_for(request.user.pk, request.at)  # type: ignore[attr-defined]
