"""Records what a signed-in person asked for and didn't get, and raises an alarm where that happens too often.

Somebody who tries out numbers, or places that aren't theirs, leaves a row each time. The row is the same for an object
that isn't theirs and for none, but for the matter, so that the answer comes with the same statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count
from django.http import HttpRequest

from accountability.audit import access_log
from accountability.models import AccessLog, Alarm, Appointment, Employee, privacy_in_force
from accountability.notices import alarms
from accountability.permissions import Role
from accountability.security.masking import mask_text

ACTION = "refused_access"
RESULTS = {403: "forbidden", 404: "hidden"}
"""Which answers are recorded, and as what. 404 says of what isn't theirs the same as of what isn't there."""

ALARM = "probing"
HOUR = timedelta(hours=1)
TOLD = (Role.AUDIT_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)

REFUSED = (*RESULTS.values(), "refused")
"""What counts for the alarm: the gate and the pages of files and papers note their refusals themselves."""

REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,48}")
"""What a number, a name of a verb or a token looks like; anything else in an address may be what somebody typed."""


def note(request: HttpRequest, status: int, place: str, named: Iterable[object], matter_id: int | None) -> None:
    """One row: who, which page, and what the address named, masked."""
    words = [str(value) if REFERENCE.fullmatch(str(value)) else "?" for value in named]
    access_log.note(
        request, ACTION, result=RESULTS[status], matter_id=matter_id, detail=mask_text(" ".join([place, *words]))
    )  # fmt: skip


def look_after(at: datetime) -> None:
    """A watch of the sweep: the alarm begins when a person's refusals in an hour are too many, and ends when they no
    longer are.
    """
    most = privacy_in_force(at).refusals_per_hour
    rows = AccessLog.objects.filter(actor__isnull=False, result__in=REFUSED, at__gt=at - HOUR, at__lte=at).order_by()
    requests = rows.values("actor").annotate(times=Count("at", distinct=True))  # one may refuse many matters
    many = set(requests.filter(times__gt=most).values_list("actor", flat=True))
    standing = set(Alarm.objects.filter(kind=ALARM, cleared_at=None).values_list("key", flat=True))
    begins = {pk for pk in many if _key(pk) not in standing}
    watching = _watching(at) if begins else set()
    for employee in Employee.objects.filter(pk__in=begins) if begins else ():
        facts = {"person": employee.username, "count": most}
        alarms.raise_once(_key(employee.pk), ALARM, facts, at=at, notice=ALARM, people=watching - {employee.pk})
    for key in standing - {_key(pk) for pk in many}:
        alarms.clear(key, at)


def _key(employee_id: int) -> str:
    return f"{ALARM}:{employee_id}"


def _watching(at: datetime) -> set[int]:
    """Those who watch over access."""
    serving = Appointment.objects.serving(at).filter(role__in=TOLD, employee__is_active=True)
    return set(serving.values_list("employee_id", flat=True))
