"""Several programs that live and die together: what `manage.py serve` stands on."""

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

GRACE = 10.0
"""Seconds that a program has to end by itself after SIGTERM, before SIGKILL."""

POLL = 0.1
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One program: a name for messages, its command line, and what its environment has besides ours."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """Why the run ended: the program that died by itself and its exit status, or nobody (we were told to stop)."""

    name: str | None = None
    status: int | None = None


def run_together(
    programs: Sequence[Program], *, is_ready: Callable[[], bool], when_ready: Callable[[], None], grace: float = GRACE
) -> Ended:
    """Start all; call `when_ready` once `is_ready` is true; return when one has died or a signal said stop.

    Whatever happens, no program and no child of one is left when it returns. Must run in the main thread.
    """
    stop = threading.Event()
    previous = _on_stop_signals(lambda *_: stop.set())
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for program in programs:
            running[program.name] = _start(program)
        return _watch(running, stop, is_ready, when_ready)
    finally:
        _end(list(running.values()), grace)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _watch(
    running: Mapping[str, subprocess.Popen[bytes]],
    stop: threading.Event,
    is_ready: Callable[[], bool],
    when_ready: Callable[[], None],
) -> Ended:
    announced = False
    while not stop.wait(POLL):
        for name, process in running.items():
            if process.poll() is not None:
                return Ended(name, process.returncode)
        if not announced and is_ready():
            announced = True
            when_ready()
    return Ended()


def _start(program: Program) -> subprocess.Popen[bytes]:
    """A session of its own: Ctrl-C reaches us alone, and one signal reaches the program with all its children."""
    return subprocess.Popen(
        list(program.argv),
        env={**os.environ, **program.env},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )


def _die_with_parent() -> None:
    """Even if we are killed outright, the kernel tells the program to stop."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(processes: Sequence[subprocess.Popen[bytes]], grace: float) -> None:
    """SIGTERM to every group, a common wait, then SIGKILL to what is left of each group."""
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
