"""`manage.py serve` on PostgreSQL and Redis: a child that is killed comes back."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.faults.servers import children, wait_until
from tests.faults.system import Process
from tests.faults.world import Outcome, World, unless

BACK_WITHIN = 5.0
CHILDREN = {"web": "gunicorn", "worker": "worker@", "papers": "papers@", "beat": "beat-schedule"}
"""What the command line of each holds."""


def children_killed(world: World) -> Outcome:
    """SIGKILL to each process that `serve` runs; it starts another at once, and pages answer again."""
    world.system.stop()
    served = Process("serve", world.system.serve_line(), world.system.env, world.folder / "serve.log")
    served.start()
    try:
        started = wait_until(world.system.answers, 60)
        there = wait_until(lambda: all(child(served, word) for word in CHILDREN.values()), 30)
        back = {name: killed(served, word) for _time in range(world.size(1, 3)) for name, word in CHILDREN.items()}
        pages = killed_until(served, world)
    finally:
        served.stop()
    slowest = max(back.values())
    figure = f"started again within {slowest:.1f} s; pages after {pages:.1f} s, at the first start {started or 0:.1f} s"
    wrong = [
        unless(started is not None and there is not None, "it never started"),
        unless(slowest <= BACK_WITHIN, "not started again in time"),
        unless(pages <= BACK_WITHIN + 2 * (started or 0), "pages took far longer than at a first start"),
    ]
    return world.outcome("a killed child of any process", figure, "back within 5 s", *wrong)


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
    os.kill(before, signal.SIGKILL)
    return wait_until(lambda: child(served, word) not in (0, before), 30) or 30.0


def killed_until(served: Process, world: World) -> float:
    """Seconds until the pages answer again after gunicorn itself died."""
    wait_until(world.system.answers, 30)
    time.sleep(1)
    os.kill(child(served, CHILDREN["web"]), signal.SIGKILL)
    time.sleep(0.1)
    return wait_until(world.system.answers, 60) or 60.0
