"""Two workers at one moment: each notice is planned once and sent once."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from accountability.models import ChannelHealth, Delivery, Notification, Preferences
from accountability.notices import sending
from accountability.notices.channels import Message, OneLine, Way, health
from accountability.notices.channels.delivery import deliver
from tests.factories import Cast, Now
from tests.postgres.test_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SENT: list[str] = []


class Noting(OneLine):
    """A way that keeps what it was given."""

    address: ClassVar[str] = "mobile"

    def send(self, message: Message) -> None:
        SENT.append(message.address)


def noting() -> Way:
    return Noting()


@pytest.fixture
def cast(transactional_db: None, settings: Any) -> Cast:
    SENT.clear()
    settings.CHANNELS = {"sms": {"way": "tests.postgres.test_channel_races.noting"}}
    settings.NOTICE_CHANNELS = {"news": ("sms",)}
    settings.DIGEST_ABOVE = 100
    return Cast()


def fill(cast: Cast, now: Now, count: int) -> list[str]:
    """So many notices to each of four people, a number apiece; the numbers."""
    people = ("wh.contact", "wh.zhang", "wh.li", "yc.contact")
    for place, username in enumerate(people):
        found = Preferences(employee=cast[username])
        found.addresses = {"mobile": f"1380000000{place}"}
        found.save()
        Notification.objects.bulk_create(
            Notification(recipient=cast[username], kind="archived", created_at=now.at) for _n in range(count)
        )
    return [f"1380000000{place}" for place in range(len(people)) for _n in range(count)]


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_at_once_plan_and_send_each_notice_once(workers: int, cast: Cast, now: Now) -> None:
    expected = fill(cast, now, 10)
    planned = at_once(*[lambda: sending.send(now.at)] * workers)
    sent = at_once(*[lambda: deliver(now.at, budget=60.0)] * workers)
    assert (sum(planned), sum(sent), sorted(SENT)) == (40, 40, expected)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_failures_counted_at_once_are_counted_each(cast: Cast, now: Now) -> None:
    results = at_once(*[lambda: health.failed("sms", now.at)] * 4)
    assert (results, ChannelHealth.objects.get().failures) == ([None] * 4, 4)
