"""Copies a played demo inside a throw-away database until it is large: playing it all would take days.

Everything grows in proportion, the work on the desks too. Rows are copied with shifted keys; what names a customer is
sealed again, since a sealed row opens only for its own matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, Model

from accountability.models import Deadline, LedgerEntry, Matter, Notification, PersonalData, SearchText
from accountability.security.encryption import seal
from assessment.models import Case, CaseComplaint
from complaints.lists.search import INTAKES
from complaints.models import Complaint, Cooperation, Coordination, Round

COPIED: tuple[type[Model], ...] = (
    Matter, PersonalData, Complaint, Round, Deadline, LedgerEntry, SearchText, Notification, Coordination, Cooperation,
    Case, CaseComplaint,
)  # fmt: skip

DIFFERENT: dict[tuple[type[Model], str], str] = {
    (Matter, "number"): "CASE WHEN number IS NULL THEN NULL ELSE number || '-' || n END",
    (Round, "notice_number"): "notice_number || '-' || n",
    (LedgerEntry, "key"): "NULL",
    # Each copy is another customer; only the last four digits recur, as in reality.
    (PersonalData, "phone_digest"): "CASE phone_digest WHEN '' THEN '' ELSE substr(n || phone_digest, 1, 32) END",
    (PersonalData, "name_digest"): "CASE name_digest WHEN '' THEN '' ELSE substr(n || name_digest, 1, 32) END",
    # A round has at most one case for its contact's fault.
    (Case, "round_id"): "NULL",
}
"""The columns that differ in each copy `n`, besides keys."""

KINDS = "kind IN ('complaint', 'case')"


class Block:
    """The played rows of each model, from its first to its last key: so far apart are the copies."""

    def __init__(self) -> None:
        known = {model: model._default_manager.aggregate(first=Min("pk"), last=Max("pk")) for model in COPIED}
        self.last = {model: keys["last"] or 0 for model, keys in known.items()}
        self.apart = {model: self.last[model] - (keys["first"] or 0) + 1 for model, keys in known.items()}
        # A key that is another model's (a complaint's is its matter's) moves with that.
        self.intakes = list(PersonalData.objects.filter(kind__in=INTAKES, sealed__isnull=False))
        self.plain = {row.pk: row.opened for row in self.intakes}

    def copy(self, first: int, last: int) -> None:
        """Make the copies with these numbers; the played rows are number 0."""
        with connection.constraint_checks_disabled():
            for model in COPIED:
                self._copy(model, first, last)
        update = f"UPDATE {PersonalData._meta.db_table} SET sealed = %s WHERE id = %s"  # noqa: S608 the name is our own
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(update, list(self._sealed(first, last)))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _copy(self, model: type[Model], first: int, last: int) -> None:
        quote, fields = connection.ops.quote_name, model._meta.concrete_fields
        columns = {quote(str(field.column)): self._value(model, field) for field in fields}
        table, key = (quote(str(name)) for name in (model._meta.db_table, model._meta.pk.column))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 the names are our own
                f" WITH RECURSIVE copies(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM copies WHERE n < {last})"
                f" SELECT {', '.join(columns.values())} FROM {table}, copies"
                f" WHERE {key} <= {self.last[model]}{self._besides(model)} ORDER BY n, {key}"
            )

    def _besides(self, model: type[Model]) -> str:
        """Only rows of complaints and cases are copied."""
        if model is Matter:
            return f" AND {KINDS}"
        if "matter_id" in {field.column for field in model._meta.concrete_fields}:
            return f" AND matter_id IN (SELECT id FROM {Matter._meta.db_table} WHERE {KINDS})"  # noqa: S608
        return ""

    def _value(self, model: type[Model], field: Any) -> str:
        named = connection.ops.quote_name(str(field.column))
        if (model, field.column) in DIFFERENT:
            return DIFFERENT[model, field.column]
        moves_with = field.related_model if field.is_relation else model if field.primary_key else None
        while moves_with is not None and moves_with._meta.pk.is_relation:
            moves_with = moves_with._meta.pk.related_model
        return f"{named} + n * {self.apart[moves_with]}" if moves_with in self.apart else named

    def _sealed(self, first: int, last: int) -> Iterator[tuple[bytes, int]]:
        apart, matters = self.apart[PersonalData], self.apart[Matter]
        for n in range(first, last + 1):
            for row in self.intakes:
                matter, key = row.matter_id + n * matters, row.pk + n * apart
                yield seal(self.plain[row.pk], matter_id=matter, kind=row.kind, row=key), key
