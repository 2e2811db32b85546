"""`manage.py backup_key FILE`: makes the pair of keys of the backups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backup import keys


class Command(BaseCommand):
    help = (
        "Write a private key to FILE and print the public one, for BACKUP_RECIPIENTS. Run it where backups are "
        "restored, not where they are made, and keep two copies of FILE: without it no backup opens."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        self.stdout.write(keys.make(file))
