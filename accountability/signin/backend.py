"""Authenticates people and records sign-ins, failed ones and sign-outs in the access log.

A failed attempt names the account only where it exists: any other text may be a password in the wrong field.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accountability.audit import access_log
from accountability.models import Employee, SignInPolicy, SignInState, actor_for, sign_in_policy
from accountability.security.client_ip import client_ip
from accountability.signin import lockout, second_factor, sessions
from accountability.signin.passwords import is_right

PASSWORD_OLD = "password_old"  # noqa: S105 - a key of the session  # nosec B105
"""In a session: the password is older than the policy allows, and must be changed before anything else."""

FAILED_BEFORE = "failed_before"
"""In a session: how many tries on the account failed since the last one that succeeded."""


def record(
    request: HttpRequest | None, action: str, actor: Employee | None, *, result: str = "ok", detail: str = ""
) -> None:
    """Write one row with the request's arrival; none where there was no request (a command, a test)."""
    at = getattr(request, "at", None)
    if request is None or at is None:
        return
    access_log.write(actor, action, at=at, address=client_ip(request), result=result, detail=detail)


class Backend(sessions.PersonOfSession):
    """By username and password. An unknown name and an account that must wait, is closed or without a password cost the
    same time and get the same answer as a wrong password.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Employee | None:
        at: datetime | None = getattr(request, "at", None)
        if request is None or at is None or username is None or password is None:
            return None
        person = Employee.objects.filter(username=username[:64]).select_related("sign_in_state").first()
        attempt = lockout.begin(person, request)
        request.tried = person, attempt  # type: ignore[attr-defined]
        if person is None or attempt is None:
            request.locked = attempt is None  # type: ignore[attr-defined]
            Employee().set_password(password)
            return None
        is_good = is_right(person, password, at) and self.user_can_authenticate(person) and not is_closed(person)
        if not is_good or not may_use_password(person, at):
            return None
        lockout.succeeded(attempt)
        return person


def is_closed(person: Employee) -> bool:
    """Whether the sign-in was closed because nobody used it."""
    state: SignInState | None = getattr(person, "sign_in_state", None)
    return state is not None and state.closed_at is not None


def may_use_password(person: Employee, at: datetime) -> bool:
    """Whether the settings let the person in by a password of this system: with `OIDC_ONLY` or `LDAP_ONLY` the
    administrators alone.
    """
    if not (settings.OIDC_ONLY or settings.LDAP_ONLY):
        return True
    actor = actor_for(person.pk, at)
    return actor is not None and actor.is_administrator


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: Employee, **kwargs: Any) -> None:
    at: datetime | None = getattr(request, "at", None)
    policy = sign_in_policy(at) if at else SignInPolicy()
    sessions.begin(request.session, user, policy)
    if at is None:
        return
    request.session[second_factor.ASKED] = second_factor.asked_at_sign_in(user, policy)
    request.session[PASSWORD_OLD] = is_password_old(user, policy, at)
    sessions.note(request, user, at, client_ip(request), only_one=policy.sessions_each == 1)
    record(request, "sign_in", user, detail=getattr(request, "came_how", ""))
    if not request.session[second_factor.ASKED]:
        request.session[FAILED_BEFORE] = lockout.let_in(user, request)


def is_password_old(person: Employee, policy: SignInPolicy, at: datetime) -> bool:
    """A password set before the dates were recorded has no known age: it counts as too old."""
    if not policy.max_age_days:
        return False
    state = SignInState.objects.filter(pk=person.pk).first()
    since = state.password_set_at if state else None
    return since is None or at - since > timedelta(days=policy.max_age_days)


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: Employee | None, **kwargs: Any) -> None:
    sessions.forget(request)
    if user is not None:
        record(request, "sign_out", user)


@receiver(user_login_failed)
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    account = Employee.objects.filter(username=str(credentials.get("username", ""))[:64]).first()
    result = "locked" if getattr(request, "locked", False) else "refused"
    words = (getattr(request, "company_refusal", ""), account.username if account else "")
    record(request, "sign_in", None, result=result, detail=" ".join(word for word in words if word))
