"""The owner of the database changes, deletes or forges a row that the ledger proves, as `queryset.update` does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError, UniqueConstraint

from accountability.audit.seals import ledger_key
from accountability.declarations.proofs import PROVED
from accountability.gate.changes import differing, mark, marked_columns
from accountability.models import LedgerEntry

NOBODY = 999_999_999
"""A key that no row has."""


def rows(label: str) -> models.QuerySet[Any]:
    """The rows of this model that an act has left, in order."""
    model: Any = apps.get_model(label)
    return model._base_manager.filter(PROVED[label].made).order_by("pk")


def columns(label: str) -> list[str]:
    """The marked columns, without the primary key."""
    model: Any = apps.get_model(label)
    return [name for name in marked_columns(model) if name != model._meta.pk.attname]


def change(row: Any, column: str) -> bool:
    """Write something else into one column. False where the database takes nothing else, whatever one tries."""
    for value in _others(row, column):
        if looks_the_same(row, column, value):
            continue
        try:
            with transaction.atomic():
                type(row)._base_manager.filter(pk=row.pk).update(**{column: value})
        except IntegrityError:
            continue
        return True
    return False


def looks_the_same(row: Any, column: str, value: Any) -> bool:
    """Whether the column's own part of a mark is the same, as by chance for one value in 4,096: then the row is named,
    and the column can't be.
    """
    model: Any = type(row)
    present = [getattr(row, name) for name in marked_columns(model)]
    other = [value if name == column else getattr(row, name) for name in marked_columns(model)]
    key = ledger_key()
    return not differing(model, *(mark(key, model, row.pk, values) for values in (present, other)))


def _others(row: Any, column: str) -> Iterator[Any]:
    """Other values for the column of this row, the most harmful first."""
    field: Any = next(field for field in row._meta.concrete_fields if field.attname == column)
    present = getattr(row, column)
    if field.null and present is not None:
        yield None
    if field.is_relation:
        yield from field.related_model._base_manager.exclude(pk=present).values_list("pk", flat=True)[:5]
        yield NOBODY  # such keys are heeded when the transaction ends, which it never does
    elif isinstance(field, models.BooleanField):
        yield not present
    elif isinstance(field, models.DateTimeField):
        yield (present or beginning()) + timedelta(days=1)
    elif isinstance(field, models.DateField):
        yield (present or date(2026, 11, 24)) + timedelta(days=1)
    elif isinstance(field, models.IntegerField):
        yield from ((present or 0) + step for step in (1, 7))
    elif isinstance(field, models.JSONField):
        yield from ({"forged": number} for number in (1, 22))
    else:
        yield from (value for value, _label in field.flatchoices if value != present)
        yield f"{present or ''}x"[-(field.max_length or 9) :]


def beginning() -> datetime:
    """An instant for an empty column: when the ledger began."""
    return LedgerEntry.objects.earliest("pk").at


def delete(row: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


def forge(row: Any, own_columns: list[str]) -> Any:
    """A copy under another key; where a row must be the only one of its kind, it differs in a column."""
    model, key = type(row), row.pk + 1_000_000
    for column in ("", *own_columns):
        for value in _others(row, column) if column else [None]:
            if value == NOBODY:
                continue
            copy = model._base_manager.get(pk=row.pk)
            copy.pk = key
            for name in unique_columns(model):
                if getattr(row, name) is not None:
                    copy.__dict__[name] = list(_others(row, name))[-1]
            if column:
                copy.__dict__[column] = value
            try:
                with transaction.atomic():
                    copy.save_base(raw=True, force_insert=True)
            except (IntegrityError, ProtectedError):
                continue
            return copy
    return None


def unique_columns(model: Any) -> list[str]:
    """The columns besides the key of which each value may be there once."""
    alone = [one.fields for one in model._meta.constraints if isinstance(one, UniqueConstraint) and not one.condition]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    return [field.attname for field in fields if field.unique or (field.name,) in alone]
