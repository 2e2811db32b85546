"""`manage.py restore BACKUP --key FILE`: restores a backup into an empty database and an empty ATTACHMENTS_DIR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accountability.deadlines import clock
from config.backup import endings, keys, restoring

NEXT = """\
Before anybody signs in: as the owner `migrate` and `start_held`, where this release is newer than the backup, and
`database_roles`; then `check_restored`, which says since when it is held, and `retain` (docs/deploy.md)."""


class Command(BaseCommand):
    help = (
        "Restore a backup into the empty database of DATABASE_URL (its owner's address) and an empty ATTACHMENTS_DIR."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")

    def handle(self, *args: Any, backup: Path, key: Path, **options: Any) -> None:
        endings.as_exceptions()
        identities, folder = keys.identities(key), Path(settings.ATTACHMENTS_DIR)
        restoring.refuse_what_is_there(folder)
        restoring.proved(backup, identities)
        whole = restoring.restore(backup, identities, folder, at=clock.read())
        self.stdout.write(
            f"restored as of {whole.made_at}: {sum(whole.tables.values())} rows in {len(whole.tables)} tables, "
            f"{whole.files['count']} files\n{NEXT}"
        )
