"""Signs people in with their password of the company's directory, after the one of this system was asked for in vain.

Django asks it only where the settings name a directory (`AUTHENTICATION_BACKENDS`). It judges the try that
`signin/backend.py` has counted, and asks the directory whoever is typed: of somebody who isn't there, where this person
may not come this way. So neither the answer nor its time tells whether somebody is known here or there.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accountability.models import SYSTEM_USERNAME, Employee, actor_for
from accountability.signin import company_accounts, ldap, lockout
from accountability.signin.backend import is_closed
from accountability.signin.company_accounts import Comer, Refused
from accountability.signin.provider import NotTaken, Unreachable

log = logging.getLogger(__name__)


class LdapBackend(BaseBackend):
    """`request.comer` is who comes in; the view lets them in as somebody of the sign-on service."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Employee | None:
        said: Any = request
        if request is None or password is None or not hasattr(request, "tried"):
            return None
        person, attempt = said.tried
        try:
            if attempt is None or not _may_come(person, said.at):
                ldap.pretend(said.at)
                return None
            said.comer = _comer(person, password, said.at)
        except NotTaken as fault:
            said.company_refusal = f"company_sign_in {fault.why}"
            said.is_directory_away = isinstance(fault, Unreachable)
            if said.is_directory_away:
                log.warning("The company's directory can't be used: %s", fault.why)
            return None
        lockout.succeeded(attempt)
        return person


def _may_come(person: Employee | None, at: datetime) -> bool:
    """Whether the directory may be asked for this person. Administrators have a password of this system: who keeps the
    directory would be administrator here otherwise.
    """
    if person is None or person.username == SYSTEM_USERNAME or is_closed(person):
        return False
    actor = actor_for(person.pk, at)
    return actor is not None and not actor.is_administrator


@sensitive_variables("password")
def _comer(person: Employee, password: str, at: datetime) -> Comer:
    """The person, by the entry that their username has there. Raises NotTaken."""
    entry = ldap.demand(person.username, password, at)
    comer = company_accounts.judge(company_accounts.by_password(person.username, entry.subject, entry.claims), at)
    if comer.person != person:  # their name was given to an entry that is somebody else's
        raise Refused("another_account", person)
    return comer
