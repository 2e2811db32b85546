"""Limits how often a password or a code may be tried, without letting anybody keep others out.

A try is counted before it is judged, so that many parallel tries gain nothing over sequential ones. One that comes too
early is not judged and gets the same answer as a wrong password, so that a guesser learns nothing.

Passwords are slowed: after `lock_after` failures on an account from one address each try there must wait after the
last one, five seconds at first, then twice as long each time, a minute at most. The same holds after `address_after`
failures from one address on any names, and on one account from any addresses. A browser in which the person has signed
in before is counted by itself: nobody else, in the same office either, can use up its tries. After `A_DAY` failures on
an account in a day, in browsers that aren't known, each try there waits the longest pause.

Codes are locked: only who has shown the password can try one, and six digits are few. After `lock_after` wrong codes
none is judged for `lock_for` minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest

from accountability.models import Employee, SignInAttempt, SignInPolicy, sign_in_policy
from accountability.security.client_ip import client_ip, neighbourhood
from accountability.signin import browsers

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=1)
"""The first pause between two tries, and the longest."""

DOUBLINGS = 4
"""After so many the pause is the longest one."""

KEPT_FOR = timedelta(days=1)
"""Longer than any lock: the policy's minutes have a lower maximum."""

A_DAY = 100
"""More failures in a day than anybody has who forgot a password: somebody guesses, slowly, from many addresses."""


def begin(person: Employee | None, request: HttpRequest, *, is_code: bool = False) -> SignInAttempt | None:
    """Count a try as failed until `succeeded` says otherwise. None where it must not be judged at all."""
    at: datetime = request.at  # type: ignore[attr-defined]
    browser = browsers.of(request, person) if person else ""
    network = "" if browser else neighbourhood(client_ip(request) or "")
    attempt = SignInAttempt.objects.create(at=at, employee=person, browser=browser, network=network, is_code=is_code)
    if _may_be_judged(attempt, sign_in_policy(at)):
        return attempt
    attempt.delete()
    return None


def _may_be_judged(attempt: SignInAttempt, policy: SignInPolicy) -> bool:
    earlier = SignInAttempt.objects.filter(counts=True, is_code=attempt.is_code, at__gt=attempt.at - _span(policy))
    earlier = earlier.exclude(pk=attempt.pk)
    of_account = earlier.filter(employee=attempt.employee_id) if attempt.employee_id else earlier.none()
    if attempt.is_code:
        return not _holds(until(_times(of_account), policy.lock_after, policy), attempt.at)
    here = {"browser": attempt.browser, "network": attempt.network}
    counted = [(of_account.filter(**here), policy.lock_after)]
    if not attempt.browser:
        counted += [(kind, policy.address_after) for kind in (of_account.filter(browser=""), earlier.filter(**here))]
        if _is_guessed_for_a_day(attempt):
            return False
    return all(_comes_late_enough(attempt.at, _times(failed), after, policy) for failed, after in counted)


def _is_guessed_for_a_day(attempt: SignInAttempt) -> bool:
    """Whether the account had so many failures that the try had to wait longer, whatever addresses they came from."""
    if attempt.employee_id is None:
        return False
    failed = SignInAttempt.objects.filter(employee=attempt.employee_id, browser="", is_code=False, counts=True)
    day = failed.filter(at__gt=attempt.at - KEPT_FOR).exclude(pk=attempt.pk).order_by()
    number, last = day.aggregate(number=Count("pk"), last=Max("at")).values()
    return number >= A_DAY and attempt.at - last < LONGEST


def _times(attempts: QuerySet[SignInAttempt]) -> list[datetime]:
    return list(attempts.order_by("at").values_list("at", flat=True))


def _span(policy: SignInPolicy) -> timedelta:
    return timedelta(minutes=policy.lock_within + policy.lock_for)


def _comes_late_enough(at: datetime, failures: Sequence[datetime], after: int, policy: SignInPolicy) -> bool:
    """Whether a try may be judged after these failures, in their order."""
    if not _holds(until(failures, after, policy), at):
        return True
    doublings = min(len(failures) - after, DOUBLINGS)
    return at - failures[-1] >= min(SHORTEST * 2**doublings, LONGEST)


def until(failures: Sequence[datetime], after: int, policy: SignInPolicy) -> datetime | None:
    """Until when these failures slow or lock, from the latest ones within the time counted; None where they don't."""
    times = sorted(failures)
    within, length = timedelta(minutes=policy.lock_within), timedelta(minutes=policy.lock_for)
    ends = [last + length for first, last in zip(times, times[after - 1 :], strict=False) if last - first <= within]
    return ends[-1] if ends else None


def _holds(end: datetime | None, at: datetime) -> bool:
    return end is not None and at < end


def held_among(people: Sequence[Employee], at: datetime) -> set[int]:
    """Which of these accounts are slowed somewhere or locked for codes (primary keys), in one query."""
    policy = sign_in_policy(at)
    times: dict[tuple[int, bool], list[datetime]] = {}
    rows = SignInAttempt.objects.filter(counts=True, employee__in=people, at__gt=at - _span(policy))
    for pk, is_code, when in rows.values_list("employee_id", "is_code", "at"):
        times.setdefault((pk, is_code), []).append(when)
    return {pk for (pk, _code), found in times.items() if _holds(until(found, policy.lock_after, policy), at)}


def succeeded(attempt: SignInAttempt) -> None:
    """The try was right and no longer counts. Earlier failures still count until both factors have been shown."""
    SignInAttempt.objects.filter(pk=attempt.pk).update(counts=False)


def let_in(person: Employee, request: Any) -> int:
    """The person has shown all that was asked: no earlier failure counts any more, and the browser is known. Returns
    how many failures there were.
    """
    browsers.remember(request, person)
    return forgive(person)


def forgive(person: Employee) -> int:
    """Stop counting all earlier failures; return how many there were."""
    return SignInAttempt.objects.filter(employee=person, counts=True).update(counts=False)


def forget(at: datetime) -> int:
    """Delete tries that no lock depends on any more. Return how many."""
    return SignInAttempt.objects.filter(at__lt=at - KEPT_FOR).delete()[0]
