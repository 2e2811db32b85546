"""Chains ledger entries: every entry has an HMAC over its own content and the previous entry's HMAC.

The key is kept outside the database, so write access to the rows isn't enough to forge a chain. The HMAC covers the
matter, the position, the actor, both instants, the facts, the reference to the texts (not the texts themselves,
because they can be erased), and the marks of the rows that the act left: so the ledger proves those rows too.
"""

from __future__ import annotations

import hmac
import json
import re
import string
import zlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import models

from accountability.declarations.proofs import PROVED
from accountability.models import LedgerEntry, Matter


def instant(value: datetime) -> str:
    """The text form used in chains, seals and exports: UTC, with microseconds. Only somebody who owns the database can
    write an instant that UTC hasn't; it has its own text.
    """
    try:
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        return str(value)


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""One encoder for all: making one for every text would take longer than the text."""


def entry_hmac(entry: LedgerEntry, previous: str) -> str:
    """The HMAC of an entry, given that of the previous entry (empty for the first)."""
    said = [
        previous, entry.matter_id, entry.seq, entry.actor_id, entry.verb, instant(entry.at),
        instant(entry.recorded_at),        entry.part, entry.facts, entry.texts_id, entry.key, entry.marks,
    ]  # fmt: skip
    return hmac.digest(settings.LEDGER_KEY.encode(), _json(said).encode(), "sha256").hex()


def chain(matter: Matter, entries: Iterable[LedgerEntry]) -> None:
    """Give new entries their position and HMAC and update the matter's head. The caller has locked the matter."""
    for entry in entries:
        matter.ledger_length += 1
        entry.seq = matter.ledger_length
        entry.hmac = matter.ledger_head = entry_hmac(entry, matter.ledger_head)


# Marks of rows

GONE = ""
"""Instead of the mark of a row that the act removed."""

WHOLE = 11
"""A mark begins with so many signs of base64 (64 bits) over the whole row. Each column adds two letters or digits, or
EMPTY for one that is empty: they only help to say what differs. All are signs of base64, as `RowMarks` keeps them.
"""
EMPTY, FOUR_EMPTY = "+", "/"
_SIGNS = string.ascii_letters + string.digits
_PAIRS = [one + other for one in _SIGNS for other in _SIGNS]
_COLUMN = re.compile(r"\+|[^+]{2}")


@cache
def marked_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that marks cover; none for a model whose rows the ledger doesn't prove."""
    proof = PROVED.get(model._meta.label_lower)
    if proof is None:
        return ()
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname not in proof.left_out)


def whole_mark(key: bytes, model: type[models.Model], pk: Any, values: Sequence[Any]) -> str:
    """The beginning of the mark, over the whole row.

    It doesn't cover empty columns, so that a later release may add columns. Without the key nobody can make a mark, or
    try out values by it.
    """
    return _whole(key, model, pk, [_plain(value) for value in values])


def _whole(key: bytes, model: type[models.Model], pk: Any, texts: Sequence[str | None]) -> str:
    said = {name: text for name, text in zip(marked_columns(model), texts, strict=True) if text is not None}
    body = _json([model._meta.label_lower, str(pk), said])
    return b64encode(hmac.digest(key, b"mark\n" + body.encode(), "sha256")).decode()[:WHOLE]


def mark(key: bytes, model: type[models.Model], pk: Any, values: Sequence[Any]) -> str:
    """The mark of a row with these values of its marked columns."""
    label, texts = model._meta.label_lower, [_plain(value) for value in values]
    salt = int.from_bytes(hmac.digest(key, f"salt\n{label}\n{pk}".encode(), "sha256")[:4])
    each = [EMPTY if text is None else _PAIRS[zlib.crc32(text.encode(), salt) % len(_PAIRS)] for text in texts]
    return _whole(key, model, pk, texts) + "".join(each).replace(EMPTY * 4, FOUR_EMPTY)


def differing(model: type[models.Model], one: str, other: str) -> list[str]:
    """The columns in which two marks of a row differ, as far as their parts tell."""
    names = marked_columns(model)
    ours, theirs = (_COLUMN.findall(said[WHOLE:].replace(FOUR_EMPTY, EMPTY * 4)) for said in (one, other))
    if not len(ours) == len(theirs) == len(names):
        return []
    return [name for name, left, right in zip(names, ours, theirs, strict=True) if left != right]


def _plain(value: Any) -> str | None:
    """The same text for what an object holds and for what any database returns."""
    if value is None or type(value) is str:
        return value
    if type(value) in (int, bool):
        return str(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, dict | list | tuple):
        # There and back, since keys that are numbers come back as texts, which are in another order.
        return json.dumps(json.loads(json.dumps(value)), ensure_ascii=False, sort_keys=True)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def mark_rows(entry: LedgerEntry, rows: Iterable[models.Model]) -> None:
    """Let the entry say what these rows are now, by model and primary key."""
    key = settings.LEDGER_KEY.encode()
    for row in rows:
        model = row._meta.model  # the person of a request is wrapped
        held = row.__dict__
        values = [held[name] if name in held else getattr(row, name) for name in marked_columns(model)]
        entry.marks.setdefault(model._meta.label_lower, {})[str(row.pk)] = mark(key, model, row.pk, values)


def mark_gone(entry: LedgerEntry, rows: Iterable[models.Model]) -> None:
    """Let the entry say that these rows were removed."""
    for row in rows:
        entry.marks.setdefault(row._meta.label_lower, {})[str(row.pk)] = GONE
