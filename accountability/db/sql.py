"""Reads by the few statements that every act and every page needs, in hand-written SQL: all columns, selected by key.

The ORM builds its statements again each time; for rows as wide as a complaint that took two thirds of an act's time.
Names come from the models, values are always bound, and the model fields convert the values. To plan a statement takes
PostgreSQL longer than to carry it out, so that a connection prepares those that come again (`Recurring`).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import count
from operator import attrgetter
from typing import Any, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, models
from django.db.models import QuerySet
from django.db.models.base import ModelState

from accountability.db.writing import columns_of, key_column, marks, quoted, quoted_table

M = TypeVar("M", bound=models.Model)


# Reading


def rows(model: type[M], **keys: Collection[Any]) -> list[M]:
    """The rows whose columns have one of the given values (`part={0, 3}`), ordered by primary key; without any, all."""
    return _rows(model, keys)


def _rows(model: type[M], keys: Mapping[str, Collection[Any]], locking: str = "") -> list[M]:
    if not all(keys.values()):
        return []
    held = " AND ".join(f"{quoted(column)} IN ({marks(each)})" for column, each in keys.items())
    order = f"ORDER BY {quoted(key_column(model))} {locking}"
    return _read(model, f"WHERE {held or 'TRUE'} {order}", [key for each in keys.values() for key in each])


def by_key(model: type[M], keys: Iterable[Any]) -> dict[Any, M]:
    """The rows by primary key; None among the keys is ignored."""
    wanted = {key for key in keys if key is not None}
    return {row.pk: row for row in _rows(model, {key_column(model): wanted})}


def locked(model: type[M], keys: Collection[Any], *, skip_locked: bool = False) -> dict[Any, M]:
    """The rows by primary key, locked until the transaction ends. `skip_locked` leaves out rows that others locked.

    SQLite has no row locks; there the whole transaction is exclusive.
    """
    features = connection.features
    # Without the key: what refers to a locked row, such as a line of the access log, needn't wait for the lock.
    free = {"skip_locked": skip_locked, "no_key": features.has_select_for_no_key_update}
    locking = connection.ops.for_update_sql(**free) if features.has_select_for_update else ""
    return {row.pk: row for row in _rows(model, {key_column(model): keys}, locking)}


def newest_in_force(model: type[models.Model], at: datetime) -> tuple[str, list[Any]]:
    """The condition that only that version fits, and its values."""
    newest = f"SELECT MAX(version) FROM {quoted_table(model)} WHERE in_force_from <= %s"  # noqa: S608
    return f"version = ({newest})", [connection.ops.adapt_datetimefield_value(at)]


def _read(model: type[M], condition: str, values: Sequence[Any]) -> list[M]:
    shape = shape_of(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {shape.columns} FROM {quoted_table(model)} {condition}", values)  # noqa: S608
        return shape.all_made(model, cursor.fetchall())


Compiled = tuple[str, tuple[Any, ...]]
"""A statement and its values."""


def compiled(found: QuerySet[Any]) -> Compiled:
    """The statement of a query, empty for one that Django knows to have no rows."""
    try:
        return found.query.sql_with_params()
    except EmptyResultSet:
        return "", ()


def fetched(asked: Compiled, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """The rows of a compiled statement, as the driver gives them."""
    statement, values = asked
    if not statement:
        return []
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


Conversions = list[tuple[int, Any, Callable[..., Any]]]
"""The place in a row, the expression that stands there, and what makes the driver's value the field's own."""


def conversions_of(expressions: Iterable[Any]) -> Conversions:
    found = enumerate(expressions)
    both = ((n, e, [*connection.ops.get_db_converters(e), *e.get_db_converters(connection)]) for n, e in found)
    return [(place, expression, _of_whichever(convert)) for place, expression, several in both for convert in several]


def _of_whichever(convert: Callable[..., Any]) -> Callable[..., Any]:
    """A method is asked of the connection at hand: this one ends with its thread, and what is kept would hold it."""
    if getattr(convert, "__self__", None) is not connection.ops:
        return convert
    name = convert.__name__
    return lambda value, expression, now: getattr(now.ops, name)(value, expression, now)


def converted(read: Sequence[Any], conversions: Conversions, now: Any) -> list[Any]:
    """The row as objects have it. `now`: the thread's own connection, which `connection` would look for at each use."""
    row = list(read)
    for place, expression, convert in conversions:
        row[place] = convert(row[place], expression, now)
    return row


