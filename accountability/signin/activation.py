"""Activation codes: with one, a person sets their first password, or a new one, that nobody else knows.

A code is shown once to its issuer and stored as a digest; it works once, for a day, and only the newest is valid.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accountability.gate.act import Act, Batch
from accountability.gate.changes import flush, mark_gone
from accountability.gate.subjects import Organisation
from accountability.models import ActivationCode, Employee
from accountability.signin import passwords
from accountability.signin.second_factor import digest, in_groups, remove

GOOD_FOR = timedelta(hours=24)


def is_in_use(employee: Employee) -> bool:
    """Whether somebody signs in with the account, so that a code would take it from them."""
    return employee.last_login is not None or employee.has_usable_password()


def issue(act: Act, employee: Employee, by: Employee) -> str:
    """A new code of 160 bits; earlier codes of the person become invalid."""
    at = act.at
    code = in_groups(b32encode(secrets.token_bytes(20)).decode())
    ActivationCode.end_all(employee, at)
    told = {"employee": employee, "issued_by": by, "issued_at": at, "expires_at": at + GOOD_FOR}
    act.changes.new(ActivationCode(digest=digest(code), **told))
    return code


def issue_many(
    people: Sequence[Employee], at: datetime, *, also_second_factor: bool = False
) -> list[tuple[Employee, str]]:
    """Issue codes for somebody with access to the machine: recorded as the system's act."""
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        found = [(person, issue(act, person, batch.system)) for person in people]
        facts: dict[str, Any] = {"employees": [person.pk for person in people]}
        if also_second_factor:
            facts["second_factor"] = True
        entry = act.record("issue_activation_codes", batch.system, facts=facts)
        for person in people if also_second_factor else ():
            mark_gone(entry, remove(person.pk))
        flush(batch)
    return found


def good_code(username: str, typed: str, at: datetime) -> ActivationCode | None:
    """The code, if it is this person's and still valid."""
    known = ActivationCode.objects.filter(digest=digest(typed), used_at=None, expires_at__gt=at)
    return known.filter(employee__username=username, employee__is_active=True).select_related("employee__unit").first()


def redeem(code: ActivationCode, password: str, at: datetime) -> bool:
    """Set the password with the code; False where the code was used meanwhile."""
    with transaction.atomic():
        if not ActivationCode.objects.filter(pk=code.pk, used_at=None).update(used_at=at):
            return False
        passwords.put(code.employee, password, at)
    return True
