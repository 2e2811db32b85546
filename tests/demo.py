"""The demo, played once in a run of the tests and kept as a file: each test that needs it has it laid out."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accountability.deadlines.limits import SHANGHAI
from config.demo.cases import COMPLAINTS
from config.demo.desks import STAGES
from config.demo.player import play

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=SHANGHAI)
NUMBER = len(STAGES) + COMPLAINTS + 30
"""Complaints: what lies on the desks, those of the cases, and histories."""


def _play() -> int:
    return play(NUMBER, seed=7, now=NOW, quiet=True)


def database() -> sqlite3.Connection:
    connection.ensure_connection()
    found: sqlite3.Connection = connection.connection
    return found


class Demo:
    """`demo.lay_out()` in an empty database; the folder belongs to all processes of the run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._lock, self._files = folder / "lock", folder / "files"
        self._database, self._acts = folder / "db.sqlite3", folder / "acts"

    def lay_out(self) -> int:
        """Returns the number of acts that were played. PostgreSQL has no copy, it plays."""
        if connection.vendor != "sqlite":
            return _play()
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._restore() if self._acts.exists() else self._play_and_keep()
        return int(self._acts.read_text())

    def _play_and_keep(self) -> None:
        acts = _play()
        with closing(sqlite3.connect(self._database)) as kept:
            database().backup(kept)
        shutil.copytree(settings.ATTACHMENTS_DIR, self._files)
        self._acts.write_text(str(acts))

    def _restore(self) -> None:
        with closing(sqlite3.connect(self._database)) as kept:
            kept.backup(database())
        shutil.copytree(self._files, settings.ATTACHMENTS_DIR, dirs_exist_ok=True)

    @contextmanager
    def for_a_module(self) -> Iterator[int]:
        """Afterwards the database is as it was."""
        if connection.vendor != "sqlite":
            with transaction.atomic():
                yield _play()
                transaction.set_rollback(True)
            return
        with closing(sqlite3.connect(":memory:")) as before:
            database().backup(before)
            try:
                yield self.lay_out()
            finally:
                before.backup(database())
