"""`manage.py check_restored`: checks that a restored installation is complete, by its chains and its files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accountability.gate.chain import broken
from accountability.models import Attachment, LedgerEntry, Matter, PaperFile
from accountability.security import file_store


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
        if wrong or missing:
            raise CommandError("\n".join([*wrong, *(f"file {place} is missing" for place in missing)]))
