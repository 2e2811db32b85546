"""Reads one matter's chain from its first entry to its last."""

from __future__ import annotations

import hmac

from accountability.gate.changes import entry_hmac
from accountability.models import Matter


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
