"""An alarm of no matter: once while it stands, and told once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from accountability.models import Alarm, Notification
from accountability.notices import alarms
from tests.factories import Cast, Now


def raised(cast: Cast, now: Now, *people: int) -> bool:
    told = people or (cast.sc_leader.pk,)
    return alarms.raise_once("test:1", "channel", {"channel": "sms"}, at=now.at, notice="channel_failed", people=told)


def test_a_second_time_it_neither_stands_nor_is_told_twice(cast: Cast, now: Now) -> None:
    assert [raised(cast, now), raised(cast, now)] == [True, False]
    assert (Alarm.objects.count(), Notification.objects.filter(kind="channel_failed").count()) == (1, 1)


def test_after_it_was_cleared_it_may_come_again(cast: Cast, now: Now) -> None:
    raised(cast, now)
    alarms.clear("test:1", now.forward(minutes=5))
    assert (alarms.standing("test:1"), raised(cast, now)) == (False, True)
    assert [alarm.cleared_at for alarm in Alarm.objects.order_by("pk")] == [now.at, None]


def test_another_fault_of_the_database_is_not_hidden(cast: Cast, now: Now) -> None:
    with pytest.raises(IntegrityError):
        alarms.raise_once("test:1", None, {}, at=now.at, notice="channel_failed", people=())  # type: ignore[arg-type]
    assert Alarm.objects.count() == 0
