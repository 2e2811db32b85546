"""Many small queries in one statement: counts, and the first rows of each. Desks, cases and the queue ask so.

A desk has a dozen lists and needs three counts of each every half minute: about forty statements if sent one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from accountability.db.sql import Compiled, compiled, fetched_again, recurring


def bounded(found: QuerySet[Any], at_most: int) -> QuerySet[Any]:
    """The rows to count, up to `at_most`."""
    return found.order_by().values("pk")[:at_most]


def counted(asked: Sequence[Compiled]) -> list[int]:
    """The number of rows of each of these statements."""
    parts = [f"(SELECT COUNT(*) FROM ({sql}) AS bounded)" if sql else "0" for sql, _values in asked]  # noqa: S608
    if not parts:
        return []
    (found,) = fetched_again((recurring(f"SELECT {', '.join(parts)}", _texts(asked)), _values(asked)))
    return list(found)


def counted_where(asked: Sequence[Compiled], wanted: Sequence[bool]) -> list[int | None]:
    """The number of rows of each statement that is wanted, None of the others: the database doesn't look for those. The
    text is the same whichever are wanted, so that it is planned once.
    """
    if not any(wanted):
        return [None] * len(asked)
    parts: list[str] = []
    values: list[Any] = []
    for (sql, its), is_wanted in zip(asked, wanted, strict=True):
        parts.append(f"CASE WHEN %s THEN (SELECT COUNT(*) FROM ({sql}) AS bounded) END" if sql else "0")  # noqa: S608
        values += (is_wanted, *its) if sql else ()
    (found,) = fetched_again((recurring(f"SELECT {', '.join(parts)}", _texts(asked)), tuple(values)))
    return list(found)


def united(asked: Sequence[Compiled], *, each_once: bool = False) -> Compiled:
    """The statement for the rows of all of these, which have the same columns."""
    parts = [f"SELECT * FROM ({sql}) AS part" for sql in _texts(asked)]  # noqa: S608
    every = (" UNION " if each_once else " UNION ALL ").join(parts)
    return recurring(every, _texts(asked)), _values(asked)


def in_order(found: QuerySet[Any], order: Sequence[str], how_many: int, *more: str) -> QuerySet[Any]:
    """The first rows in this order, which ends with the key: the columns of the order, then those that are asked for
    besides. A column may begin with "-", as in `order_by`.
    """
    return found.order_by(*order).values_list(*(column.lstrip("-") for column in order), *more)[:how_many]


def first_keys(questions: Sequence[QuerySet[Any]], order: Sequence[str], how_many: int) -> list[list[int]]:
    """The first primary keys of each query in this order, which ends with the key. They are told by ascending columns,
    whatever the order was.
    """
    return keys_in_order([compiled(in_order(found, order, how_many)) for found in questions])


def keys_in_order(asked: Sequence[Compiled]) -> list[list[int]]:
    """The keys that each of these statements finds, by ascending columns, of which the key is the last."""
    return [[key for *_columns, key in rows] for rows in rows_in_order(asked)]


def rows_in_order(asked: Sequence[Compiled]) -> list[list[tuple[Any, ...]]]:
    """The rows that each of these statements finds, by ascending columns."""
    parts = [
        f"SELECT {place} AS place, first.* FROM ({sql}) AS first"  # noqa: S608
        for place, (sql, _values) in enumerate(asked)
        if sql
    ]
    found: list[list[tuple[Any, ...]]] = [[] for _each in asked]
    if parts:
        every = recurring(" UNION ALL ".join(parts), _texts(asked))
        for place, *columns in sorted(fetched_again((every, _values(asked)))):
            found[place].append(tuple(columns))
    return found


def _texts(asked: Sequence[Compiled]) -> list[str]:
    return [sql for sql, _values in asked if sql]


def _values(asked: Sequence[Compiled]) -> tuple[Any, ...]:
    return tuple(value for _sql, values in asked for value in values)
