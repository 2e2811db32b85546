"""Sign-ins, failed ones and sign-outs as rows of the access log.

A failed attempt names the account only where it exists: what was typed otherwise may be a password in the wrong field.
"""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accountability import sessions
from accountability.models import AccessLog, Employee


def record(
    request: HttpRequest | None, action: str, actor: Employee | None, *, result: str = "ok", detail: str = ""
) -> None:
    """One row, counted at the arrival of the request; none for what came from no request (a command, a test)."""
    at = getattr(request, "at", None)
    if request is None or at is None:
        return
    address = get_client_ip_address(request) or None
    AccessLog.objects.create(at=at, actor=actor, action=action, result=result, detail=detail, address=address)


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Employee, **kwargs: Any) -> None:
    sessions.begin(request.session)
    record(request, "sign_in", user)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Employee | None, **kwargs: Any) -> None:
    if user is not None:
        record(request, "sign_out", user)


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    account = Employee.objects.filter(username=str(credentials.get("username", ""))[:64]).first()
    record(request, "sign_in", None, result="refused", detail=account.username if account else "")
