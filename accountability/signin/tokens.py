"""Tokens: what a person gives a program so that it may read or act as them through the interface, and nowhere else.

A machine never acts for somebody by itself: the person issues the token in their own session, with a fresh code of
their second factor, for at most a year. A secret has 256 random bits and is shown once; the table holds a digest under
SECRET_KEY. A token ends wherever all sessions of its person end (a new password, a new device, a closed sign-in), when
they leave their unit, and with the next request after they have gained an office that asks for more (`has_outgrown`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.db.models import Q

from accountability.audit import watch
from accountability.models import (
    ActingEmployee,
    ApiToken,
    CalendarFeed,
    Employee,
    SentRequest,
    SignInState,
    actor_for,
)
from accountability.permissions import Actor, offices_asking_more

PREFIX = "sw_"
"""What each secret begins with, so that it is found where it doesn't belong."""

LONGEST_DAYS = 365
MOST_EACH = 20
MOST_NETWORKS = 20
MAPPED = 96
"""The bits before an IPv4 address in IPv6 (`::ffff:10.20.0.0/112`)."""

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
    person: Employee, at: datetime, *, name: str, reads: bool, acts: bool, organises: bool = False, days: int,
    networks: list[str],
) -> tuple[ApiToken, str]:  # fmt: skip
    """A new token and its secret, which nobody can read again."""
    secret, actor = _new_secret(), actor_for(person.pk, at)
    made = ApiToken(
        employee=person, unit_id=person.unit_id, name=name, digest=digests(secret)[0], may_read=reads, may_act=acts,
        may_organise=organises, offices=sorted(offices_asking_more(actor)) if actor else [], networks=networks,
        issued_at=at, expires_at=at + timedelta(days=min(days, LONGEST_DAYS)),
    )  # fmt: skip
    made.bind()
    made.save()
    return made, secret


def has_outgrown(token: ApiToken | CalendarFeed, actor: Actor) -> bool:
    """Whether the person has gained an office that asks for more since they issued it: what they gave to a program then
    was less than they would give now.
    """
    return not offices_asking_more(actor) <= set(token.offices)


def renew(token: ApiToken, at: datetime, *, overlap: int) -> str:
    """A new secret for the same token, which is genuine. The former one ends at once, or after so many hours."""
    secret = _new_secret()
    token.former_digest, token.former_until = (token.digest, at + timedelta(hours=overlap)) if overlap else ("", None)
    token.digest, token.renewed_at = digests(secret)[0], at
    token.bind()
    token.save(update_fields=["digest", "former_digest", "former_until", "renewed_at", "mark"])
    return secret


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def are_of_use(employee_id: int) -> bool:
    """Whether the person has a page of tokens: where the interface is off, for as long as they have any to end."""
    return settings.API_ENABLED or ApiToken.objects.filter(employee_id=employee_id).exists()


def end_all(employee_id: int) -> int:
    """End every token of the person, and the address of their calendar. Return how many tokens."""
    CalendarFeed.objects.filter(employee=employee_id).delete()
    return ApiToken.objects.filter(employee_id=employee_id).delete()[0]


def forget(at: datetime) -> None:
    """Delete tokens that can't be used any more, and keys that nobody sends again."""
    ApiToken.objects.dead(at).delete()
    SentRequest.objects.filter(at__lt=at - KEYS_KEPT).delete()


@dataclass(frozen=True)
class Presented:
    """What a program presented: a token that is good, or why it isn't. `token` is known even where it is refused;
    `actor` is its person with their roles, where they are in service.
    """

    token: ApiToken | None = None
    refused: str = ""
    actor: ActingEmployee | None = None

    @property
    def good(self) -> ApiToken | None:
        return None if self.refused else self.token


UNKNOWN = Presented(refused="unknown")


def present(secret: str, address: str | None, at: datetime) -> Presented:
    """Judge a secret: one statement, another for the person's roles, and one where the last use has to be written."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return UNKNOWN
    rows = ApiToken.objects.of_secret(digests(secret), at).select_related("employee__sign_in_state")
    token = rows.first()
    if token is None:
        return UNKNOWN
    if not token.is_genuine:
        watch.alarm_forged("token", token.pk, at)
        return UNKNOWN
    actor = actor_for(token.employee_id, at)
    if why := _why_not(token, actor, address, at):
        return Presented(token, why)
    if token.used_at is None or at - token.used_at >= SPARING or token.used_from != address:
        ApiToken.objects.filter(pk=token.pk).update(used_at=at, used_from=address)
    return Presented(token, actor=actor)


def has_ended(given: ApiToken | CalendarFeed, actor: ActingEmployee | None) -> bool:
    """Whether its person has left their unit or may not sign in any more, or has gained an office that asks for more.
    Read it with `employee__sign_in_state`.
    """
    state: SignInState | None = getattr(given.employee, "sign_in_state", None)
    is_closed = state is not None and state.closed_at is not None
    return actor is None or actor.unit_id != given.unit_id or is_closed or has_outgrown(given, actor)


def _why_not(token: ApiToken, actor: ActingEmployee | None, address: str | None, at: datetime) -> str:
    if has_ended(token, actor):
        ApiToken.objects.filter(pk=token.pk).delete()  # it doesn't come back with the person
        return "ended"
    if token.expires_at < at:
        return "expired"
    return "" if is_within(address, token.networks) else "address"


def network(typed: str) -> str:
    """A range as it is compared: an IPv4 one for what is mapped into IPv6. Raises ValueError for what is none, for an
    address within a range, and for all addresses at once.
    """
    found = ip_network(typed)
    if isinstance(found, IPv6Network) and found.network_address.ipv4_mapped and found.prefixlen >= MAPPED:
        found = ip_network(f"{found.network_address.ipv4_mapped}/{found.prefixlen - MAPPED}")
    if not found.prefixlen:
        raise ValueError("all addresses")
    return str(found)


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


def remembered(person: Employee, key: str, content: str, at: datetime) -> SentRequest | None:
    """The row of this key, whichever SECRET_KEY it was digested under; a new one where it wasn't sent before, or long
    ago. None where it was sent with another content.
    """
    keys, contents = digests(key, purpose="key"), digests(content, purpose="content")
    known = SentRequest.objects.filter(Q(employee=person, key__in=keys)).first()
    if known is None:
        known, _made = SentRequest.objects.get_or_create(
            employee=person, key=keys[0],
            defaults={"content": contents[0], "gate_key": secrets.token_hex(32), "at": at},
        )  # fmt: skip
    return known if known.content in contents else None
