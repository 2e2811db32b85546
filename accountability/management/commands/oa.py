"""`manage.py oa`: which papers the OA hasn't got; `--again` plans one anew, `--number` writes back its number there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accountability.deadlines import clock
from accountability.deadlines.limits import show_second
from accountability.models import Delivery, PaperHandover
from accountability.oa import receipts, sending

MOST = 200


class Command(BaseCommand):
    help = (
        "List the papers that the OA hasn't got, the oldest first. With an id (oa_…): --again plans one anew that was "
        "given up, --number and --receipt write back what the OA says of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", nargs="?", default="")
        parser.add_argument("--again", action="store_true", help="hand it over again, with the same id")
        parser.add_argument("--number", default="", help="the OA's number of it")
        parser.add_argument("--receipt", default="", help="what else the OA says")

    def handle(self, *args: Any, **options: Any) -> None:
        key, at = options["id"], clock.read()
        if options["again"]:
            if not sending.again(key, at):
                raise CommandError("No paper with this id was given up.")
        elif options["number"] or options["receipt"]:
            if not receipts.note(key, options["number"], options["receipt"], at):
                raise CommandError("No paper has this id, or nothing printable was said of it.")
        else:
            self.tell()

    def tell(self) -> None:
        ended = (Delivery.State.SENT, Delivery.State.DROPPED)
        open_ = PaperHandover.objects.exclude(state__in=ended).select_related("paper").order_by("planned_at", "pk")
        for one in open_[:MOST]:
            tried = f"{one.state} {one.attempts} {one.problem}".strip()
            self.stdout.write(f"{one.key} {show_second(one.planned_at)} {one.paper.number or one.paper} {tried}")
