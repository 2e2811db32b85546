"""Gives a statement the values of many rows as a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, models

from accountability.db.names import columns_of, marks, quoted


def given_rows(fields: Sequence[Any], columns: Iterable[Sequence[Any]]) -> tuple[str, list[Any]]:
    """A table `given` of these values, column by column, as it stands behind FROM, and the values of the statement.
    PostgreSQL gets them as one text: to read thousands of values took it longer than to write their rows.
    """
    if connection.vendor == "postgresql":
        types, names = _types(fields[0].model), [f.column for f in fields]
        ready = [_plain(f, values) for f, values in zip(fields, columns, strict=True)]
        each = [dict(zip(names, row, strict=True)) for row in zip(*ready, strict=True)]
        return f"json_to_recordset(%s) AS given ({', '.join([types[name] for name in names])})", [_json(each)]
    ready = [[f.get_db_prep_save(v, connection) for v in values] for f, values in zip(fields, columns, strict=True)]
    lined = list(zip(*ready, strict=True))
    lines = ", ".join([f"({marks(fields)})"] * len(lined))
    table = f"(WITH given ({columns_of(fields)}) AS (VALUES {lines}) SELECT * FROM given) AS given"  # noqa: S608
    return table, [value for row in lined for value in row]


@cache
def _types(model: type[models.Model]) -> dict[str, str]:
    """Each column with its type."""
    fields: Sequence[Any] = model._meta.concrete_fields
    return {f.column: f"{quoted(f.column)} {f.db_type(connection)}" for f in fields}


_SAME_IN_JSON = frozenset({str, int, bool, type(None), dict, list})


def _plain(field: Any, values: Sequence[Any]) -> list[Any]:
    """These values of one column, prepared by the field where it could change something. An instant often stands in
    many rows, as that of a batch does.
    """
    if isinstance(field, models.DateTimeField):
        texts = {value: (ready := field.get_prep_value(value)) and ready.isoformat() for value in set(values)}
        return [texts[value] for value in values]
    same = () if field.get_internal_type() == "BinaryField" else _SAME_IN_JSON
    return [value if type(value) in same else _as_text(field.get_prep_value(value)) for value in values]


def _as_text(value: Any) -> Any:
    """A column's value that JSON has no form for, as PostgreSQL reads it: bytes and days. Inside a column of JSON they
    are refused, as ever.
    """
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    return value.isoformat() if isinstance(value, date) else value


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
