"""Sending notices. A notice is a row written with the act that caused it; sending never delays or undoes an act."""

from __future__ import annotations

from datetime import datetime

from accountability.models import Notification

BATCH = 500


def send(at: datetime) -> int:
    """Deliver unsent notices to the inbox of the program, which needs nothing but the row; stamps when.

    Returns how many.
    """
    unsent = list(Notification.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True)[:BATCH])
    return Notification.objects.filter(pk__in=unsent, sent_at=None).update(sent_at=at)
