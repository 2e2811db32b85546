"""The three descriptions of a deployment say the same, are well formed, and what they start works: units of systemd,
compose.yaml, docs/deploy.md.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from config import serving
from tests.migrated import MigratedServer

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "docs" / "systemd"
LASTING = ("web", "worker", "notices", "papers", "events", "beat")
KILLED = "was sent SIGKILL"
"""What gunicorn says of the child that the test kills."""

BIN = "/opt/shouwen/current/.venv/bin/"


class Unit(dict[str, list[str]]):
    """What stands in a unit: by key of any section, its values."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and line[0] not in "[#":
                key, _, value = line.partition("=")
                self.setdefault(key, []).append(value)

    def command(self) -> str:
        """As systemd runs it: `%%` is a percent sign."""
        (line,) = self["ExecStart"]
        assert line.startswith(BIN)
        return line.removeprefix(BIN).replace("%%", "%")


UNIT = {file.stem.removeprefix("shouwen-"): Unit(file) for file in sorted(UNITS.glob("*.service"))}
COMPOSE: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
DOCUMENT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")


def documented() -> list[str]:
    return re.findall(r"^    ((?:gunicorn|celery) .*)$", DOCUMENT, re.MULTILINE)


def test_units_compose_and_document_say_the_same() -> None:
    of_units = [UNIT[name].command() for name in LASTING]
    of_compose = [COMPOSE[name]["command"].replace("0.0.0.0:", "127.0.0.1:") for name in LASTING]  # in its container
    assert of_units == of_compose == documented()


def test_the_backup_is_the_same_too() -> None:
    commands = [UNIT["backup"].command(), COMPOSE["backup"]["command"]]
    assert [" ".join(command.split()[:3]) for command in commands] == ["python manage.py backup"] * 2


def test_what_ends_is_started_again_and_what_stops_has_time() -> None:
    for name in LASTING:
        unit = UNIT[name]
        told = [unit[key] for key in ("Restart", "RestartSec", "StartLimitIntervalSec", "WantedBy")]
        assert told == [["always"], ["1"], ["0"], ["multi-user.target"]], name
        assert COMPOSE[name]["restart"] == "unless-stopped"
    assert int(UNIT["web"]["TimeoutStopSec"][0]) > serving.graceful_timeout
    assert all(int(UNIT[name]["TimeoutStopSec"][0]) > 120 for name in ("worker", "notices", "papers"))


def test_only_the_worker_may_write_seals_and_only_the_purge_knows_the_owner() -> None:
    writers = [name for name, unit in UNIT.items() if any("seals" in path for path in unit["ReadWritePaths"])]
    owners = [name for name, unit in UNIT.items() if "/etc/shouwen/owner.env" in unit["EnvironmentFile"]]
    assert (writers, owners) == (["worker"], ["purge"])
    assert UNIT["backup"]["EnvironmentFile"] == ["/etc/shouwen/backup.env"]
    patient = {name for name, unit in UNIT.items() if "/etc/shouwen/patient.env" in unit["EnvironmentFile"]}
    assert patient == {"worker", "notices", "papers", "events", "beat"}


def test_every_unit_and_file_is_described() -> None:
    described = (ROOT / "docs/several-hosts.md").read_text(encoding="utf-8")
    files = {path for unit in UNIT.values() for path in unit["EnvironmentFile"]}
    assert [path for path in files if f"`{path}`" not in described] == []
    timers = {file.name for file in UNITS.glob("*.timer")}
    assert timers == {"shouwen-backup.timer", "shouwen-purge.timer"}
    assert [name for name in (*timers, *(f"shouwen-{name}" for name in LASTING)) if name not in described] == []
    for unit in UNIT.values():
        assert "yes" in unit["NoNewPrivileges"]
        assert unit["ProtectSystem"] == ["strict"]


def test_compose_is_what_the_specification_knows(tmp_path: Path) -> None:
    def judged(file: Path) -> int:
        command = ["check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
        return subprocess.run([sys.executable, "-m", *command], capture_output=True, check=False).returncode

    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text(encoding="utf-8").replace("    ports:", "    portz:"))
    assert (judged(ROOT / "compose.yaml"), judged(wrong)) == (0, 1)


# What needs systemd's own program, or the servers: on CI


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host's files as far as systemd-analyze looks at them. Fails where there is no systemd-analyze."""
    assert shutil.which("systemd-analyze"), "install the Debian package systemd"
    shutil.copytree("/usr/lib/systemd", tmp_path / "usr/lib/systemd", symlinks=True)
    shutil.copytree(UNITS, tmp_path / "etc/systemd/system")
    for program in (*(f"{BIN}{name}" for name in ("gunicorn", "celery", "python")), "/bin/kill"):
        stub = tmp_path / program.lstrip("/")
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
    return tmp_path


def complaints_of(host: Path) -> str:
    units = [str(file) for file in sorted((host / "etc/systemd/system").glob("shouwen-*"))]
    done = subprocess.run(
        ["systemd-analyze", "verify", f"--root={host}", *units], capture_output=True, text=True, check=False
    )
    return done.stderr + (f"status {done.returncode}" if done.returncode else "")


@pytest.mark.postgresql
def test_systemd_takes_the_units_as_they_are(host: Path) -> None:
    assert complaints_of(host) == ""
    unit = host / "etc/systemd/system/shouwen-web.service"
    unit.write_text(unit.read_text().replace("NoNewPrivileges", "NoNewPrivilegez"))
    assert "Unknown key" in complaints_of(host)


@pytest.mark.postgresql
def test_each_unit_is_shut_in(host: Path) -> None:
    """30: systemd's exposure level, in tenths."""
    for name in UNIT:
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=30", f"--root={host}"]
        done = subprocess.run([*command, f"shouwen-{name}.service"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


class Process:
    """A process started by the line of its unit: with the programs of this environment, a port that is free, and a
    schedule that no other test writes.
    """

    def __init__(self, name: str, port: int, folder: Path, env: dict[str, str]) -> None:
        line = UNIT[name].command().replace(":8000", f":{port}").replace("/tmp/beat-schedule", str(folder / "beat"))  # noqa: S108
        program, *words = line.split()
        self.said = (folder / f"{name}.txt").open("w+")
        self.popen = subprocess.Popen(
            [str(Path(sys.executable).with_name(program)), *words],
            cwd=ROOT, env=env, stdout=self.said, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def children(self) -> set[int]:
        pid = self.popen.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def stopped(self) -> tuple[int, str]:
        """Its status after SIGTERM, and what it complained of."""
        self.popen.terminate()
        status = self.popen.wait(60)
        self.said.seek(0)
        bad = [line for line in self.said if re.search(r"\b(ERROR|CRITICAL|Traceback)\b", line) and KILLED not in line]
        return status, "".join(bad)


@contextmanager
def running(folder: Path, address: str) -> Iterator[tuple[dict[str, Process], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"DEVELOPMENT": "1", "DATABASE_URL": address, "VAR_DIR": str(folder)}
    processes = {name: Process(name, port, folder, env) for name in LASTING}
    try:
        yield processes, port
    finally:
        for process in processes.values():
            if process.popen.poll() is None:
                process.popen.kill()
            process.popen.wait()
            process.said.close()


def wait_for(what: Callable[[], Any], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.1)


def answers(port: int) -> bool:
    asked = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", "/livez")
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()


def beats(address: str) -> set[str]:
    """The tasks whose hearts have beaten."""
    database = psycopg2.connect(address)
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT name FROM accountability_heartbeat")
            return {name.rpartition(".")[2] for (name,) in cursor.fetchall()}
    finally:
        database.close()


@pytest.mark.postgresql
def test_each_process_comes_up_lives_and_stops(migrated_server: MigratedServer, tmp_path: Path) -> None:
    with migrated_server.copy() as address, running(tmp_path, address) as (processes, port):
        wait_for(lambda: answers(port), 600)
        # beat wakes, the worker sweeps, the worker of papers makes them
        wait_for(lambda: {"sweep", "send_notifications", "make_papers"} <= beats(address), 600)
        web = processes["web"]
        children = web.children()
        killed = min(children)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len(web.children() - {killed}) == len(children) == serving.workers, 5)
        wait_for(lambda: answers(port), 5)
        assert {name: process.stopped() for name, process in processes.items()} == dict.fromkeys(LASTING, (0, ""))
