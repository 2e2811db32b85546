"""Statements that pages ask of the same tables again and again: the text is built once, the values are bound anew.

Django takes longer to build the statement of a desk with twenty lists than the database takes to answer it. A query
that is made of a person and an instant has the same text for everybody with the same roles and as many units. The text
is therefore built for two stand-ins, who differ from each other in every key and in the instant. Values that are the
same for both belong to the text. The others are keys of the person, of the rows of a page (`Key`, `Keys`), words of a
search (`Word`), or follow from the instant: they are bound for each request. Queries with another difference aren't
kept, but built each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

from accountability.db.following import follow
from accountability.db.row_keys import Key, Keys
from accountability.db.sql import OPEN, Compiled, compiled, conversions_of, converted, fetched_again, with_constants
from accountability.deadlines.limits import day_of, end_of_day
from accountability.models.search import LEAST, bigrams, is_exact
from accountability.permissions import Actor

M = TypeVar("M", bound=Model)


class Word(str):
    """A term of a search. Its pairs have the same text in a statement, however many they are."""

    __slots__ = ()

    def as_values(self) -> list[Any]:
        """What a statement may have for it: the term, the patterns of a text that begins with it or contains it, and
        its pairs.
        """
        pattern = connection.ops.prep_for_like_query(self)
        return [str(self), f"{pattern}%", f"%{pattern}%", bigrams(self)]

    def of_the_same_text(self, number: int) -> Word:
        """A word that nobody types, for which a statement has the same text."""
        sign = chr(0xE000 + number % 997)
        return Word(sign * LEAST if is_exact(self) else sign * (LEAST + 1))


Asked = Callable[..., Sequence[QuerySet[Any]]]
"""Makes queries of a person, an instant and what else is given. It reads nothing but these and asks no database."""

GIVEN = "⟨given⟩"
"""In a query, the text that a request gives (`with_given`). No value of a query is this one otherwise."""

Source = Callable[[Sequence[Any], datetime], Any]
"""A value of a statement, from what is given for the person and the rows, and from the instant."""

Kept = tuple[str, tuple[Source, ...]]

MOST_KEPT = 2500
"""Positions times questions: thirty positions of a company and what all their pages ask. A list of a desk takes about
30 KB, other questions 3 KB.
"""

FIRST, STEP, UNITS, ROWS = 7_000_000_000_000, 1_100_000_000_000, 1_000_000, 2_000_000
"""The keys of the first stand-in begin here, those of the second so much later, and those of units and of rows so much
after a person's.
"""

INSTANTS = (datetime(2001, 2, 7, 4, 17, 29, 123457, UTC), datetime(2013, 10, 18, 21, 48, 53, 654321, UTC))


def standing_statements(asked: Asked, actor: Actor, at: datetime, *more: Hashable) -> list[Compiled]:
    """The statements of `asked(actor, at, *more)`, in its order; an empty one for a query that Django knows to have no
    rows.
    """
    return _statements(_position(asked, actor, at, more), asked, actor, at, more)


def _statements(
    position: Position | None, asked: Asked, actor: Actor, at: datetime, more: tuple[Hashable, ...]
) -> list[Compiled]:
    kept = None if position is None else _kept(*position)
    if kept is None:
        return [compiled(query) for query in asked(actor, at, *more)]
    given = _given(actor, more)
    return [_bound(each, given, at) for each in kept]


def standing_rows(asked: Asked, actor: Actor, at: datetime, *more: Hashable, text: str = GIVEN) -> list[Any]:
    """The objects that the only query of `asked(actor, at, *more)` finds, with what it joins and follows. `text` is
    what it is asked with in place of `GIVEN`.
    """
    position = _position(asked, actor, at, more)
    if position is None:
        assert text == GIVEN
        (found,) = asked(actor, at, *more)
        return list(found)
    (bound,) = _statements(position, asked, actor, at, more)
    return _reading(*position).read(with_given(bound, text)) if bound[0] else []


Position = tuple[Asked, Actor, tuple[Hashable, ...], str]
"""What is asked, by whom in place of the person, what else is given, and of which database."""


def _position(asked: Asked, actor: Actor, at: datetime, more: tuple[Hashable, ...]) -> Position | None:
    """What a text is kept for; None where it is built each time."""
    return (asked, _stand_in(actor), _of_no_rows(more), connection.vendor) if actor.at == at else None


def with_given(asked: Compiled, text: str) -> Compiled:
    """The statement with this text for `GIVEN`."""
    statement, values = asked
    return statement, tuple(text if value == GIVEN else value for value in values)


def _keys(actor: Actor) -> tuple[list[int], list[int]]:
    own = () if actor.unit_id is None else (actor.unit_id,)
    above = () if actor.supervisor_id in (None, actor.pk) else (actor.supervisor_id,)
    return [actor.pk, *above], sorted({*own, *actor.heads, *actor.stands_in_for})


def _given(actor: Actor, more: Iterable[Hashable]) -> list[Any]:
    """All that a statement's values may be, but for the instant."""
    people, units = _keys(actor)
    return [*people, *units, *(value for each in more for value in _values_of(each))]


