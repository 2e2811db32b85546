"""`manage.py backup FOLDER`: saves the database and sealed files of an installation on SQLite, while it runs."""

from __future__ import annotations

import sqlite3
import tarfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = (
        "Save the SQLite database and the sealed files in a folder that doesn't exist yet. On PostgreSQL: pg_dump, as "
        "docs/deploy.md says. The keys aren't saved: they belong elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if connection.vendor != "sqlite":
            raise CommandError("this database is saved with pg_dump; docs/deploy.md says how")
        if folder.exists():
            raise CommandError(f"{folder} exists; nothing is overwritten")
        folder.mkdir(mode=0o700, parents=True)
        # The database first: a file is written before its row, so each file named by a saved row exists when files are
        # saved.
        connection.ensure_connection()
        with sqlite3.connect(folder / "db.sqlite3") as copy:
            connection.connection.backup(copy)
        copy.close()
        with tarfile.open(folder / "files.tar", "w") as archive:
            if Path(settings.ATTACHMENTS_DIR).exists():
                archive.add(settings.ATTACHMENTS_DIR, arcname=".")
        if settings.BACKUP_MARK:
            Path(settings.BACKUP_MARK).touch()
        self.stdout.write(f"saved in {folder}")
