"""The chain: every entry carries an HMAC over itself and the entry before it.

The key lies outside the database, so whoever can write rows still can't write a chain. Entries are bound to their
matter, their place, the actor, both instants, the facts and the reference of the texts (not to the texts: those can
be erased).
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
    """As it is chained, sealed and exported: UTC, to the microsecond."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def entry_hmac(entry: LedgerEntry, previous: str) -> str:
    """What the entry's `hmac` must be, given its predecessor's (empty for the first)."""
    said = [
        previous, entry.matter_id, entry.seq, entry.actor_id, entry.verb, instant(entry.at),
        instant(entry.recorded_at),        entry.part, entry.facts, entry.texts_id, entry.key,
    ]  # fmt: skip
    body = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(settings.LEDGER_KEY.encode(), body.encode(), hashlib.sha256).hexdigest()


def chain(matter: Matter, entries: Iterable[LedgerEntry]) -> None:
    """Give new entries their place and HMAC and move the matter's head; the matter's row is locked by the caller."""
    for entry in entries:
        matter.ledger_length += 1
        entry.seq = matter.ledger_length
        entry.hmac = matter.ledger_head = entry_hmac(entry, matter.ledger_head)


def broken(matter: Matter) -> str | None:
    """None for an intact chain, else what is wrong with the first entry that doesn't fit."""
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
