"""Beat wakes tasks that exist, and never lets wake-ups pile up while nobody works."""

import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from accountability.deadlines import clock
from config.background import ticks_of
from config.celery import app, refuse_a_pool, refuse_a_worker_alone
from config.management.commands import serve
from config.steady import every, steady_now


def test_every_scheduled_task_is_registered() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    names = (
        "sweep",
        "send_notifications",
        "make_papers",
        "make_exports",
        "retain",
        "seal",
        "verify_record",
        "close_sign_ins",
    )
    assert scheduled == {f"accountability.tasks.{name}" for name in names}
    assert scheduled - set(app.tasks) == set()


def test_a_wake_up_expires_before_the_next_one_comes() -> None:
    expiries = [(entry["schedule"].seconds, entry["options"]["expires"]) for entry in app.conf.beat_schedule.values()]
    assert [entry for entry in expiries if entry[1] > entry[0]] == []


def test_nothing_is_run_in_the_page_itself_and_no_result_is_kept() -> None:
    settled: tuple[Any, ...] = (app.conf.task_always_eager, app.conf.task_ignore_result, app.conf.result_backend)
    assert settled == (False, True, None)


@pytest.mark.parametrize("on_one_machine", [True, False])
def test_notices_and_papers_have_queues_of_their_own_that_a_served_system_reads(
    settings: Settings, tmp_path: Path, on_one_machine: bool
) -> None:
    """Setting papers takes long, and the sweep after an outage: neither holds up a notice."""
    settings.VAR_DIR, settings.ON_ONE_MACHINE = tmp_path, on_one_machine
    routed = {name: options["queue"] for name, options in app.conf.task_routes.items()}
    papers, notices = ("make_papers", "make_exports", "verify_record"), ("send_notifications",)
    queues = dict.fromkeys(papers, "papers") | dict.fromkeys(notices, "notices")
    assert routed == {f"accountability.tasks.{name}": queue for name, queue in queues.items()}
    queue, threads = ("--queue", "--concurrency") if on_one_machine else ("-Q", "-c")
    workers = [list(program.argv) for program in serve.programs("127.0.0.1", 8123) if queue in program.argv]
    assert [(argv[argv.index(queue) + 1], argv[argv.index(threads) + 1]) for argv in workers] == [
        ("celery", "2"), ("notices", "1" if on_one_machine else "2"), ("papers", "1"),
    ]  # fmt: skip


def test_each_tick_is_in_one_queue_s_part_of_the_schedule() -> None:
    parts = [ticks_of(queue, app.conf.beat_schedule, app.conf.task_routes) for queue in ("celery", "notices", "papers")]
    assert parts[0] | parts[1] | parts[2] == app.conf.beat_schedule
    assert [set(part) for part in parts[1:]] == [
        {"send_notifications"},
        {"make_papers", "make_exports", "verify_record"},
    ]
    assert sum(len(part) for part in parts) == len(app.conf.beat_schedule)


def test_the_schedule_goes_on_when_the_wall_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged by the wall clock, nothing would be due for an hour."""
    due, last, seconds = every(5), steady_now(), time.monotonic()
    monkeypatch.setattr(clock, "read", lambda: last - timedelta(hours=1))
    monkeypatch.setattr(app, "now", lambda: last - timedelta(hours=1))
    assert not due.is_due(last).is_due
    monkeypatch.setattr(time, "monotonic", lambda: seconds + 6)
    assert due.is_due(last).is_due


def test_a_worker_behind_the_pool_of_web_processes_is_refused(settings: Settings) -> None:
    """Its long sweeps would be broken off by their short limits."""
    refuse_a_pool()
    settings.DATABASE_POOLED = True
    with pytest.raises(SystemExit, match="a worker connects to PostgreSQL itself"):
        refuse_a_pool()


def test_a_worker_without_a_broker_is_refused_in_plain_words(settings: Settings) -> None:
    """It would hear no beat: nothing would ever be judged, without a word."""
    with pytest.raises(SystemExit, match=r"manage\.py serve"):
        refuse_a_worker_alone(conf=SimpleNamespace(broker_url="memory://localhost//"))
    refuse_a_worker_alone(conf=SimpleNamespace(broker_url="redis://localhost:6379/0"))
