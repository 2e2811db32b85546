"""Units without contact or deputy (R17): an alarm for each while it lasts, and every morning a report to marketing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accountability.deadlines.limits import DUTY_HOURS, SHANGHAI, day_of
from accountability.gate.act import Batch
from accountability.models import Alarm, Notification, Unit, units_without_contact

KIND = "no_contact"
REPORTED_FROM = DUTY_HOURS[0][0]
"""The report waits for the morning: nothing in it is urgent at night."""


def check(at: datetime) -> None:
    """Raise and clear the alarms, and report the open ones once a day."""
    without = {unit.pk: unit for unit in units_without_contact(at)}
    raised = {row.unit_id: row for row in Alarm.objects.filter(kind=KIND, cleared_at=None)}
    over = [row.pk for unit_id, row in raised.items() if unit_id not in without]
    new = [unit for pk, unit in without.items() if pk not in raised]
    if over or new:
        _bring_up_to_date(at, over, new)
    if without and at.astimezone(SHANGHAI).time() >= REPORTED_FROM and not _reported(raised.values(), at):
        _report(at, len(without))


def _bring_up_to_date(at: datetime, over: list[int], new: list[Unit]) -> None:
    alarms = [
        Alarm(key=f"{KIND}:{u.pk}", kind=KIND, unit=u, facts={"of_unit": u.code}, since=at, raised_at=at) for u in new
    ]
    with transaction.atomic():
        Alarm.objects.filter(pk__in=over, cleared_at=None).update(cleared_at=at)
        Alarm.objects.bulk_create(alarms, ignore_conflicts=True)


def _reported(alarms: Iterable[Alarm], at: datetime) -> bool:
    """Whether today's report was sent: alarms that it counted, or that were raised after it, have the day."""
    today = day_of(at).isoformat()
    return any(alarm.facts.get("reported") == today for alarm in alarms)


def _report(at: datetime, count: int) -> None:
    """Send one notice per day to each person of marketing, even if the alarms are over by now; under lock, so that two
    sweeps don't report twice.
    """
    with transaction.atomic():
        standing = list(Alarm.objects.select_for_update().filter(kind=KIND, cleared_at=None))
        if _reported(standing, at):
            return
        today = day_of(at).isoformat()
        told_before = Alarm.objects.filter(kind=KIND, facts__reported=today).exists()
        for alarm in standing:
            alarm.facts["reported"] = today
        Alarm.objects.bulk_update(standing, ["facts"])
        if told_before:
            return
        Notification.objects.bulk_create(
            Notification(recipient_id=pk, kind="units_without_contact", facts={"units": count}, created_at=at)
            for pk in Batch(at).marketing_ids
        )
