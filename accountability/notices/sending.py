"""Sends notices. A notice is a row that is written with the act; sending it later never delays or undoes the act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from django.db.models import Case, When

from accountability.declarations.notices import Topic, comes_too_late, is_of_the_clock, topic_of
from accountability.gate import holding
from accountability.gate.isolation import isolated, name_of_row
from accountability.gate.lookups import windows_at
from accountability.models import Channel, Delivery, Notification, Preferences
from accountability.models.preferences import OF_UNIT
from accountability.notices.channels import configured
from accountability.notices.sentences import is_always_sent

BATCH = 500

TO_ONE_PERSON = (Channel.EMAIL, Channel.SMS)
"""The channels that nobody else reads; a robot writes into a group."""


def send(at: datetime) -> int:
    """Mark unsent notices as sent; the row itself is the notice in the inbox. Returns how many notices.

    In the same transaction the deliveries off-screen are written, once: for each channel that the recipient has chosen
    for this topic, has an address for, and that is configured. A notice that is always sent takes no choice. A notice
    that fails holds up no other. In the held state those wait that were written before it.
    """
    # The thirty minutes come first, however many others wait (R19); of them those that still run, since after an outage
    # thousands have passed.
    passed = When(is_of_the_clock() & comes_too_late(), then=1)
    lanes = Case(passed, When(is_of_the_clock(), then=0), default=2)
    unsent = Notification.objects.filter(sent_at=None).order_by(lanes, "pk").values_list("pk", flat=True)
    if withheld := holding.withheld_before(windows_at(at)):
        unsent = unsent.filter(created_at__gte=withheld)
    stamp = partial(_stamp, at=at)
    return isolated("notice", unsent, stamp, at=at, size=BATCH, most=BATCH, name_of=name_of_row)


def _stamp(ids: list[int], *, at: datetime) -> int:
    found = Notification.objects.filter(pk__in=ids, sent_at=None).order_by("pk")
    rows = list(found.select_for_update(skip_locked=True))
    Delivery.objects.bulk_create(_deliveries(rows, at))
    return Notification.objects.filter(pk__in=[row.pk for row in rows], sent_at=None).update(sent_at=at)


def _failed_on(row: Notification) -> str:
    """The channel that the notice says has failed, whichever line of it."""
    return str(row.facts.get("channel", "")).partition(OF_UNIT)[0]


def _deliveries(rows: Iterable[Notification], at: datetime) -> Iterator[Delivery]:
    people = Preferences.objects.filter(employee__in={row.recipient_id for row in rows}, employee__is_active=True)
    known = {preferences.pk: preferences for preferences in people.exclude(sealed=None)}
    ways = {name: way.address for name, way in configured().items()} if known else {}
    addresses = {pk: set(preferences.addresses) for pk, preferences in known.items()}
    for row in rows:
        insists = is_always_sent(row.kind)
        if row.recipient_id in known and (insists or row.is_unread):
            topic = topic_of(row.kind, row.facts)
            for channel in TO_ONE_PERSON if insists else known[row.recipient_id].channels_for(topic):
                # A notice that a channel has failed isn't sent on that channel.
                if ways.get(channel) in addresses[row.recipient_id] and _failed_on(row) != channel:
                    yield Delivery(
                        notification=row, recipient_id=row.recipient_id, channel=channel,
                        is_clock=insists or topic == Topic.CLOCK, planned_at=at, next_try_at=at,
                    )  # fmt: skip
