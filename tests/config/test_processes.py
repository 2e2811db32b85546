"""Programs that live together: what dies is started again, and whichever way it ends, nothing is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.processes import MOST_DEATHS

BASE_DIR = Path(__file__).parents[2]

# Each notes itself, and a child of its own, in the file that stands in PIDS.
LASTING = "echo $$ >> $PIDS; sleep 60 & echo $! >> $PIDS; wait"
STUBBORN = f"trap '' TERM; {LASTING}; sleep 60"
DYING = "echo $$ >> $PIDS; sleep 0.5; exit 3"


class Together:
    """The pretended serve, started with the stub programs of a test."""

    def __init__(self, pids: Path, *said: str, **programs: str) -> None:
        self.pids = pids
        self.expected = sum(2 if script != DYING else 1 for script in programs.values())
        argv = json.dumps([(name, ["/bin/bash", "-c", script]) for name, script in programs.items()])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.config.pretend_serve", argv, "1", *said],
            cwd=BASE_DIR,
            env={**os.environ, "PIDS": str(pids)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_started(self) -> None:
        wait_for(lambda: self.pids.exists() and len(self.noted()) == self.expected)

    def noted(self) -> list[int]:
        return [int(line) for line in self.pids.read_text().split()]

    def left(self) -> list[int]:
        return [pid for pid in self.noted() if is_alive(pid)]

    def printed(self) -> list[str]:
        """All it said until its end; the last line says how it ended."""
        said, _ = self.process.communicate(timeout=20)
        return said.splitlines()


def is_alive(pid: int) -> bool:
    """A zombie isn't: it has ended and only waits for its parent's question."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_what_dies_is_started_again_with_all_that_it_was(tmp_path: Path) -> None:
    together = Together(tmp_path / "pids", worker=LASTING)
    together.wait_until_started()
    assert together.process.stdout is not None
    assert together.process.stdout.readline() == "ready\n"
    worker, its_child = together.noted()

    os.kill(worker, signal.SIGKILL)

    together.expected += 2
    wait_for(lambda: len(together.noted()) == together.expected, 5)
    assert not is_alive(its_child)
    together.process.terminate()
    assert together.printed() == ["died worker -9", "[null, null]"]
    assert together.left() == []


def test_what_dies_before_all_are_ready_ends_the_run(tmp_path: Path) -> None:
    """A start that fails is told at once."""
    together = Together(tmp_path / "pids", "never ready", web=LASTING, worker=DYING, beat=LASTING)

    assert together.printed() == ['["worker", 3]']
    assert len(together.noted()) == 5
    assert together.left() == []


@pytest.mark.slow
def test_what_dies_again_and_again_ends_the_run(tmp_path: Path) -> None:
    together = Together(tmp_path / "pids", web=LASTING, worker="sleep 0.5; exit 3")

    assert together.process.wait(timeout=60) == 0
    assert together.printed() == ["ready", *(["died worker 3"] * (MOST_DEATHS - 1)), '["worker", 3]']
    assert together.left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    together = Together(tmp_path / "pids", web=LASTING, worker=LASTING)
    together.wait_until_started()

    together.process.send_signal(number)

    assert together.printed()[-1] == "[null, null]"
    assert together.process.returncode == 0
    assert together.left() == []


def test_a_program_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    together = Together(tmp_path / "pids", web=STUBBORN, worker=LASTING)
    together.wait_until_started()

    together.process.terminate()

    assert together.printed()[-1] == "[null, null]"
    assert together.process.returncode == 0
    assert together.left() == []


def test_programs_end_even_if_the_parent_is_killed_outright(tmp_path: Path) -> None:
    together = Together(tmp_path / "pids", web="echo $$ >> $PIDS; echo $$ >> $PIDS; exec sleep 60")
    together.wait_until_started()

    together.process.kill()
    together.printed()

    wait_for(lambda: together.left() == [])


def test_a_program_that_is_not_there_leaves_the_others_not_running(tmp_path: Path) -> None:
    script = (
        "from config.processes import Program, run_together\n"
        f"programs = [Program('web', ['/bin/bash', '-c', {LASTING!r}]), Program('worker', ['/does/not/exist'])]\n"
        "run_together(programs, is_ready=lambda: False, when_ready=print, when_died=print)"
    )
    pids = tmp_path / "pids"
    pids.touch()
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=BASE_DIR,
        env={**os.environ, "PIDS": str(pids)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert run.returncode == 1
    assert "FileNotFoundError" in run.stderr
    assert [pid for pid in map(int, pids.read_text().split()) if is_alive(pid)] == []
