"""What fails holds up nothing else: it is left out, named in an alarm, and tried again after growing pauses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from accountability.gate import isolation, sweeper
from accountability.gate.isolation import isolated, name_of_row, pause_after
from accountability.models import Alarm, Deadline, Matter, Notification
from accountability.monitoring import reminders, system_health
from accountability.notices import sending, sentences
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
from tests.failing import Failures
from tests.looking import deadline

TOLD = ["sc.leader", "sc.officer", "sc.officer2", "sj.system"]


def poison(complaint: Complaint, now: Now) -> None:
    """A running limit for a ruling on a round that nobody asked to return: judging it raises."""
    Deadline.objects.create(
        matter_id=complaint.matter_id, kind="ruling", part=1, limit_text="2h", started_at=now.at,
        due_at=now.at + timedelta(minutes=1),
    )  # fmt: skip


def delivered(play: Play, count: int) -> list[Complaint]:
    return [play.upto("delivered", phone=f"139{number:08d}") for number in range(count)]


def statuses(complaints: list[Complaint]) -> list[str]:
    return [deadline(complaint, "handoff", 1).status for complaint in complaints]


def stuck() -> list[tuple[Any, ...]]:
    alarms = Alarm.objects.filter(kind="stuck").order_by("pk")
    return [(alarm.facts["work"], alarm.facts["failures"], alarm.cleared_at is None) for alarm in alarms]


# The sweep


def test_a_matter_that_cannot_be_judged_holds_up_no_other_and_is_named(
    play: Play, now: Now, failures: Failures
) -> None:
    """Its limit is the oldest, so it is in the first batch of each run."""
    complaints = delivered(play, 9)
    poison(complaints[4], now)
    assert sweeper.sweep(now.forward(minutes=31)) == 8
    assert statuses(complaints) == ["missed"] * 4 + ["open"] + ["missed"] * 4
    assert failures == [("sweep", complaints[4].matter_id)]

    alarm = Alarm.objects.get(kind="stuck")
    assert (alarm.matter_id, alarm.raised_at) == (complaints[4].matter_id, now.at)
    number = complaints[4].matter.number
    assert sentences.alarm(alarm) == (
        f"时限判定：{number} 处理出错（ValueError），其他事项照常处理，系统会自动重试，请管理员查看日志。"
    )
    told = Notification.objects.filter(kind="stuck").order_by("recipient__username")
    assert [row.recipient.username for row in told.select_related("recipient")] == TOLD
    assert [(row.matter_id, row.facts["name"]) for row in told] == [(None, f"#{complaints[4].matter_id}")] * 4
    assert system_health.nothing_is_stuck(now.at).said == f"#{complaints[4].matter_id}"


@pytest.mark.parametrize("size", [1, 3, 200])
def test_one_of_many_fails_however_large_a_batch_is(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch, failures: Failures, size: int
) -> None:
    monkeypatch.setattr(sweeper, "BATCH", size)
    complaints = delivered(play, 7)
    for place in (0, 6):
        poison(complaints[place], now)
    assert sweeper.sweep(now.forward(minutes=31)) == 5
    assert sorted(failures) == [("sweep", complaints[place].matter_id) for place in (0, 6)]
    assert stuck() == [("sweep", 1, True)] * 2


def test_it_is_tried_again_after_pauses_that_grow_until_it_can_be_judged(
    play: Play, now: Now, failures: Failures
) -> None:
    (complaint,) = delivered(play, 1)
    poison(complaint, now)
    begun = now.forward(minutes=31)
    while now.at <= begun + timedelta(minutes=20):
        sweeper.sweep(now.at)
        failures.note_times(now.at - begun)
        now.forward(seconds=30)
    assert [span.total_seconds() / 60 for span in failures.times] == [0, 1, 3, 7, 15]
    assert stuck() == [("sweep", 5, True)]
    assert Notification.objects.filter(kind="stuck").count() == len(TOLD)

    Deadline.objects.filter(kind="ruling").update(voided_at=now.at)
    assert sweeper.sweep(now.at) == 0
    assert sweeper.sweep(now.forward(minutes=16)) == 1
    assert (stuck(), statuses([complaint])) == ([("sweep", 5, False)], ["missed"])


def test_what_waits_no_more_is_no_longer_named(play: Play, now: Now, failures: Failures) -> None:
    (complaint,) = delivered(play, 1)
    poison(complaint, now)
    sweeper.sweep(now.forward(minutes=10))
    assert stuck() == [("sweep", 1, True)]
    Deadline.objects.filter(kind="ruling").update(voided_at=now.at)
    sweeper.sweep(now.forward(seconds=5))
    assert stuck() == [("sweep", 1, False)]
    assert failures == [("sweep", complaint.matter_id)]


def test_a_replay_is_told_of_the_failure_itself(play: Play, now: Now) -> None:
    (complaint,) = delivered(play, 1)
    poison(complaint, now)
    with pytest.raises(ValueError, match="RoundState"):
        sweeper.sweep_until(now.at + timedelta(hours=1))


def test_a_database_that_is_away_is_no_item_s_fault(play: Play, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered(play, 2)

    def away(*_args: Any, **_more: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(sweeper, "settle", away)
    with pytest.raises(OperationalError):
        sweeper.sweep(now.forward(minutes=31))
    assert stuck() == []


def test_people_are_told_of_few_and_read_of_the_others(play: Play, now: Now, failures: Failures) -> None:
    """When everything fails nobody gets a notice for each."""
    for complaint in delivered(play, isolation.MOST_TOLD + 2):
        poison(complaint, now)
    assert sweeper.sweep(now.forward(minutes=31)) == 0
    assert len(stuck()) == len(failures) == isolation.MOST_TOLD + 2
    assert Notification.objects.filter(kind="stuck").count() == isolation.MOST_TOLD * len(TOLD)


# Reminders and watches


def test_a_reminder_that_fails_holds_up_no_other(
    play: Play, now: Now, monkeypatch: pytest.MonkeyPatch, failures: Failures
) -> None:
    complaints = delivered(play, 4)
    works, poisoned = reminders._warn_of, complaints[1].matter_id

    def fail(act: Any) -> int:
        if act.matter.pk == poisoned:
            raise ValueError
        return works(act)

    with monkeypatch.context() as broken:
        broken.setattr(reminders, "_warn_of", fail)
        assert reminders.warn(now.forward(minutes=16)) == 3
        assert reminders.warn(now.forward(seconds=5)) == 0
    assert (failures, stuck()) == ([("warning", poisoned)], [("warning", 1, True)])
    assert reminders.warn(now.forward(minutes=1)) == 1
    assert stuck() == [("warning", 1, False)]


def test_a_watch_that_fails_holds_up_no_other(
    now: Now, cast: Cast, monkeypatch: pytest.MonkeyPatch, failures: Failures
) -> None:
    kept: list[datetime] = []

    def break_down(at: datetime) -> None:
        raise ValueError

    monkeypatch.setattr(reminders, "WATCHES", [break_down, _watch(kept)])
    reminders.remind(now.at)
    reminders.remind(now.forward(seconds=5))
    assert len(kept) == 2
    assert failures == [("watch", f"{__name__}.break_down")]
    for _try in range(8):
        reminders.remind(now.forward(minutes=5))
    assert len(failures) == 9  # an hour's pause would be too long for what looks after many


def _watch(kept: list[datetime]) -> Any:
    def keep(at: datetime) -> None:
        kept.append(at)

    return keep


# Notices


def test_a_notice_that_fails_holds_up_no_other(cast: Cast, now: Now, reach: Any, failures: Failures) -> None:
    reach()
    for facts in ({"verb": "answer"}, ["no facts"], {"verb": "answer"}):
        Notification.objects.create(recipient=cast["wh.contact"], kind="to_do", facts=facts, created_at=now.at)
    bad = Notification.objects.order_by("pk")[1]
    assert sending.send(now.at) == 2
    assert failures == [("notice", bad.pk)]
    assert list(Notification.objects.filter(sent_at=None).exclude(kind="stuck")) == [bad]
    assert sending.send(now.at) == len(TOLD)

    Notification.objects.filter(pk=bad.pk).update(facts={"verb": "answer"})
    assert (sending.send(now.forward(seconds=59)), sending.send(now.forward(seconds=1))) == (0, 1)
    assert stuck() == [("notice", 1, False)]


# The mechanism


def test_the_pauses() -> None:
    minutes = [pause_after(failures).total_seconds() / 60 for failures in (1, 2, 3, 4, 5, 6, 7, 50, 10_000)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_only_the_failing_item_is_left_out_of_a_batch(db: None, now: Now, cast: Cast, failures: Failures) -> None:
    """One of a hundred costs few more transactions, and what a failed batch had written is undone."""
    batches: list[int] = []

    def work(items: list[int]) -> int:
        batches.append(len(items))
        Matter.objects.bulk_create(Matter(kind="complaint", opened_at=now.at) for _item in items)
        if 77 in items:
            raise ValueError
        return len(items)

    before = Matter.objects.count()
    assert isolated("test", range(100), work, at=now.at, size=50, name_of=name_of_row) == 99
    assert Matter.objects.count() - before == 99
    assert (failures, len(batches) < 16) == ([("test", 77)], True)


def test_a_limited_run_names_still_what_it_did_not_reach(now: Now, cast: Cast, failures: Failures) -> None:
    broken = {1, 2}

    def work(items: list[int]) -> int:
        if broken.intersection(items):
            raise ValueError
        return 1

    def run() -> int:
        return isolated("test", [1, 2, 3], work, at=now.at, size=None, most=2, name_of=name_of_row)

    assert (run(), run()) == (0, 1)
    broken.clear()
    now.forward(minutes=1)
    assert run() == 2
    assert stuck() == [("test", 1, False), ("test", 1, False)]
