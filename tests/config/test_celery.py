"""Beat wakes tasks that exist, and never lets wake-ups pile up while nobody works."""

from typing import Any

from config.celery import app


def test_every_scheduled_task_is_registered() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled == {"accountability.tasks.sweep", "accountability.tasks.send_notifications"}
    assert scheduled - set(app.tasks) == set()


def test_a_wake_up_expires_before_the_next_one_comes() -> None:
    expiries = [(entry["schedule"], entry["options"]["expires"]) for entry in app.conf.beat_schedule.values()]
    assert [expires <= schedule for schedule, expires in expiries] == [True, True]


def test_nothing_is_run_in_the_page_itself_and_no_result_is_kept() -> None:
    settled: tuple[Any, ...] = (app.conf.task_always_eager, app.conf.task_ignore_result, app.conf.result_backend)
    assert settled == (False, True, None)
