"""Whose the account at the company's sign-on service or in its directory is, and who may come in by it
(docs/adr/0036-company-account.md, 0040-the-companys-directory.md).

A sign-in creates nobody and changes no unit or role. It is refused where the record and the provider leave a doubt, and
closes a sign-in where the mapping table says that the person has left.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.db import IntegrityError, transaction

from accountability.gate.act import Batch
from accountability.gate.changes import flush, mark_gone
from accountability.gate.subjects import Organisation
from accountability.models import (
    SYSTEM_USERNAME,
    ActingEmployee,
    CompanyAccount,
    Employee,
    actor_for,
    sign_in_policy,
)
from accountability.signin import inactivity, lockout, mapping, second_factor, sessions
from accountability.signin.backend import FAILED_BEFORE, PASSWORD_OLD, is_closed
from accountability.signin.credentials import record_change
from accountability.signin.mapping import Said
from accountability.signin.provider import NotTaken, text

WAITS = "company_account_waits"
"""In a session: the identity that is linked once the person has shown their own second factor, and what it said."""

BACKEND = "accountability.signin.backend.Backend"
DIRECTORY = "ldap"
"""The issuer of identities in the company's directory: whichever of its servers is asked, it is the same."""


class Refused(NotTaken):
    """The account is the provider's, but opens nothing here."""

    def __init__(self, why: str, person: Employee | None = None) -> None:
        super().__init__(why)
        self.person = person


@dataclass(frozen=True)
class Account:
    """An account that the provider, or the directory, has just vouched for."""

    identity: str
    username: str
    claims: dict[str, Any]
    has_second_factor: bool


@dataclass(frozen=True)
class Comer:
    """Somebody who may come in. `is_linked`: this identity has been theirs before."""

    person: Employee
    actor: ActingEmployee
    identity: str
    said: Said
    is_linked: bool
    has_second_factor: bool


def identity_of(subject: str, issuer: str = "") -> str:
    """The digest by which an account is known: of the issuer too, whose name no subject holds."""
    return hashlib.sha256(f"{issuer or settings.OIDC_ISSUER}\n{subject}".encode()).hexdigest()


def by_token(claims: dict[str, Any]) -> Account:
    """The account of a token that the provider signed."""
    username = text(claims.get(settings.OIDC_USERNAME_CLAIM), 64)
    return Account(identity_of(claims["sub"]), username, claims, mapping.says_second_factor(claims))


def by_password(username: str, subject: str, claims: dict[str, Any]) -> Account:
    """The account of an entry in the directory, which no second factor is ever shown to."""
    return Account(identity_of(subject, DIRECTORY), username, claims, has_second_factor=False)


def judge(account: Account, at: datetime) -> Comer:
    """Who it is, and that they may come in. Raises Refused."""
    said = mapping.means(account.claims)
    known = CompanyAccount.objects.filter(identity=account.identity).select_related("employee__sign_in_state").first()
    person = known.employee if known else _unlinked(account.username)
    actor = actor_for(person.pk, at)
    if actor is None:
        raise Refused("not_active", person)
    if is_closed(person):
        raise Refused("closed", person)
    if actor.is_administrator and not settings.OIDC_ADMINISTRATORS:
        raise Refused("administrator", person)
    if said.has_left:
        # Not of a name that somebody may have taken there; nor of an administrator, the last of whom opens the others.
        if known and not actor.is_administrator:
            inactivity.close_all([person], at, has_left=True)
        raise Refused("leaver", person)
    shown = bool(known) and not actor.is_administrator and account.has_second_factor
    return Comer(person, actor, account.identity, said, known is not None, shown)


def _unlinked(username: str) -> Employee:
    """The person of the username, who must be there and have no other account at the provider yet."""
    people = Employee.objects.filter(username=username).exclude(username=SYSTEM_USERNAME)
    person = people.select_related("sign_in_state", "company_account").first() if username else None
    if person is None:
        raise Refused("unknown")
    if hasattr(person, "company_account"):
        raise Refused("another_account", person)
    return person


def let_in(request: Any, comer: Comer) -> None:
    """Sign the person in. A second factor that the provider saw counts for an account that is known; at the first time
    the person shows their own, and is linked after that. Raises Refused where somebody else was linked meanwhile.
    """
    person, at = comer.person, request.at
    waits = not comer.is_linked and second_factor.will_be_owed(person, comer.actor, sign_in_policy(at))
    if comer.is_linked:
        CompanyAccount.objects.filter(pk=person.pk).update(said=comer.said.kept, seen_at=at)
    elif not waits:
        _link(person, comer.identity, comer.said.kept, at)
    # The instant of the last sign-in is no change to the person: it makes no history row.
    person.skip_history_when_saving = True  # type: ignore[attr-defined]
    request.came_how = "company_sign_in second_factor" if comer.has_second_factor else "company_sign_in"
    login(request, person, backend=BACKEND)
    request.session[PASSWORD_OLD] = False  # it wasn't used
    if waits:
        request.session[WAITS] = [comer.identity, comer.said.kept]
    if comer.has_second_factor:
        sessions.verify(request)
        request.session[FAILED_BEFORE] = lockout.let_in(person, request)


def link_waiting(request: Any) -> None:
    """The person has shown their own second factor: the account that they came by is theirs from now on, unless another
    was linked meanwhile.
    """
    if waiting := request.session.pop(WAITS, None):
        identity, said = waiting
        with suppress(Refused):
            _link(request.actor.employee, identity, said, request.at)


def _link(person: Employee, identity: str, said: dict[str, list[str]], at: datetime) -> None:
    account = CompanyAccount(employee=person, identity=identity, linked_at=at, said=said, seen_at=at)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            record_change(person, "link_company_account", at, [account], notice="company_account_linked")
    except IntegrityError:
        raise Refused("another_account", person) from None


def end_sessions_of(subject: str) -> Employee | None:
    """Somebody signed out at the provider: their sessions here end too. None where nobody has this account."""
    known = CompanyAccount.objects.filter(identity=identity_of(subject)).select_related("employee").first()
    if known is not None:
        sessions.end_open(known.employee_id)
    return known.employee if known else None


def unlink(accounts: list[CompanyAccount], at: datetime) -> None:
    """Undo these links for somebody with access to the machine, and end what is open under them: recorded as the
    system's act.
    """
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        people = [account.pk for account in accounts]
        mark_gone(act.record("unlink_company_accounts", batch.system, facts={"employees": people}), accounts)
        CompanyAccount.objects.filter(pk__in=people).delete()
        for person_id in people:
            sessions.end_open(person_id)
        flush(batch)
