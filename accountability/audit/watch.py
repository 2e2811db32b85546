"""The tasks of the record: seal each hour, verify each night, and raise an alarm where either fails."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from accountability.audit import seals, verification
from accountability.deadlines.limits import SHANGHAI
from accountability.models import Appointment, Seal, Verification
from accountability.notices import alarms
from accountability.permissions import Role

log = logging.getLogger(__name__)

LATE = timedelta(hours=2)
ENOUGH = timedelta(hours=20)
NIGHT = range(1, 6)
SEAL, RECORD = "seal", "record"
"""Kinds of alarm, also used as their keys: at most one of each is open."""

TOLD = (Role.AUDIT_ADMIN, Role.AUDITOR, Role.MARKETING_LEADER)


def seal(at: datetime) -> int:
    """Write the seal that is due; raise an alarm once none could be written for two hours. Return how many were
    written.
    """
    written = None
    try:
        written = seals.seal(at)
    except OSError:
        log.exception("no seal could be written")
    last = latest()
    if is_late(last, at):
        since = last.at if last else at
        alarms.raise_once(SEAL, SEAL, {"record": SEAL}, at=at, notice="seal_late", people=_people(at), since=since)
    else:
        alarms.clear(SEAL, at)
    return int(written is not None)


def latest() -> Seal | None:
    return Seal.objects.first()


def is_late(last: Seal | None, at: datetime) -> bool:
    return last is None or at - last.at > LATE


def is_verifying_due(at: datetime) -> bool:
    """Once a day, at night; forty hours after the last one where a night was missed."""
    last = Verification.objects.first()
    if last is None:
        return True
    by_night = at.astimezone(SHANGHAI).hour in NIGHT
    return at - last.at >= (ENOUGH if by_night else 2 * ENOUGH)


def verify(at: datetime) -> int:
    """Verify everything and store the result. Return the number of findings."""
    account = verification.verify(at)
    row = verification.keep(account, at)
    if row.found:
        alarms.raise_once(RECORD, RECORD, {"record": RECORD}, at=at, notice="record_bent", people=_people(at))
    else:
        alarms.clear(RECORD, at)
    return row.found


def _people(at: datetime) -> list[int]:
    """The people who watch over the record; they are notified once for as long as the alarm lasts."""
    serving = Appointment.objects.serving(at).filter(role__in=TOLD, employee__is_active=True)
    return list(serving.order_by("employee_id").values_list("employee_id", flat=True).distinct())
