"""A PostgreSQL of a test's own, with a standby that follows by streaming and can be stopped, paused and promoted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from tests.faults.servers import PostgreSQL, free_port, wait_until


def asked(address: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of one statement, sent by itself."""
    line = psycopg2.connect(address, connect_timeout=5)
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        line.close()


class Primary(PostgreSQL):
    """With a copy of a database that the migrations made."""

    def __init__(self, work: Path, made: str) -> None:
        super().__init__(work)
        self.password = (work / "postgresql" / "password").read_text().strip()
        dumped = subprocess.run(
            [f"{self.bin}/pg_dump", "--no-owner", "--no-privileges", made], capture_output=True, check=True
        )
        loaded = [f"{self.bin}/psql", "-q", "-v", "ON_ERROR_STOP=1", self.owner_url]
        subprocess.run(loaded, input=dumped.stdout, capture_output=True, check=True)

    @property
    def superuser_url(self) -> str:
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/shouwen"

    @contextmanager
    def standby(self, folder: Path) -> Iterator[Standby]:
        started = Standby(self, folder)
        try:
            yield started
        finally:
            started.close()


class Standby:
    """Made by pg_basebackup, as docs/scale.md says."""

    def __init__(self, primary: Primary, folder: Path) -> None:
        self.primary, self.port, self.folder = primary, free_port(), folder
        self.data = folder / "standby"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run(
            "pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-D", str(self.data),
            "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast",
        )  # fmt: skip
        self.start()

    def _run(self, program: str, *words: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_postgres, f"{self.primary.bin}/{program}", *words], cwd=self.folder, check=True,
            env=os.environ | {"PGPASSWORD": self.primary.password}, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def _control(self, *words: str) -> None:
        log = self.folder / "standby.log"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(log), *words)

    def start(self) -> None:
        self._control("-o", f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c hot_standby_feedback=on", "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def promote(self) -> None:
        self._control("promote")

    def close(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop()

    @property
    def address(self) -> str:
        """For the role that the system runs as."""
        return self.of(self.primary.app_url)

    def of(self, address: str) -> str:
        """The same address, of the standby."""
        return address.replace(f":{urlsplit(address).port}/", f":{self.port}/")

    def caught_up(self) -> None:
        """Wait until it has everything that the primary has written."""
        ((written,),) = asked(self.primary.superuser_url, "SELECT pg_current_wal_lsn()")
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        assert wait_until(lambda: asked(self.of(self.primary.superuser_url), replayed) == [(True,)], 20) is not None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It takes in nothing more, as one whose line is too slow."""
        asked(self.of(self.primary.superuser_url), "SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            asked(self.of(self.primary.superuser_url), "SELECT pg_wal_replay_resume()")


def put_role(address: str, name: str, password: str) -> None:
    """A role that may sign in, and nothing else."""
    made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
    line = psycopg2.connect(address)
    with line, line.cursor() as cursor:
        cursor.execute(made)
    line.close()
