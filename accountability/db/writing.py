"""Writes new rows, changed columns and histories, in hand-written SQL. Many rows reach the database as one table; the
proofs of the record are kept in few bytes. `Changes` keeps the objects that an act makes and changes until they are
written.
"""

from __future__ import annotations

import json
import string
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, Self
from zlib import crc32

from django.db import connection, models
from django.db.models import DateField, Field


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


NEWEST_SEAL = "accountability.seal"
"""Under this name the marks of an act tell the newest seal of its time (`audit/verify_export.py`)."""


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
            self._known = codes([*self.labels, NEWEST_SEAL])
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


# Writing


def insert(things: Sequence[models.Model]) -> None:
    """Insert these objects, all of one model, and set the primary keys that the database assigned."""
    if not things:
        return
    fields = [f for f in things[0]._meta.concrete_fields if not f.primary_key or things[0].pk is not None]
    size = connection.ops.bulk_batch_size(fields, things)
    for start in range(0, len(things), size):
        _insert(things[start : start + size], fields)


def _insert(things: Sequence[models.Model], fields: list[Any]) -> None:
    model, columns = type(things[0]), columns_of(fields)
    given, values = given_rows(fields, [_values_of_new(f, things) for f in fields])
    statement = (
        f"INSERT INTO {quoted_table(model)} ({columns}) SELECT {columns} FROM {given} "  # noqa: S608
        f"RETURNING {quoted(key_column(model))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        keys = cursor.fetchall()
    primary, db = model._meta.pk.attname, connection.alias
    for thing, (key,) in zip(things, keys, strict=True):
        setattr(thing, primary, key)
        thing._state.adding, thing._state.db = False, db


def _values_of_new(field: Any, things: Sequence[models.Model]) -> list[Any]:
    """The values that new rows get in this column. `pre_save` is asked where it does more than read."""
    is_set = isinstance(field, DateField) and (field.auto_now or field.auto_now_add)
    if is_set or type(field).pre_save not in (Field.pre_save, DateField.pre_save, models.DateTimeField.pre_save):
        return [field.pre_save(thing, True) for thing in things]
    return [thing.__dict__[field.attname] for thing in things]


def update(thing: models.Model, fields: Collection[Any]) -> bool:
    """Update these columns of the object's row; whether there is one."""
    now = ", ".join(f"{quoted(f.column)} = %s" for f in fields)
    values = [f.get_db_prep_save(getattr(thing, f.attname), connection) for f in fields]
    table, primary = quoted(thing._meta.db_table), quoted(key_column(type(thing)))
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {now} WHERE {primary} = %s", [*values, thing.pk])  # noqa: S608
        return cursor.rowcount > 0


def update_found(model: type[models.Model], found: tuple[str, tuple[Any, ...]], field: str, value: Any) -> None:
    """Set this column of the rows whose primary keys a compiled statement selects."""
    statement, values = found
    if not statement:
        return
    column: Any = model._meta.get_field(field)
    table, primary, changed = quoted(model._meta.db_table), quoted(key_column(model)), quoted(column.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changed} = %s WHERE {primary} IN ({statement})",  # noqa: S608
            [column.get_db_prep_save(value, connection), *values],
        )


def update_each(things: Sequence[models.Model], fields: Collection[Any]) -> None:
    """Update these columns of several objects of one model. `bulk_update` builds a CASE for each value, which took half
    the time of a sweep after an outage.
    """
    columns = [things[0]._meta.pk, *fields]
    size = connection.ops.bulk_batch_size(columns, things)
    for start in range(0, len(things), size):
        _update_each(things[start : start + size], columns)


