"""Compares the rows of logs and histories with their marks in the seals."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accountability.audit.log_retention import purges
from accountability.audit.sealed_tables import MARK, columns_of, mark, out_of_runs, rows_of, sealed_models
from accountability.audit.verify_export import Finding
from accountability.models import AccessLog

LOG = AccessLog._meta.db_table


class _Table:
    """The marks of one table in the order of keys: some thirty bytes a row, however many there are."""

    def __init__(self) -> None:
        self.ids, self.seals, self.marks = array("q"), array("L"), bytearray()
        self.columns: list[list[str]] = []
        self.shapes = array("H")

    def add(self, rows: dict[str, Any], seal: int) -> None:
        if rows["columns"] not in self.columns:
            self.columns.append(rows["columns"])
        before = len(self.ids)
        self.ids.extend(out_of_runs(rows["ids"]))
        count = len(self.ids) - before
        self.seals.extend([seal] * count)
        self.shapes.extend([self.columns.index(rows["columns"])] * count)
        self.marks += bytes.fromhex(rows["marks"])

    def in_order(self) -> list[int]:
        """Positions by key: each seal looks back a little, so keys don't always rise, and a whole seal repeats rows."""
        return sorted(range(len(self.ids)), key=self.ids.__getitem__)

    def mark(self, place: int) -> bytes:
        return bytes(self.marks[place * MARK : (place + 1) * MARK])


class Marks:
    """All marks of all valid seals."""

    def __init__(self, key: bytes, at: datetime) -> None:
        self._key, self._at = key, at
        self._tables: dict[str, _Table] = {}
        self._instants: list[datetime] = []
        self._settled: dict[str, int] = {}
        self._first: dict[str, int] | None = None
        self._purged = at

    def add(self, seal: dict[str, Any]) -> None:
        self._instants.append(datetime.fromisoformat(seal["at"]))
        if self._first is None:
            self._first = seal["before"]
        self._settled = seal["before"]
        for table, rows in seal["rows"].items():
            self._tables.setdefault(table, _Table()).add(rows, len(self._instants) - 1)

    def compare(self, *, is_all: bool, is_whole: bool) -> list[Finding]:
        """Find rows that were changed or deleted, or inserted among sealed ones. Where seals are missing (not
        `is_whole`), nobody can tell which rows they had.
        """
        self._purged, unreadable = purges(self._at)
        findings = [Finding("row_unreadable", place=pk, note=LOG) for pk in unreadable]
        for table, model in sealed_models().items():
            first = 0 if is_all else (self._first or {}).get(table, 0)
            findings += self._differences(table, model, first, is_whole)
        return findings

    def _differences(self, table: str, model: Any, after: int, is_whole: bool) -> Iterator[Finding]:
        known, columns = self._tables.get(table, _Table()), columns_of(model)
        # The sealed columns' places now; None where a release removed a column: then the row can't be checked.
        shapes = [
            [columns.index(name) for name in shape] if set(shape) <= set(columns) else None for shape in known.columns
        ]
        order, at = known.in_order(), 0
        for pk, values in rows_of(model, columns, after):
            if values is None:
                yield Finding("row_unreadable", place=pk, note=table)
            while at < len(order) and known.ids[order[at]] < pk:
                yield from self._gone(table, known, order[at])
                at += 1
            sealed = at < len(order) and known.ids[order[at]] == pk
            if values is not None and not sealed and is_whole and pk <= self._settled.get(table, 0):
                yield Finding("row_inserted", place=pk, note=table)
            while at < len(order) and known.ids[order[at]] == pk:
                places = shapes[known.shapes[order[at]]]
                if values is None or places is None:
                    pass
                elif not self._is_same(table, known, order[at], [values[i] for i in places]):
                    yield Finding("row_changed", place=pk, note=table)
                at += 1
        for place in order[at:]:
            yield from self._gone(table, known, place)

    def _is_same(self, table: str, known: _Table, place: int, values: list[Any]) -> bool:
        columns = known.columns[known.shapes[place]]
        return mark(self._key, table, columns, values) == known.mark(place)

    def _gone(self, table: str, known: _Table, place: int) -> Iterator[Finding]:
        sealed_at = self._instants[known.seals[place]]
        if table != LOG or sealed_at >= self._purged:
            yield Finding("row_missing", place=known.ids[place], note=table)