def _values_of(each: Hashable) -> list[Any]:
    if isinstance(each, Word):
        return each.as_values()
    if isinstance(each, Keys):
        return [each.as_value(connection.vendor)]
    return [each] if isinstance(each, Key) else []


def _of_no_rows(more: Iterable[Hashable], first: int = FIRST + ROWS) -> tuple[Hashable, ...]:
    """The same with keys that no row has, and words that no text has; of several rows one, since any number of them has
    the same text.
    """
    places = count(first)

    def stand_in(each: Hashable) -> Hashable:
        if isinstance(each, Keys):
            return Keys(next(places) for _key in each[:1])
        if isinstance(each, Word):
            return each.of_the_same_text(next(places))
        return Key(next(places)) if isinstance(each, Key) else each

    return tuple(map(stand_in, more))


@lru_cache(maxsize=16)
def _stand_in(actor: Actor) -> Actor:
    """Somebody in the same position, with keys that nobody has. A page asks for it thirty times. It is kept for the
    person as they serve at one instant, so that a change of theirs is another question.
    """
    people, units = _keys(actor)
    same = Actor(**{field.name: getattr(actor, field.name) for field in fields(Actor)})
    person = {key: FIRST + place for place, key in enumerate(people)}
    unit = {key: FIRST + UNITS + place for place, key in enumerate(units)}
    return _with_keys(replace(same, username="", at=INSTANTS[0]), person.__getitem__, unit.__getitem__)


def _with_keys(actor: Actor, person: Callable[[int], int], unit: Callable[[int], int]) -> Actor:
    return replace(
        actor,
        pk=person(actor.pk),
        supervisor_id=None if actor.supervisor_id is None else person(actor.supervisor_id),
        unit_id=None if actor.unit_id is None else unit(actor.unit_id),
        heads=frozenset(map(unit, actor.heads)),
        stands_in_for=frozenset(map(unit, actor.stands_in_for)),
    )


@lru_cache(maxsize=MOST_KEPT)
def _kept(asked: Asked, first: Actor, more: tuple[Hashable, ...], vendor: str) -> list[Kept] | None:
    def later(key: int) -> int:
        return key + STEP

    second = replace(_with_keys(first, later, later), username="another", at=INSTANTS[1])
    both = (first, more), (second, _of_no_rows(more, later(FIRST + ROWS)))
    built = [[compiled(query) for query in asked(one, one.at, *given)] for one, given in both]
    given = list(zip(*(_given(one, its) for one, its in both), strict=True))
    kept = [_compared(one, other, given) for one, other in zip(*built, strict=True)]
    return [each for each in kept if each is not None] if None not in kept else None


