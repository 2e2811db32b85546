"""The tasks of the record: seal each hour, verify each night, and raise an alarm where either fails or stays away."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from accountability.audit import opening_rows, reconciliation, seals, verification
from accountability.audit.sealed_tables import UNREADABLE
from accountability.deadlines.limits import SHANGHAI
from accountability.models import Alarm, Appointment, Seal, Verification
from accountability.notices import alarms
from accountability.permissions import Role

log = logging.getLogger(__name__)

ENOUGH = timedelta(hours=20)
OVERDUE = 2 * ENOUGH + timedelta(hours=4)
"""A verification comes forty hours after the last one at the latest; it may wait in its queue, and takes its time."""
NIGHT = range(1, 6)
SEAL, RECORD, VERIFICATION, FORGED = "seal", "record", "verification", "forged"
"""Kinds of alarm, also used as their keys: at most one of each is open, of what was forged one for each row."""

TOLD = (Role.AUDIT_ADMIN, Role.AUDITOR, Role.MARKETING_LEADER)


def seal(at: datetime) -> int:
    """Write the seal that is due; raise an alarm once none could be written for two hours, or once the verification,
    which runs in another queue, stays away. Return how many were written.
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
    if is_verification_late(at):
        _alarm_verification(at)
    return int(written is not None)


def _alarm_verification(at: datetime) -> None:
    facts, people = {"record": VERIFICATION}, _people(at)
    alarms.raise_once(VERIFICATION, VERIFICATION, facts, at=at, notice="verification_late", people=people)


def latest() -> Seal | None:
    return Seal.objects.first()


def is_late(last: Seal | None, at: datetime) -> bool:
    return last is None or at - last.at > seals.LATE


def verified() -> Verification | None:
    """The newest verification; None if there is none, or if it can't be read (`is_unreadable`)."""
    try:
        last = Verification.objects.first()
        is_whole = last is None or all(isinstance(place, int) for _kind, _m, _n, place, _v, _note in last.findings)
    except UNREADABLE:
        return None
    return last if is_whole and last and last.at else None


def is_unreadable() -> bool:
    """Whether there is a verification, but the newest can't be read."""
    return verified() is None and Verification.objects.exists()


def is_verification_late(at: datetime) -> bool:
    """Whether the newest verification is too old or can't be read. The first is awaited since the first seal."""
    if (last := verified()) is not None:
        return at - last.at > OVERDUE
    first = Seal.objects.order_by("number").first()
    return is_unreadable() or (first is not None and at - first.at > OVERDUE)


def is_verifying_due(at: datetime) -> bool:
    """Once a day, at night; forty hours after the last one where a night was missed; at once where it can't be read."""
    last = verified()
    if last is None:
        return True
    by_night = at.astimezone(SHANGHAI).hour in NIGHT
    return at - last.at >= (ENOUGH if by_night else 2 * ENOUGH)


def verify(at: datetime) -> int:
    """Verify everything and store the result. Return the number of findings. A verification that fails is an alarm."""
    try:
        account = reconciliation.whole(at)
        row = verification.keep(account, at)
    except Exception:
        _alarm_verification(at)
        raise
    alarms.clear(VERIFICATION, at)
    if not any(finding.kind == opening_rows.FORGED for finding in account.findings):
        Alarm.objects.filter(kind=FORGED, cleared_at=None).update(cleared_at=at)
    if row.found:
        alarms.raise_once(RECORD, RECORD, {"record": RECORD}, at=at, notice="record_bent", people=_people(at))
    else:
        alarms.clear(RECORD, at)
    return row.found


def alarm_forged(what: str, row: int | str, at: datetime) -> None:
    """Somebody tried to use a row that opens something and that the program didn't write as it is: an API token
    (`token`), the address of a calendar (`calendar`) or a session. One alarm for each, until a verification finds none.
    """
    log.warning("a forged row was presented: %s %s", what, row)
    facts = {"record": FORGED, "opens": what, "row": str(row)}
    alarms.raise_once(f"{FORGED} {what} {row}", FORGED, facts, at=at, notice="forged", people=_people(at))


def _people(at: datetime) -> list[int]:
    """The people who watch over the record; they are notified once for as long as the alarm lasts."""
    serving = Appointment.objects.serving(at).filter(role__in=TOLD, employee__is_active=True)
    return list(serving.order_by("employee_id").values_list("employee_id", flat=True).distinct())
