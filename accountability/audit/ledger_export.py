"""The ledger as lines of JSON, for verification by somebody who trusts neither program nor database."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from accountability.audit.seals import ledger_key
from accountability.audit.verification import entries, heads
from accountability.audit.verify_export import FORMAT, end_of, number_of, read_seals
from accountability.db.snapshot import snapshot
from accountability.models import Seal


def export(file: Path, *, folder: Path | None = None) -> int:
    """Write the file, readable by its owner only. Return the number of entries. Raises FileExistsError."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    count = 0
    with os.fdopen(handle, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8") as out:
        for line in _lines(folder or Path(settings.SEALS_DIR)):
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += "entry" in line
    return count


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    """All lines as of one instant, though people work meanwhile. Seals written later are left out, since they cover
    what was written later; those noted by then are in, since acts name them.
    """
    yield {"format": FORMAT}
    there = max((number_of(path.name) for path in folder.glob("seal-[0-9]*.json")), default=0)
    with snapshot():
        noted = Seal.objects.values_list("number", flat=True).first() or 0
        for name, seal in read_seals(folder):
            if seal is not None and number_of(name) <= max(there, noted):
                yield {"seal": seal}
        known = heads()
        for pk, (number, length, head) in known.items():
            yield {"matter": [pk, number, length, head]}
        total = 0
        for total, row in enumerate(entries(), start=1):  # noqa: B007
            yield {"entry": row}
        yield {"end": end_of(ledger_key(), total, known)}
