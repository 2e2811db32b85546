"""Writes a row of the access log for what is read or tried; `access_labels` has the words for actions and results.

An access that can't be recorded isn't allowed: callers note it first, or in the same transaction. The gate writes its
own rows, many at once: the origin of acts and refused verbs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from accountability.db import writing
from accountability.models import AccessLog, Employee
from accountability.security.client_ip import client_ip

LONGEST = 200


def write(
    actor: Employee | None, action: str, *, at: datetime, address: str | None, result: str = "ok",
    matter_id: int | None = None, detail: str = "",
) -> None:  # fmt: skip
    """Record who looked at what, or wanted to. The detail is a reference or masked text, cut to fit its column; before
    it stands the token with which a program came.
    """
    if actor is not None and actor.came_by:
        detail = f"{actor.came_by} {detail}".strip()
    row = AccessLog(
        at=at, actor=actor, action=action, result=result, matter_id=matter_id, detail=detail[:LONGEST], address=address
    )
    writing.insert([row])
    if actor is not None and result != "ok":
        actor.refusal_noted = True


def note(request: HttpRequest, action: str, **said: Any) -> None:
    """Record the same for the person of the request, with its arrival and address."""
    asker: Any = request
    write(asker.user, action, at=asker.at, address=client_ip(request), **said)
