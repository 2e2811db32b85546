"""A field for lists of numbers, by which PostgreSQL finds rows."""

from __future__ import annotations

from typing import Any

from django.db import models


class NumberList(models.Field):
    """A list of numbers: an array on PostgreSQL, where a GIN index finds the rows that contain them.

    Other databases don't search it, so nothing is stored there.
    """

    def db_type(self, connection: Any) -> str:
        return "integer[]" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return list(value) if connection.vendor == "postgresql" else ""


@NumberList.register_lookup
class Hold(models.Lookup):
    """`terms__hold=[…]`: the row contains all of them."""

    lookup_name = "hold"
    operator = "@>"

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} {self.operator} %s::integer[]", (*values, list(self.rhs))


@NumberList.register_lookup
class Meet(Hold):
    """`terms__meet=[…]`: the row contains one of them."""

    lookup_name = "meet"
    operator = "&&"
