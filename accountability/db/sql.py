"""Runs the few statements that every act needs, in hand-written SQL: all columns, selected by key.

The ORM builds its statements again each time; for rows as wide as a complaint that took two thirds of an act's time.
Names come from the models, values are always bound, and the model fields convert the values. `Changes` keeps the
objects that an act makes and changes until they are written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from inspect import getattr_static
from typing import Any, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Field, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import ModelIterable
from django.db.models.signals import post_init, pre_init

M = TypeVar("M", bound=models.Model)


# Reading


def rows(model: type[M], **keys: Collection[Any]) -> list[M]:
    """The rows whose columns have one of the given values (`part={0, 3}`), ordered by primary key."""
    return _rows(model, keys)


def _rows(model: type[M], keys: Mapping[str, Collection[Any]], locking: str = "") -> list[M]:
    if not all(keys.values()):
        return []
    held = " AND ".join(f"{_quoted(column)} IN ({_marks(each)})" for column, each in keys.items())
    order = f"ORDER BY {_quoted(model._meta.pk.column)} {locking}"
    return _read(model, f"WHERE {held} {order}", [key for each in keys.values() for key in each])


def _key(model: type[M]) -> str:
    return str(model._meta.pk.column)


def by_key(model: type[M], keys: Iterable[Any]) -> dict[Any, M]:
    """The rows by primary key; None among the keys is ignored."""
    wanted = {key for key in keys if key is not None}
    return {row.pk: row for row in _rows(model, {_key(model): wanted})}


def locked(model: type[M], keys: Collection[Any], *, skip_locked: bool = False) -> dict[Any, M]:
    """The rows by primary key, locked until the transaction ends. `skip_locked` leaves out rows that others locked.

    SQLite has no row locks; there the whole transaction is exclusive.
    """
    features = connection.features
    # Without the key: what refers to a locked row, such as a line of the access log, needn't wait for the lock.
    free = {"skip_locked": skip_locked, "no_key": features.has_select_for_no_key_update}
    locking = connection.ops.for_update_sql(**free) if features.has_select_for_update else ""
    return {row.pk: row for row in _rows(model, {_key(model): keys}, locking)}


def in_force(model: type[M], at: datetime) -> M:
    """The newest version that was in force at `at`, from a table with columns `version` and `in_force_from`."""
    newest = in_force_if_any(model, at)
    assert newest is not None
    return newest


def in_force_if_any(model: type[M], at: datetime) -> M | None:
    """Like `in_force`, for a table that stays empty until somebody changes the defaults; None while it is empty."""
    since = connection.ops.adapt_datetimefield_value(at)
    return next(iter(_read(model, "WHERE in_force_from <= %s ORDER BY version DESC LIMIT 1", [since])), None)


def _read(model: type[M], condition: str, values: Sequence[Any]) -> list[M]:
    shape = _shape(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {shape.columns} FROM {_table(model)} {condition}", values)  # noqa: S608
        return [shape.made(model, row) for row in cursor.fetchall()]


Compiled = tuple[str, tuple[Any, ...]]
"""A statement and its values."""


def compiled(found: QuerySet[Any]) -> Compiled:
    """The statement of a query, empty for one that Django knows to have no rows. Where the same is asked again and
    again, with the same values, it is kept: building it takes longer than running it.
    """
    try:
        return found.query.sql_with_params()
    except EmptyResultSet:
        return "", ()


def fetched(asked: Compiled) -> list[tuple[Any, ...]]:
    """The rows of a compiled statement, as the driver gives them."""
    statement, values = asked
    if not statement:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def rows_of(model: type[M], asked: Compiled) -> list[M]:
    """The rows of a compiled statement as objects; the columns that it leaves out are deferred."""
    statement, values = asked
    return list(model._default_manager.raw(statement, values)) if statement else []


@dataclass(frozen=True)
class Shape:
    """The columns of a table as SQL, the attributes that they fill, and the converters as (position, expression,
    function).
    """

    columns: str
    names: list[str]
    conversions: list[tuple[int, Any, Callable[..., Any]]]

    def made(self, model: type[M], read: Sequence[Any]) -> M:
        """The object of a row that the driver gave."""
        row = list(read)
        for place, expression, convert in self.conversions:
            row[place] = convert(row[place], expression, connection)
        return model.from_db(connection.alias, self.names, row)


@cache
def _shape(model: type[models.Model], vendor: str) -> Shape:
    fields = model._meta.concrete_fields
    expressions = [f.get_col(model._meta.db_table) for f in fields]
    conversions = [
        (place, expression, convert)
        for place, expression in enumerate(expressions)
        for convert in connection.ops.get_db_converters(expression) + expression.get_db_converters(connection)
    ]
    columns = ", ".join(f"{_table(model)}.{_quoted(f.column)}" for f in fields)
    return Shape(columns, [f.attname for f in fields], conversions)


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


# Objects of rows

_from_db: Any = Model.from_db

JUST_KEPT = {ForeignKeyDeferredAttribute}
"""It forgets the object that the key led to before, which a new object hasn't."""


