"""Hourly seals: files outside the database that say how far the record had come (ADR 0018).

A seal has the length and head of each matter that changed since the last one, a mark of each new row of the logs and
histories, and the HMAC of the seal before it. Once a week it has the heads of all matters.

An act draws its keys before it commits, so rows may appear below the highest key that a seal saw. Each seal therefore
looks again from where the last but one ended; rows that appear still later were inserted by somebody.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Sum

from accountability.audit.sealed_tables import columns_of, in_runs, mark, out_of_runs, rows_of, sealed_models
from accountability.audit.verify_export import number_of, seal_hmac
from accountability.gate.changes import instant
from accountability.models import LedgerEntry, Matter, Seal
from accountability.security.file_store import sync

EVERY = timedelta(hours=1)
LATE = timedelta(hours=2)
"""A record without a seal of the last two hours is unproved: an alarm, and where there is none at all, a finding."""
WHOLE_EVERY = 7 * 24
"""Seals between two whole ones: a week of hours."""

LEDGER = LedgerEntry._meta.db_table

Content = dict[str, Any]


def ledger_key() -> bytes:
    return settings.LEDGER_KEY.encode()


def path_of(number: int) -> Path:
    return Path(settings.SEALS_DIR) / f"seal-{number:08d}.json"


def seal(at: datetime, *, even_early: bool = False) -> Seal | None:
    """Write the next seal if it is due. Return None where it isn't, or where another process was first.

    Raises OSError where the folder can't be written to.
    """
    last = _last()
    if last.at is not None and at - last.at < EVERY and not even_early:
        return None
    content = _content(last, at)
    if not _write(path_of(content["number"]), content):
        return None
    return _note(content)


@dataclass
class _Last:
    """What the next seal continues from; where the content is missing, the next seal is a whole one."""

    number: int = 0
    hmac: str = ""
    at: datetime | None = None
    content: Content = field(default_factory=dict)


def _last() -> _Last:
    """The newest file; or the row, where that is newer (then files are missing, and verification will report it)."""
    Path(settings.SEALS_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
    newest = max(Path(settings.SEALS_DIR).glob("seal-[0-9]*.json"), default=None)
    content = read(newest) if newest else None
    row = Seal.objects.first()
    if content and (row is None or row.number <= content["number"]):
        _note(content)  # the process that wrote it may have died before
        return _Last(content["number"], content["hmac"], datetime.fromisoformat(content["at"]), content)
    taken = max(number_of(newest.name) if newest else 0, row.number if row else 0)
    return _Last(taken, row.hmac if row else "", row.at if row else None)


def read(path: Path) -> Content | None:
    """The seal if it is valid, else None."""
    with suppress(OSError, ValueError, KeyError):
        content: Content = json.loads(path.read_text())
        if content["hmac"] == seal_hmac(ledger_key(), content) and content["number"] == number_of(path.name):
            return content
    return None


def _content(last: _Last, at: datetime) -> Content:
    number, before = last.number + 1, last.content
    is_whole = not before or number % WHOLE_EVERY == 1
    since: dict[str, int] = before.get("before", {})
    newest = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    content: Content = {
        "number": number, "at": instant(at), "previous": last.hmac, "whole": is_whole,
        "entries": Matter.objects.aggregate(all=Sum("ledger_length"))["all"] or 0,
        "before": before.get("through", {}), "through": {LEDGER: newest}, "rows": {},
        "matters": _matters(0 if is_whole else since.get(LEDGER, 0), before.get("matters", {}), is_whole),
    }  # fmt: skip
    for table, model in sealed_models().items():
        known = before.get("rows", {}).get(table, {})
        rows, through = _rows(table, model, since.get(table, 0), set(out_of_runs(known.get("ids", []))))
        content["through"][table] = max(through, content["before"].get(table, 0))
        if rows["ids"]:
            content["rows"][table] = rows
    return content | {"hmac": seal_hmac(ledger_key(), content)}


def _matters(since: int, known: Content, is_whole: bool) -> Content:
    moved = Matter.objects.exclude(ledger_length=0)
    if not is_whole:
        moved = moved.filter(pk__in=LedgerEntry.objects.filter(pk__gt=since).values("matter_id"))
    heads = moved.order_by("pk").values_list("pk", "ledger_length", "ledger_head").iterator(chunk_size=5000)
    found = {str(pk): [length, head] for pk, length, head in heads}
    return found if is_whole else {pk: pair for pk, pair in found.items() if known.get(pk) != pair}


def _rows(table: str, model: Any, since: int, known: set[int]) -> tuple[Content, int]:
    """The marks of readable rows that no seal has yet, and the highest key."""
    columns, key, through = columns_of(model), ledger_key(), 0
    ids, marks = [], bytearray()
    for pk, values in rows_of(model, columns, since):
        through = pk
        if pk not in known and values is not None:
            ids.append(pk)
            marks += mark(key, table, columns, values)
    return {"columns": columns, "ids": in_runs(ids), "marks": marks.hex()}, through


def _write(path: Path, content: Content) -> bool:
    """Write the file atomically and flush it to the disk; it is never overwritten. Return False where it exists
    already.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".seal-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, sort_keys=True)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(draft)
    sync(path.parent)
    return True


def _note(content: Content) -> Seal:
    """Add the row for the file, for pages and alarms."""
    rows = sum(count for table in content["rows"].values() for _first, count in table["ids"])
    row, _made = Seal.objects.get_or_create(
        number=content["number"],
        defaults={
            "at": datetime.fromisoformat(content["at"]), "hmac": content["hmac"], "entries": content["entries"],
            "matters": len(content["matters"]), "rows": rows,
        },
    )  # fmt: skip
    return row