def _update_each(things: Sequence[models.Model], columns: list[Any]) -> None:
    given, values = given_rows(columns, [[getattr(thing, f.attname) for thing in things] for f in columns])
    primary, *changed = (quoted(f.column) for f in columns)
    table, now = quoted(things[0]._meta.db_table), ", ".join(f"{column} = given.{column}" for column in changed)
    statement = f"UPDATE {table} SET {now} FROM {given} WHERE {table}.{primary} = given.{primary}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def keep(history: Any, things: Collection[models.Model], **by: Any) -> None:
    """Insert one history row for each object, copied from its current row; `by` gives the columns for whom and why."""
    said = {history._meta.get_field(name): value for name, value in by.items()}
    copied, added = columns_of(history.tracked_fields), columns_of(said)
    values = [f.get_db_prep_save(value, connection) for f, value in said.items()]
    original = history.instance_type
    primary = quoted(key_column(original))
    statement = (
        f"INSERT INTO {quoted(history._meta.db_table)} ({copied}, {added}) SELECT {copied}, {marks(said)} "  # noqa: S608
        f"FROM {quoted_table(original)} WHERE {primary} IN ({marks(things)}) ORDER BY {primary}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *(thing.pk for thing in things)])


# What an act makes and changes


@cache
def _attributes(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(f.attname for f in model._meta.concrete_fields)


@cache
def _links(model: type[models.Model]) -> tuple[tuple[str, Any], ...]:
    """The foreign keys, by attribute."""
    return tuple((f.attname, f) for f in model._meta.concrete_fields if f.is_relation)


class Changes:
    """The objects that an act makes, and those that it may change."""

    def __init__(self) -> None:
        self.made: list[models.Model] = []
        self.updated: list[models.Model] = []
        self.watched: list[tuple[models.Model, dict[str, Any]]] = []
        self._watched: set[int] = set()

    @classmethod
    def of(cls, several: Iterable[Changes]) -> Self:
        """The changes of several acts, joined."""
        joined = cls()
        for changes in several:
            joined.made += changes.made
            joined.watched += changes.watched
        return joined

    def new(self, thing: models.Model, *, first: bool = False) -> None:
        """Insert this object when the act is written. `first`: other new objects refer to it."""
        self.made.insert(0 if first else len(self.made), thing)

    def watch(self, thing: models.Model) -> None:
        """Update this object when the act is written, if a column changes from now on."""
        if id(thing) not in self._watched:
            self._watched.add(id(thing))
            self.watched.append((thing, thing.__dict__.copy()))

    def insert(self) -> None:
        """Insert with one statement per model, in the order in which the models first appear, so that a row is inserted
        before the rows that refer to it.
        """
        for things in by_model(self.made).values():
            for thing in things:
                take_keys(thing)
            insert(things)

    def update(self) -> None:
        """Update the changed columns, with one statement per model."""
        changed: dict[int, set[str]] = {}
        for thing, names in self.changed():
            if hasattr(thing, "compute"):  # what follows from other columns, as pinyin does
                names |= thing.compute(names)
            changed[id(thing)] = names
            self.updated.append(thing)
        for model, things in by_model(self.updated).items():
            names = set().union(*(changed[id(thing)] for thing in things))
            fields = [f for f in model._meta.concrete_fields if f.attname in names]
            update(things[0], fields) if len(things) == 1 else update_each(things, fields)

    def changed(self) -> Iterable[tuple[models.Model, set[str]]]:
        """The watched objects of which columns changed, with the names of those columns."""
        for thing, before in self.watched:
            if thing._state.fields_cache:
                take_keys(thing)
            if (now := thing.__dict__) == before:
                continue  # as most are: no column need be looked at
            names = _attributes(thing._meta.model)
            try:
                differing = {name for name in names if now[name] != before[name]}
            except KeyError:  # a column that wasn't read
                differing = {name for name in names if now.get(name) != before.get(name)}
            if differing:
                yield thing, differing

    def all(self) -> Iterable[models.Model]:
        yield from self.made
        yield from (thing for thing, _before in self.watched)


def by_model(things: Iterable[models.Model]) -> dict[type[models.Model], list[Any]]:
    grouped: dict[type[models.Model], list[Any]] = {}
    for thing in things:
        grouped.setdefault(type(thing), []).append(thing)
    return grouped


def take_keys(thing: models.Model) -> None:
    """Set the foreign keys of related objects that were assigned before they had a primary key."""
    held, found = thing.__dict__, thing._state.fields_cache
    for name, f in _links(thing._meta.model):
        if held.get(name) is None and (related := found.get(f.cache_name)) is not None and related.pk is not None:
            held[name] = related.pk
