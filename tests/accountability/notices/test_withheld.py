"""While a hold lasts nothing from before it is sent; what comes afterwards is."""

from __future__ import annotations

from typing import Any

import pytest

from accountability import tasks
from accountability.gate import holding
from accountability.models import Delivery, Hold, Notification
from accountability.monitoring import releasing
from accountability.notices.channels.delivery import deliver
from tests.accountability.gate.held import after, away, ruled
from tests.accountability.notices.pretend_gateway import Gateway
from tests.factories import Now, Play


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def copy(play: Play, now: Now, reach: Any, sms: Gateway) -> Gateway:
    """A copy made at 09:00 and started at 11:00: one message of it waits to be sent, one notice for its message."""
    reach()
    play.upto("delivered")
    Notification.objects.update(sent_at=now.at)
    first = Notification.objects.filter(kind="to_do", recipient__username="wh.contact").get()
    Delivery.objects.create(
        notification=first, recipient_id=first.recipient_id, channel="sms", is_clock=True,
        planned_at=now.at, next_try_at=now.at,
    )  # fmt: skip
    away(play, 1)
    return sms


def test_nothing_from_before_is_sent_again(copy: Gateway, now: Now) -> None:
    """The sender may be the first that runs."""
    tasks.send_notifications()
    holding.note_served(now.at)
    for _day in range(3):
        after(now, 60 * 24)
        tasks.send_notifications()
    assert copy.texts == []
    assert states() == ["waiting"]


def test_its_own_alarm_and_a_fresh_thirty_minutes_go(copy: Gateway, play: Play, now: Now, reach: Any) -> None:
    reach("sc.officer")
    tasks.send_notifications()
    after(now, 1)
    fresh = play.upto("delivered").matter.number
    tasks.send_notifications()
    alarm, duty = (text.splitlines()[0] for text in copy.texts)
    assert alarm.startswith("【首问】系统停摆：自 2026-11-24 09:00")
    assert duty == f"【首问】{fresh} 轮到您办理：交办。"


@pytest.mark.parametrize(("messages", "sent"), [("send", 2), ("drop", 0)])
def test_two_people_choose_what_becomes_of_what_waits(
    copy: Gateway, play: Play, now: Now, messages: str, sent: int
) -> None:
    """However long they took: a message older than a day is otherwise not sent."""
    holding.note_served(now.at)
    Notification.objects.filter(kind="held").update(sent_at=now.at)
    for _time in range(150):
        after(now, 10)
    waiting = Notification.objects.filter(sent_at=None, created_at__lt=Hold.objects.get().noticed_at)
    assert waiting.filter(recipient__username="wh.contact", kind="to_do").count() == 1
    ruled(play, "excuse", messages=messages)
    Notification.objects.filter(kind__in=("held_proposed", "held_decided")).update(sent_at=now.at)
    releasing.carry_on(now.at)
    Notification.objects.filter(kind="excused").update(sent_at=now.at)
    tasks.send_notifications()
    for _time in range(3):
        after(now, 10)
    deliver(now.at)
    assert sum(text.count("轮到您办理：交办") for text in copy.texts) == sent
    assert not Notification.objects.filter(sent_at=None).exists()
    assert "waiting" not in states()
