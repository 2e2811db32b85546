"""Fields that keep the proofs of the record in few bytes. They are half of what a complaint takes on the disk."""

from __future__ import annotations

import string
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any
from zlib import crc32

from django.db import models

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