@dataclass(frozen=True)
class Shape:
    """The columns of a table as SQL, the attributes that they fill, and how they are converted."""

    columns: str
    names: list[str]
    conversions: Conversions

    def made(self, model: type[M], read: Sequence[Any]) -> M:
        """The object of a row that the driver gave."""
        return self.all_made(model, [read])[0]

    def all_made(self, model: type[M], read: Iterable[Sequence[Any]]) -> list[M]:
        now = connections[DEFAULT_DB_ALIAS]
        return [object_of(model, now.alias, self.names, converted(row, self.conversions, now)) for row in read]


def object_of(model: type[M], db: str | None, names: Iterable[str], values: Iterable[Any]) -> M:
    """What `from_db` makes. Django's sets each attribute by a call of its own and sends signals that nobody hears."""
    thing = model.__new__(model)
    state = thing._state = ModelState()
    state.adding, state.db = False, db
    thing.__dict__.update(zip(names, values, strict=True))
    return thing


def new(model: type[M], known: Mapping[str, models.Model] | None = None, **values: Any) -> M:
    """A new object with these values of its columns, and the defaults of the others. `known` has the objects that its
    foreign keys name. As `Model.__init__` makes it, which asks every field and sets each attribute by a call.
    """
    fixed, computed = _defaults(model)
    held = {**fixed, **{name: default() for name, default in computed if name not in values}, **values}
    thing = object_of(model, None, held.keys(), held.values())
    thing._state.adding = True
    thing._state.fields_cache.update(known or {})
    return thing


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """What the columns of a new object hold: the same always, or what a function makes."""
    fields = model._meta.concrete_fields
    computed = {f.attname: f.default for f in fields if f.has_default() and callable(f.default)}
    return {f.attname: f.get_default() for f in fields if f.attname not in computed}, list(computed.items())


