"""`manage.py backup_drill BACKUP --key FILE`: proves that a backup can be restored, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accountability.deadlines import clock
from config.backup import endings, keys
from config.backup.drill import drill


class Command(BaseCommand):
    help = (
        "Restore a backup into a throw-away database and prove counts, chains, files and silence. On PostgreSQL "
        "DATABASE_OWNER_URL names a role that may make databases."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")

    def handle(self, *args: Any, backup: Path, key: Path, **options: Any) -> None:
        endings.as_exceptions()  # so that the database is dropped
        for proof in drill(backup, keys.identities(key), at=clock.read()):
            self.stdout.write(f"{proof.what:8} {proof.much:60} {proof.found}")
            self.stdout.flush()
