"""Tokens: what a person gives a program so that it may read or act as them through the interface, and nowhere else.

A machine never acts for somebody by itself: the person issues the token in their own session, with a fresh code of
their second factor, for at most a year. A secret has 256 random bits and is shown once; the table holds a digest under
SECRET_KEY. A token ends wherever all sessions of its person end (a new password, a new device, a closed sign-in), and
with the next request after the person has left or moved.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db.models import Q

from accountability.models import ApiToken, Employee, SentRequest, SignInState

PREFIX = "sw_"
"""What each secret begins with, so that it is found where it doesn't belong."""

LONGEST_DAYS = 365
MOST_EACH = 20
MOST_NETWORKS = 20

OVERLAPS = (0, 1, 24, 72)
"""Hours for which the former secret may stay good after a new one was made."""

SPARING = timedelta(minutes=1)
"""The last use is written only when it moves by more, so that not every request writes the token."""

KEYS_KEPT = timedelta(days=30)


def digests(text: str, *, purpose: str = "token") -> tuple[str, ...]:
    """The digest under SECRET_KEY, and those under its fallbacks."""
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(hmac.new(key.encode(), f"api {purpose}:{text}".encode(), hashlib.sha256).hexdigest() for key in known)


def issue(
    person: Employee, at: datetime, *, name: str, reads: bool, acts: bool, days: int, networks: list[str]
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody can read again."""
    secret = _new_secret()
    made = ApiToken.objects.create(
        employee=person, unit_id=person.unit_id, name=name, digest=digests(secret)[0], may_read=reads, may_act=acts,
        networks=networks, issued_at=at, expires_at=at + timedelta(days=min(days, LONGEST_DAYS)),
    )  # fmt: skip
    return made, secret


def renew(token: ApiToken, at: datetime, *, overlap: int) -> str:
    """A new secret for the same token. The former one ends at once, or after so many hours."""
    secret = _new_secret()
    token.former_digest, token.former_until = (token.digest, at + timedelta(hours=overlap)) if overlap else ("", None)
    token.digest, token.renewed_at = digests(secret)[0], at
    token.save(update_fields=["digest", "former_digest", "former_until", "renewed_at"])
    return secret


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def end_all(employee_id: int) -> int:
    """End every token of the person. Return how many."""
    return ApiToken.objects.filter(employee_id=employee_id).delete()[0]


def forget(at: datetime) -> None:
    """Delete tokens that can't be used any more, and keys that nobody sends again."""
    ApiToken.objects.dead(at).delete()
    SentRequest.objects.filter(at__lt=at - KEYS_KEPT).delete()


@dataclass(frozen=True)
class Presented:
    """What a program presented: a token that is good, or why it isn't. `token` is known even where it is refused."""

    token: ApiToken | None = None
    refused: str = ""

    @property
    def good(self) -> ApiToken | None:
        return None if self.refused else self.token


UNKNOWN = Presented(refused="unknown")


def present(secret: str, address: str | None, at: datetime) -> Presented:
    """Judge a secret: one statement, and another where the last use has to be written."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return UNKNOWN
    rows = ApiToken.objects.of_secret(digests(secret), at).select_related("employee__sign_in_state")
    token = rows.first()
    if token is None:
        return UNKNOWN
    if why := _why_not(token, address, at):
        return Presented(token, why)
    if token.used_at is None or at - token.used_at >= SPARING or token.used_from != address:
        ApiToken.objects.filter(pk=token.pk).update(used_at=at, used_from=address)
    return Presented(token)


def _why_not(token: ApiToken, address: str | None, at: datetime) -> str:
    person: Employee = token.employee
    state: SignInState | None = getattr(person, "sign_in_state", None)
    if not person.is_active or person.unit_id != token.unit_id or (state is not None and state.closed_at is not None):
        ApiToken.objects.filter(pk=token.pk).delete()  # it doesn't come back with the person
        return "ended"
    if token.expires_at < at:
        return "expired"
    return "" if is_within(address, token.networks) else "address"


def is_within(address: str | None, networks: list[str]) -> bool:
    """Whether the address lies in one of the ranges; no ranges: from anywhere."""
    if not networks:
        return True
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ip_network(each) for each in networks)


def remembers(person: Employee, key: str, content: str, at: datetime) -> bool:
    """Whether this key is new, or was sent with the same content before. False where it was sent with another."""
    keys, contents = digests(key, purpose="key"), digests(content, purpose="content")
    known = SentRequest.objects.filter(Q(employee=person, key__in=keys)).first()
    if known is None:
        known, _made = SentRequest.objects.get_or_create(
            employee=person, key=keys[0], defaults={"content": contents[0], "at": at}
        )
    return known.content in contents
