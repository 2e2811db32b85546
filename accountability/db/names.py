"""Names of tables and columns, and the marks for values, as statements have them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from django.db import connection, models


@cache
def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def quoted_table(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


def key_column(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def columns_of(fields: Iterable[Any]) -> str:
    return ", ".join(quoted(f.column) for f in fields)


def marks(things: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(things))
