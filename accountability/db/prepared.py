"""Statements that PostgreSQL plans once for a connection, and then carries out with other values.

To plan the counts of a desk takes PostgreSQL longer than to count. What pages ask again and again (`Standing`) is
therefore prepared when a connection hears it first. Its values are keys, instants and numbers of matters; everything
else, such as a state for which there is an index of its own, stands in the text, so that one plan is right for all.
Behind PgBouncer the next statement may get another connection, which knows nothing of it: there nothing is prepared.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DatabaseError, connection

TYPES = {int: "bigint", datetime: "timestamptz", date: "date", str: "unknown"}
"""Values of other types aren't prepared for. What is unknown gets its type from what it is compared with."""

MOST_PREPARED = 100
"""For one connection; the plan of a desk's counts takes up to 2 MB."""

UNKNOWN_NAME = "26000"
"""PostgreSQL's code for a name under which nothing is prepared."""

OPEN = object()
"""Among values: one that stays open."""

_VALUE = re.compile(r"%%|%s")
_numbers = count(1)
_prepared: WeakKeyDictionary[Any, OrderedDict[tuple[str, ...], str]] = WeakKeyDictionary()
"""By connection of the driver: the names of what it has prepared, by text and types; what was asked last comes last."""


class Standing(str):
    """The text of a statement that is worth preparing."""

    __slots__ = ()


def standing(text: str, parts: Collection[str]) -> str:
    """A text that is made of these statements: worth preparing if all of them are."""
    return Standing(text) if parts and all(isinstance(part, Standing) for part in parts) else text


def with_constants(statement: str, values: Sequence[Any]) -> Standing:
    """The statement with these values in its text, but for those that are `OPEN`."""
    given = iter(values)

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%" or (value := next(given)) is OPEN:
            return found[0]
        return cursor.mogrify("%s", [value]).decode().replace("%", "%%")

    with connection.cursor() as cursor:
        return Standing(_VALUE.sub(written, statement))


def written_out(statement: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement with all of its values in its text, where it may then be prepared."""
    return (statement, values) if connection.vendor != "postgresql" else (with_constants(statement, values), ())


def execute(cursor: Any, statement: Standing, values: Sequence[Any]) -> None:
    """As the cursor's own, by what the connection has prepared."""
    types = tuple(TYPES.get(type(value), "") for value in values)
    if settings.DATABASE_POOLED or not all(types):
        cursor.execute(statement, values)
        return
    known = _prepared.setdefault(connection.connection, OrderedDict())
    key = (statement, *types)
    name = known.get(key) or f"standing_{next(_numbers)}"
    asked = f"EXECUTE {name} ({', '.join(['%s'] * len(values))})" if values else f"EXECUTE {name}"
    before = "" if key in known else _preparing(known, name, statement, types)
    try:
        cursor.execute(before + asked, values or None)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") != UNKNOWN_NAME or connection.in_atomic_block:
            raise
        known.clear()  # somebody else ended what was prepared
        cursor.execute(statement, values)
        return
    known[key] = name
    known.move_to_end(key)


def _preparing(known: OrderedDict[tuple[str, ...], str], name: str, statement: str, types: Sequence[str]) -> str:
    """What is sent with the first use. PostgreSQL keeps what was prepared even if the transaction is undone."""
    places = count(1)
    text = _VALUE.sub(lambda found: found[0] if found[0] == "%%" else f"${next(places)}", statement)
    if not types:
        text = text.replace("%%", "%")  # without values the driver replaces nothing
    ended = f"DEALLOCATE {known.popitem(last=False)[1]}; " if len(known) >= MOST_PREPARED else ""
    given = f" ({', '.join(types)})" if types else ""
    return f"{ended}PREPARE {name}{given} AS {text}; "
