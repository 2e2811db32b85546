"""Runs several programs together, for `manage.py serve`.

A program that dies while the system serves is restarted and named. One that dies before all are ready, or again and
again, ends the run, since a restart wouldn't help.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

GRACE = 15.0
"""Seconds that a program has to end after SIGTERM, before SIGKILL: longer than gunicorn waits for its requests."""

POLL = 0.1

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0
"""Seconds before a dead program is restarted: the first time, and at most; each death in a row doubles them."""

STEADY_AFTER = 60.0
"""Seconds after which a program's earlier deaths no longer count."""

MOST_DEATHS = 10
"""Deaths in a row after which the run ends."""

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One program: its name in messages, its command line, and additions to our environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """Why the run ended: the program that couldn't be kept running and its exit status, or none: a signal told us to
    stop.
    """

    name: str | None = None
    status: int | None = None


class _Running:
    """One running program, and how often in a row it died."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.deaths = 0
        self.start()

    def start(self) -> None:
        self.process = _start(self.program)
        self.started_at = time.monotonic()
        self.due_at: float | None = None

    def has_died(self) -> bool:
        """Whether it died since the last check. The rest of its group is ended too: its port must be free again."""
        if self.due_at is not None or self.process.poll() is None:
            return False
        _signal_group(self.process.pid, signal.SIGKILL)
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > STEADY_AFTER else self.deaths + 1
        self.due_at = now + min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        return True

    def start_again_when_due(self) -> None:
        if self.due_at is not None and time.monotonic() >= self.due_at:
            self.start()


def run_together(
    programs: Sequence[Program], *, is_ready: Callable[[], bool], when_ready: Callable[[], None],
    when_died: Callable[[str, int], None], grace: float = GRACE,
) -> Ended:  # fmt: skip
    """Start all; call `when_ready` once `is_ready` is true; restart programs that die after that, calling `when_died`.
    Return when a signal said stop, or when one died before that or too often.

    In every case no program and no child of one is left when it returns. Must run in the main thread.
    """
    stop = threading.Event()
    previous = _on_stop_signals(lambda *_: stop.set())
    running: list[_Running] = []
    try:
        for program in programs:
            running.append(_Running(program))
        return _watch(running, stop, is_ready, when_ready, when_died)
    finally:
        _end([each.process for each in running], grace)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _watch(
    running: Sequence[_Running],
    stop: threading.Event,
    is_ready: Callable[[], bool],
    when_ready: Callable[[], None],
    when_died: Callable[[str, int], None],
) -> Ended:
    announced = False
    while not stop.wait(POLL):
        for each in running:
            if each.has_died():
                name, status = each.program.name, each.process.returncode
                if not announced or each.deaths >= MOST_DEATHS:
                    return Ended(name, status)
                when_died(name, status)
            each.start_again_when_due()
        if not announced and is_ready():
            announced = True
            when_ready()
    return Ended()


def _start(program: Program) -> subprocess.Popen[bytes]:
    """Each program gets its own session: Ctrl-C reaches only us, and one signal reaches the program with all its
    children.
    """
    return subprocess.Popen(
        list(program.argv),
        env={**os.environ, **program.env},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def _die_with_parent() -> None:
    """The kernel tells the program to stop even if we are killed outright."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(processes: Sequence[subprocess.Popen[bytes]], grace: float) -> None:
    """SIGTERM to every group, a shared wait, then SIGKILL to the rest of each group."""
    for process in processes:
        _signal_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(_group_lives(process) for process in processes):
        time.sleep(POLL / 2)
    for process in processes:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _group_lives(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _on_stop_signals(handler: Callable[[int, FrameType | None], None]) -> dict[signal.Signals, Any]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return {number: signal.signal(number, handler) for number in numbers}
