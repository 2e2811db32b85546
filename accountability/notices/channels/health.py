"""Tracks whether a channel works: after a failure it is paused, and an alarm may be open until it works again.

A channel may have a line to each of some units (`Way.units`), each of which is tracked as a channel of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accountability.gate.act import Batch
from accountability.gate.isolation import pause_after
from accountability.models import ChannelHealth
from accountability.models.preferences import OF_UNIT
from accountability.notices import alarms
from accountability.notices.channels import Way

LONGEST_PAUSE = timedelta(minutes=5)
"""Short compared with the thirty minutes that the most urgent notices are about."""


def usable(channels: Iterable[str], at: datetime) -> list[str]:
    """The channels that aren't paused."""
    paused = set(ChannelHealth.objects.filter(resume_at__gt=at).values_list("channel", flat=True))
    return [channel for channel in channels if channel not in paused]


def line_of(channel: str, way: Way, unit: str) -> str:
    """What is tracked of a message to a person of this unit."""
    return f"{channel}{OF_UNIT}{unit}" if unit in way.units else channel


def lines_of(ways: Mapping[str, Way]) -> list[str]:
    """All that is tracked of these channels."""
    return [*ways, *(line_of(name, way, unit) for name, way in ways.items() for unit in way.units)]


def usable_lines(ways: Mapping[str, Way], at: datetime) -> tuple[list[str], Q]:
    """The channels on which something may be tried now, and which deliveries wait for a line that is paused."""
    paused = set(lines_of(ways)) - set(usable(lines_of(ways), at))
    open_, waiting = [], Q(pk__in=[])
    for name, way in ways.items():
        stuck = {unit for unit in way.units if line_of(name, way, unit) in paused}
        if name not in paused:
            open_.append(name)
            waiting |= Q(channel=name, recipient__unit__code__in=stuck)
        elif way.units - stuck:  # of the others none
            open_.append(name)
            waiting |= Q(channel=name) & ~Q(recipient__unit__code__in=way.units - stuck)
    return open_, waiting


def failed(channel: str, at: datetime) -> None:
    """Count a failure and pause the channel, longer each time; raise an alarm at `settings.CHANNEL_ALARM_AFTER`."""
    ChannelHealth.objects.get_or_create(channel=channel)
    with transaction.atomic():
        health = ChannelHealth.objects.select_for_update().get(channel=channel)
        health.failures = min(health.failures + 1, 1000)
        health.resume_at = at + pause_after(health.failures, longest=LONGEST_PAUSE)
        health.save()
        if health.failures >= settings.CHANNEL_ALARM_AFTER:
            _alarm(channel, at)


def _alarm(channel: str, at: datetime) -> None:
    """Raise one alarm per channel and notify the marketing department once, in the inbox and on working channels."""
    if alarms.standing(_key(channel)):
        return
    people = Batch(at).marketing_ids
    alarms.raise_once(_key(channel), "channel", {"channel": channel}, at=at, notice="channel_failed", people=people)


def _key(channel: str) -> str:
    return f"channel:{channel}"


def worked(channel: str, at: datetime) -> None:
    """Reset the failures of the channel and clear its alarm."""
    if ChannelHealth.objects.filter(channel=channel, failures__gt=0).update(failures=0, resume_at=None):
        alarms.clear(_key(channel), at)
