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
    "accountability_paperwording",
    "accountability_answertemplate",
    "accountability_rulesversion",
    "accountability_rulereading",
    "accountability_signinpolicy",
    "accountability_privacypolicy",
)

KEPT_TABLES = {
    "accountability_paper": "OLD.issued_at IS NOT NULL",
    "accountability_paperfile": "OLD.made_at IS NOT NULL",
}
"""Rows that nobody changes any more from then on. Drafts of papers, which were never issued, are thrown away."""

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION shouwen_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$
"""


def install(connection: Any, tables: tuple[str, ...] = (*INSERT_ONLY_TABLES, *KEPT_TABLES)) -> None:
    """Put the triggers on; doing it twice is harmless."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in tables:
            for statement in _create(connection.vendor, table):
                cursor.execute(statement)


def remove(connection: Any, tables: tuple[str, ...] = (*INSERT_ONLY_TABLES, *KEPT_TABLES)) -> None:
    """Take the triggers off."""
    suffix = {"postgresql": " ON {table}"}.get(connection.vendor, "")
    with connection.cursor() as cursor:
        for table in tables:
            for event in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}" + suffix.format(table=table))


def _create(vendor: str, table: str) -> list[str]:
    if table in KEPT_TABLES:
        events = ("update", "delete") if table == "accountability_paper" else ("update",)
        return [_trigger(vendor, table, event, KEPT_TABLES[table]) for event in events]
    return [_trigger(vendor, table, event) for event in ("update", "delete")]


def _trigger(vendor: str, table: str, event: str, condition: str = "") -> str:
    named, when = f"{table}_no_{event} BEFORE {event.upper()} ON {table}", f"WHEN ({condition}) " if condition else ""
    if vendor == "postgresql":
        return f"CREATE OR REPLACE TRIGGER {named} FOR EACH ROW {when}EXECUTE FUNCTION shouwen_insert_only()"
    return f"CREATE TRIGGER IF NOT EXISTS {named} {when}BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
