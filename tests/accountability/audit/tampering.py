"""Somebody who owns the database takes the guards off and bends the record, in every way there is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from django.db import connection

from accountability.db import insert_only
from accountability.db.writing import packed
from accountability.models import LedgerEntry, Matter

LEDGER = LedgerEntry._meta.db_table
MATTERS = Matter._meta.db_table

Named = tuple[str, int, int]
"""Kind, matter and place that must be among the findings."""


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def loosen() -> None:
    """Guards off, and keys of other tables unheeded until the transaction ends, which it never does."""
    if connection.vendor == "sqlite":
        run("PRAGMA defer_foreign_keys = ON")
    else:
        run("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be pending where a trigger is dropped
        run("SET CONSTRAINTS ALL DEFERRED")
    insert_only.remove(connection)


def rows(matter: int) -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(matter_id=matter).order_by("seq"))


def picked(chance: random.Random, matters: list[int], least: int = 2) -> list[LedgerEntry]:
    """The entries of one matter that has so many at least."""
    while True:
        found = rows(chance.choice(matters))
        if len(found) >= least:
            return found


def _set(entry: LedgerEntry, column: str, value: Any) -> None:
    run(f"UPDATE {LEDGER} SET {column} = %s WHERE id = %s", value, entry.pk)


def _shift(matter: int, after: int, by: int) -> None:
    """Two steps, since a place may only be taken once."""
    run(f"UPDATE {LEDGER} SET seq = seq + 10000 WHERE matter_id = %s AND seq > %s", matter, after)
    run(f"UPDATE {LEDGER} SET seq = seq - %s WHERE matter_id = %s AND seq > 10000", 10000 - by, matter)


def _head(matter: int, length: int, head: str) -> None:
    run(f"UPDATE {MATTERS} SET ledger_length = %s, ledger_head = %s WHERE id = %s", length, bytes.fromhex(head), matter)


def _column(chance: random.Random, entry: LedgerEntry) -> tuple[str, Any]:
    """Any column of a row's content, and something else in it."""
    other = LedgerEntry.objects.exclude(actor=entry.actor_id).values_list("actor_id", flat=True).first()
    instant = "2026-01-02 03:04:05" + ("+00" if connection.vendor == "postgresql" else "")
    values: dict[str, Any] = {
        "actor_id": other,
        "verb": "reply" if entry.verb != "reply" else "register",
        "at": instant,
        "recorded_at": instant,
        "part": entry.part + 1,
        "facts": json.dumps({**entry.facts, "unit": "XX"}),
        "marks": packed({**entry.marks, "complaints.complaint": {"1": "0"}}),
        "key": f"forged-{entry.pk}",
        "hmac": chance.randbytes(32),
    }
    if entry.texts_id is not None:
        values["texts_id"] = None
    column = chance.choice(sorted(values))
    return column, values[column]


def changed(chance: random.Random, matters: list[int]) -> Named:
    entry = chance.choice(picked(chance, matters, 1))
    _set(entry, *_column(chance, entry))
    return "changed", entry.matter_id, entry.seq


def deleted(chance: random.Random, matters: list[int]) -> Named:
    """In the middle; half of the time the gap is closed."""
    entry = chance.choice(picked(chance, matters, 3)[1:-1])
    run(f"DELETE FROM {LEDGER} WHERE id = %s", entry.pk)
    if chance.random() < 0.5:
        _shift(entry.matter_id, entry.seq, -1)
    return "missing", entry.matter_id, entry.seq


def inserted(chance: random.Random, matters: list[int]) -> Named:
    """A forged entry before another, or a copy, which is as good as the original: then that is one too many."""
    found = picked(chance, matters)
    entry = chance.choice(found)
    _shift(entry.matter_id, entry.seq - 1, 1)
    mark = None if chance.random() < 0.5 else chance.randbytes(32)
    columns = "matter_id, actor_id, verb, at, recorded_at, part, facts, texts_id, marks"
    run(
        f"INSERT INTO {LEDGER} (seq, key, hmac, {columns})"
        f" SELECT seq - 1, NULL, coalesce(%s, hmac), {columns} FROM {LEDGER} WHERE id = %s",
        mark,
        entry.pk,
    )
    _head(entry.matter_id, len(found) + 1, found[-1].hmac)
    return "inserted", entry.matter_id, entry.seq + (mark is None)


def appended(chance: random.Random, matters: list[int]) -> Named:
    """A forged entry behind the last, and the matter's own row along with it."""
    last = picked(chance, matters)[-1]
    mark = chance.randbytes(32)
    columns = "matter_id, actor_id, verb, at, recorded_at, part, facts, texts_id, marks"
    run(
        f"INSERT INTO {LEDGER} (seq, key, hmac, {columns})"
        f" SELECT seq + 1, NULL, %s, {columns} FROM {LEDGER} WHERE id = %s",
        mark,
        last.pk,
    )
    _head(last.matter_id, last.seq + 1, mark.hex())
    return "changed", last.matter_id, last.seq + 1


def reordered(chance: random.Random, matters: list[int]) -> Named:
    """Two change places."""
    one, other = sorted(chance.sample(picked(chance, matters), 2), key=lambda entry: entry.seq)
    _set(one, "seq", 9999)
    _set(other, "seq", one.seq)
    _set(one, "seq", other.seq)
    return "moved", one.matter_id, one.seq


def cut(chance: random.Random, matters: list[int]) -> Named:
    """The last ones; half of the time the matter says that they were never there."""
    found = picked(chance, matters)
    left = chance.randrange(1, len(found))
    run(f"DELETE FROM {LEDGER} WHERE matter_id = %s AND seq > %s", found[0].matter_id, left)
    if chance.random() < 0.5:
        _head(found[0].matter_id, left, found[left - 1].hmac)
    return "cut", found[0].matter_id, left + 1


def removed(chance: random.Random, matters: list[int]) -> Named:
    """With its entries; of its own row nothing is left, or one as of a matter just begun."""
    matter = chance.choice(matters)
    run(f"DELETE FROM {LEDGER} WHERE matter_id = %s", matter)
    if chance.random() < 0.5:
        run(f"DELETE FROM {MATTERS} WHERE id = %s", matter)
    else:
        _head(matter, 0, "")
    return "gone", matter, 0


def moved(chance: random.Random, matters: list[int]) -> Named:
    """The last entry of one matter is hung on another."""
    entry = picked(chance, matters)[-1]
    other = chance.choice([matter for matter in matters if matter != entry.matter_id])
    place = len(rows(other)) + 1
    run(f"UPDATE {LEDGER} SET matter_id = %s, seq = %s WHERE id = %s", other, place, entry.pk)
    return "foreign", other, place


def rewritten(chance: random.Random, matters: list[int]) -> Named:
    """The matter's own row alone."""
    found = picked(chance, matters)
    length = chance.randrange(len(found))
    _head(found[0].matter_id, length, found[length - 1].hmac)
    return "head", found[0].matter_id, 0


WAYS: dict[str, Callable[[random.Random, list[int]], Named]] = {
    way.__name__: way for way in (changed, deleted, inserted, appended, reordered, cut, removed, moved, rewritten)
}
