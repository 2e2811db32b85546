"""Calls of a test have room: at no depth is memory fetched from the system and given back for each of them."""

import resource
import threading
from typing import Any

from tests.room import with_room

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
    """Or nothing would be proved; if a later CPython keeps its pieces, `tests.room` may go."""
    assert in_a_thread(fetched) >= CALLS
    assert in_a_thread(lambda: with_room(fetched)) < CALLS
