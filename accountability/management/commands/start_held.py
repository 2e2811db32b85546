"""`manage.py start_held`: a copy of the database was put back by other means than `restore`, or migrated after it. What
fell due after the copy was made then waits for two people.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accountability.deadlines import clock
from accountability.gate import holding


class Command(BaseCommand):
    help = "Start held: what fell due after this copy was made waits for two people. Run it before anybody works."

    def handle(self, *args: Any, **options: Any) -> None:
        if holding.begin_after_restore(clock.read()):
            self.stdout.write("held from the last mark of life to the instant when people are served again")
        else:
            self.stdout.write("not held: there is no mark of life, or HOLD_AFTER is 0")
