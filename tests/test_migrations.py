"""The migrations make the tables that the models make: tests run on the models' alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import AddField, CreateModel

from tests.migrated import Migrated, MigratedServer

ROOT = Path(__file__).parents[1]
APPS = ("accountability", "complaints", "assessment")

OF_POSTGRESQL = {
    "column": """
        SELECT table_name || '.' || column_name, data_type, udt_name, character_maximum_length, numeric_precision,
               is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """,
    "trigger": """
        SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    """,
    "function": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}
OF_SQLITE = "SELECT type, name, sql FROM sqlite_master"
NOT_OURS = ("django_migrations", "sqlite_autoindex_django_migrations", "auth_group_permissions")
"""Tables of Django's own: one is there for the migrations, the other's key is wider when they make it."""


@pytest.mark.django_db
def test_the_migrations_make_what_the_models_make(
    migrated: Migrated, migrated_server: MigratedServer, tmp_path: Path
) -> None:
    """A model's change without its migration, and a trigger or index that only one of the two ways makes."""
    with another(migrated, migrated_server, tmp_path) as other:
        made, modelled = structure(other), structure(connection)
    kinds = {kind for kind, _name in modelled}
    assert kinds >= {"index", "trigger"}
    assert len(modelled) > 500
    assert made == modelled


def test_an_app_has_one_migration() -> None:
    """No database is in use yet: a model's change is written into the one migration."""
    steps = {app: sorted(file.stem for file in (ROOT / app / "migrations").glob("0*.py")) for app in APPS}
    assert steps == {app: ["0001_initial"] for app in APPS}


WIDE = {"BigAutoField", "BigIntegerField", "ForeignKey", "OneToOneField", "DateTimeField"}
"""Columns of eight bytes, before each of which PostgreSQL fills up to a multiple of eight."""

LARGE = {
    "accountability": ["ledgerentry", "personaldata", "searchtext", "notification", "deadline", "matter"],
    "complaints": ["round"],
}
"""The models of which a complaint has several rows. Its own row refers to rounds, which are made after it."""


@pytest.mark.parametrize(("app", "model"), [(app, model) for app, models in LARGE.items() for model in models])
def test_the_columns_of_large_tables_begin_with_the_wide_ones(app: str, model: str) -> None:
    """In another order 36 rows of a complaint took up to nine bytes more each."""
    is_wide = [field.get_internal_type() in WIDE for field in columns(app, model)]
    assert (any(is_wide), is_wide) == (True, sorted(is_wide, reverse=True))


def columns(app: str, model: str) -> Iterator[Any]:
    """The fields in the order in which the migration makes their columns."""
    for step in import_module(f"{app}.migrations.0001_initial").Migration.operations:
        if isinstance(step, CreateModel) and step.name_lower == model:
            yield from (field for _name, field in step.fields)
        elif isinstance(step, AddField) and step.model_name_lower == model:
            yield step.field


@contextmanager
def another(migrated: Migrated, server: MigratedServer, folder: Path) -> Iterator[Any]:
    """A connection to a database that another process has migrated."""
    with ExitStack() as stack:
        if connection.vendor == "postgresql":
            name = stack.enter_context(server.copy()).rpartition("/")[2]
        else:
            name = str(migrated.lay_out(folder))
        other = connection.copy("migrated")
        other.settings_dict["NAME"] = name
        stack.callback(other.close)
        yield other


def structure(of: Any) -> dict[tuple[str, str], Any]:
    """What the database consists of, by kind and name. Columns stand in any order."""
    found: dict[tuple[str, str], Any]
    with of.cursor() as cursor:
        if of.vendor == "postgresql":
            found = {(kind, row[0]): row[1:] for kind, sql in OF_POSTGRESQL.items() for row in read(cursor, sql)}
        else:
            found = {(kind, name): parts(sql or "") for kind, name, sql in read(cursor, OF_SQLITE)}
    return {place: what for place, what in found.items() if not place[1].startswith(NOT_OURS)}


def read(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    return cursor.fetchall()


def parts(sql: str) -> list[str]:
    """What stands between the outermost brackets, comma by comma; a trigger and an index as they are."""
    if not sql.startswith("CREATE TABLE"):
        return [sql]
    found, depth = [""], 0
    for sign in sql[sql.index("(") + 1 : sql.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return sorted(part.strip() for part in found)
