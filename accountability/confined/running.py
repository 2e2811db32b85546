"""Starts a confined program and waits for its answer, or reads its answer line by line.

A program is a module with `main(arguments)`. It is started by its own interpreter: it has no Django, no settings, no
keys and no environment of ours, and it opens no database. `confined.limits` sets its limits before it reads a byte.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent
BEGIN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from accountability.confined.limits import begin; begin()"

MOST_AT_ONCE = 2
"""Confined programs of one web process at a time; more would take the processors and the memory of everybody."""

PATIENCE = 10.0
"""Seconds that a file waits for its turn."""

_places = threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """Seconds of processor time, bytes of memory, and seconds on the clock (0: as long as the caller reads)."""

    cpu: int
    memory: int
    wall: int


class Unfinished(Exception):
    """The program was ended by a limit, or failed."""


class Busy(Exception):
    """The program couldn't be started."""


def answer_of(program: str, arguments: Sequence[str], content: bytes, limits: Limits) -> bytes:
    """What the program writes about the content. Raises Unfinished or Busy."""
    if not _places.acquire(timeout=PATIENCE):
        log.error("confined: %s waited for its turn in vain", program)
        raise Busy
    try:
        done = subprocess.run(  # noqa: S603
            _command(program, arguments, limits, packages=False), input=content, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=limits.wall, env={}, cwd="/", start_new_session=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        log.warning("confined: %s was killed after %s s", program, limits.wall)
        raise Unfinished from None
    except OSError as error:
        log.error("confined: %s did not start: %s", program, type(error).__name__)
        raise Busy from None
    finally:
        _places.release()
    if done.returncode != 0:
        log.warning("confined: %s ended with %s", program, done.returncode)
        raise Unfinished
    return done.stdout


def _command(program: str, arguments: Sequence[str], limits: Limits, *, packages: bool) -> list[str]:
    """`packages`: the program may import installed packages; without them it starts in a few milliseconds."""
    python = [sys.executable, "-I", "-B", *([] if packages else ["-S"]), "-c", BEGIN, str(ROOT)]
    return [*python, program, str(limits.cpu), str(limits.memory), str(limits.wall), *arguments]
