"""Keys of rows as one value of a statement: its text is the same for any number of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Func


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
