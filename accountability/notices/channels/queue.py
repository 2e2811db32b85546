"""Chooses the next message, and claims it under a lock on the recipient so that two workers never send the same.

Too many notices become one digest: on each channel a person gets at most DIGEST_ABOVE messages within DIGEST_WINDOW;
further notices wait until the window is over and are sent together. Notices of the thirty-minute clock are counted
separately, with a shorter window, and only they are sent at night.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q

from accountability.models import Delivery, Preferences
from accountability.notices.channels.topics import is_quiet
from accountability.notices.sentences import is_always_sent

LEASE = timedelta(minutes=5)
"""How long a claim is valid: far longer than the longest send. After that the worker must be dead and another may try.
"""

MOST_HELD_BACK = 100
"""Recipients whose messages one claim puts off because they had too many."""

State = Delivery.State


@dataclass
class Claim:
    """A message to send now: its deliveries (several make a digest), the recipient and the channel."""

    key: str
    channel: str
    recipient: Preferences
    deliveries: list[Delivery]

    @property
    def unit(self) -> str:
        """The code of the recipient's unit; empty without one."""
        found = self.recipient.employee.unit
        return found.code if found else ""

    @property
    def attempts(self) -> int:
        """The number of tries, including this one."""
        return self.deliveries[0].attempts + 1

    def settle(self, state: str, **columns: Any) -> None:
        """Save the result, unless the lease ran out and another worker has saved one."""
        mine = Delivery.objects.filter(pk__in=[d.pk for d in self.deliveries], state=State.WAITING, message=self.key)
        mine.update(state=state, **columns)


NOTHING = Q(pk__in=[])


def claim_next(
    at: datetime, channels: Sequence[str], withheld: datetime | None = None, waiting: Q = NOTHING
) -> Claim | None:
    """The next message due on one of the channels: those of the thirty minutes first, however many others wait (R19),
    then the longest waiting. None if nothing is due, or many recipients had to wait: a notice that comes meanwhile is
    planned only after this run. What was written before `withheld` waits, and so do the deliveries `waiting`.
    """
    for _recipient in range(MOST_HELD_BACK):
        due = _due(at, channels, withheld).exclude(waiting)
        first = due.order_by("-is_clock", "next_try_at", "pk").first() if channels else None
        if first is None:
            return None
        with transaction.atomic():
            claim = _claim_with(first, at, withheld)
        if claim is not None:
            return claim
    return None


def _due(at: datetime, channels: Sequence[str], withheld: datetime | None) -> Any:
    due = Delivery.objects.filter(state=State.WAITING, channel__in=channels, next_try_at__lte=at)
    if withheld:
        due = due.filter(notification__created_at__gte=withheld)
    return due.filter(is_clock=True) if is_quiet(at) else due


def _claim_with(first: Delivery, at: datetime, withheld: datetime | None) -> Claim | None:
    """Claim the message that this delivery belongs to. None if it must wait, isn't needed, or was claimed already."""
    lock = Preferences.objects.select_for_update(of=("self",)).select_related("employee__unit")
    recipient = lock.get(pk=first.recipient_id)
    same = {"recipient_id": first.recipient_id, "is_clock": first.is_clock, "message": first.message}
    rows = list(
        _due(at, [first.channel], withheld).filter(**same).select_related("notification__matter").order_by("pk")
    )
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
    """Drop deliveries of notices that were read on screen or are over in the meantime, or whose recipient has left.

    A message that was tried before stays complete, so that its key always means the same content; it is sent unless all
    of its notices were read.
    """
    here = recipient.employee.is_active
    needless = [row.pk for row in rows if not here or (not row.notification.is_unread and not _insists(row))]
    if rows and rows[0].message and len(needless) < len(rows):
        return rows
    if needless:
        Delivery.objects.filter(pk__in=needless).update(state=State.DROPPED)
    return [row for row in rows if row.pk not in needless]


def _insists(row: Delivery) -> bool:
    """Whether reading it on screen doesn't count, since somebody else may have read it there."""
    return is_always_sent(row.notification.kind)


def _gathered(rows: list[Delivery], at: datetime) -> list[Delivery]:
    """One of them, or all as a digest if single messages would be too many; none while the limit is reached."""
    if not rows:
        return []
    most, span = settings.DIGEST_ABOVE, settings.DIGEST_WINDOW["clock" if rows[0].is_clock else "other"]
    recent = _recent(rows[0], at - 2 * span)
    latest = [went for went in recent if went > at - span]
    if len(latest) >= most:
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(next_try_at=latest[-most] + span)
        return []
    # Count over two windows, so that held notices are sent as one digest instead of many messages again.
    return rows if len(recent) + len(rows) > most else rows[:1]


def _recent(row: Delivery, after: datetime) -> list[datetime]:
    """When messages of the same sort (clock or other) were sent to the person after the instant, oldest first."""
    sent = Delivery.objects.filter(
        recipient_id=row.recipient_id, channel=row.channel, is_clock=row.is_clock, sent_at__gt=after
    )
    return sorted(sent.values("message").annotate(went=Min("sent_at")).values_list("went", flat=True))
