"""The beginning of every confined program: it takes its limits upon itself, then runs.

Nothing of the file has been read by then. The limits are set here and not between fork and exec, because no Python
may run there in a process with threads.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from importlib import import_module

NICE = 10
"""The web processes go first."""


def begin() -> None:
    """Run the program that the command line names: module, limits, arguments."""
    program, cpu, memory, wall, *arguments = sys.argv[1:]
    confine(int(cpu), int(memory), int(wall))
    import_module(program).main(arguments)


def confine(cpu: int, memory: int, wall: int) -> None:
    """The kernel ends the process at a limit; no file can be written."""
    os.nice(NICE)
    for kind, most in (
        (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        _lower(kind, most)
    # Also where the web process died and can't kill it: one second later than it would have been killed.
    signal.alarm(wall and wall + 1)


def _lower(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))
