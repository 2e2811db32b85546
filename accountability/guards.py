"""Rows that are only ever inserted: the database itself refuses to change or delete them.

On PostgreSQL the application's role has no UPDATE, DELETE or TRUNCATE on these tables (`manage.py database_roles`)
and a trigger refuses the owner's UPDATE and DELETE as well; SQLite has triggers alone. Who needs a clean table (the
tests' flush) drops the triggers first and installs them again.
"""

from __future__ import annotations

from typing import Any

INSERT_ONLY_TABLES = (
    "accountability_ledgerentry",
    "accountability_accesslog",
    "accountability_calendaryear",
    "accountability_timelimits",
)

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION shouwen_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$
"""


def install(connection: Any, tables: tuple[str, ...] = INSERT_ONLY_TABLES) -> None:
    """Put the triggers on; doing it twice is harmless."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in tables:
            for statement in _create(connection.vendor, table):
                cursor.execute(statement)


def remove(connection: Any, tables: tuple[str, ...] = INSERT_ONLY_TABLES) -> None:
    """Take the triggers off."""
    suffix = {"postgresql": " ON {table}"}.get(connection.vendor, "")
    with connection.cursor() as cursor:
        for table in tables:
            for event in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}" + suffix.format(table=table))


def _create(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"CREATE OR REPLACE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION shouwen_insert_only()"
            for event in ("update", "delete")
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{event} BEFORE {event.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        for event in ("update", "delete")
    ]
