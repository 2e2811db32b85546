"""Sending notices. A notice is a row written with the act that caused it; sending never delays or undoes an act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction

from accountability.declarations.notices import Topic
from accountability.models import Delivery, Notification, Preferences
from accountability.notices.channels import configured
from accountability.notices.sentences import topic_of

BATCH = 500


def send(at: datetime) -> int:
    """Deliver unsent notices to the inbox of the program, which needs nothing but the row; stamps when.

    With the stamp, and once, the deliveries off-screen are written: those channels that the recipient wants for such
    a notice, has an address for, and this deployment has. Returns how many notices.
    """
    unsent = Notification.objects.filter(sent_at=None).order_by("pk")
    if not unsent.exists():
        return 0
    with transaction.atomic():
        rows = list(unsent.select_for_update(skip_locked=True)[:BATCH])
        Delivery.objects.bulk_create(_deliveries(rows, at))
        return Notification.objects.filter(pk__in=[row.pk for row in rows], sent_at=None).update(sent_at=at)


def _deliveries(rows: Iterable[Notification], at: datetime) -> Iterator[Delivery]:
    people = Preferences.objects.filter(employee__in={row.recipient_id for row in rows}, employee__is_active=True)
    known = {preferences.pk: preferences for preferences in people.exclude(sealed=None)}
    ways = {name: way.address for name, way in configured().items()} if known else {}
    addresses = {pk: set(preferences.addresses) for pk, preferences in known.items()}
    for row in rows:
        if row.recipient_id in known and row.read_at is None:
            topic = topic_of(row.kind, row.facts)
            for channel in known[row.recipient_id].channels_for(topic):
                # That a channel doesn't work is not told on the channel itself.
                if ways.get(channel) in addresses[row.recipient_id] and row.facts.get("channel") != channel:
                    yield Delivery(
                        notification=row, recipient_id=row.recipient_id, channel=channel,
                        is_clock=topic == Topic.CLOCK, planned_at=at, next_try_at=at,
                    )  # fmt: skip
