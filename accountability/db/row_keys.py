"""Keys of rows as one value of a statement: its text is the same for any number of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, F, Func, QuerySet
from django.db.models.lookups import GreaterThan


def may_be_key(found: Any) -> bool:
    """Whether a row can have this as its key. The databases refuse a statement that asks for anything else."""
    return type(found) is int and 0 < found < 2**63


def keys_in(facts: Mapping[str, Any], *names: str) -> Iterator[int]:
    """The keys that an entry's facts hold by these names, one or a list of them. A forged entry may hold anything."""
    for name in names:
        found = facts.get(name)
        yield from filter(may_be_key, found if isinstance(found, list) else [found])


class Key(int):
    """The key of one row."""


class Keys(tuple[int, ...]):
    """Keys of several rows, each once and in order."""

    @classmethod
    def of(cls, keys: Iterable[int]) -> Keys:
        return cls(sorted(set(keys)))

    def as_value(self, vendor: str) -> Any:
        """How the driver of this database is given them."""
        return list(self) if vendor == "postgresql" else json.dumps(self)


class OfTheJoined(F):
    """A column of the joined row. Of its key Django would name the column that refers to it instead."""

    def resolve_expression(self, query: Any = None, allow_joins: bool = True, reuse: Any = None, *_args: Any) -> Any:
        path: list[str] = self.name.split("__")  # type: ignore[attr-defined]
        joined = query.setup_joins(path, query.get_meta(), query.get_initial_alias(), can_reuse=reuse)
        return joined.targets[0].get_col(joined.joins[-1])


def above(found: QuerySet[Any], key: int) -> QuerySet[Any]:
    """The rows with a higher key, for who reads all of them in pieces.

    A complaint has its matter's key. PostgreSQL likes to merge the two tables in the order of that key, and reads the
    matters from their beginning unless the condition is said of them too: an export of a million complaints, 500 at a
    time, would read a billion matters.
    """
    pk: Any = found.model._meta.pk
    if pk.is_relation:
        found = found.filter(GreaterThan(OfTheJoined(f"{pk.name}__{pk.target_field.name}"), key))
    return found.filter(pk__gt=key)


class OneOf(Func):
    """A condition: what the expression names is one of the keys. As `__in`, which writes each key into the text."""

    output_field = BooleanField()

    def __init__(self, named: str, keys: Keys) -> None:
        super().__init__(named)
        self.keys = keys

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_context: Any) -> tuple[str, Any]:
        if not self.keys:
            raise EmptyResultSet
        named, values = compiler.compile(self.source_expressions[0])
        among = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
        return f"{named} {among}", (*values, self.keys.as_value(connection.vendor))
