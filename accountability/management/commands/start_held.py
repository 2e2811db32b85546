"""`manage.py start_held`: a copy of the database was put back by other means than `restore`, or migrated after it. What
fell due after the copy was made then waits for two people.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from accountability.deadlines import clock
from accountability.deadlines.limits import read_instant, show_instant
from accountability.gate import holding
from accountability.notices import wrong_clock


class Command(BaseCommand):
    help = "Start held: what fell due after this copy was made waits for two people. Stop every process before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=read_instant, metavar="'YYYY-MM-DD HH:MM'",
            help="when the copy was made, where a process has served people since it was put back",
        )  # fmt: skip

    def handle(self, *args: Any, since: datetime | None, **options: Any) -> None:
        clock.compare(connection)
        at = clock.read()
        wrong_clock.demand_right(at)
        if since is None and holding.is_recent(at):
            raise CommandError("A web process served people within the last minute: stop it, and say since when.")
        held = holding.begin_after_restore(at, since)
        if held is None:
            why = "there is no mark of life" if settings.HOLD_AFTER else "HOLD_AFTER is 0"
            raise CommandError(f"It isn't held: {why}.")
        self.stdout.write(f"held: limits due from {show_instant(held)} to the instant when people are served again")
