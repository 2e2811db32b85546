"""What has stopped is told by something else that runs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from accountability import tasks
from accountability.declarations.notices import ALARMS
from accountability.declarations.own_notices import HEALTH
from accountability.gate import sweeper
from accountability.models import Alarm, Delivery, Heartbeat, Notification
from accountability.monitoring import heartbeats, system_health, watchman
from accountability.notices import sending
from config import celery, watching
from tests.factories import Cast, Now, Play

SWEEP = "accountability.tasks.sweep"
SECOND = timedelta(seconds=1)


@pytest.fixture
def beating(cast: Cast, now: Now) -> None:
    """Every task has just succeeded."""
    heartbeats.expect_all(now.at)


def beat(now: Now, *silent: str) -> None:
    for name in heartbeats.scheduled():
        if name not in silent:
            heartbeats.note(name, now.at)


@pytest.mark.usefixtures("beating")
def test_a_silent_sweep_is_told_after_a_minute_to_the_system_administrator_at_once(now: Now) -> None:
    now.at += 60 * SECOND
    beat(now, SWEEP)
    watchman.look(now.at)
    assert not Alarm.objects.exists()
    now.at += 20 * SECOND
    beat(now, SWEEP)
    watchman.look(now.at)
    assert Alarm.objects.get(cleared_at=None).key == "health:tasks_run"
    told = Notification.objects.get(kind="health")
    assert (told.recipient.username, told.facts) == ("sj.system", {"check": "tasks_run"})
    assert "时限巡查" in system_health.tasks_run(now.at).said


@pytest.mark.usefixtures("beating")
def test_it_is_told_once_and_cleared_by_itself(now: Now) -> None:
    for _time in range(5):
        now.at += 60 * SECOND
        beat(now, SWEEP)
        watchman.look(now.at)
    assert [one.facts["check"] for one in Notification.objects.all()].count("tasks_run") == 1
    sending.send(now.at)
    beat(now)
    now.at += 30 * SECOND
    watchman.look(now.at)
    assert not Alarm.objects.filter(cleared_at=None).exists()


@pytest.mark.parametrize(("seconds", "noted"), [(25, [0, 1, 1, 1]), (1, [0, 0, 0, 0])])
def test_a_sweep_that_works_for_long_isnt_silent(
    seconds: int, noted: list[int], play: Play, now: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heart beats every twenty seconds, as soon as it has got further; a run that fails soon says nothing."""
    for _number in range(4):
        play.upto("delivered")
    now.forward(hours=2)
    seen, judge = list[int](), sweeper.judge_locked

    def slow(*args: Any, **more: Any) -> int:
        seen.append(Heartbeat.objects.filter(name=SWEEP, at=now.at).count())
        ticks[0] += seconds
        return judge(*args, **more)

    ticks = [0.0]
    monkeypatch.setattr(tasks, "monotonic", lambda: ticks[0])
    monkeypatch.setattr(sweeper, "judge_locked", slow)
    monkeypatch.setattr(sweeper, "BATCH", 1)
    assert tasks.sweep.apply().get() == 4
    assert seen == noted


@pytest.mark.usefixtures("beating")
def test_where_the_sender_is_silent_too_the_watch_sends(now: Now) -> None:
    """A dead beat: nothing runs but the web processes."""
    now.at += 2 * 60 * SECOND
    watchman.look(now.at)
    assert Notification.objects.get(kind="health").sent_at == now.at


@pytest.mark.usefixtures("beating")
def test_while_the_sender_runs_the_watch_leaves_sending_to_it(now: Now) -> None:
    now.at += 2 * 60 * SECOND
    beat(now, SWEEP)
    watchman.look(now.at)
    assert Notification.objects.get(kind="health").sent_at is None
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("beating")
def test_of_many_processes_one_looks(now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(watchman, "_settle", lambda name, at: looked.append(name))
    for _process in range(4):
        watchman.look(now.at)
    assert looked == list(HEALTH)


def test_a_task_that_never_ran_is_missed_once_the_watch_has_begun(cast: Cast, now: Now) -> None:
    watchman.look(now.at)
    now.at += 90 * SECOND
    assert SWEEP in heartbeats.silent(now.at)


@pytest.mark.django_db
def test_each_scheduled_task_has_a_name_and_a_heart(now: Now) -> None:
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks == set(system_health.TASKS) == set(heartbeats.scheduled())
    assert heartbeats.scheduled()[SWEEP] == 60 * SECOND
    celery.app.tasks[SWEEP].apply()
    beaten = Heartbeat.objects.get(name=SWEEP)
    assert beaten.at == now.at


@pytest.mark.django_db
def test_a_task_that_fails_beats_no_heart(now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_at: object) -> int:
        raise ValueError

    monkeypatch.setattr("accountability.gate.sweeper.sweep", fails)
    celery.app.tasks[SWEEP].apply()
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db
def test_every_alarm_of_the_watch_is_a_check_of_the_page() -> None:
    assert all(system_health.named(name) for name in HEALTH)


def test_a_look_that_fails_harms_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Without a database, as this test is."""
    monkeypatch.setattr(watching, "connection", type("Closed", (), {"vendor": "sqlite", "close": lambda _self: None})())
    watching.look()
    assert "the watch over the tasks failed" in caplog.text


def test_the_disk_is_that_of_every_folder(monkeypatch: pytest.MonkeyPatch, now: Now) -> None:
    asked: list[object] = []

    def usage(path: object) -> object:
        asked.append(path)
        return type("Usage", (), {"free": 2 if path == settings.SEALS_DIR else 50, "total": 100})()

    monkeypatch.setattr(system_health.shutil, "disk_usage", usage)
    assert system_health.disk_has_room(now.at).tone == "danger"
    assert settings.ATTACHMENTS_DIR in asked


def test_the_next_year_is_missed_from_the_second_of_december(play: Play, now: Now) -> None:
    play("publish_calendar", "sc.officer", year=2027)
    assert system_health.calendar_reaches(now.at).tone == "ok"
    assert system_health.calendar_reaches(now.at + timedelta(days=400)).tone == "danger"


def test_the_manual_has_a_paragraph_for_each_alarm_of_the_system() -> None:
    """Alarms about work are told on the pages of those who do it."""
    of_work = {"waiting", "exports", "lead", "mass", "criticism", "excuses", "material"}
    wanted = {f"health: {name}" for name in HEALTH} | {kind.name for kind in ALARMS.values()} - of_work - {"health"}
    manual = (settings.BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
    parts = re.findall(r"^## (.+)\n\S", manual, flags=re.MULTILINE)
    wanted |= {"Metrics", "Logs"}
    assert (set(parts), len(parts)) == (wanted, len(wanted))
