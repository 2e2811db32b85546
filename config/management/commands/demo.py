"""`manage.py demo`: fills the database with an invented organisation and its last sixty days of complaints and
cases.
"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accountability.deadlines import clock
from assessment.models import Case
from complaints.models import Complaint
from config.demo.player import BrokenScript, play


class Command(BaseCommand):
    help = (
        "Make the demo organisation and play complaints and cases of the last sixty days through the gate. "
        "Where there are complaints already, plays so many more. Not beside a running server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--complaints", type=int, default=600, metavar="N", help="how many (600)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are complaints already")
        parser.add_argument("--seed", type=int, default=2026, help="the same seed and clock play the same complaints")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Not in production: the demo's accounts share a password that everybody knows.")
        there, judged = Complaint.objects.count(), Case.objects.count()
        if options["if_empty"] and there:
            self.stdout.write(f"已有 {there} 件投诉，不再生成演示数据。")
            return
        if options["complaints"] < 1:
            raise CommandError("--complaints must be at least 1")
        # Another run on the same database must not repeat the same stories of the same customers.
        seed = options["seed"] + there
        try:
            acts = play(options["complaints"], seed=seed, now=clock.read(), quiet=options["verbosity"] == 0)
        except BrokenScript as broken:
            raise CommandError(f"refused: {broken}") from broken
        begun = Case.objects.count() - judged
        self.stdout.write(f"已生成 {options['complaints']} 件投诉、{begun} 件案件，{acts} 个操作。")
