"""A database made by the migrations, once in a run of the tests: programs of their own are started on copies of it."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import errors, sql

ROOT = Path(__file__).parents[1]


def migrate(address: str) -> None:
    """In a process of its own: the tests' own knows no migration."""
    environment = {**os.environ, "DEVELOPMENT": "1", "DATABASE_URL": address}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)


class Migrated:
    """`migrated.lay_out(folder)`; the folder of the first copy belongs to all processes of the run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._lock, self._database = folder / "lock", folder / "db.sqlite3"

    def lay_out(self, folder: Path) -> Path:
        """Returns the copy: the file where a program with this VAR_DIR looks for its database."""
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._database.exists():
                made = self._database.with_suffix(".new")
                migrate(f"sqlite:///{made}")
                made.rename(self._database)
        return Path(shutil.copy(self._database, folder / "db.sqlite3"))


class MigratedServer:
    """The same on PostgreSQL: `copy()` is the address of a copy, for its owner, that is dropped at the end."""

    PREFIX = "shouwen_migrated_"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._lock, self._name = folder / "lock", folder / "name"

    @contextmanager
    def copy(self) -> Iterator[str]:
        owner = os.environ["DATABASE_URL"]
        name = f"shouwen_copy_{secrets.token_hex(6)}"
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            template = self._template(owner)
            self._run(owner, "CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield self._address(owner, name)
        finally:
            self._drop(owner, name)

    def _drop(self, owner: str, name: str) -> None:
        """The server's own cleaning may be at work in it; it belongs to another role, which nobody ends but itself."""
        for _second in range(30):
            try:
                self._run(owner, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            except errors.InsufficientPrivilege:
                time.sleep(1)
            else:
                return
        self._run(owner, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _template(self, owner: str) -> str:
        """The database that the migrations have made. Those of earlier runs go."""
        if not self._name.exists():
            for (old,) in self._run(owner, "SELECT datname FROM pg_database"):
                if old.startswith(self.PREFIX):
                    self._run(owner, "DROP DATABASE {}", old)
            name = f"{self.PREFIX}{secrets.token_hex(6)}"
            self._run(owner, "CREATE DATABASE {}", name)
            migrate(self._address(owner, name))
            self._name.write_text(name)
        return self._name.read_text()

    @staticmethod
    def _address(owner: str, name: str) -> str:
        return f"{owner.rpartition('/')[0]}/{name}"

    @staticmethod
    def _run(owner: str, statement: str, *names: str) -> list[Any]:
        server = psycopg2.connect(owner)
        server.autocommit = True
        try:
            with server.cursor() as cursor:
                cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
                return cursor.fetchall() if cursor.description else []
        except errors.ObjectInUse:
            return []  # another run's, which still goes on
        finally:
            server.close()
