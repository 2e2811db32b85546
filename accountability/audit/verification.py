"""Verifies the whole record against its chains and seals: used by `verify_ledger` and the daily task.

The chains are read by `verify_export`, which anybody who distrusts this program can also run on an export.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accountability.audit.log_seals import Marks
from accountability.audit.sealed_tables import UNREADABLE
from accountability.audit.seals import LATE, ledger_key
from accountability.audit.verify_export import (
    MOST_LOOKED_AT,
    Account,
    Diagnosis,
    Finding,
    Heads,
    Reading,
    Row,
    Seals,
    holds,
    read_seals,
)
from accountability.gate.act import lock
from accountability.gate.changes import instant
from accountability.models import LedgerEntry, Matter, Seal, Verification

COLUMNS = (
    "matter_id", "seq", "actor_id", "verb", "at", "recorded_at", "part", "facts", "texts_id", "key", "marks", "hmac",
)  # fmt: skip

MOST_KEPT = 200
"""Findings stored with a verification; the command prints all of them."""


def entries(matter: int | None = None) -> Iterator[Row]:
    """All entries, or a matter's, by matter and position, as they are chained and exported; never all in memory."""
    query = LedgerEntry.objects.all() if matter is None else LedgerEntry.objects.filter(matter_id=matter)
    query = query.order_by("matter_id", "seq", "pk")
    read = 0
    try:
        for row in query.values_list(*COLUMNS).iterator(chunk_size=5000):
            read += 1
            yield _row(row)
    except UNREADABLE:
        yield from _one_by_one(query, read)


def _one_by_one(query: QuerySet[LedgerEntry], read: int) -> Iterator[Row]:
    """The entries behind those that were read, each on its own: slow, and only where one can't be read. What can't be
    read of it is None, so that it is named as changed.
    """
    for place, pk in enumerate(query.values_list("pk", flat=True).iterator(chunk_size=5000)):
        if place >= read:
            yield _row([_column(pk, name) for name in COLUMNS])


def _column(pk: int, name: str) -> Any:
    try:
        return LedgerEntry.objects.filter(pk=pk).values_list(name, flat=True).first()
    except UNREADABLE:
        return None


def _row(row: Sequence[Any]) -> Row:
    return (*row[:4], _said(row[4]), _said(row[5]), *row[6:])


def _said(value: datetime | None) -> str | None:
    """The same as `instant`, but faster where the database returns UTC, as it does."""
    if value is None:
        return None
    return value.isoformat(timespec="microseconds") if value.tzinfo is UTC else instant(value)


def heads(**which: Any) -> Heads:
    query = Matter.objects.filter(**which).values_list("pk", "number", "ledger_length", "ledger_head")
    return {pk: (number or "", length, head) for pk, number, length, head in query.iterator(chunk_size=5000)}


def verify(at: datetime, *, folder: Path | None = None, since: int = 1) -> Account:
    """Verify everything. People may work meanwhile: a mismatch is checked again under its matter's lock."""
    marks, folder = Marks(ledger_key(), at), folder or Path(settings.SEALS_DIR)
    seals = Seals(ledger_key(), read_seals(folder), since, marks.add)
    reading = Reading(ledger_key(), entries(), heads(), seals)
    wrong: list[Diagnosis] = []
    unreadable: list[Finding] = []
    more = 0
    for matter in [matter for matter, _rows in reading.suspects()]:
        if len(wrong) >= MOST_LOOKED_AT:
            more += 1
        else:
            try:
                found = _again(reading, matter)
            except UNREADABLE:
                unreadable.append(Finding("unreadable", matter))
            else:
                wrong += [found] if found is not None else []
    if seals.last_named > seals.last:
        seals.read(read_seals(folder, after=seals.last))  # those written since
    seals.findings += _lost_files(seals, since)
    account = reading.conclude(wrong, more)
    account.findings += unreadable
    if LedgerEntry.objects.filter(recorded_at__lt=at - LATE).exists():
        account.check_sealed()
    account.findings += marks.compare(is_all=since == 1, is_whole=not seals.findings)
    return account


def _lost_files(seals: Seals, since: int) -> list[Finding]:
    """Seals that were written, by their rows, after the newest file that exists."""
    known = Seal.objects.filter(number__gt=seals.last, number__gte=since).order_by("number")
    return [Finding("seal_missing", place=number) for number in known.values_list("number", flat=True)]


def _again(reading: Reading, matter: int) -> Diagnosis | None:
    """Check the matter again; None where it is valid after all because an act came between."""
    with transaction.atomic():
        lock([matter])
        reading.heads.pop(matter, None)
        reading.heads |= heads(pk=matter)
        rows = list(entries(matter))
    if holds(reading.key, rows, *reading.said_of(matter)):
        return None
    return reading.diagnose(matter, rows)


def keep(account: Account, at: datetime) -> Verification:
    """Store the result as a row, for the page of the record."""
    found = [
        [finding.kind, finding.matter, finding.number, finding.place, finding.verb, finding.note]
        for finding in account.findings[:MOST_KEPT]
    ]
    return Verification.objects.create(
        at=at, entries=account.entries, seals=account.seals, found=len(account.findings), findings=found
    )
