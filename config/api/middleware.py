"""The two middlewares of the interface: who presents a token, and refusals that other middlewares made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_from_request, override

from accountability.models import ActingEmployee
from accountability.security.client_ip import client_ip
from accountability.signin import sessions, tokens
from accountability.signin.backend import record
from config.api.problems import MEDIA_TYPE, is_of_api, problem

SCHEME = "bearer "
KEPT = ("Retry-After", "Allow", "WWW-Authenticate", "Set-Cookie")


class Problems:
    """Makes a problem of every refusal under /api/v1/ that a page was made for: too many requests, an address that
    leads nowhere, a database that is away. Where a page would lead to the sign-in, nobody is known.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_of_api(request) or response.headers.get("Content-Type") == MEDIA_TYPE:
            return response
        is_sent_away = response.status_code == 302 or "HX-Redirect" in response.headers
        status = 401 if is_sent_away else response.status_code
        if status < 400:
            return response
        headers = {name: response.headers[name] for name in KEPT if name in response.headers}
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="api"'
        with override(get_language_from_request(request)):
            told = problem(status, headers=headers)
        told.cookies = response.cookies
        return told


class NoSession(SessionBase):
    """The session of a request with a token: it has shown the second factor when the token was issued, is kept nowhere
    and remembers nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._session_cache = {sessions.VERIFIED: True}

    @property
    def modified(self) -> bool:
        return False

    @modified.setter
    def modified(self, value: bool) -> None:
        """Nothing that is put into it counts."""

    def save(self, must_create: bool = False) -> None:
        """There is nowhere to keep it."""

    def load(self) -> dict[str, Any]:
        return {}

    def exists(self, session_key: str) -> bool:
        return False

    def create(self) -> None:
        """There is nothing to create."""

    def delete(self, session_key: str | None = None) -> None:
        """There is nothing to delete."""


class Bearer:
    """Makes the person who issued the token the user of a request under /api/v1/ that presents it; elsewhere a token is
    not looked at. A session sent beside it counts for nothing. Nobody is looked up before somebody asks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_of_api(request) and "Authorization" in request.headers:
            self._take(request)
        return self.get_response(request)

    @staticmethod
    def _take(request: Any) -> None:
        request.session = NoSession()
        request.presented = SimpleLazyObject(lambda: _presented(request))
        request.user = SimpleLazyObject(lambda: _person(request))
        request.actor = SimpleLazyObject(lambda: _actor(request))


def _presented(request: Any) -> tokens.Presented:
    """What was presented; the refusal of a token that is known leaves a row in the access log."""
    said: str = request.headers["Authorization"]
    if not said.lower().startswith(SCHEME):
        return tokens.UNKNOWN
    found = tokens.present(said[len(SCHEME) :].strip(), client_ip(request), request.at)
    if found.refused and found.token is not None:
        record(request, "use_token", found.token.employee, result="refused", detail=f"{found.token} {found.refused}")
    return found


def _person(request: Any) -> Any:
    token = request.presented.good
    if token is None:
        return AnonymousUser()
    person = token.employee
    person.came_from, person.came_by = client_ip(request), str(token)
    return person


def _actor(request: Any) -> ActingEmployee | None:
    """Without `verified`: a program neither exports nor unmasks."""
    return request.presented.actor if request.user.is_authenticated else None
