"""The indexes on pairs of characters, which no model can express: PostgreSQL alone has them."""

from __future__ import annotations

from typing import Any

from django.db import connections

from accountability.models import SearchText
from accountability.search.index import SEARCHED

KNOWN_PAIRS = 10_000
"""Of how many pairs of characters PostgreSQL keeps how frequent they are."""


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Make what is missing. Does nothing while the table doesn't exist, or on another database."""
    connection = connections[using]
    if connection.vendor == "postgresql" and SearchText._meta.db_table in connection.introspection.table_names():
        index_terms(connection)


def index_terms(connection: Any) -> None:
    """One index of each kind of matter that is searched: in a common one, a word that complaints often have is looked
    up in all of them to find that no case has it. Doing it twice is harmless.

    A pair that isn't among the most frequent ones is half as frequent as the least of them, for all that the planner
    knows. It knows ten times as many as of another column: or it would take a rare word for one in a few hundred texts,
    and read all texts from the newest on until the statement is given up.
    """
    table = SearchText._meta.db_table
    with connection.cursor() as cursor:
        for kind in SEARCHED:
            made = f"CREATE INDEX IF NOT EXISTS search_in_{kind} ON {table} USING gin (terms)"
            cursor.execute(f"{made} WHERE kind = %s", [kind])
        cursor.execute(
            "SELECT attstattarget FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'terms'", [table]
        )
        if cursor.fetchone() != (KNOWN_PAIRS // 10,):
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN terms SET STATISTICS {KNOWN_PAIRS // 10}")
            cursor.execute(f"ANALYZE {table}")
