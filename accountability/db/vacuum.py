"""How often PostgreSQL clears tables of rows that are no longer true.

By default it waits until a fifth of a table is such rows. Of a million complaints only the few thousand open ones
change, so that an index of the open ones would hold fifty dead entries for each live one, and each list reads them all.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps

from accountability.db.insert_only import insert_only_tables

SETTINGS = {"autovacuum_vacuum_threshold": "50", "autovacuum_vacuum_scale_factor": "0.004"}
"""At a million complaints after 4,000 changed rows: about twenty times a working day, for a second or two each. Of a
small table never later than by default, which is 50 rows and a fifth.
"""


def changing_tables() -> tuple[str, ...]:
    """The tables whose rows change."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return tuple(sorted(tables.difference(insert_only_tables())))


def set_up(connection: Any) -> None:
    """Give the tables their settings. Doing it twice is harmless, and takes no lock where they are set."""
    if connection.vendor != "postgresql":
        return
    wanted = [f"{name}={value}" for name, value in SETTINGS.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname = ANY(%s) "
            "AND NOT coalesce(reloptions, '{}') @> %s",
            [list(changing_tables()), wanted],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} SET ({', '.join(wanted)})")
