"""`manage.py check_restored`: checks that a restored installation is complete, by its chains and its files, and says
whether it starts held.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accountability.audit.chains import broken
from accountability.deadlines import clock
from accountability.deadlines.limits import show_instant
from accountability.gate import holding
from accountability.models import Attachment, LedgerEntry, Matter, PaperFile
from accountability.security import file_store


def _start(at: datetime) -> str:
    """Whether the copy would start held, and with which window."""
    served, since = holding.would_hold(at)
    if since:
        windows = ", ".join(f"{show_instant(one)} to the instant when people are served again" for one in since)
        return f"it starts held: limits due from {windows} wait for two people"
    if served is None:
        return "it starts without a hold: there is no mark of life"
    why = "HOLD_AFTER is 0" if not settings.HOLD_AFTER else "that is no longer ago than HOLD_AFTER"
    return f"it starts without a hold: people were last served at {show_instant(served)}, and {why}"


class Command(BaseCommand):
    help = "Read every matter's chain and look for every file that a row names; fail where one doesn't hold."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = [found for matter in Matter.objects.order_by("pk").iterator() if (found := broken(matter))]
        places = [
            *Attachment.objects.filter(erased_at=None).values_list("place", flat=True),
            *PaperFile.objects.filter(made_at__isnull=False, paper__content__sealed__isnull=False).values_list(
                "place", flat=True
            ),
        ]
        missing = [str(place) for place in places if place and not file_store.holds(place)]
        self.stdout.write(
            f"{Matter.objects.count()} matters, {LedgerEntry.objects.count()} entries, {len(places)} files; "
            f"{len(wrong)} chains broken, {len(missing)} files missing"
        )
        self.stdout.write(_start(clock.read()))
        if wrong or missing:
            raise CommandError("\n".join([*wrong, *(f"file {place} is missing" for place in missing)]))
