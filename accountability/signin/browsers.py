"""Knows the browsers in which somebody has signed in before, by a cookie that is signed for this one person.

It opens nothing. It only keeps the tries of strangers apart from the person's own: strangers, in the same office too,
can't use up what the person may try in their own browser.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accountability.models import Employee

AGE = 180 * 24 * 60 * 60
LENGTH = 32
"""Characters of a digest: 128 bits."""


def of(request: HttpRequest, person: Employee) -> str:
    """A digest of what the cookie says; empty where this person hasn't signed in with this browser."""
    try:
        known = _signer(person).unsign(request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""))
    except BadSignature:
        return ""
    return hashlib.sha256(known.encode()).hexdigest()[:LENGTH]


def remember(request: HttpRequest, person: Employee) -> None:
    """The person has shown all that was asked of them here: the middleware gives the browser its cookie."""
    asker: Any = request
    asker.browser_known = "" if of(request, person) else _signer(person).sign(secrets.token_urlsafe(16))


def keep(response: HttpResponseBase, value: str) -> None:
    """The answer takes the cookie with it."""
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME, value, max_age=AGE, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _signer(person: Employee) -> Signer:
    return Signer(salt=f"browser of {person.pk}")
