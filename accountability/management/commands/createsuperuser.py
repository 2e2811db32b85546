"""There is no superuser (docs/adr/0004): this replaces Django's command and only says so."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "There is no superuser; see create_administrator."

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("There is no superuser. The first administrator comes by create_administrator.")
