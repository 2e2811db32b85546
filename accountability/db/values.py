"""What stands in statements for the program's values: names of tables and columns, fields that keep the proofs of the
record in few bytes, and many rows as one table.
"""

from __future__ import annotations

import json
import string
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from zlib import crc32

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


# Many rows


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


# Proofs of the record, which are half of what a complaint takes on the disk


Marks = dict[str, dict[str, str]]
"""Marks of rows, by the label of their model and their primary key."""

_SIGNS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
"""The signs of base64, each at its number."""

_CODE = 3
"""So many signs stand for the label of a model."""

_FILL = 3
"""Bytes hold four signs in three, so up to three signs that mean nothing fill up the last ones."""


class _KeptAsBytes(models.Field):
    """The database has bytes for what `get_prep_value` makes bytes of."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        kept = value if prepared else self.get_prep_value(value)
        return None if kept is None else connection.Database.Binary(kept)


class HexDigest(_KeptAsBytes, models.CharField):
    """A digest that is a text of hexadecimal digits for the program, and bytes, half as many, in the database."""

    def get_prep_value(self, value: str | None) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def from_db_value(self, value: bytes | memoryview | None, *_of_query: Any) -> str | None:
        return None if value is None else bytes(value).hex()


class RowMarks(_KeptAsBytes):
    """The marks of the rows that an act left. `labels` are the labels of all models that may have some.

    A mark and a primary key consist of signs of base64. They are written one behind another, each with its length, in
    such signs alone, and the whole is decoded to bytes.
    """

    def __init__(self, *args: Any, labels: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels
        self._known: dict[str, str] = {}

    def get_prep_value(self, value: Marks | None) -> bytes | None:
        return None if value is None else packed(value)

    def from_db_value(self, value: bytes | memoryview | None, *_of_query: Any) -> Marks | None:
        """What no act can have written stands under no model: the entry can be read, and its HMAC tells of it."""
        if value is None:
            return None
        try:
            return self._unpacked(bytes(value))
        except ValueError:
            return {"": {"": bytes(value).hex()}}

    def _unpacked(self, kept: bytes) -> Marks:
        said, place, marks = b64encode(kept).decode(), 0, Marks()
        while place + _FILL < len(said):
            code, pk_at = said[place : place + _CODE], place + _CODE + 3
            of_pk, high, low = map(_SIGNS.index, said[place + _CODE : pk_at])
            mark_at = pk_at + of_pk
            place = mark_at + 64 * high + low
            marks.setdefault(self._label(code), {})[said[pk_at:mark_at]] = said[mark_at:place]
        return marks

    def _label(self, code: str) -> str:
        """Raises ValueError for a code that no model has, since somebody wrote into the database what no act did."""
        if code not in self._known:
            self._known = codes(self.labels)
        if code not in self._known:
            raise ValueError(code)
        return self._known[code]


def packed(marks: Marks) -> bytes:
    said = "".join(
        f"{code_of(label)}{_SIGNS[len(pk)]}{_SIGNS[len(mark) >> 6]}{_SIGNS[len(mark) & 63]}{pk}{mark}"
        for label, rows in marks.items()
        for pk, mark in rows.items()
    )
    return b64decode(said + "A" * (-len(said) % 4), validate=True)


def code_of(label: str) -> str:
    """The signs that stand for a label: a digest, so that nobody keeps a list of codes."""
    return b64encode(crc32(label.encode()).to_bytes(4))[:_CODE].decode()


def codes(labels: Iterable[str]) -> dict[str, str]:
    """The labels by code. Raises ValueError where two have the same, when one of the two models needs another name."""
    labels = list(labels)
    by_code = {code_of(label): label for label in labels}
    if len(by_code) < len(labels):
        raise ValueError(labels)
    return by_code
