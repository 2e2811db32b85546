"""Runs the few statements that every act needs, in hand-written SQL: all columns, selected by key.

The ORM builds its statements again each time; for rows as wide as a complaint that took two thirds of an act's time.
Names come from the models, values are always bound, and the model fields convert the values. `Changes` keeps the
objects that an act makes and changes until they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Generic, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import DateField, Field, QuerySet
from django.db.models.base import ModelState

from accountability.db.values import columns_of, given_rows, key_column, marks, quoted, quoted_table

M = TypeVar("M", bound=models.Model)


# Reading


def rows(model: type[M], **keys: Collection[Any]) -> list[M]:
    """The rows whose columns have one of the given values (`part={0, 3}`), ordered by primary key."""
    return _rows(model, keys)


def _rows(model: type[M], keys: Mapping[str, Collection[Any]], locking: str = "") -> list[M]:
    if not all(keys.values()):
        return []
    held = " AND ".join(f"{quoted(column)} IN ({marks(each)})" for column, each in keys.items())
    order = f"ORDER BY {quoted(key_column(model))} {locking}"
    return _read(model, f"WHERE {held} {order}", [key for each in keys.values() for key in each])


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


def converted(read: Sequence[Any], conversions: Conversions) -> list[Any]:
    row = list(read)
    for place, expression, convert in conversions:
        row[place] = convert(row[place], expression, connection)
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
        db = connection.alias
        return [object_of(model, db, self.names, converted(row, self.conversions)) for row in read]


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

    def read(self, needed: Later[Any]) -> None:
        """Read all that waits, if this does; nothing where it is read already."""
        if needed not in self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        heads, starts = _branches(tuple(later.model for later in waiting), connection.vendor)
        statement = " UNION ALL ".join(
            f"{head} WHERE {later.condition}" for head, later in zip(heads, waiting, strict=True)
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [value for later in waiting for value in later.values])
            found = cursor.fetchall()
        of_each: list[list[Any]] = [[] for _later in waiting]
        for row in found:
            of_each[row[0]].append(row)
        for later, start, read in zip(waiting, starts, of_each, strict=True):
            model: type[models.Model] = later.model
            shape = shape_of(model, connection.vendor)
            later.found = shape.all_made(model, [row[start : start + len(shape.names)] for row in read])
            later.found.sort(key=attrgetter(model._meta.pk.attname))


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


def update_found(model: type[models.Model], found: Compiled, field: str, value: Any) -> None:
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
