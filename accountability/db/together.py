"""Reads rows of several tables in one statement: what an act needs under its lock, and what its papers tell.

Each table is a branch of a UNION ALL in which the columns of the others are NULL: each branch is planned by itself, a
row comes once, and all of them are read as of the same instant.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connection, models

from accountability.db.sql import marks, newest_in_force, quoted, quoted_table, shape_of

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Through:
    """Given for the values of a column: those that another column has in the rows whose `key` is one of `values`."""

    model: type[models.Model]
    column: str
    key: str
    values: Collection[Any]

    def __len__(self) -> int:
        return len(self.values)


class Later(Generic[M]):
    """Rows that are read when the first is needed of those that were asked for together, ordered by primary key."""

    def __init__(self, together: Together, model: type[M], condition: str, values: list[Any]) -> None:
        self.model, self.condition, self.values = model, condition, values
        self.found: list[M] = []
        self._together = together

    def __call__(self) -> list[M]:
        self._together.read()
        return self.found

    def by_key(self) -> dict[Any, M]:
        return {row.pk: row for row in self()}


class Together:
    """What was asked for until something of it is needed; then all of it is read with one statement."""

    def __init__(self) -> None:
        self._waiting: list[Later[Any]] = []

    def rows(self, model: type[M], **keys: Collection[Any] | Through) -> Later[M]:
        """Those whose columns have one of the given values (`part={0, 3}`), as `sql.rows` reads them."""
        values = [value for each in keys.values() for value in (each.values if isinstance(each, Through) else each)]
        condition = " AND ".join(f"{quoted(column)} IN ({_one_of(each)})" for column, each in keys.items())
        return self._ask(model, condition if all(len(each) for each in keys.values()) else "", values)

    def in_force(self, model: type[M], at: datetime) -> Later[M]:
        """The newest version that was in force at `at`, if there was one."""
        return self._ask(model, *newest_in_force(model, at))

    def _ask(self, model: type[M], condition: str, values: list[Any]) -> Later[M]:
        """Where no row can fit, nothing is asked."""
        later = Later(self, model, condition, values)
        if condition:
            self._waiting.append(later)
        return later

    def read(self) -> None:
        """Read all that waits; nothing where everything is read already."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        heads, starts = _branches(tuple(later.model for later in waiting), connection.vendor)
        statement = " UNION ALL ".join(
            f"{head} WHERE {later.condition}" for head, later in zip(heads, waiting, strict=True)
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for later in waiting for value in later.values])
            found = cursor.fetchall()
        for row in found:
            later, start = waiting[row[0]], starts[row[0]]
            shape = shape_of(later.model, connection.vendor)
            later.found.append(shape.made(later.model, row[start : start + len(shape.names)]))
        for later in waiting:
            later.found.sort(key=lambda row: row.pk)


def _one_of(values: Collection[Any] | Through) -> str:
    if not isinstance(values, Through):
        return marks(values)
    column = quoted(str(values.model._meta.get_field(values.column).column))  # type: ignore[union-attr]
    return f"SELECT {column} FROM {quoted_table(values.model)} WHERE {quoted(values.key)} IN ({marks(values.values)})"  # noqa: S608


@lru_cache(maxsize=200)
def _branches(several: tuple[type[models.Model], ...], vendor: str) -> tuple[list[str], list[int]]:
    """The beginning of each model's branch, with its place, and where its own columns begin in a row. PostgreSQL can't
    know from a NULL of which type it is.
    """
    casts = connection.features.requires_casted_case_in_updates
    empty = [
        ", ".join(f"CAST(NULL AS {f.db_type(connection)})" if casts else "NULL" for f in model._meta.concrete_fields)
        for model in several
    ]
    heads, starts, start = [], [], 1
    for place, model in enumerate(several):
        columns = ", ".join([*empty[:place], shape_of(model, vendor).columns, *empty[place + 1 :]])
        heads.append(f"SELECT {place}, {columns} FROM {quoted_table(model)}")  # noqa: S608
        starts.append(start)
        start += len(model._meta.concrete_fields)
    return heads, starts
