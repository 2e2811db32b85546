"""The few statements that every act runs, written out: by key, all columns, nothing else.

The ORM builds its statements anew each time, and for rows as wide as a complaint that was half of what an act cost.
Names come from the models, values are always bound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def rows(model: type[M], *, locking: str = "", **keys: Collection[Any]) -> list[M]:
    """The rows whose columns hold one of the keys given (`part={0, 3}`), in order of their primary keys."""
    if not all(keys.values()):
        return []
    table, primary = _names(model._meta.db_table, model._meta.pk.column)
    held = " AND ".join(_among(column, each) for column, each in keys.items())
    statement = f"SELECT * FROM {table} WHERE {held} ORDER BY {primary} {locking}"  # noqa: S608
    return list(model._base_manager.raw(statement, [key for each in keys.values() for key in each]))


def by_key(model: type[M], keys: Iterable[Any]) -> dict[Any, M]:
    """The rows by primary key; None among the keys is passed over."""
    wanted = {key for key in keys if key is not None}
    return {row.pk: row for row in rows(model, **{model._meta.pk.column: wanted})}


def locked(model: type[M], keys: Collection[Any], *, skip_locked: bool = False) -> dict[Any, M]:
    """The rows by primary key, each locked until the transaction ends; held ones left out with `skip_locked`.

    SQLite has no row locks: there the whole transaction is alone.
    """
    features = connection.features
    locking = connection.ops.for_update_sql(skip_locked=skip_locked) if features.has_select_for_update else ""
    return {row.pk: row for row in rows(model, locking=locking, **{model._meta.pk.column: keys})}


def update(thing: models.Model, columns: Iterable[models.Field[Any, Any]]) -> None:
    """Write these columns of the row."""
    fields = list(columns)
    table, primary = _names(thing._meta.db_table, thing._meta.pk.column)
    now = ", ".join(f"{name} = %s" for name in _names(*(f.column for f in fields)))
    values = [f.get_db_prep_save(getattr(thing, f.attname), connection) for f in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {now} WHERE {primary} = %s", [*values, thing.pk])  # noqa: S608


def keep(history: Any, things: Collection[models.Model], **by: Any) -> None:
    """One row of the history model for each thing, copied from its own row as it stands now, and `by` whom and why."""
    said = {history._meta.get_field(name): value for name, value in by.items()}
    copied = ", ".join(_names(*(f.column for f in history.tracked_fields)))
    added = ", ".join(_names(*(f.column for f in said)))
    table, original, primary = _names(*_tables(history, things))
    values = [f.get_db_prep_save(value, connection) for f, value in said.items()]
    keys = [thing.pk for thing in things]
    statement = (
        f"INSERT INTO {table} ({copied}, {added}) SELECT {copied}, {', '.join(['%s'] * len(values))} "  # noqa: S608
        f"FROM {original} WHERE {primary} IN ({', '.join(['%s'] * len(keys))}) ORDER BY {primary}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *keys])


def _tables(history: Any, things: Collection[models.Model]) -> tuple[str, str, str]:
    original = history.instance_type._meta
    return history._meta.db_table, original.db_table, original.pk.column


def _among(column: str, keys: Collection[Any]) -> str:
    return f"{_quoted(column)} IN ({', '.join(['%s'] * len(keys))})"


def _names(*names: str) -> list[str]:
    return [_quoted(name) for name in names]


@cache
def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