def _compared(one: Compiled, other: Compiled, given: Sequence[tuple[Any, Any]]) -> Kept | None:
    """The text and where its values come from; None if the two differ in something that isn't understood."""
    text, values = one
    if text != other[0]:
        return None
    pairs = list(zip(values, other[1], strict=True))
    if connection.vendor == "postgresql":
        is_open = [_plain(value) != _plain(same) or value == GIVEN for value, same in pairs]
        text = with_constants(text, [OPEN if its else value for its, value in zip(is_open, values, strict=True)])
        pairs = [pair for its, pair in zip(is_open, pairs, strict=True) if its]
    sources = [_source(*pair, given) for pair in pairs]
    known = tuple(source for source in sources if source is not None)
    return (text, known) if len(known) == len(sources) else None


def _source(value: Any, other: Any, given: Sequence[tuple[Any, Any]]) -> Source | None:
    both = _plain(value), _plain(other)
    if both[0] == both[1]:
        return lambda _given, _at: value
    for place, (one, another) in enumerate(given):
        if both in ((one, another), (str(one), str(another))):  # a key may stand in a JSON text
            kind: Callable[[Any], Any] = type(value)  # psycopg has types of its own for keys
            return lambda given, _at: kind(given[place])
    return _of_the_instant(value, other)


def _plain(value: Any) -> Any:
    """What psycopg wrapped, because the column is of JSON; any other value as it is."""
    return getattr(value, "adapted", value)


def _of_the_instant(value: Any, other: Any) -> Source | None:
    """So long before or after the instant; or the day of the instant, or its end."""
    spans = [_span(*pair) for pair in zip((value, other), INSTANTS, strict=True)]
    followed: list[Callable[[datetime], Any]] = [
        lambda at: _adapted(at + (spans[0] or timedelta())),
        lambda at: _adapted(end_of_day(day_of(at))),
        lambda at: connection.ops.adapt_datefield_value(day_of(at)),
    ]
    for follows in followed:
        if [follows(at) for at in INSTANTS] == [value, other]:
            return lambda _given, at: follows(at)
    return None


def _adapted(at: datetime) -> Any:
    ops: Any = connection.ops
    return ops.adapt_datetimefield_value(at)


def _span(value: Any, instant: datetime) -> timedelta | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)) - instant


def _bound(kept: Kept, given: Sequence[Any], at: datetime) -> Compiled:
    text, sources = kept
    return text, tuple(source(given, at) for source in sources)


class Reading:
    """How the rows of a query become objects with what it joins, as Django found it out when it built the statement.
    It understands columns, `select_related` and `following`, and nothing else that a query may have.
    """

    def __init__(self, found: QuerySet[Any]) -> None:
        query: Any = found
        assert query._iterable_class is ModelIterable
        assert not any((query._prefetch_related_lookups, query.query.annotations, query.query.extra))
        compiler: Any = found.query.get_compiler(connection.alias)
        compiler.as_sql()
        own, select = compiler.klass_info, compiler.select
        self.model, self.places = own["model"], slice(own["select_fields"][0], own["select_fields"][-1] + 1)
        self.names = [column.target.attname for column, _sql, _alias in select[self.places]]
        self.conversions = conversions_of(column for column, _sql, _alias in select)
        self.joined = get_related_populators(own, select, connection.alias)  # type: ignore[call-arg]
        self.followed: Sequence[str] = getattr(found, "_followed", ())

    def read(self, asked: Compiled) -> list[Any]:
        things, now = [], connections[DEFAULT_DB_ALIAS]
        for read in fetched_again(asked):
            values = converted(read, self.conversions, now)
            thing = self.model.from_db(now.alias, self.names, values[self.places])
            for each in self.joined:
                each.populate(values, thing)
            things.append(thing)
        if self.followed:
            follow((things, self.followed))
        return things


@lru_cache(maxsize=MOST_KEPT)
def _reading(asked: Asked, first: Actor, more: tuple[Hashable, ...], _vendor: str) -> Reading:
    (found,) = asked(first, first.at, *more)
    return Reading(found)
