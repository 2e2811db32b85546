"""Restores a backup into an empty database and an empty folder: all of it, or nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accountability.gate import holding
from config.backup import archive, databases
from config.backup.manifest import Manifest, counted


def refuse_what_is_there(folder: Path) -> None:
    """Nothing is overwritten: both must be empty."""
    if connection.introspection.table_names():
        raise CommandError("the database isn't empty; a backup is restored into an empty one, which DATABASE_URL names")
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"{folder} isn't empty; the files are restored into an empty ATTACHMENTS_DIR")


def proved(backup: Path, identities: list[Any]) -> Manifest:
    """Read the whole backup without keeping anything: every byte authenticated, its parts those of the manifest."""
    whole = archive.read(backup, identities, on_dump=len, on_file=lambda *_: None)
    if whole.vendor != connection.vendor:
        raise CommandError(
            f"{backup} holds a database of {whole.vendor}, and DATABASE_URL names one of {connection.vendor}"
        )
    return whole


def restore(backup: Path, identities: list[Any], folder: Path, *, at: datetime) -> Manifest:
    """Restore what `proved` has read. What can't be restored wholly leaves both as empty as they were.

    The copy starts held: what was done after it was made is lost. One of another release isn't yet: after `migrate`,
    `manage.py start_held` has it held.
    """
    taken = _Files(folder)
    try:
        with databases.restoring() as target:
            whole = archive.read(backup, identities, on_dump=target.write, on_file=taken.keep)
    except BaseException:
        taken.remove()
        raise
    refuse_other_counts(whole)
    if is_of_this_release():
        holding.begin_after_restore(at, datetime.fromisoformat(whole.made_at))
    return whole


def is_of_this_release() -> bool:
    """Whether the tables are as this release's models have them, so that rows can be read and written."""
    executor = MigrationExecutor(connection)
    known, applied = executor.loader.disk_migrations, executor.loader.applied_migrations
    return applied.keys() <= known.keys() and not executor.migration_plan(executor.loader.graph.leaf_nodes())


def refuse_other_counts(whole: Manifest) -> None:
    found = counted(connection)
    other = [
        f"{table}: {whole.tables.get(table, 'no table')} saved, {found.get(table, 'no table')} restored"
        for table in sorted(whole.tables.keys() | found.keys())
        if whole.tables.get(table) != found.get(table)
    ]
    if other:
        raise CommandError("\n".join(["the restored database holds something else than was saved:", *other]))


class _Files:
    """The sealed files, written below the folder and read again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: list[Path] = []

    def keep(self, name: str, dated: int, blocks: Iterator[bytes]) -> None:
        path, written = self.folder / name, hashlib.sha256()
        self._make(path.parent)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            self._made.append(path)
            for block in blocks:
                written.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, (dated, dated))
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").digest() != written.digest():
                raise CommandError(f"{path} was read back otherwise than it was written: look at the disk")

    def _make(self, folder: Path) -> None:
        """With the folders above it, as far as they aren't there."""
        if not folder.exists():
            self._make(folder.parent)
            folder.mkdir(mode=0o700)
            self._made.append(folder)

    def remove(self) -> None:
        """What was made here, and nothing else."""
        for path in reversed(self._made):
            if path.is_dir():
                with suppress(OSError):  # somebody else put something there
                    path.rmdir()
            else:
                path.unlink(missing_ok=True)
