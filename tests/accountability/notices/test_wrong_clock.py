"""A machine whose clock is wrong judges nothing and takes no act, and says so; the database's clock is the measure."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client
from django.urls import reverse

from accountability import tasks
from accountability.deadlines import clock
from accountability.deadlines.clock import compare
from accountability.models import Alarm, Deadline, Notification
from accountability.notices import sentences, wrong_clock
from accountability.notices.wrong_clock import WrongClock
from config.celery import compare_clocks
from tests.factories import Cast, Now, Play
from tests.looking import deadline

TOLD = ["sc.leader", "sc.officer", "sc.officer2", "sj.system"]

SetClock = Callable[..., None]


@pytest.fixture
def set_clock(now: Now, monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets this machine's clock so far ahead of the database's; time goes on in both."""
    begun, ahead = now.at, timedelta()
    monkeypatch.setattr(clock, "compared", (begun, 0.0))
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: (now.at - ahead - begun).total_seconds()))
    monkeypatch.setattr(wrong_clock, "_may_stand", True)

    def set_ahead(**span: float) -> None:
        nonlocal ahead
        now.at -= ahead
        ahead = timedelta(**span)
        now.at += ahead

    return set_ahead


def standing() -> list[tuple[int, bool]]:
    return [(row.facts["seconds"], row.cleared_at is None) for row in Alarm.objects.filter(kind="clock").order_by("pk")]


WRONG = [{"hours": 1}, {"hours": -1}, {"days": 1}, {"days": -1}, {"seconds": 2.1}, {"seconds": -2.1}]


@pytest.mark.rule("R19")
@pytest.mark.parametrize("span", WRONG)
def test_by_a_wrong_clock_nothing_is_judged_and_an_alarm_goes_out_once(
    play: Play, now: Now, set_clock: SetClock, span: dict[str, float]
) -> None:
    play.upto("delivered")
    real = now.forward(minutes=29)
    set_clock(**span)
    for _tick in range(2):
        with pytest.raises(WrongClock):
            tasks.sweep()
    assert not Deadline.objects.exclude(missed_at=None).exists()
    alarm = Alarm.objects.get(kind="clock", cleared_at=None)
    assert abs(alarm.raised_at - real) < timedelta(milliseconds=1)
    assert str(round(timedelta(**span).total_seconds())) in sentences.alarm(alarm)
    told = Notification.objects.filter(kind="clock_wrong").order_by("recipient__username")
    assert list(told.values_list("recipient__username", flat=True)) == TOLD

    set_clock()
    assert tasks.sweep() == 0
    assert not Alarm.objects.filter(kind="clock", cleared_at=None).exists()
    now.forward(minutes=2)
    assert tasks.sweep() == 1


@pytest.mark.parametrize("seconds", [-2, -0.5, 0, 2])
def test_two_seconds_are_nothing(play: Play, now: Now, set_clock: SetClock, seconds: float) -> None:
    complaint = play.upto("delivered")
    now.forward(minutes=31)
    set_clock(seconds=seconds)
    assert (tasks.sweep(), standing()) == (1, [])
    assert deadline(complaint, "handoff", 1).missed_at == deadline(complaint, "handoff", 1).due_at


@pytest.mark.parametrize("task", sorted(name for name in vars(tasks) if hasattr(getattr(tasks, name), "apply_async")))
def test_no_task_goes_by_a_wrong_clock(db: None, cast: Cast, set_clock: SetClock, task: str) -> None:
    set_clock(hours=1)
    with pytest.raises(WrongClock):
        getattr(tasks, task)()


def test_there_are_as_many_tasks_as_the_schedule_has() -> None:
    """Where everything is on that is off until it is wanted."""
    found = {f"accountability.tasks.{name}" for name in vars(tasks) if hasattr(getattr(tasks, name), "apply_async")}
    ask = "from django.conf import settings; print(*(each['task'] for each in settings.CELERY_BEAT_SCHEDULE.values()))"
    doors = {"EVENTS_OUT": "1", "LDAP_URI": "ldaps://dc.example", "OA_URL": "https://oa.example"}
    wanted = os.environ | {"DEVELOPMENT": "1"} | doors
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, env=wanted)
    assert set(told.stdout.split()) == found, told.stderr


