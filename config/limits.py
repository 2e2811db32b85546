"""Rate limits: by account, and by the address that the connection came from.

No header from the client can change that address (`client_ip`). Locking an account after failed sign-ins is separate;
this prevents guessing, searching through the data and copying them out by program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accountability.deadlines import clock
from accountability.notices import wrong_clock
from accountability.security.client_ip import client_ip, neighbourhood
from complaints.customer_word.links import plain
from config import counting
from config.later import NEVER_KEPT, try_again, unavailable

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
PROVIDER = Limit("sign-outs by the provider", 0, 600)
"""At the end of a shift all sign-outs come from the one address of the sign-on service."""
SEARCHES = Limit("searches", 60, 600)
API_LISTS = Limit("lists by program", 60, 600)
API_READS = Limit("reads by program", 240, 2400)
UPLOADS = Limit("uploads", 40, 400)
DOWNLOADS = Limit("downloads", 240, 2400)
EXPORTS = Limit("exports", 30, 300)
BATCHES = Limit("batches", 30, 300)
CUSTOMERS = Limit("customers", 60, 600)
"""Customers of one operator share few addresses; a link is long enough to need no limit."""
CALENDARS = Limit("calendars", 60, 600)
"""The calendar programs of an office share an address; a secret is long enough to need no limit."""
GUESSES = Limit("guesses of a code", 0, 10, HOUR)
ALL_GUESSES = Limit("all guesses of a code", 0, 100, HOUR)
"""For one complaint: from one address, and from all together. The code bears a hundred, and who wants to lock its
customer out needs ten addresses.
"""

BY_NAME: dict[str, tuple[Limit, tuple[str, ...]]] = {
    "sign_in": (SIGNING_IN, ("POST",)),
    "company_sign_in": (SIGNING_IN, ("GET",)),
    "company_return": (SIGNING_IN, ("GET",)),
    "company_sign_out": (PROVIDER, ("POST",)),
    "password": (SIGNING_IN, ("POST",)),
    "second_factor": (SIGNING_IN, ("POST",)),
    "enrol": (SIGNING_IN, ("POST",)),
    "begin_enrolment": (SIGNING_IN, ("POST",)),
    "activate": (SIGNING_IN, ("POST",)),
    "search": (SEARCHES, ("GET", "POST")),
    "api_complaints": (API_LISTS, ("GET",)),
    "api_units": (API_LISTS, ("GET",)),
    "api_people": (API_LISTS, ("GET",)),
    **dict.fromkeys(("api_cases", "api_penalties", "api_figures", "api_rankings", "api_ledger"), (API_LISTS, ("GET",))),
    **dict.fromkeys(("api_complaint", "api_case", "api_ranking"), (API_READS, ("GET",))),
    "look_up": (SEARCHES, ("POST",)),
    "incoming": (SEARCHES, ("GET",)),
    "suggest_unit": (SEARCHES, ("POST",)),  # these pages tell what is known of the number typed, too
    "register": (SEARCHES, ("POST",)),
    "register_forwarded": (SEARCHES, ("POST",)),
    "attachment": (DOWNLOADS, ("GET",)),
    "attachment_text": (DOWNLOADS, ("GET",)),
    "paper_file": (DOWNLOADS, ("GET",)),
    "dashboard_table": (EXPORTS, ("GET",)),
    "ranking_table": (EXPORTS, ("GET",)),
    "list_file": (EXPORTS, ("GET",)),
    "fetch_export": (EXPORTS, ("GET", "POST")),
    "begin_export": (EXPORTS, ("POST",)),
    "count_export": (SEARCHES, ("GET", "POST")),
    "export_act": (EXPORTS, ("POST",)),
    "confirm_import": (BATCHES, ("POST",)),
    "bulk": (BATCHES, ("POST",)),
    "customer_word": (CUSTOMERS, ("GET", "POST")),
    "customer_progress": (CUSTOMERS, ("POST",)),
    "calendar_feed": (CALENDARS, ("GET",)),
}
"""What is counted separately in addition to everything, by the name of the address."""

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class RightClock:
    """Takes no act where this machine's clock is wrong: it would be dated by it, and found late or not. Runs after
    ArrivalMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_measure = clock.compared is not None and request.method not in SAFE
        if has_measure and not wrong_clock.is_right(request.at):  # type: ignore[attr-defined]
            return unavailable(request, _("这台服务器的时钟有误，暂不受理办理，请稍候再试。"))
        return self.get_response(request)


