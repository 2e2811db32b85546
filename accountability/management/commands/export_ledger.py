"""`manage.py export_ledger FILE`: the ledger as it is chained, for verification without this program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accountability.audit import ledger_export, verify_export


class Command(BaseCommand):
    help = (
        "Write entries, the matters' heads and the seals as lines of JSON (gzip). References and instants only, no "
        f"text and no name. Verified by {Path(verify_export.__file__).name} with the key, without anything else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--seals", type=Path, metavar="DIR", help="where the seals are (default: SEALS_DIR)")

    def handle(self, *args: Any, file: Path, seals: Path | None, **options: Any) -> None:
        count = ledger_export.export(file, folder=seals)
        self.stdout.write(f"{file}: {count} entries")
        self.stdout.write(f"python3 -I {verify_export.__file__} {file}")
