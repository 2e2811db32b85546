"""`manage.py serve` on PostgreSQL and Redis: a child that is killed comes back."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.faults.servers import children, wait_until
from tests.faults.system import STARTS_WITHIN, Process
from tests.faults.world import Outcome, World, in_time

ASKED, GOAL = "a killed child of any process", "back within 5 s"
BACK_WITHIN = 5.0
CHILDREN = {"web": "gunicorn", "worker": "worker@", "notices": "notices@", "papers": "papers@", "beat": "beat-schedule"}
"""What the command line of each holds."""


def children_killed(world: World) -> Outcome:
    """SIGKILL to each process that `serve` runs; it starts another at once, and pages answer again."""
    world.system.stop()
    served = Process("serve", world.system.serve_line(), world.system.env, world.folder / "serve.log")
    served.start()
    try:
        started = wait_until(world.system.answers, STARTS_WITHIN)
        if wait_until(lambda: is_up(served, world), 60) is None:
            return Outcome(ASKED, "it never started", GOAL, ["serve is not up"])
        back = {name: killed(served, word) for _time in range(world.size(1, 3)) for name, word in CHILDREN.items()}
        pages = killed_until(served, world)
    finally:
        served.stop()
    slowest = max(back.values())
    figure = f"started again within {slowest:.1f} s; pages after {pages:.1f} s, at the first start {started or 0:.1f} s"
    wrong = [
        in_time(slowest <= BACK_WITHIN, "not started again in time"),
        in_time(pages <= BACK_WITHIN + 2 * (started or 0), "pages took far longer than at a first start"),
    ]
    return world.outcome(ASKED, figure, GOAL, *wrong)


def is_up(served: Process, world: World) -> bool:
    """Whether it has said where it serves: from then on it starts again what dies."""
    has_said = f"127.0.0.1:{world.system.port}/".encode() in served.log.read_bytes()
    return has_said and all(child(served, word) for word in CHILDREN.values())


def child(served: Process, word: str) -> int:
    """The child whose command line holds this word; 0 where there is none."""
    for pid in children(served.pid):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if word in line and "serve" not in line.split():
            return pid
    return 0


def killed(served: Process, word: str) -> float:
    """Seconds until another one is there."""
    before = child(served, word)
    if not before:
        return 60.0
    os.kill(before, signal.SIGKILL)
    return wait_until(lambda: child(served, word) not in (0, before), 30) or 30.0


def killed_until(served: Process, world: World) -> float:
    """Seconds until the pages answer again after gunicorn itself died."""
    wait_until(world.system.answers, STARTS_WITHIN)
    time.sleep(1)
    killed(served, CHILDREN["web"])
    return wait_until(world.system.answers, STARTS_WITHIN) or STARTS_WITHIN
