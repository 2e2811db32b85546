"""Knows the browsers in which somebody has signed in before, by a cookie with a signed name for each such person, since
the shifts of one desk share a browser.

It opens nothing. It only keeps the tries of strangers apart from the person's own: strangers, in the same office too,
can't use up what the person may try in their own browser.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accountability.models import Employee

AGE = 180 * 24 * 60 * 60
LENGTH = 32
"""Characters of a digest: 128 bits."""


MOST, LONGEST = 16, 100
"""People whom one browser knows, and characters of a signed name: a cookie may have 4,096. The earliest leaves."""

BETWEEN = "."
"""In no signed name."""


def of(request: HttpRequest, person: Employee) -> str:
    """A digest of what the cookie says; empty where this person hasn't signed in with this browser."""
    for signed in _names(request):
        with suppress(BadSignature):
            return hashlib.sha256(_signer(person).unsign(signed).encode()).hexdigest()[:LENGTH]
    return ""


def remember(request: HttpRequest, person: Employee) -> None:
    """The person has shown all that was asked of them here: the middleware gives the browser its cookie."""
    asker: Any = request
    if not of(request, person):
        mine = _signer(person).sign(secrets.token_urlsafe(16))
        asker.browser_known = BETWEEN.join([mine, *_names(request)][:MOST])


def keep(response: HttpResponseBase, value: str) -> None:
    """The answer takes the cookie with it."""
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME, value, max_age=AGE, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _names(request: HttpRequest) -> list[str]:
    """What the cookie holds, the newest first; nothing that is longer than what is put there."""
    held = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")[: MOST * LONGEST].split(BETWEEN)
    return [name for name in held if 0 < len(name) <= LONGEST][:MOST]


def _signer(person: Employee) -> Signer:
    return Signer(salt=f"browser of {person.pk}")