class Read(models.Model):
    """A model whose rows become objects as quickly by Django's querysets; columns that weren't read are deferred."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:  # type: ignore[override]
        return object_of(cls, db, field_names, values)


@cache
def shape_of(model: type[models.Model], vendor: str) -> Shape:
    fields = model._meta.concrete_fields
    columns = ", ".join(f"{quoted_table(model)}.{quoted(f.column)}" for f in fields)
    return Shape(columns, [f.attname for f in fields], conversions_of(f.get_col(model._meta.db_table) for f in fields))


# Reading rows of several tables in one statement: what an act needs under its lock, and what its papers tell. Each
# table is a branch of a UNION ALL in which the columns of the others are NULL: each branch is planned by itself, a row
# comes once, and all of them are read as of the same instant.


@dataclass(frozen=True)
class Through:
    """Given for the values of a column: those that another column has in the rows whose `key` is one of `values`, which
    may be found in this way themselves.
    """

    model: type[models.Model]
    column: str
    key: str
    values: Collection[Any] | Through

    def __len__(self) -> int:
        return len(self.values)


class Later(Generic[M]):
    """Rows that are read when the first is needed of those that were asked for together, ordered by primary key."""

    def __init__(self, together: Together, model: type[M], condition: str, values: list[Any]) -> None:
        self.model, self.condition, self.values = model, condition, values
        self.found: list[M] = []
        self._together = together

    def __call__(self) -> list[M]:
        self._together.read(self)
        return self.found

    def by_key(self) -> dict[Any, M]:
        return {row.pk: row for row in self()}


class Together:
    """What was asked for until something of it is needed; then all of it is read with one statement."""

    def __init__(self) -> None:
        self._waiting: list[Later[Any]] = []

    def rows(self, model: type[M], **keys: Collection[Any] | Through) -> Later[M]:
        """Those whose columns have one of the given values (`part={0, 3}`), as `sql.rows` reads them."""
        values = [value for each in keys.values() for value in _given(each)]
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

    def read(self, needed: Later[Any]) -> None:
        """Read all that waits, if this does; nothing where it is read already."""
        if needed not in self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        heads, starts = _branches(tuple(later.model for later in waiting), connection.vendor)
        statement = " UNION ALL ".join(
            f"{head} WHERE {later.condition}" for head, later in zip(heads, waiting, strict=True)
        )
        values = tuple(value for later in waiting for value in later.values)
        of_each: list[list[Any]] = [[] for _later in waiting]
        for row in fetched_again((Recurring(statement) if len(values) <= FEW else statement, values)):
            of_each[row[0]].append(row)
        for later, start, read in zip(waiting, starts, of_each, strict=True):
            model: type[models.Model] = later.model
            shape = shape_of(model, connection.vendor)
            later.found = shape.all_made(model, [row[start : start + len(shape.names)] for row in read])
            later.found.sort(key=attrgetter(model._meta.pk.attname))


FEW = 40
"""The most values of a text that is prepared. There is one for each number of values: many seldom come again."""


def _given(values: Collection[Any] | Through) -> Collection[Any]:
    return _given(values.values) if isinstance(values, Through) else values


def _one_of(values: Collection[Any] | Through) -> str:
    if not isinstance(values, Through):
        return marks(values)
    column = quoted(str(values.model._meta.get_field(values.column).column))  # type: ignore[union-attr]
    return f"SELECT {column} FROM {quoted_table(values.model)} WHERE {quoted(values.key)} IN ({_one_of(values.values)})"  # noqa: S608


@lru_cache(maxsize=200)
def _branches(several: tuple[type[models.Model], ...], vendor: str) -> tuple[list[str], list[int]]:
    """The beginning of each model's branch, with its place, and where its own columns begin in a row. PostgreSQL can't
    know from a NULL of which type it is, unless the first branch has told it.
    """
    fields_of = [model._meta.concrete_fields for model in several]
    empty = [", ".join(["NULL"] * len(fields)) for fields in fields_of]
    typed = [", ".join(f"CAST(NULL AS {f.db_type(connection)})" for f in fields) for fields in fields_of]
    casts = connection.features.requires_casted_case_in_updates
    heads, starts, start = [], [], 1
    for place, (model, fields) in enumerate(zip(several, fields_of, strict=True)):
        of_others = empty if place or not casts else typed
        columns = ", ".join([*of_others[:place], columns_of(fields), *of_others[place + 1 :]])
        heads.append(f"SELECT {place}, {columns} FROM {quoted_table(model)}")  # noqa: S608
        starts.append(start)
        start += len(fields)
    return heads, starts


# What PostgreSQL plans once: to plan the counts of a desk takes longer than to count. A connection prepares such a
# statement when it hears it first. One plan must be right for whichever values: a state for which there is an index of
# its own stands in the text. Behind PgBouncer the next statement may get another connection, which knows nothing of it:
# there nothing is prepared.

TYPES = {int: "bigint", bool: "boolean", datetime: "timestamptz", date: "date", str: "unknown"}
"""Values of other types aren't prepared for. What is unknown gets its type from what it is compared with."""

MOST_PREPARED = 900_000
"""Characters of text for one connection: what eight offices' pages and acts ask is 820,000. PostgreSQL takes some
140 bytes for each of a page's, 70 of an act's: about 110 MB.
"""

NO_LONGER = ("26000", "0A000")
"""PostgreSQL's codes where a name means nothing any more, or a table has other columns than when it was prepared."""