@pytest.mark.rule("R19")
@pytest.mark.parametrize("span", [{"hours": 1}, {"hours": -1}])
def test_a_page_takes_no_act_and_keeps_what_was_typed(
    play: Play, now: Now, set_clock: SetClock, client_for: Callable[[str], Client], span: dict[str, float]
) -> None:
    complaint = play.upto("delivered")
    client = client_for("wh.contact")
    set_clock(**span)
    address = reverse("act", args=[complaint.matter.number, "hand_off"])
    typed = {"to": "wh.zhang", "method": "system", "_key": "k1"}
    answer = client.post(address, typed)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    page = answer.content.decode()
    assert [f'name="{name}" value="{value}"' in page for name, value in typed.items()] == [True] * 3
    assert (deadline(complaint, "handoff", 1).status, len(standing())) == ("open", 1)
    assert client.get(reverse("units")).status_code == 200

    set_clock()
    assert client.post(address, typed).status_code == 302
    found = deadline(complaint, "handoff", 1)
    assert (found.status, found.met_at, [is_open for _seconds, is_open in standing()]) == ("met", now.at, [False])


def test_a_tick_that_had_expired_lets_the_worker_look_at_its_clock(
    db: None, cast: Cast, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker ten seconds ahead of beat would find every tick expired, and run nothing that could notice."""
    monkeypatch.setattr(connection, "close", lambda: None)
    set_clock(seconds=10)
    compare_clocks(expired=False)
    assert standing() == []
    compare_clocks(expired=True)
    assert standing() == [(10, True)]


# The measure


def test_a_clock_that_is_set_between_two_comparisons_is_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clocks go on alike, as the test says: between two reads of real ones a machine may stand still."""
    at, gone = datetime(2026, 11, 24, 9, 0, tzinfo=UTC), SimpleNamespace(seconds=0)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: 5000.0 + gone.seconds))
    monkeypatch.setattr(clock, "compared", (at, clock.time.monotonic()))
    gone.seconds = 61
    later = at + timedelta(seconds=61)
    assert (clock.skew(later), clock.skew(later + timedelta(hours=1))) == (timedelta(), timedelta(hours=1))


def test_each_connection_that_a_process_opens_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(clock, "compare", asked.append)
    opened, standby = (
        SimpleNamespace(vendor="another", alias=alias, settings_dict={"NAME": "n"}) for alias in ("default", "replica")
    )
    for each in (opened, standby):
        connection_created.send(sender=object, connection=each)
    assert asked == [opened]


@pytest.mark.django_db
def test_the_database_is_asked_where_it_has_a_clock_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "compared", None)
    compare(connection)
    assert (clock.compared is not None) == (connection.vendor == "postgresql")
    assert abs(clock.skew(clock.read())) < timedelta(seconds=1)


class Answer:
    """A cursor of a database that answers after so many seconds."""

    def __init__(self, line: SimpleNamespace, seconds: float) -> None:
        self.line, self.seconds = line, seconds

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def execute(self, statement: str) -> None:
        self.line.now += self.seconds

    def fetchone(self) -> tuple[Any]:
        return (clock.read(),)


@pytest.mark.parametrize(("seconds", "counts"), [(0.2, True), (1.5, False)])
def test_an_answer_that_comes_late_tells_no_time(monkeypatch: pytest.MonkeyPatch, seconds: float, counts: bool) -> None:
    line = SimpleNamespace(now=100.0)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: line.now))
    monkeypatch.setattr(clock, "compared", None)
    compare(SimpleNamespace(vendor="postgresql", cursor=lambda: Answer(line, seconds)))  # type: ignore[arg-type]
    assert (clock.compared is not None) is counts