def object_of_row(model: type[Model], db: str | None, field_names: Sequence[str], values: Sequence[Any]) -> Model:
    """As Django's `from_db`: an object that is in the database, with these values and the other fields deferred. Django
    sets one value after the other through `setattr`, though all but a few just lie in the object's dictionary.
    """
    names, with_setters = _attributes(model)
    if pre_init.receivers or post_init.receivers or not names:
        made: Model = _from_db.__func__(model, db, field_names, values)
        return made
    if len(values) != len(names):
        names = tuple(name for name in names if name in field_names)
    new = model.__new__(model)
    state = new._state = ModelState()
    state.adding, state.db = False, db
    new.__dict__.update(zip(names, values, strict=False))
    for name in with_setters.intersection(names) if with_setters else ():
        setattr(new, name, new.__dict__.pop(name))
    return new


@cache
def _attributes(model: type[Model]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The names of all columns, and of those whose attribute does something more when it is set. No names, if the model
    makes its objects in a way of its own.
    """
    if model.__init__ is not Model.__init__ or "__new__" in vars(model) or model._meta.abstract:
        return (), frozenset()
    names = tuple(field.attname for field in model._meta.concrete_fields)
    setters = {name: type(getattr_static(model, name, None)) for name in names}
    more = (name for name, setter in setters.items() if hasattr(setter, "__set__") and setter not in JUST_KEPT)
    return names, frozenset(more)


# Following foreign keys: joined in one statement, the people and units of a complaint are ten to fifteen tables, and
# PostgreSQL then plans for longer than it reads. `select_related` stays right for the few that are needed row by row.

Followed = tuple[Iterable[Model | None], Iterable[str]]
"""Rows, and the paths from them (`agent__unit`)."""


class Following(QuerySet[Any]):
    """A queryset whose rows come with what `following` names."""

    _followed: tuple[str, ...] = ()

    def following(self, *paths: str) -> Self:
        found: Self = self._chain()  # type: ignore[attr-defined]
        found._followed = tuple(dict.fromkeys((*self._followed, *paths)))
        return found

    def alone(self) -> Self:
        """Without what `following` named, for a reader of few columns."""
        found: Self = self._chain()  # type: ignore[attr-defined]
        found._followed = ()
        return found

    def _clone(self) -> Self:
        found: Self = super()._clone()  # type: ignore[misc]
        found._followed = self._followed
        return found

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._followed and issubclass(self._iterable_class, ModelIterable):
            follow((self._result_cache or (), self._followed))


Known = Mapping[type[Model], Mapping[Any, Model]]
"""Rows by primary key, by model."""


def follow(*several: Followed) -> Known:
    """Set what the paths lead to; give all that they met. What is set already is kept, and used for other rows too."""
    steps = [(row, path.split("__")) for rows, paths in several for path in paths for row in rows if row is not None]
    known: dict[type[Model], dict[Any, Model]] = defaultdict(dict)
    for row, path in steps:
        _remember(row, path, known)
    while steps:
        steps = _step(steps, known)
    return known


def _remember(row: Model, path: list[str], known: dict[type[Model], dict[Any, Model]]) -> None:
    """Note the rows that a path meets already."""
    for name in path:
        field: Any = row._meta.get_field(name)
        if not field.is_cached(row) or (there := field.get_cached_value(row)) is None:
            return
        known[type(there)].setdefault(there.pk, there)
        row = there


def _step(
    steps: list[tuple[Model, list[str]]], known: dict[type[Model], dict[Any, Model]]
) -> list[tuple[Model, list[str]]]:
    """One step on each path, those first that go on from there: what they meet is then loaded with the others'."""
    fields: list[tuple[Model, Any, list[str]]] = [(row, row._meta.get_field(path[0]), path[1:]) for row, path in steps]
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    goes_on = {field.related_model for _row, field, rest in fields if rest}
    for row, field, _rest in fields:
        if field.related_model in goes_on or not goes_on:
            wanted[field.related_model].add(getattr(row, field.attname))
    for model, keys in wanted.items():
        known[model].update(by_key(model, keys - known[model].keys()))
    later = []
    for (row, field, rest), step in zip(fields, steps, strict=True):
        if field.related_model not in wanted:
            later.append(step)
        elif (there := _put(row, field, known)) is not None and rest:
            later.append((there, rest))
    return later


def _put(row: Model, field: Field[Any, Any], known: dict[type[Model], dict[Any, Model]]) -> Model | None:
    to: Any = field
    if not to.is_cached(row):
        there = known[to.related_model].get(getattr(row, to.attname))
        if there is None:
            return None
        to.set_cached_value(row, there)
    found: Model | None = to.get_cached_value(row)
    return found


# Writing


def insert(things: Sequence[models.Model]) -> None:
    """Insert these objects, all of one model, and set the primary keys that the database assigned."""
    if not things:
        return
    fields = _written(things[0])
    size = connection.ops.bulk_batch_size(fields, things)
    for start in range(0, len(things), size):
        _insert(things[start : start + size], fields)


def _insert(things: Sequence[models.Model], fields: list[Any]) -> None:
    options = things[0]._meta
    values = [f.get_db_prep_save(f.pre_save(thing, True), connection) for thing in things for f in fields]
    each = f"({_marks(fields)})"
    statement = (
        f"INSERT INTO {_quoted(options.db_table)} ({_columns(fields)}) VALUES {', '.join([each] * len(things))} "  # noqa: S608
        f"RETURNING {_quoted(options.pk.column)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        keys = cursor.fetchall()
    for thing, (key,) in zip(things, keys, strict=True):
        thing.pk = key
        thing._state.adding, thing._state.db = False, connection.alias


def _written(thing: models.Model) -> list[Any]:
    """All columns except a primary key that the database assigns."""
    return [f for f in thing._meta.concrete_fields if not f.primary_key or thing.pk is not None]


def update(thing: models.Model, fields: Collection[Any]) -> None:
    """Update these columns of the object's row."""
    now = ", ".join(f"{_quoted(f.column)} = %s" for f in fields)
    values = [f.get_db_prep_save(getattr(thing, f.attname), connection) for f in fields]
    table, primary = _quoted(thing._meta.db_table), _quoted(thing._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {now} WHERE {primary} = %s", [*values, thing.pk])  # noqa: S608


def update_each(things: Sequence[models.Model], fields: Collection[Any]) -> None:
    """Update these columns of several objects of one model. `bulk_update` builds a CASE for each value, which took half
    the time of a sweep after an outage.
    """
    columns = [things[0]._meta.pk, *fields]
    size = connection.ops.bulk_batch_size(columns, things)
    for start in range(0, len(things), size):
        _update_each(things[start : start + size], columns)


def _update_each(things: Sequence[models.Model], columns: list[Any]) -> None:
    """The values stand in a table of their own. Its first row names the types, which PostgreSQL can't know from a NULL;
    without their length, because to cast to a length cuts a text off where to store it is an error.
    """
    options = things[0]._meta
    types = [f.db_type(connection).partition("(")[0] for f in columns]
    casts = connection.features.requires_casted_case_in_updates
    first = ", ".join(f"CAST(%s AS {name})" for name in types) if casts else _marks(columns)
    others = f", ({_marks(columns)})" * (len(things) - 1)
    primary, *changed = (_quoted(f.column) for f in columns)
    table, now = _quoted(options.db_table), ", ".join(f"{column} = given.{column}" for column in changed)
    statement = (
        f"WITH given ({_columns(columns)}) AS (VALUES ({first}){others}) "  # noqa: S608
        f"UPDATE {table} SET {now} FROM given WHERE {table}.{primary} = given.{primary}"
    )
    values = [f.get_db_prep_save(getattr(thing, f.attname), connection) for thing in things for f in columns]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def keep(history: Any, things: Collection[models.Model], **by: Any) -> None:
    """Insert one history row for each object, copied from its current row; `by` gives the columns for whom and why."""
    said = {history._meta.get_field(name): value for name, value in by.items()}
    copied, added = _columns(history.tracked_fields), _columns(said)
    values = [f.get_db_prep_save(value, connection) for f, value in said.items()]
    original = history.instance_type._meta
    primary = _quoted(original.pk.column)
    statement = (
        f"INSERT INTO {_quoted(history._meta.db_table)} ({copied}, {added}) SELECT {copied}, {_marks(said)} "  # noqa: S608
        f"FROM {_quoted(original.db_table)} WHERE {primary} IN ({_marks(things)}) ORDER BY {primary}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *(thing.pk for thing in things)])


def take_from(model: type[models.Model], name: str, count: int) -> int:
    """Take the next `count` numbers of a series and return the first. The series' row stays locked until the
    transaction ends, so that no number is skipped or given twice.
    """
    table = _quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (name, last) VALUES (%s, %s) "  # noqa: S608
            f"ON CONFLICT (name) DO UPDATE SET last = {table}.last + excluded.last RETURNING last",
            [name, count],
        )
        (last,) = cursor.fetchone()
    return int(last) - count + 1


def give_back(model: type[models.Model], name: str, count: int) -> None:
    """Give back the last `count` numbers, which were taken in this transaction but not used."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(model._meta.db_table)} SET last = last - %s WHERE name = %s",  # noqa: S608
            [count, name],
        )


# What an act makes and changes


def _values(thing: models.Model) -> dict[str, Any]:
    return {f.attname: thing.__dict__.get(f.attname) for f in thing._meta.concrete_fields}


class Changes:
    """The objects that an act makes, and those that it may change."""

    def __init__(self) -> None:
        self.made: list[models.Model] = []
        self.updated: list[models.Model] = []
        self.watched: list[tuple[models.Model, dict[str, Any]]] = []

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
        if all(thing is not known for known, _before in self.watched):
            self.watched.append((thing, _values(thing)))

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
            changed[id(thing)] = names
            self.updated.append(thing)
        for model, things in by_model(self.updated).items():
            names = set().union(*(changed[id(thing)] for thing in things))
            _update(model, things, names)

    def changed(self) -> Iterable[tuple[models.Model, set[str]]]:
        """The watched objects of which columns changed, with the names of those columns."""
        for thing, before in self.watched:
            take_keys(thing)
            if names := {name for name, value in _values(thing).items() if value != before[name]}:
                yield thing, names

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
    fields: tuple[Any, ...] = thing._meta.concrete_fields
    for f in fields:
        if f.is_relation and thing.__dict__.get(f.attname) is None and f.is_cached(thing):
            related = f.get_cached_value(thing)
            if related is not None and related.pk is not None:
                thing.__dict__[f.attname] = related.pk


def _update(model: type[models.Model], things: list[Any], names: set[str]) -> None:
    fields = [f for f in model._meta.concrete_fields if f.attname in names]
    if len(things) == 1:
        update(things[0], fields)
    else:
        update_each(things, fields)


# Parts of statements


def _columns(fields: Iterable[Any]) -> str:
    return ", ".join(_quoted(f.column) for f in fields)


def _marks(things: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(things))


@cache
def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
