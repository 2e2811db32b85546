"""`manage.py seal_record`: writes the next seal now, for use before something that might go wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accountability.audit import seals
from accountability.deadlines import clock


class Command(BaseCommand):
    help = "Write the next seal at once, though the last one be younger than an hour; the task does so every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        row = seals.seal(clock.read(), even_early=True)
        self.stdout.write(f"{seals.path_of(row.number)}: {row.entries} entries" if row else "another one was first")
