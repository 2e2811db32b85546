"""The sealed tables besides the ledger: the access log, every history, the versions of rules, notices and alarms.

Their rows carry no chain, so a seal keeps a mark of each: eight bytes of an HMAC over all its columns. The seal names
the columns it covered, so that a later release may add some.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Any

from django.apps import apps
from django.db import DataError, models

from accountability.db.insert_only import insert_only_tables
from accountability.gate.changes import instant
from accountability.models import LedgerEntry, Seal

MARK = 8
"""Bytes of a mark. Without the key nobody can try out values."""

CHUNK = 2000

UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError, DataError)
"""What reading a row raises where somebody wrote something into it that isn't a value of its column."""


LATER = {
    "accountability_notification": {"sent_at", "read_at", "over_at"},
    "accountability_alarm": {"facts", "cleared_at"},
}
"""Tables whose rows are written once but for these columns, which no mark covers."""


@cache
def sealed_models() -> dict[str, type[models.Model]]:
    """The sealed models by table. The ledger has its chain instead; the rows of seals are checked against the files."""
    known = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    left_out = {LedgerEntry._meta.db_table, Seal._meta.db_table}
    return {table: known[table] for table in (*insert_only_tables(), *LATER) if table not in left_out}


def columns_of(model: type[models.Model]) -> list[str]:
    later = LATER.get(model._meta.db_table, set())
    return [field.attname for field in model._meta.concrete_fields if field.attname not in later]


def rows_of(
    model: type[models.Model], columns: Sequence[str], after: int = 0
) -> Iterator[tuple[int, tuple[Any, ...] | None]]:
    """Key and these columns of the rows with a higher key, in key order; never all in memory. None instead of the
    columns where the row can't be read.
    """
    yield from readable(model._base_manager.all(), columns, after)


def readable(
    query: models.QuerySet[Any], columns: Sequence[str], after: int = 0
) -> Iterator[tuple[int, tuple[Any, ...] | None]]:
    """The same for the rows of a query. A row that can't be read stops no other: the chunk is read again row by row."""
    query, values = query.order_by("pk"), ("pk", *columns)
    while True:
        rest = query.filter(pk__gt=after) if after else query
        try:
            for pk, *found in rest.values_list(*values).iterator(chunk_size=CHUNK):
                after = pk
                yield pk, tuple(found)
        except UNREADABLE:
            rest = query.filter(pk__gt=after) if after else query
            for pk in list(rest.values_list("pk", flat=True)[:CHUNK]):
                after = pk
                yield pk, _alone(query, pk, columns)
        else:
            return


def _alone(query: models.QuerySet[Any], pk: int, columns: Sequence[str]) -> tuple[Any, ...] | None:
    try:
        return query.filter(pk=pk).values_list(*columns).first()
    except UNREADABLE:
        return None


def mark(key: bytes, table: str, columns: Sequence[str], values: Sequence[Any]) -> bytes:
    said = json.dumps([table, list(columns), list(values)], ensure_ascii=False, sort_keys=True, default=_plain)
    return hmac.digest(key, b"row\n" + said.encode(), "sha256")[:MARK]


def _plain(value: Any) -> str:
    """Values that JSON has no type for, as the same text from every database."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


def in_runs(ids: Sequence[int]) -> list[list[int]]:
    """Runs of keys as [first, length]: [[5, 3], [9, 1]] for 5, 6, 7, 9."""
    runs: list[list[int]] = []
    for one in ids:
        if runs and one == runs[-1][0] + runs[-1][1]:
            runs[-1][1] += 1
        else:
            runs.append([one, 1])
    return runs


def out_of_runs(runs: Sequence[Sequence[int]]) -> Iterator[int]:
    for first, count in runs:
        yield from range(first, first + count)
