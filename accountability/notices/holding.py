"""Begins and ends the held state: after a restore or a long outage nobody is fined for hours that the system doesn't
know, until two people have said what the misses in them are.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accountability.models import Appointment, Deadline, Delivery, Heartbeat, Hold, Notification
from accountability.notices import alarms
from accountability.permissions import MARKETING_ROLES, Role

SWEEP = "accountability.tasks.sweep"
ALARM = "held"
TOLD = {Role.SYSTEM_ADMIN, *MARKETING_ROLES}

OLDER_BY = timedelta(minutes=1)
"""A database whose last sweep is so much older than the mark outside it is an older copy."""

LONGEST_FINISH = timedelta(hours=1)
"""A matter that can't be judged holds back what others are told for no longer."""


def look(at: datetime) -> None:
    """Before the sweep judges: hold where its last success is too long ago, or the database is an older copy."""
    last = _last_sweep()
    if last and settings.HOLD_AFTER and at - last > settings.HOLD_AFTER:
        begin(last, at)
    else:
        look_for_copy(at)


def look_for_copy(at: datetime) -> None:
    """Before anything is sent: hold where the mark outside the database is newer than the database."""
    last, marked = _last_sweep(), _marked()
    if last and marked and marked - last > OLDER_BY:
        begin(last, at)


def begin_after_restore(at: datetime) -> Hold | None:
    """Hold from the copy's last sweep until now. None where a sweep runs on it, or never ran."""
    last = _last_sweep()
    return begin(last, at) if last and at - last > OLDER_BY else None


def begin(since: datetime, until: datetime) -> Hold:
    """Hold what falls in the window, and tell the people who put it right and those who decide. An open hold becomes
    longer, so that two people always decide on the whole.
    """
    with transaction.atomic():
        hold = Hold.objects.awaiting().select_for_update().first()
        if hold is None:
            hold = Hold(since=since, until=until)
            serving = Appointment.objects.serving(until).filter(role__in=TOLD, employee__is_active=True)
            people = serving.order_by("employee_id").values_list("employee_id", flat=True).distinct()
            if alarms.raise_once(ALARM, "held", hold.facts, at=until, notice="held", people=people, since=since):
                hold.save(force_insert=True)
        elif hold.until < until:
            hold.until = until
            hold.save(update_fields=["until"])
            alarms.revise(ALARM, hold.facts)
    return hold


def finish(at: datetime) -> None:
    """After the sweep: close the released windows whose misses are all recorded. What was unsent from before is in the
    inbox and isn't sent off-screen, since an older copy of the database doesn't know what has gone out already.
    """
    for hold in Hold.objects.unfinished().filter(released_at__isnull=False):
        assert hold.released_at is not None
        if at - hold.released_at < LONGEST_FINISH and Deadline.objects.done_late_in([hold]).exists():
            continue
        with transaction.atomic():
            before = Delivery.objects.filter(state=Delivery.State.WAITING, planned_at__lt=hold.until)
            before.update(state=Delivery.State.DROPPED, problem="held")
            Notification.objects.filter(sent_at=None, created_at__lt=hold.until).update(sent_at=at)
            Hold.objects.filter(pk=hold.pk).update(finished_at=at)


def leave_mark(at: datetime) -> None:
    """Say outside the database when the sweep last succeeded: an older copy of the database is known by it."""
    if settings.HOLD_AFTER:
        _mark().parent.mkdir(parents=True, exist_ok=True)
        _mark().write_text(at.isoformat(), encoding="ascii")


def _mark() -> Path:
    return Path(settings.VAR_DIR) / "last-sweep"


def _marked() -> datetime | None:
    if settings.HOLD_AFTER:
        with suppress(OSError, ValueError):
            return datetime.fromisoformat(_mark().read_text(encoding="ascii"))
    return None


def _last_sweep() -> datetime | None:
    return Heartbeat.objects.filter(name=SWEEP).values_list("at", flat=True).first()
