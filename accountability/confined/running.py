"""Starts a confined program and waits for its answer, or reads its answer line by line.

A program is a module with `main(arguments)`. It is started by its own interpreter: it has no Django, no settings, no
keys and no environment of ours, and it opens no database. `confined.limits` sets its limits before it reads a byte.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
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


def answer_of(
    program: str, arguments: Sequence[str], content: bytes, limits: Limits, *, packages: bool = False
) -> bytes:
    """What the program writes about the content; `packages`: it may use installed ones. Raises Unfinished or Busy."""
    with _place(program):
        try:
            done = subprocess.run(  # noqa: S603
                _command(program, arguments, limits, packages=packages), input=content, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, timeout=limits.wall, env={}, cwd="/", start_new_session=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            log.warning("confined: %s was killed after %s s", program, limits.wall)
            raise Unfinished from None
        except OSError as error:
            raise _not_started(program, error) from None
    _check_end(program, done.returncode)
    return done.stdout


@contextmanager
def lines_of(
    program: str, arguments: Sequence[str], content: bytes, limits: Limits, *, longest: int
) -> Iterator[Iterator[bytes]]:
    """What the program writes about the content, line by line, each cut at `longest` bytes; it may use installed
    packages, and reads all its input before it writes. Raises Busy, and Unfinished where a line is asked for.
    """
    with _place(program):
        process = _started(program, arguments, limits)
        end = threading.Timer(limits.wall, process.kill) if limits.wall else None
        try:
            if end:
                end.start()
            assert process.stdin is not None
            with suppress(BrokenPipeError):
                process.stdin.write(content)
                process.stdin.close()
            yield _lines(program, process, longest)
        finally:
            if end:
                end.cancel()
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(BrokenPipeError):  # of what wasn't written yet
                    pipe.close()


def _started(program: str, arguments: Sequence[str], limits: Limits) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603
            _command(program, arguments, limits, packages=True), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise _not_started(program, error) from None


def _lines(program: str, process: subprocess.Popen[bytes], longest: int) -> Iterator[bytes]:
    assert process.stdout is not None
    while line := process.stdout.readline(longest):
        yield line
    _check_end(program, process.wait())


def _check_end(program: str, status: int) -> None:
    if status != 0:
        log.warning("confined: %s ended with %s", program, status)
        raise Unfinished


def _not_started(program: str, error: OSError) -> Busy:
    log.error("confined: %s did not start: %s", program, type(error).__name__)
    return Busy()


@contextmanager
def _place(program: str) -> Iterator[None]:
    """One of the few places for confined programs. Raises Busy where none becomes free."""
    if not _places.acquire(timeout=PATIENCE):
        log.error("confined: %s waited for its turn in vain", program)
        raise Busy
    try:
        yield
    finally:
        _places.release()


def _command(program: str, arguments: Sequence[str], limits: Limits, *, packages: bool) -> list[str]:
    """`packages`: the program may import installed packages; without them it starts in a few milliseconds."""
    python = [sys.executable, "-I", "-B", *([] if packages else ["-S"]), "-c", BEGIN, str(ROOT)]
    return [*python, program, str(limits.cpu), str(limits.memory), str(limits.wall), *arguments]