OPEN = object()
"""Among values: one that stays open."""

_VALUE = re.compile(r"%%|%s")
_numbers = count(1)


@dataclass
class Prepared:
    """What a connection has prepared, its names by text and types; what was asked last comes last."""

    names: OrderedDict[tuple[str, ...], str] = field(default_factory=OrderedDict)
    is_in_doubt: bool = False


_prepared: WeakKeyDictionary[Any, Prepared] = WeakKeyDictionary()
"""By connection of the driver."""


class Recurring(str):
    """The text of a statement that is worth preparing."""

    __slots__ = ()


def recurring(text: str, parts: Collection[str]) -> str:
    """A text that is made of these statements: worth preparing if all of them are."""
    return Recurring(text) if parts and all(isinstance(part, Recurring) for part in parts) else text


def with_constants(statement: str, values: Sequence[Any]) -> Recurring:
    """The statement with these values in its text, but for those that are `OPEN`."""
    given = iter(values)

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%" or (value := next(given)) is OPEN:
            return found[0]
        return cursor.mogrify("%s", [value]).decode().replace("%", "%%")

    with connection.cursor() as cursor:
        return Recurring(_VALUE.sub(written, statement))


def written_out(statement: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement with all of its values in its text, where it may then be prepared."""
    return (statement, values) if connection.vendor != "postgresql" else (with_constants(statement, values), ())


def _execute(cursor: Any, statement: Recurring, values: Sequence[Any]) -> None:
    """As the cursor's own, by what the connection has prepared."""
    types = tuple(map(_type_of, values))
    if settings.DATABASE_POOLED or not all(types):
        cursor.execute(statement, values)
        return
    mine, key = _prepared.setdefault(cursor.db.connection, Prepared()), (statement, *types)
    try:
        name = mine.names.get(key) or _prepare(mine, key)
        cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})" if values else f"EXECUTE {name}", values)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") not in NO_LONGER:
            raise
        mine.names.clear()
        mine.is_in_doubt = True
        if cursor.db.in_atomic_block:
            raise  # the transaction has failed; the next one prepares anew
        cursor.execute(statement, values)
    else:
        mine.names.move_to_end(key)


def _type_of(value: Any) -> str:
    """PostgreSQL's name for it; empty where there is none. A list is one of keys."""
    if isinstance(value, list):
        return "bigint[]" if set(map(type, value)) <= {int} else ""
    return TYPES.get(type(value), "")


def _prepare(mine: Prepared, key: tuple[str, ...]) -> str:
    """Prepare this text for these types, and end what there is no more room for. PostgreSQL keeps what was prepared
    even if the transaction is undone. It is no statement of a page, and is sent past whoever counts those.
    """
    statement, *types = key
    places, name = count(1), f"standing_{next(_numbers)}"
    text = _VALUE.sub(lambda found: "%" if found[0] == "%%" else f"${next(places)}", statement)
    given = f" ({', '.join(types)})" if types else ""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        if mine.is_in_doubt:
            cursor.execute("DEALLOCATE ALL")
            mine.is_in_doubt = False
        while mine.names and len(statement) + sum(len(asked) for asked, *_types in mine.names) > MOST_PREPARED:
            oldest = next(iter(mine.names))
            cursor.execute(f"DEALLOCATE {mine.names[oldest]}")
            del mine.names[oldest]
        cursor.execute(f"PREPARE {name}{given} AS {text}")
    mine.names[key] = name
    return name


def fetched_again(asked: Compiled) -> list[tuple[Any, ...]]:
    """The rows of a compiled statement, which is prepared if it is worth it; none of an empty one."""
    (statement, values), now = asked, connections[DEFAULT_DB_ALIAS]
    if now.vendor != "postgresql" or not isinstance(statement, Recurring) or not statement:
        return fetched(asked)
    with now.cursor() as cursor:
        _execute(cursor, statement, values)
        return cursor.fetchall()
