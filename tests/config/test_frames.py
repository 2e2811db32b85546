"""Calls of a request, a task and a test have room: at no depth is memory fetched and given back for each of them."""

import resource
import threading
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from config.any_request import Application
from config.celery import RoomyTask, app
from config.frames import with_room

DEPTHS, CALLS = 300, 100
"""Together the frames of so many calls are longer than one of CPython's pieces."""


def _nothing(*_given: Any) -> None:
    """A call that has a frame of its own."""


def fetched(depth: int = DEPTHS) -> int:
    """How many pages of memory the system gave while there were calls at each depth."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _again in range(CALLS):
        _nothing()
    found = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before
    return found + (fetched(depth - 1) if depth else 0)


def test_calls_of_a_test_fetch_no_memory_at_any_depth() -> None:
    assert fetched() < CALLS


def in_a_thread(run: Any) -> int:
    """A new thread has no room."""
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(run()))
    thread.start()
    thread.join()
    return found[0]


def test_without_room_they_do() -> None:
    """Or nothing would be proved; if a later CPython keeps its pieces, `config.frames` may go."""
    assert in_a_thread(fetched) >= CALLS
    assert in_a_thread(lambda: with_room(fetched)) < CALLS


def test_a_request_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a thread, as gunicorn's workers answer."""
    monkeypatch.setattr(WSGIHandler, "__call__", lambda _self, *_asked: fetched())
    assert in_a_thread(lambda: WSGIHandler()({}, _nothing)) >= CALLS  # type: ignore[arg-type]
    application: Any = Application()
    assert in_a_thread(lambda: application({}, _nothing)) < CALLS


def test_a_task_has_room() -> None:
    ours = [known for name, known in app.tasks.items() if not name.startswith("celery.")]
    assert ours
    assert all(isinstance(known, RoomyTask) for known in ours)
    task: Any = app.task(name="tests.fetched")(fetched)
    try:
        assert in_a_thread(lambda: task.apply().get()) < CALLS
    finally:
        app.tasks.unregister("tests.fetched")
