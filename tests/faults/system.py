"""The processes of a deployment by their command lines, started again when they die, as a machine's supervisor does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from config.management.commands import serve
from tests.faults.servers import ROOT, children, free_port, wait_until

SHIFTED = Path(__file__).with_name("shifted")
PATIENT = {"LOCK_TIMEOUT": "20", "STATEMENT_TIMEOUT": "120"}

GUARD_EVERY = 0.1

STARTS_WITHIN = 180.0
"""Seconds, on a machine that does much else."""


class Process:
    """One program with all its children, in a session of its own."""

    def __init__(self, name: str, argv: Iterable[str], env: dict[str, str], log: Path) -> None:
        self.name, self.argv, self.env, self.log = name, list(argv), env, log
        self.process: subprocess.Popen[bytes] | None = None
        self.wanted = False
        self._changing = threading.Lock()

    def start(self) -> None:
        with self._changing:
            self.wanted = True
            self._begin()

    def keep(self) -> None:
        """Start it again if it should run and doesn't. What is stopped just now isn't started once more."""
        with self._changing:
            if self.wanted and not self.runs:
                self.kill()
                self._begin()

    def _begin(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def worked(self) -> float:
        """Seconds of processor time so far."""
        stat = Path(f"/proc/{self.pid}/stat")
        fields = stat.read_text().rpartition(")")[2].split() if stat.exists() else ["0"] * 13
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """SIGKILL to the whole group: the guard starts it again."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def kill_child(self) -> None:
        """One of gunicorn's workers; gunicorn itself starts another."""
        for pid in random.sample(found := children(self.pid), min(1, len(found))):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        with self._changing:
            self.wanted = False
        if not self.runs:
            return
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()
        self.kill()


class System:
    """Web, worker, the workers of notices and papers, and beat; `more` workers where a test asks for them."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.port = folder, free_port()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "ALLOWED_HOSTS": "localhost",
            "BEHIND_PROXY": "1", "VAR_DIR": str(folder / "var"), "STATIC_ROOT": str(folder / "static"),
            "PYTHONUNBUFFERED": "1", **environment,
        }  # fmt: skip
        (folder / "var").mkdir(exist_ok=True)
        self.processes = {program.name: self._process(program.name, program.argv) for program in self._programs()}
        self._guard: threading.Thread | None = None
        self._over = threading.Event()

    def _programs(self) -> list[serve.Program]:
        return serve.programs("127.0.0.1", self.port)

    def _process(self, name: str, argv: Iterable[str], **env: str) -> Process:
        patient = {} if name == "web" else PATIENT
        return Process(name, argv, self.env | patient | env, self.folder / f"{name}.log")

    def command(self, *words: str, env: dict[str, str] | None = None) -> None:
        """`manage.py …` in production's settings."""
        subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.env | (env or {}), check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def another_worker(self, name: str) -> Process:
        argv = [word.replace("worker@", f"{name}@") for word in self.processes["worker"].argv]
        self.processes[name] = self._process(name, argv)
        return self.processes[name]

    def with_clock(self, name: str, of: str, file: Path) -> Process:
        """Another process like `of`, whose clock is wrong by what the file says."""
        argv = [word.replace(f"{of}@", f"{name}@") for word in self.processes[of].argv]
        argv = [word.replace("beat-schedule", f"{name}-schedule") for word in argv]
        return self._process(name, argv, PYTHONPATH=str(SHIFTED), CLOCK_SHIFT=str(file))

    def serve_line(self) -> list[str]:
        """`manage.py serve` at the same port."""
        return [sys.executable, "manage.py", "serve", "--port", str(self.port)]

    @contextmanager
    def with_environment(self, **changed: str) -> Iterator[None]:
        """What starts meanwhile finds these variables."""
        kept = {name: process.env for name, process in self.processes.items()}
        for process in self.processes.values():
            process.env = process.env | changed
        try:
            yield
        finally:
            for name, env in kept.items():
                self.processes[name].env = env

    def start(self, *names: str) -> None:
        for name in names or tuple(self.processes):
            if not self.processes[name].runs:
                self.processes[name].start()
        if self._guard is None:
            self._guard = threading.Thread(target=self._keep, name="guard", daemon=True)
            self._guard.start()
        if (not names or "web" in names) and wait_until(self.answers, STARTS_WITHIN) is None:
            raise RuntimeError(f"the pages don't answer: {self.folder}/web.log")

    def _keep(self) -> None:
        while not self._over.wait(GUARD_EVERY):
            for process in tuple(self.processes.values()):
                process.keep()

    def stop(self, *names: str) -> None:
        stopping = [self.processes[name] for name in names or tuple(self.processes)]
        threads = [threading.Thread(target=process.stop) for process in stopping]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        self._over.set()
        self.stop()

    def get(self, path: str, timeout: float = 15) -> tuple[int, float]:
        """The status, 0 where there is no answer, and the seconds that it took."""
        begun, asked = time.monotonic(), HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            asked.request("GET", path, headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
            status = asked.getresponse().status
        except (OSError, HTTPException):
            status = 0
        finally:
            asked.close()
        return status, time.monotonic() - begun

    def answers(self) -> bool:
        return self.get("/livez", timeout=1)[0] == 200

    def ready(self) -> bool:
        return self.get("/readyz?exclude=heartbeats&exclude=calendar", timeout=4)[0] == 200
