"""Which message goes next: claimed under the recipient's lock, so that two workers never take the same notices.

What would become a storm becomes one digest: a person gets so many messages a channel within a while, what comes
beyond waits until the while is over and goes together. The thirty-minute clock has a lane of its own, with a shorter
while, and is alone allowed at night.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min

from accountability.models import Delivery, Preferences
from accountability.notices.channels.topics import is_quiet

LEASE = timedelta(minutes=5)
"""How long a claim holds: far longer than the longest send. After it the worker is dead, and another may try."""

State = Delivery.State


@dataclass
class Claim:
    """A message to be sent now: its deliveries (several: a digest), to whom, on which channel."""

    key: str
    channel: str
    recipient: Preferences
    deliveries: list[Delivery]

    @property
    def attempts(self) -> int:
        """Tries, this one included."""
        return self.deliveries[0].attempts + 1

    def settle(self, state: str, **columns: Any) -> None:
        """Write what became of it, unless its lease ran out and somebody else has settled it."""
        mine = Delivery.objects.filter(pk__in=[d.pk for d in self.deliveries], state=State.WAITING, message=self.key)
        mine.update(state=state, **columns)


def claim_next(at: datetime, channels: Sequence[str]) -> Claim | None:
    """The next message due on one of the channels, the longest waiting first; None where nothing is due."""
    while True:
        first = _due(at, channels).order_by("next_try_at", "pk").first() if channels else None
        if first is None:
            return None
        with transaction.atomic():
            claim = _claim_with(first, at)
        if claim is not None:
            return claim


def _due(at: datetime, channels: Sequence[str]) -> Any:
    due = Delivery.objects.filter(state=State.WAITING, channel__in=channels, next_try_at__lte=at)
    return due.filter(is_clock=True) if is_quiet(at) else due


def _claim_with(first: Delivery, at: datetime) -> Claim | None:
    """The message that this delivery goes with. None where it is held, needless, or another worker's by now."""
    lock = Preferences.objects.select_for_update(of=("self",)).select_related("employee")
    recipient = lock.get(pk=first.recipient_id)
    same = {"recipient_id": first.recipient_id, "is_clock": first.is_clock, "message": first.message}
    rows = list(_due(at, [first.channel]).filter(**same).select_related("notification__matter").order_by("pk"))
    rows = _without_needless(rows, recipient)
    if not first.message:
        rows = _gathered(rows, at)
    if not rows:
        return None
    claim = Claim(first.message or secrets.token_hex(16), first.channel, recipient, rows)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        message=claim.key, attempts=F("attempts") + 1, next_try_at=at + LEASE
    )
    return claim


def _without_needless(rows: list[Delivery], recipient: Preferences) -> list[Delivery]:
    """What was read on screen meanwhile needs no telling, nor does anything to somebody who has left.

    A message that was tried already stays whole, so that its key means the same each time; it goes unless all was read.
    """
    here = recipient.employee.is_active
    needless = [row.pk for row in rows if row.notification.read_at or not here]
    if rows and rows[0].message and len(needless) < len(rows):
        return rows
    if needless:
        Delivery.objects.filter(pk__in=needless).update(state=State.DROPPED)
    return [row for row in rows if row.pk not in needless]


def _gathered(rows: list[Delivery], at: datetime) -> list[Delivery]:
    """One of them, or all as a digest where singly they would be too many; none yet where the person had enough."""
    if not rows:
        return []
    most, span = settings.DIGEST_ABOVE, settings.DIGEST_WINDOW["clock" if rows[0].is_clock else "other"]
    recent = _recent(rows[0], at - 2 * span)
    latest = [went for went in recent if went > at - span]
    if len(latest) >= most:
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(next_try_at=latest[-most] + span)
        return []
    # Over twice the while, so that what was just held goes together and doesn't begin the next storm.
    return rows if len(recent) + len(rows) > most else rows[:1]


def _recent(row: Delivery, after: datetime) -> list[datetime]:
    """When messages of this lane went to the person, later than the instant; oldest first."""
    sent = Delivery.objects.filter(
        recipient_id=row.recipient_id, channel=row.channel, is_clock=row.is_clock, sent_at__gt=after
    )
    return sorted(sent.values("message").annotate(went=Min("sent_at")).values_list("went", flat=True))
