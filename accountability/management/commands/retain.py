"""`manage.py retain`: clears data whose retention time is over, as the hourly task does; `--dry-run` only counts it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accountability.deadlines import clock
from accountability.deadlines.limits import show_second
from accountability.privacy import retention


class Command(BaseCommand):
    help = (
        "De-identify the matters that were closed longer ago than they may be kept. The worker does it every hour; "
        "with --dry-run nothing is changed, and it is told how many are due and how many are held back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.read()
        self.stdout.write(f"closed before {show_second(retention.kept_since(at))}")
        if options["dry_run"]:
            for kind, told in retention.counts(at).items():
                self.stdout.write(f"{kind}: {told['due']} due, {told['held']} held")
            return
        for kind, cleared in retention.retain(at).items():
            self.stdout.write(f"{kind}: {cleared} cleared")
