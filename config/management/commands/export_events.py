"""`manage.py export_events --format xes|ocel --output FILE`: the record as an event log for process mining."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accountability.db import replica
from complaints.conformance.period import Period
from config.event_log.reading import Log
from config.event_log.writing import FORMATS, write


class Command(BaseCommand):
    help = (
        "Write the complaints' entries as an event log: verb, instant, state before and after, round; who did it as a "
        "pseudonym with unit and roles. No text, no name, no number of a customer (docs/event-log.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=[*FORMATS], required=True, help="XES, or OCEL 2.0 as JSON")
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FILE", help="a new file; with the ending .gz compressed"
        )
        Period.add_to(parser)

    def handle(self, *args: Any, output: Path, first: date | None, last: date | None, **options: Any) -> None:
        asked = Period.asked(first, last)
        try:
            replica.read(lambda: write(Log(asked), options["format"], output), everything=True)
        except FileExistsError as error:
            raise CommandError(f"{output} is there already") from error
        self.stdout.write(f"{output}: {output.stat().st_size} bytes")
