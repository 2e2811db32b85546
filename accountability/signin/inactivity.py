"""Sign-ins that nobody uses are closed: an account that its person has forgotten is somebody else's way in.

Closed is the sign-in, not the person: they stay employed and what is theirs stays theirs; a new activation code opens
it again. Of the security administrators the one seen last is left, since only they could open the others.
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
    """Close what has been unused for the policy's days; an act of the system, told to those who must know. How many.

    In the demo nobody signs in for months, and nobody gets in otherwise.
    """
    if settings.DEMO:
        return 0
    people = _unused(at)
    if not people:
        return 0
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        for person in people:
            SignInState.objects.update_or_create(employee=person, defaults={"closed_at": at})
            sessions.end_all(person.pk)
        act.record("close_sign_in", batch.system, facts={"employees": [person.pk for person in people]})
        for leader, count in Counter(person.supervisor_id for person in people).items():
            act.announce(leader, "sign_in_closed", accounts=count)
        for guard in sorted(_security_admins(at)):
            act.announce(guard, "sign_in_closed", accounts=len(people))
        flush(batch)
    return len(people)


def _unused(at: datetime) -> list[Employee]:
    """By their last sign-in, or where there was none by when their password was set."""
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
    """Those whose sign-in is open."""
    serving = Appointment.objects.serving(at).filter(role=Role.SECURITY_ADMIN, employee__is_active=True)
    return set(serving.filter(employee__sign_in_state__closed_at=None).values_list("employee_id", flat=True))
