"""A PostgreSQL and a Redis that can be stopped, frozen and emptied. PostgreSQL writes as safely as in production."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

START = """
work=$1
source .ci/servers.sh
{ install_servers && start_postgresql; } >&2 || exit 1
printf '%s\\n' "$DATABASE_URL" "$APP_DATABASE_URL" "$(postgresql_bin)"
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """The processes that this one started and that live."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in listed.read_text().split()] if listed.exists() else []


def wait_until(holds: Callable[[], object], seconds: float, *, every: float = 0.05) -> float | None:
    """After how many seconds it held; None if it didn't within so many."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if holds():
            return time.monotonic() - begun
        time.sleep(every)
    return None


class PostgreSQL:
    """Started by .ci/servers.sh, so that there is one way to do so."""

    def __init__(self, work: Path) -> None:
        self.work, self.data = work, work / "postgresql" / "data"
        started = subprocess.run(
            ["bash", "-c", START, "start", str(work)], cwd=ROOT, env=os.environ | {"DURABLE": "1"},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        self.owner_url, self.app_url, self.bin = started.stdout.split()
        self.port = int(re.search(r":(\d+)/", self.owner_url)[1])  # type: ignore[index]

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _control(self, *words: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        log = self.work / "postgresql" / "server.log"
        subprocess.run(
            [*as_postgres, f"{self.bin}/pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(log), *words],
            cwd=self.work, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def stop(self) -> None:
        """As if the machine lost its power: nobody is waited for, nothing is written down."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self._control("-o", f"-p {self.port} -h 127.0.0.1 -k {self.work}/postgresql", "start")

    def kill(self) -> None:
        """SIGKILL to all its processes."""
        for pid in (master := self.pid, *children(master)):
            _send(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{master}").exists(), 10)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its processes get no time: connections stay open, and nobody answers."""
        stopped = [self.pid, *children(self.pid)]
        for pid in stopped:
            _send(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                _send(pid, signal.SIGCONT)

    def close(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop()


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


class Redis:
    def __init__(self, work: Path) -> None:
        self.work, self.port = work, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.work / "redis.log").open("a") as log:
            self.process = subprocess.Popen(
                [shutil.which("redis-server") or "redis-server", *words, "--dir", str(self.work)],
                stdout=log,
                stderr=log,
            )
        if wait_until(self._answers, 20) is None:
            raise RuntimeError("Redis does not start")

    def _answers(self) -> bool:
        with socket.socket() as line:
            line.settimeout(0.5)
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def flush(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
            line.sendall(b"FLUSHALL\r\n")
            line.recv(64)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """It takes connections, and never answers."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    @contextmanager
    def gone(self) -> Iterator[None]:
        self.kill()
        try:
            yield
        finally:
            self.start()
