"""An act that arrives around the due instant, and the sweep: whatever is slow, the instant of arrival decides."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection

from accountability.gate import sweeper
from accountability.gate.perform import perform
from accountability.models import Deadline
from complaints.models import Complaint
from tests.faults.world import Outcome, World, unless

MICROSECOND = timedelta(microseconds=1)
APART = 300
"""Seconds between the due instants of two races, so that no sweep of one meets another."""

WITHIN = 2
"""Real seconds that one waits for the other."""

AROUND = (timedelta(), MICROSECOND, -MICROSECOND)

Race = Callable[[Callable[[], Any], Callable[[], Any]], None]


def races(world: World) -> Outcome:
    """Each stage of the act is held up, while the sweep runs as if up to 60 s had passed."""
    world.system.stop()
    times = world.size(100, 1000)
    numbers = world.stage.delivered(times, due_in=-times * APART - 600, every=APART)
    wrong = [found for place, number in enumerate(numbers) if (found := race(world, number, place))]
    figure = f"{times - len(wrong)} of {times} by the instant of arrival"
    asked = f"{times} races around the due instant, delays of 0 to 60 s at every stage"
    return world.outcome(asked, figure, "0 wrong", unless(not wrong, f"{len(wrong)} wrong: {wrong[:1]}"))


def race(world: World, number: str, place: int) -> str:
    """What is wrong after one race; nothing if all is right."""
    limit = Deadline.objects.get(matter__number=number, kind="handoff")
    assert limit.due_at is not None
    offset = AROUND[place % 3] if place % 2 else timedelta(seconds=random.uniform(-2, 2))
    later = limit.due_at + sweeper.GRACE + MICROSECOND + timedelta(seconds=random.uniform(0, 60))
    contact, arrived = world.stage.cast["wh.contact"], limit.due_at + offset

    def act() -> None:
        facts = {"to": "wh.zhang", "method": "system"}
        perform(Complaint.of_matter(limit.matter_id), "hand_off", by=contact, at=arrived, **facts)

    stages = (on_the_way, waiting_for_the_lock, under_the_lock, before_the_sweep)
    stages[place % len(stages)](act, lambda: sweeper.sweep(later))
    sweeper.sweep(later + timedelta(seconds=60))
    return judged(limit.pk, arrived)


def judged(pk: int, arrived: datetime) -> str:
    found = Deadline.objects.get(pk=pk)
    assert found.due_at is not None
    expected = (arrived, None if arrived <= found.due_at else found.due_at)
    told = (found.met_at, found.missed_at)
    return "" if told == expected else f"arrived {arrived - found.due_at} after the instant, found {told}"


def on_the_way(act: Callable[[], Any], sweep: Callable[[], Any]) -> None:
    """A scanner or a queue holds the act up; the sweep has long been there."""
    sweep()
    act()


def before_the_sweep(act: Callable[[], Any], sweep: Callable[[], Any]) -> None:
    act()
    sweep()


def waiting_for_the_lock(act: Callable[[], Any], sweep: Callable[[], Any]) -> None:
    """The sweep has the lock and takes its time."""
    with held_up(sweeper) as (reached, go_on):
        both(sweep, reached, act, go_on)


def under_the_lock(act: Callable[[], Any], sweep: Callable[[], Any]) -> None:
    """The act has the lock and takes its time; the sweep passes by."""
    with held_up(sys.modules[perform.__module__]) as (reached, go_on):
        both(act, reached, sweep, go_on)


def both(first: Callable[[], Any], reached: threading.Event, second: Callable[[], Any], go_on: threading.Event) -> None:
    """The first one stops where it is held up; the second one begins; a moment later the first goes on."""

    def alone(work: Callable[[], Any]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(alone, first)
        reached.wait(WITHIN)
        other = pool.submit(alone, second)
        threading.Timer(0.03, go_on.set).start()
        one.result()
        other.result()


@contextmanager
def held_up(module: Any) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Before this module writes what was done, it says so and waits."""
    reached, go_on, write = threading.Event(), threading.Event(), module.flush

    def flush(batch: Any) -> None:
        reached.set()
        go_on.wait(WITHIN)
        write(batch)

    with patch.object(module, "flush", flush):
        yield reached, go_on
