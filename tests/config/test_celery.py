"""Beat wakes tasks that exist, and never lets wake-ups pile up while nobody works."""

from pathlib import Path
from typing import Any

from config.celery import app
from config.management.commands import serve


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
    expiries = [(entry["schedule"], entry["options"]["expires"]) for entry in app.conf.beat_schedule.values()]
    assert [entry for entry in expiries if entry[1] > entry[0]] == []


def test_nothing_is_run_in_the_page_itself_and_no_result_is_kept() -> None:
    settled: tuple[Any, ...] = (app.conf.task_always_eager, app.conf.task_ignore_result, app.conf.result_backend)
    assert settled == (False, True, None)


def test_papers_are_made_in_a_queue_of_their_own_that_a_served_system_reads(settings: Any, tmp_path: Path) -> None:
    """Setting them takes long: a worker for nothing else does it, one at a time."""
    settings.VAR_DIR, settings.BROKER_DIR = tmp_path, tmp_path / "broker"
    routed = {name: options["queue"] for name, options in app.conf.task_routes.items()}
    names = ("make_papers", "make_exports", "verify_record")
    assert routed == {f"accountability.tasks.{name}": "papers" for name in names}
    workers = [list(program.argv) for program in serve.programs("127.0.0.1", 8123) if "-Q" in program.argv]
    assert [(argv[argv.index("-Q") + 1], argv[argv.index("-c") + 1]) for argv in workers] == [
        ("celery", "2"), ("papers", "1"),
    ]  # fmt: skip
