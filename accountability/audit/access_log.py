"""Writes a row of the access log for what is read or tried; its actions and results stand in `access_words`.

What can't be noted isn't done: callers note first, or inside the transaction of what they do. Acts note where they came
from, and refused verbs that they were, many rows at once: `gate`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from accountability.models import AccessLog, Employee
from accountability.security.client_ip import client_ip

LONGEST = 200


def write(
    actor: Employee | None, action: str, *, at: datetime, address: str | None, result: str = "ok",
    matter_id: int | None = None, detail: str = "",
) -> None:  # fmt: skip
    """Who looked at what, or wanted to. The detail is a reference or masked text, cut to fit its column."""
    AccessLog.objects.create(
        at=at, actor=actor, action=action, result=result, matter_id=matter_id, detail=detail[:LONGEST], address=address
    )


def note(request: HttpRequest, action: str, **said: Any) -> None:
    """The same of whoever asks, at the arrival of the request, from the request's own address."""
    asker: Any = request
    write(asker.user, action, at=asker.at, address=client_ip(request), **said)
