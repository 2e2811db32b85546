"""Which database a query is sent to: figures to the standby while they are counted, everything else to the database."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from accountability.db import replica
from accountability.db.replica import Where

COUNTED = frozenset({
    "accountability.deadline", "assessment.case", "assessment.penalty", "complaints.round",
})  # fmt: skip
"""What figures are counted from (`assessment.figures.measures.Source.rows`)."""


class Router:
    """What is written, and what isn't counted as a figure at this moment, never goes to the standby."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        where = replica.WHERE.get()
        if where == Where.EVERYTHING or (where == Where.FIGURES and model._meta.label_lower in COUNTED):
            return replica.ALIAS
        return DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Both are the same database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != replica.ALIAS
