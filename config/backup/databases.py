"""Saves and restores the database: PostgreSQL by pg_dump and pg_restore, SQLite by its own copying."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from config.backup.manifest import counted, migrations
from config.reporting.views import SCHEMA

PIECE = 4 * 1024 * 1024
"""Bytes: a dump's length is known at its end, so it is packed in pieces."""

LOCKS_WITHIN = "60s"
"""How long pg_dump waits for a table that a migration holds."""


class Saved:
    """A dump that is being read, with what the database held at the instant that it shows."""

    def __init__(self, source: IO[bytes], tables: dict[str, int], applied: dict[str, str]) -> None:
        self.source, self.tables, self.migrations = source, tables, applied

    def pieces(self) -> Iterator[bytes]:
        while piece := self.source.read(PIECE):
            yield piece


@contextmanager
def saved(near: Path) -> Iterator[Saved]:
    """The dump of the configured database. `near` is a folder with room, for SQLite's copy."""
    with _saved_by_pg_dump() if connection.vendor == "postgresql" else _saved_by_sqlite(near) as dump:
        yield dump


@contextmanager
def _saved_by_sqlite(near: Path) -> Iterator[Saved]:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=near) as folder:
        file = Path(folder, "db.sqlite3")
        connection.ensure_connection()
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
        copy.close()
        other = connection.copy("saved")
        other.settings_dict["NAME"] = str(file)
        try:
            tables, applied = counted(other), migrations(other)
        finally:
            other.close()
        with file.open("rb") as source:
            yield Saved(source, tables, applied)


@contextmanager
def _saved_by_pg_dump() -> Iterator[Saved]:
    """The counts are of the very snapshot that pg_dump writes down."""
    command = [
        _program("pg_dump"),
        "--format=custom",
        f"--lock-wait-timeout={LOCKS_WITHIN}",
        f"--exclude-schema={SCHEMA}",
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        where, environment = _signed_in()
        with _running([*command, f"--snapshot={snapshot}", *where], environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield Saved(process.stdout, counted(connection), migrations(connection))


@contextmanager
def restoring() -> Iterator[IO[bytes]]:
    """A file to which the dump is written; the database holds it when the context is left, or nothing of it."""
    with _by_pg_restore() if connection.vendor == "postgresql" else _by_sqlite() as target:
        yield target


@contextmanager
def _by_pg_restore() -> Iterator[IO[bytes]]:
    where, environment = _signed_in()
    name = where.pop()
    whole = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    command = [_program("pg_restore"), *whole, *where, f"--dbname={name}"]
    connection.close()
    # The files come after the dump: what pg_restore has read to its end stays, so it reads when everything is there.
    with tempfile.TemporaryFile() as dump:
        yield dump
        dump.seek(0)
        with _running(command, environment, stdin=dump):
            pass


@contextmanager
def _by_sqlite() -> Iterator[IO[bytes]]:
    file = Path(connection.settings_dict["NAME"])
    connection.close()
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.part")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        for ending in ("-wal", "-shm", "-journal"):
            file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


def _signed_in() -> tuple[list[str], dict[str, str]]:
    """The arguments that name server, role and database (the last), and the environment with the password."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return arguments[1:], {**os.environ, **(environment or {})}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CommandError(
            f"{name} isn't installed: on Debian `apt-get install postgresql-client`, of the server's version"
        )
    return found


@contextmanager
def _running(command: list[str], environment: dict[str, str], **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program; raise what it complained of where it fails."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stderr=said, **pipes)  # noqa: S603 our own words
        broken = False
        try:
            yield process
            if process.stdin:
                process.stdin.close()
        except BrokenPipeError:
            broken = True  # it has ended, and said why
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    _close(pipe)
        if process.wait() or broken:
            said.seek(0)
            raise CommandError(f"{Path(command[0]).name} failed: {said.read().decode(errors='replace').strip()}")


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
