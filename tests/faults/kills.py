"""SIGKILL under load: of sweepers, workers, beat and web."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from tests.faults import invariants
from tests.faults.client import Crowd, Sent
from tests.faults.servers import wait_until
from tests.faults.stage import number, rows
from tests.faults.world import Outcome, World, unless

PER_KILL = 10
"""Complaints that fall due for each kill."""

LIVES = {"worker": 1.2, "second": 1.2, "notices": 1.2}
"""Seconds of processor time that a worker gets before it is killed, or at most STARTS: it is to die in mid-work."""

STARTS = 5


def kills(world: World) -> Outcome:
    """Sweepers, workers, beats and web processes die in mid-work, one after the other."""
    times = world.size(20, 600)
    pause = 0.8 if world.short else 1.0
    world.system.another_worker("second")
    world.system.start()
    world.stage.delivered(times * PER_KILL, due_in=-5, every=pause / PER_KILL)
    mine = world.stage.delivered(times * 3, due_in=1500)
    world.stage.tell(max(1, times // 60), mine[0])
    sent: list[Sent] = []
    with Crowd(*(hands_over(world, mine[n::3], sent) for n in range(3))):
        for n in range(times):
            kill_one(world, n)
            time.sleep(pause)
    late = invariants.settled(world.size(90, 900))
    unsent = empty_the_queue(world, world.size(120, 1800))
    answered = sum(form.done for form in sent)
    misses = number("SELECT count(*) FROM accountability_ledgerentry WHERE verb = 'miss'")
    wrong = [
        unless(late is not None, "not all misses were recorded"),
        unless(not unsent, f"{unsent} messages wait"),
    ]
    wrong += invariants.undelivered(world.gateway)
    world.system.stop("second")
    del world.system.processes["second"]
    figure = f"{misses} misses, {answered} of {len(sent)} acts answered, {len(world.gateway.times)} messages"
    return world.outcome(
        f"kill -9, {times} times: sweepers, workers, beat, web", figure, "0 lost, 0 doubled", *wrong, sent=sent
    )


def kill_one(world: World, n: int) -> None:
    name = ("worker", "second", "web", "notices", "beat", "papers")[n % 6]
    process = world.system.processes[name]
    wait_until(lambda: process.runs and process.worked > LIVES.get(name, 0), STARTS)
    if name == "web" and n % 4:
        process.kill_child()
    else:
        process.kill()


def hands_over(world: World, numbers: list[str], sent: list[Sent]) -> Callable[[threading.Event], None]:
    """The contact hands over one complaint after the other; what isn't answered is sent again, as the page offers."""
    browser = world.browser("wh.contact")

    def work(over: threading.Event) -> None:
        for one in numbers:
            form = browser.send(one, "hand_off", to="wh.zhang", method="system")
            sent.append(form)
            while not form.done and not form.refused and not over.wait(0.3):
                browser.send(one, "hand_off", again=form, to="wh.zhang", method="system")
            if over.wait(random.uniform(0, 0.3)):
                return

    return work


def empty_the_queue(world: World, seconds: float) -> int:
    """Let all messages go. A dead worker's claim is over after five minutes, and a person gets a few messages in ten:
    the database is told that they have passed.
    """

    def waiting() -> int:
        rows("UPDATE accountability_delivery SET sent_at = sent_at - interval '1 hour' WHERE state = 'sent'")
        rows("UPDATE accountability_delivery SET next_try_at = now() WHERE state = 'waiting' AND next_try_at > now()")
        found: int = number("SELECT count(*) FROM accountability_delivery WHERE state = 'waiting'")
        return found + int(number("SELECT count(*) FROM accountability_notification WHERE sent_at IS NULL"))

    time.sleep(6)
    wait_until(lambda: waiting() == 0, seconds, every=3)
    return waiting()
