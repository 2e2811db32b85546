"""Chains ledger entries: every entry has an HMAC over its own content and the previous entry's HMAC.

The key is kept outside the database, so write access to the rows isn't enough to forge a chain. The HMAC covers the
matter, the position, the actor, both instants, the facts and the reference to the texts (not the texts themselves,
because they can be erased).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings

from accountability.models import LedgerEntry, Matter


def instant(value: datetime) -> str:
    """The text form used in chains, seals and exports: UTC, with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def entry_hmac(entry: LedgerEntry, previous: str) -> str:
    """The HMAC of an entry, given that of the previous entry (empty for the first)."""
    said = [
        previous, entry.matter_id, entry.seq, entry.actor_id, entry.verb, instant(entry.at),
        instant(entry.recorded_at),        entry.part, entry.facts, entry.texts_id, entry.key,
    ]  # fmt: skip
    body = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(settings.LEDGER_KEY.encode(), body.encode(), hashlib.sha256).hexdigest()


def chain(matter: Matter, entries: Iterable[LedgerEntry]) -> None:
    """Give new entries their position and HMAC and update the matter's head. The caller has locked the matter."""
    for entry in entries:
        matter.ledger_length += 1
        entry.seq = matter.ledger_length
        entry.hmac = matter.ledger_head = entry_hmac(entry, matter.ledger_head)


def broken(matter: Matter) -> str | None:
    """None if the chain is intact, otherwise what is wrong with the first entry that doesn't fit."""
    previous, place = "", 0
    for entry in matter.entries.order_by("seq").iterator():
        place += 1
        if entry.seq != place:
            return f"{matter}: entry {place} is missing"
        if not hmac.compare_digest(entry.hmac, entry_hmac(entry, previous)):
            return f"{matter}: entry {place} ({entry.verb}) was changed"
        previous = entry.hmac
    if (place, previous) != (matter.ledger_length, matter.ledger_head):
        return f"{matter}: {matter.ledger_length} entries were written, {place} are there"
    return None
