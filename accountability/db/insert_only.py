"""Installs the triggers that make tables insert-only: the database itself refuses to change or delete their rows.

The tables are the ledger, the logs, the versions of rules and policies, the inputs of rankings, and the history tables
of all apps; a new history table gets its triggers with the next `migrate`. On PostgreSQL the application's role has no
UPDATE, DELETE or TRUNCATE on them (`manage.py database_roles`) and a trigger stops the owner's UPDATE and DELETE as
well; SQLite has only the triggers. Tests that need an empty table drop the triggers and install them again. The only
exception is the purge of old rows of the access log (`audit/log_retention.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from simple_history.models import HistoricalChanges

ACCESS_LOG = "accountability_accesslog"

LOG_TABLES = (
    "accountability_ledgerentry",
    ACCESS_LOG,
    "accountability_seal",
    "accountability_verification",
    "accountability_calendaryear",
    "accountability_timelimits",
    "accountability_paperwording",
    "accountability_answertemplate",
    "accountability_rulesversion",
    "accountability_rulereading",
    "accountability_signinpolicy",
    "django_admin_log",
    "accountability_privacypolicy",
    "assessment_rankinground",
)

KEPT_TABLES = {
    "accountability_paper": "OLD.issued_at IS NOT NULL",
    "accountability_paperfile": "OLD.made_at IS NOT NULL",
}
"""Tables whose rows can't be changed once the condition is true. Drafts of papers may be changed and deleted."""

PURGING = "shouwen.purged_before"
"""A setting of one PostgreSQL transaction: a role with DELETE may delete rows of the access log older than this."""

_INSERT_ONLY = """
CREATE OR REPLACE FUNCTION shouwen_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$
"""
_PURGED_ONLY = f"""
CREATE OR REPLACE FUNCTION shouwen_purged_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.at < nullif(current_setting('{PURGING}', true), '')::timestamptz THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME;
END $$
"""


def history_tables() -> tuple[str, ...]:
    """The history tables of all apps."""
    models = apps.get_models(include_auto_created=True)
    return tuple(sorted(model._meta.db_table for model in models if issubclass(model, HistoricalChanges)))


def insert_only_tables() -> tuple[str, ...]:
    return (*LOG_TABLES, *history_tables())


def install(connection: Any, tables: Iterable[str] | None = None) -> None:
    """Install the triggers on those of the tables that exist. Doing it twice is harmless."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_INSERT_ONLY)
            cursor.execute(_PURGED_ONLY)
        for table in _present(connection, tables):
            for statement in _create(connection.vendor, table):
                cursor.execute(statement)


def remove(connection: Any, tables: Iterable[str] | None = None) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        for table in _present(connection, tables):
            for event in ("update", "delete"):
                cursor.execute(drop(connection.vendor, table, event))


def drop(vendor: str, table: str, event: str) -> str:
    """The statement that drops one trigger."""
    return f"DROP TRIGGER IF EXISTS {table}_no_{event}" + (f" ON {table}" if vendor == "postgresql" else "")


def _present(connection: Any, tables: Iterable[str] | None) -> list[str]:
    """The wanted tables that exist: `migrate accountability` alone doesn't create those of the other apps."""
    there = set(connection.introspection.table_names())
    wanted = (*insert_only_tables(), *KEPT_TABLES) if tables is None else tables
    return [table for table in wanted if table in there]


def _create(vendor: str, table: str) -> list[str]:
    if table in KEPT_TABLES:
        events = ("update", "delete") if table == "accountability_paper" else ("update",)
        return [create(vendor, table, event, KEPT_TABLES[table]) for event in events]
    return [create(vendor, table, event) for event in ("update", "delete")]


def create(vendor: str, table: str, event: str, condition: str = "") -> str:
    """The statement that creates one trigger."""
    named, when = f"{table}_no_{event} BEFORE {event.upper()} ON {table}", f"WHEN ({condition}) " if condition else ""
    if vendor == "postgresql":
        function = "shouwen_purged_only" if (table, event) == (ACCESS_LOG, "delete") else "shouwen_insert_only"
        return f"CREATE OR REPLACE TRIGGER {named} FOR EACH ROW {when}EXECUTE FUNCTION {function}()"
    return f"CREATE TRIGGER IF NOT EXISTS {named} {when}BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
