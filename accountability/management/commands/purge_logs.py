"""`manage.py purge_logs`: deletes rows of the access log that have been kept long enough."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accountability.audit.log_retention import CannotPurge, purge
from accountability.deadlines import clock


class Command(BaseCommand):
    help = (
        "Delete rows of the access log that were sealed more than LOG_KEEP_MONTHS ago; on PostgreSQL as the owner. "
        "The ledger and the histories are never purged."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = purge(clock.read())
        except CannotPurge as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(f"{count} rows, older than {settings.LOG_KEEP_MONTHS} months")
