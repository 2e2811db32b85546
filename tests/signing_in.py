"""Signed-in browsers for tests: with the second factor shown, as people work all day; the real way in has its own."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accountability.models import Employee
from accountability.signin import sessions

BACKEND = "accountability.signin.backend.Backend"


def signed_in(person: Employee, client: Client | None = None, *, verified: bool = True) -> Client:
    client = client or Client()
    client.force_login(person, backend=BACKEND)
    if verified:
        session: Any = client.session
        session[sessions.VERIFIED] = True
        session.save()
    return client
