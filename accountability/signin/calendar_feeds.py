"""The private address under which a calendar program reads what limits one person has to keep.

The person makes it in their own session and gives it to the program, which has no session: the address alone opens the
feed, and nothing else. Its secret has 320 random bits and is shown once; the table holds a digest under SECRET_KEY. It
ends wherever the tokens of its person end (`signin/tokens.py`), and once no program has read it for long.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings

from accountability.audit import watch
from accountability.models import LEFT_OR_MOVED, ActingEmployee, CalendarFeed, Employee, actor_for
from accountability.permissions import offices_asking_more
from accountability.signin.tokens import digests, has_ended

PREFIX = "swc_"
SECRET_BYTES = 40
"""More signs than `refused_access.REFERENCE` takes: the access log never keeps what an address of this kind named."""

LONGEST = 100
SPARING = timedelta(hours=1)
"""The last reading is written only when it moves by more."""

UNREAD_FOR = timedelta(days=90)
"""After so long without a reading the program is gone, and so is the address."""


def make(person: Employee, at: datetime) -> str:
    """A new secret; the former address, if there was one, ends at once."""
    secret, actor = PREFIX + secrets.token_urlsafe(SECRET_BYTES), actor_for(person.pk, at)
    made = CalendarFeed(
        employee=person, unit_id=person.unit_id, digest=_digests(secret)[0], made_at=at, read_at=at,
        offices=sorted(offices_asking_more(actor)) if actor else [],
    )  # fmt: skip
    made.bind()
    made.save()
    return secret


def of(employee_id: int) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(employee=employee_id).first()


def are_of_use(employee_id: int) -> bool:
    """Whether the person has a page of it: where calendars are off, for as long as they have an address to end."""
    return settings.CALENDAR_FEEDS or of(employee_id) is not None


def end(employee_id: int) -> bool:
    """End the person's address. Return whether there was one."""
    return CalendarFeed.objects.filter(employee=employee_id).delete()[0] > 0


def reader_of(secret: str, at: datetime) -> ActingEmployee | None:
    """The person whose limits this secret opens; None where it opens nothing any more."""
    if not settings.CALENDAR_FEEDS or not secret.startswith(PREFIX) or len(secret) > LONGEST:
        return None
    found = CalendarFeed.objects.filter(digest__in=_digests(secret)).select_related("employee__sign_in_state").first()
    if found is None:
        return None
    if not found.is_genuine:
        watch.alarm_forged("calendar", found.pk, at)
        return None
    actor = actor_for(found.employee_id, at)
    if has_ended(found, actor):
        end(found.employee_id)  # it doesn't come back with the person
        return None
    if at - found.read_at >= SPARING:
        CalendarFeed.objects.filter(pk=found.pk).update(read_at=at)
    return actor


def forget(at: datetime) -> None:
    """Delete addresses that open nothing any more, and those that no program reads."""
    CalendarFeed.objects.filter(LEFT_OR_MOVED).delete()
    CalendarFeed.objects.filter(read_at__lt=at - UNREAD_FOR).delete()


def _digests(secret: str) -> tuple[str, ...]:
    return digests(secret, purpose="calendar")
