"""Rate limits: by account, and by the address that the connection came from.

No header from the client can change that address (`client_ip`). Locking an account after failed sign-ins is separate;
this prevents guessing, searching through the data and copying them out by program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accountability.security.client_ip import client_ip, neighbourhood
from config import counting

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Limit:
    """The allowed number of requests in so many seconds for one account, and for all who share one address (like an
    office).
    """

    name: str
    account: int
    address: int
    seconds: int = MINUTE


EVERYTHING = Limit("everything", 1200, 6000)
STRANGERS = Limit("strangers", 0, 600)
SIGNING_IN = Limit("signing in", 20, 60)
SEARCHES = Limit("searches", 60, 600)
UPLOADS = Limit("uploads", 40, 400)
DOWNLOADS = Limit("downloads", 240, 2400)
EXPORTS = Limit("exports", 30, 300)
BATCHES = Limit("batches", 30, 300)

BY_NAME: dict[str, tuple[Limit, tuple[str, ...]]] = {
    "sign_in": (SIGNING_IN, ("POST",)),
    "password": (SIGNING_IN, ("POST",)),
    "second_factor": (SIGNING_IN, ("POST",)),
    "enrol": (SIGNING_IN, ("POST",)),
    "begin_enrolment": (SIGNING_IN, ("POST",)),
    "activate": (SIGNING_IN, ("POST",)),
    "search": (SEARCHES, ("GET", "POST")),
    "look_up": (SEARCHES, ("POST",)),
    "attachment": (DOWNLOADS, ("GET",)),
    "attachment_text": (DOWNLOADS, ("GET",)),
    "paper_file": (DOWNLOADS, ("GET",)),
    "dashboard_table": (EXPORTS, ("GET",)),
    "ranking_table": (EXPORTS, ("GET",)),
    "fetch_export": (EXPORTS, ("GET", "POST")),
    "begin_export": (EXPORTS, ("POST",)),
    "count_export": (SEARCHES, ("GET", "POST")),
    "export_act": (EXPORTS, ("POST",)),
    "confirm_import": (BATCHES, ("POST",)),
    "bulk": (BATCHES, ("POST",)),
}
"""What is counted separately in addition to everything, by the name of the address."""

OUTSIDE = frozenset({"healthz"})
"""Requested by machines that must get an answer."""

NEVER_KEPT = ("password", "csrf", "token", "code", "_key")
"""Fields that the page of a refusal doesn't keep."""


class Limits:
    """Runs after ArrivalMiddleware: it counts by the instant of the arrival, before any page is called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if not settings.LIMITS_COUNT or (request.resolver_match and request.resolver_match.view_name in OUTSIDE):
            return None
        at = int(request.at.timestamp())  # type: ignore[attr-defined]
        waits = [
            (window + 1) * limit.seconds - at
            for limit, who, most in applying(request)
            if counting.count(f"{limit.name} {who}", window := at // limit.seconds, limit.seconds) > most
        ]
        return refusal(request, max(waits)) if waits else None


def applying(request: HttpRequest) -> Iterator[tuple[Limit, str, int]]:
    """Each limit, whom it counts, and the allowed number."""
    address = f"address {neighbourhood(client_ip(request) or '')}"
    person = request.user.pk if request.user.is_authenticated else None
    for limit in limits_of(request, person is not None):
        yield limit, address, limit.address
        if person is not None:
            yield limit, f"account {person}", limit.account


def limits_of(request: HttpRequest, is_known: bool) -> Iterator[Limit]:
    name = request.resolver_match.view_name if request.resolver_match else ""
    yield EVERYTHING if is_known else STRANGERS
    limit, methods = BY_NAME.get(name, (None, ()))
    if limit is not None and request.method in methods:
        yield limit
    if request.method == "POST" and request.FILES:
        yield UPLOADS


def refusal(request: HttpRequest, wait: int) -> HttpResponse:
    """429: the seconds to wait, and a button that sends the typed values again."""
    typed: list[tuple[str, str]] = []
    if request.method == "POST" and not request.FILES:
        typed = [
            (name, value)
            for name, values in request.POST.lists()
            if not any(word in name.lower() for word in NEVER_KEPT)
            for value in values
        ]
    sentence = _("操作过于频繁，请 %(wait)s 秒后再试。") % {"wait": wait}
    context = {"sentence": sentence, "typed": typed, "posted": request.method == "POST"}
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
