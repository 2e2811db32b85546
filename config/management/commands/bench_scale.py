"""`manage.py bench_scale`: what `.ci/scale` runs between starting and stopping its servers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accountability.deadlines import clock
from config.bench.scale.command import main


class Command(BaseCommand):
    help = "Measure pages and acts of large databases against a bare page; only by `make bench-scale`."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("words", nargs="*", help="options, after --")

    def handle(self, *args: Any, words: list[str], **options: Any) -> None:
        main(words, clock.read)
