"""Tracks whether a channel works: after a failure it is paused, and an alarm may be open until it works again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accountability.gate.act import Batch
from accountability.gate.isolation import pause_after
from accountability.models import ChannelHealth
from accountability.notices import alarms

LONGEST_PAUSE = timedelta(minutes=5)
"""Short compared with the thirty minutes that the most urgent notices are about."""


def usable(channels: Iterable[str], at: datetime) -> list[str]:
    """The channels that aren't paused."""
    paused = set(ChannelHealth.objects.filter(resume_at__gt=at).values_list("channel", flat=True))
    return [channel for channel in channels if channel not in paused]


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
