"""The headers of every answer, whatever made it: a page, a file, a refusal by another middleware, a bad host.

This middleware is the outermost and adds only missing headers, so that a view may be stricter. No header here permits
anything.
"""

from __future__ import annotations

import codecs
import logging
import secrets
from collections.abc import Callable
from typing import ClassVar

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.module_loading import import_string

from config.api.settings import PREFIX
from config.request_ids import HEADER, REQUEST_ID
from config.silence import OF_REQUEST
from config.views import bad_request, server_error

log = logging.getLogger(__name__)

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of an answer that no page of ours made."""

UNUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""Browser features that none of our pages uses."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
}

FRESH = "private, no-store"


@receiver(request_finished)
def forget(**_said: object) -> None:
    """Only now: Django logs a refusal after all middleware."""
    REQUEST_ID.set("")


class Headers:
    """No browser or proxy may store an answer of the application; only static files are cached, under their hashed
    names.

    Otherwise names and numbers of customers would stay in the cache of a shared computer. The number of a request is
    always made here: one that a client or a proxy sends could be anything.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = secrets.token_hex(8)
        REQUEST_ID.set(number)
        OF_REQUEST.waited = 0.0
        try:
            response = self._answer(request)
        finally:
            del OF_REQUEST.waited
        response.headers[HEADER] = number
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", _hsts())
        if not request.path_info.startswith(settings.STATIC_URL):
            _keep_nowhere(response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """A page in any case: what no page of an error could be made for gets the plainest one, and one line in the log
        with the place where it broke.
        """
        if not _is_utf8(request):
            log.warning("refused: a request in another encoding than UTF-8")
            return bad_request(request)
        try:
            return self.get_response(request)
        except Exception as error:
            error.__context__ = error.__cause__ = None
            log.error("no page could tell of this error", exc_info=error)
            return server_error(request)


def _is_utf8(request: HttpRequest) -> bool:
    """No browser sends anything else. Django would read query and fields in the encoding that the request names, again
    on the page of the error that this makes.
    """
    return request.encoding is None or codecs.lookup(request.encoding).name == "utf-8"


def _keep_nowhere(response: HttpResponseBase) -> None:
    said = response.headers.get("Cache-Control", "")
    if "no-store" not in said:
        response.headers["Cache-Control"] = f"{said}, {FRESH}" if said else FRESH


def _hsts() -> str:
    """As Django sets it, for answers given before Django's own middleware runs."""
    inner = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    return f"max-age={settings.SECURE_HSTS_SECONDS}{inner}"


class PagePolicy(CSPMiddleware):
    """The policy of all pages, written once. django-csp writes it for each answer, and a second time for reports that
    nobody asks for; but no page of ours has a policy or a nonce of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.policy = build_policy()

    def process_request(self, request: HttpRequest) -> None:
        """Without a nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG:  # it leaves Django's pages of errors out
            return super().process_response(request, response)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class CompressedPages(GZipMiddleware):
    """Django's middleware, which randomises the length so that it reveals nothing (BREACH); for pages only: evidence
    and papers keep their length, and static files are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class _UnderApi:
    """Hands what is asked under /api/v1/ to a middleware of the interface for programs, and everything else on: no page
    goes through it.
    """

    middleware: ClassVar[str]

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.of_api = import_string(self.middleware)(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.of_api if request.path_info.startswith(PREFIX) else self.get_response
        return answer(request)


class ApiProblems(_UnderApi):
    middleware = "config.api.middleware.Problems"


class ApiTokens(_UnderApi):
    middleware = "config.api.middleware.Bearer"
