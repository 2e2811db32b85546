"""Limits how often a password or a code may be tried, by account and by address.

A try is counted before it is judged, so that many parallel tries gain nothing over sequential ones. A locked account
gets the same answer as a wrong password, so that a guesser learns nothing. The last security administrator's account is
never locked, since nobody else could unlock it: it accepts a try every ten seconds from one address instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accountability.models import Appointment, Employee, SignInAttempt, SignInPolicy, sign_in_policy
from accountability.permissions import Role

SPACING = timedelta(seconds=10)
"""The time between two tries of the last security administrator from one address."""

KEPT_FOR = timedelta(days=1)
"""Longer than any lock: the policy's minutes have a lower maximum."""


def begin(person: Employee | None, address: str | None, at: datetime) -> SignInAttempt | None:
    """Count a try as failed until `succeeded` says otherwise. None where it must not be judged at all."""
    policy = sign_in_policy(at)
    attempt = SignInAttempt.objects.create(at=at, employee=person, address=address)
    earlier = SignInAttempt.objects.filter(counts=True, at__gt=at - _remembered(policy)).exclude(pk=attempt.pk)
    of_account = list(earlier.filter(employee=person).values_list("at", "address")) if person else []
    account = until([when for when, _address in of_account], policy.lock_after, policy)
    place = until(list(earlier.filter(address=address).values_list("at", flat=True)), policy.address_after, policy)
    if not (_holds(account, at) or _holds(place, at)):
        return attempt
    just_now = any(where == address and at - when < SPACING for when, where in of_account)
    if person is not None and not just_now and is_last_security_admin(person, at):
        return attempt
    attempt.delete()
    return None


def _remembered(policy: SignInPolicy) -> timedelta:
    return timedelta(minutes=policy.lock_within + policy.lock_for)


def until(failures: Sequence[datetime], after: int, policy: SignInPolicy) -> datetime | None:
    """Until when these failures lock, from the latest ones within the time counted; None where they don't."""
    times = sorted(failures)
    within, length = timedelta(minutes=policy.lock_within), timedelta(minutes=policy.lock_for)
    ends = [last + length for first, last in zip(times, times[after - 1 :], strict=False) if last - first <= within]
    return ends[-1] if ends else None


def _holds(end: datetime | None, at: datetime) -> bool:
    return end is not None and at < end


def is_locked(person: Employee, at: datetime) -> bool:
    """Whether the account is locked now, whatever the address."""
    policy = sign_in_policy(at)
    times = _counted(person).filter(at__gt=at - _remembered(policy)).values_list("at", flat=True)
    return _holds(until(list(times), policy.lock_after, policy), at) and not is_last_security_admin(person, at)


def locked_among(people: Sequence[Employee], at: datetime) -> set[int]:
    """Which of these accounts are locked (primary keys), in one query."""
    policy = sign_in_policy(at)
    since = at - _remembered(policy)
    times: dict[int, list[datetime]] = {}
    rows = SignInAttempt.objects.filter(counts=True, employee__in=people, at__gt=since)
    for pk, when in rows.values_list("employee_id", "at"):
        times.setdefault(pk, []).append(when)
    return {pk for pk, found in times.items() if _holds(until(found, policy.lock_after, policy), at)}


def is_last_security_admin(person: Employee, at: datetime) -> bool:
    serving = Appointment.objects.serving(at).filter(role=Role.SECURITY_ADMIN, employee__is_active=True)
    return set(serving.values_list("employee_id", flat=True)) == {person.pk}


def succeeded(attempt: SignInAttempt) -> None:
    """The try was right and no longer counts. Earlier failures still count until both factors have been shown."""
    SignInAttempt.objects.filter(pk=attempt.pk).update(counts=False)


def forgive(person: Employee) -> int:
    """Stop counting all earlier failures; return how many there were."""
    return _counted(person).update(counts=False)


def _counted(person: Employee):  # type: ignore[no-untyped-def]
    return SignInAttempt.objects.filter(employee=person, counts=True)


def forget(at: datetime) -> int:
    """Delete tries that no lock depends on any more. Return how many."""
    return SignInAttempt.objects.filter(at__lt=at - KEPT_FOR).delete()[0]
