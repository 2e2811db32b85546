"""Raises and clears alarms that belong to no matter; while one is open it isn't raised or notified again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accountability.models import Alarm, Notification


def raise_once(
    key: str, kind: str, facts: dict[str, Any], *, at: datetime, notice: str, people: Iterable[int],
    since: datetime | None = None,
) -> bool:  # fmt: skip
    """Raise an alarm and notify people, unless one with this key is open. Returns whether it was raised. Two sweeps at
    the same time raise it only once.
    """
    alarm = Alarm(key=key, kind=kind, facts=facts, since=since or at, raised_at=at)
    told = [Notification(recipient_id=pk, kind=notice, facts=facts, created_at=at) for pk in people]
    try:
        with transaction.atomic():
            alarm.save(force_insert=True)
            Notification.objects.bulk_create(told)
    except IntegrityError:
        if not standing(key):
            raise
        return False
    return True


def standing(key: str) -> bool:
    return Alarm.objects.filter(key=key, cleared_at=None).exists()


def clear(key: str, at: datetime) -> None:
    """Clear the open alarm with this key, if any."""
    Alarm.objects.filter(key=key, cleared_at=None).update(cleared_at=at)
