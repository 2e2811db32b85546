"""`manage.py migrate`, as Django's own, but on PostgreSQL it waits for a table for two seconds only and tries again.

A statement that waits for a table lets nobody pass it: all who come later wait behind it, readers too. So it gives way,
lets them through, and comes again.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

WAITS, PAUSE = 2, 3
"""Seconds that a statement waits for a table, half of what a page may wait; and between two tries."""

TRIES = 10

LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        for left in reversed(range(TRIES)):
            _wait_at_most(connection, f"{WAITS}s")
            try:
                _drop_half_built(connection)
                super().handle(*args, **options)
            except OperationalError as error:
                self.give_way(error, left)
            else:
                return
            finally:
                if connection.connection is not None and not connection.needs_rollback:
                    _wait_at_most(connection, None)

    def give_way(self, error: OperationalError, left: int) -> None:
        """Raise what isn't a lock that was waited for in vain, and at the end that too. What has been migrated stays;
        the migration that gave way was undone by its transaction, or left an index half built; the next try drops it.
        """
        if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise error
        if not left:
            raise CommandError(
                f"a table was held by another transaction in {TRIES} tries: end that one (pg_stat_activity) and "
                "migrate again; the migrations before are done, this one is undone (docs/upgrading.md)"
            ) from error
        self.stderr.write(f"a table is held by another transaction; again in {PAUSE} s, {left} tries left")
        time.sleep(PAUSE)


def _drop_half_built(connection: Any) -> None:
    """Drop the indexes that CREATE INDEX CONCURRENTLY has left invalid, now or once before: they serve nobody, and
    their migration couldn't make them again. One that is being built just now stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index "
            "WHERE NOT indisvalid AND indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index)"
        )
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")  # its name comes quoted, from the server


def _wait_at_most(connection: Any, time_: str | None) -> None:
    with connection.cursor() as cursor:
        if time_ is None:
            cursor.execute("RESET lock_timeout")
        else:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [time_])