class Limits:
    """Runs after ArrivalMiddleware and before everything that looks at a request: an address that leads nowhere, a form
    without its token and a bad host count like any other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wait = wait_of(request) if settings.LIMITS_COUNT else 0
        return refusal(request, wait) if wait else self.get_response(request)


def wait_of(request: HttpRequest) -> int:
    """The seconds to wait; 0 where the request may go on.

    What needs no session is asked first, then who it is, then what was sent: a flood costs neither a statement nor the
    reading of a body.
    """
    name = name_of(request)
    at = int(request.at.timestamp())  # type: ignore[attr-defined]
    for counted in (by_address, by_account, by_files, by_number):
        waits = [
            (window + 1) * limit.seconds - at
            for limit, who, most in counted(request, name)
            if counting.count(f"{limit.name} {who}", window := at // limit.seconds, limit.seconds) > most
        ]
        if waits:
            return max(waits)
    return 0


def name_of(request: HttpRequest) -> str:
    """The name of the address; empty where it leads nowhere."""
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


Counted = Iterator[tuple[Limit, str, int]]
"""Each limit, whom it counts, and the allowed number."""


def by_address(request: HttpRequest, name: str) -> Counted:
    yield EVERYTHING, _address(request), EVERYTHING.address
    if not _says_who(request):
        yield STRANGERS, _address(request), STRANGERS.address
    for limit in _named(request, name):
        yield limit, _address(request), limit.address


def by_account(request: HttpRequest, name: str) -> Counted:
    if request.user.is_authenticated:
        for limit in (EVERYTHING, *_named(request, name)):
            yield limit, f"account {request.user.pk}", limit.account
    elif _says_who(request):  # a cookie or a token that opens nothing
        yield STRANGERS, _address(request), STRANGERS.address


def _says_who(request: HttpRequest) -> bool:
    """Whether a cookie or a token was sent, which may be good. A cookie beside a token counts for nothing."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or hasattr(request, "presented")


def by_files(request: HttpRequest, _name: str) -> Counted:
    if request.method == "POST" and request.FILES:
        yield UPLOADS, _address(request), UPLOADS.address
        if request.user.is_authenticated:
            yield UPLOADS, f"account {request.user.pk}", UPLOADS.account


def by_number(request: HttpRequest, name: str) -> Counted:
    """Many addresses together guess no code either."""
    if name == "customer_progress" and request.method == "POST":
        number = f"number {plain(request.POST.get('number', ''))}"
        yield GUESSES, f"{number} {_address(request)}", GUESSES.address
        yield ALL_GUESSES, number, ALL_GUESSES.address


def _address(request: HttpRequest) -> str:
    return f"address {neighbourhood(client_ip(request) or '')}"


def _named(request: HttpRequest, name: str) -> list[Limit]:
    """HEAD counts as GET: the length of an answer tells as much."""
    limit, methods = BY_NAME.get(name, (None, ()))
    method = "GET" if request.method == "HEAD" else request.method
    return [limit] if limit is not None and method in methods else []


def refusal(request: HttpRequest, wait: int) -> HttpResponse:
    """429. Nothing was done, so the form's key isn't kept: what is sent again is a new act."""
    sentence = _("操作过于频繁，请 %(wait)s 秒后再试。") % {"wait": wait}
    return try_again(request, 429, _("操作过于频繁"), sentence, wait, not_kept=(*NEVER_KEPT, "_key"))
