"""Closes sign-ins that nobody uses: a forgotten account is a way in for somebody else.

Only the sign-in is closed: the person stays employed and keeps role and post, but receives no work as the contact until
a new activation code opens it again. The security administrator seen last is left open, since only they could open the
others.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce

from accountability.gate.act import Batch
from accountability.gate.changes import flush
from accountability.gate.subjects import Organisation
from accountability.models import (
    SYSTEM_USERNAME,
    Appointment,
    Employee,
    SignInState,
    sign_in_policy,
)
from accountability.permissions import Role
from accountability.signin import sessions


def close(at: datetime) -> int:
    """Close sign-ins unused for the policy's days. Return how many.

    Not in the demo: nobody signs in for months there, and could not get in again.
    """
    if settings.DEMO:
        return 0
    people = _unused(at)
    return close_all(people, at) if people else 0


def close_all(people: list[Employee], at: datetime, *, has_left: bool = False) -> int:
    """Close these sign-ins and end their sessions by an act of the system, and notify those who must know. `has_left`:
    the company's sign-on service says so; else nobody has used them.
    """
    verb, notice = ("close_left_sign_in", "sign_in_left") if has_left else ("close_sign_in", "sign_in_closed")
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        for person in people:
            SignInState.objects.update_or_create(employee=person, defaults={"closed_at": at})
            sessions.end_all(person.pk)
        act.record(verb, batch.system, facts={"employees": [person.pk for person in people]})
        for leader, count in Counter(person.supervisor_id for person in people).items():
            act.announce(leader, notice, accounts=count)
        for guard in sorted(_security_admins(at)):
            act.announce(guard, notice, accounts=len(people))
        flush(batch)
    return len(people)


def _unused(at: datetime) -> list[Employee]:
    """By the last sign-in, or where there was none by the date of the password."""
    limit = at - timedelta(days=sign_in_policy(at).dormant_days)
    seen = Coalesce("last_login", "sign_in_state__password_set_at")
    known = Employee.objects.annotate(seen=seen).filter(is_active=True, sign_in_state__closed_at=None)
    known = known.exclude(username=SYSTEM_USERNAME).exclude(seen=None)
    people: list[Employee] = list(known.filter(seen__lt=limit).order_by("pk"))
    guards = _security_admins(at)
    if guards and guards <= {person.pk for person in people}:
        last = known.filter(pk__in=guards).latest("seen")
        people = [person for person in people if person.pk != last.pk]
    return people


def _security_admins(at: datetime) -> set[int]:
    """The security administrators whose sign-in is open."""
    serving = Appointment.objects.serving(at).filter(role=Role.SECURITY_ADMIN, employee__is_active=True)
    return set(serving.filter(employee__sign_in_state__closed_at=None).values_list("employee_id", flat=True))
