"""Writes back what the OA says of a paper: its number and a receipt. Both are whatever somebody else's program wrote;
they are cut, made one line, and masked.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from accountability.models import Delivery, PaperHandover
from accountability.oa.adapters import IN
from accountability.security.masking import mask_text

LONGEST_NUMBER, LONGEST_RECEIPT = 60, 120
NAMED = re.compile(r"(oa_[a-z]{32})\.json")
MOST_A_RUN, MOST_BYTES = 100, 65536
DONE, BAD = "done", "bad"

State = Delivery.State
log = logging.getLogger(__name__)


def cleaned(said: Any, longest: int) -> str:
    """One line of printable signs; empty for what is no text."""
    if isinstance(said, int) and not isinstance(said, bool):
        said = str(said)
    if not isinstance(said, str):
        return ""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in said[: 4 * longest]).split())
    return mask_text(line)[:longest]


def columns(number: Any, receipt: Any, at: datetime) -> dict[str, Any]:
    """What to save; nothing where nothing was said."""
    said = {
        "oa_number": cleaned(number, LONGEST_NUMBER), "receipt": cleaned(receipt, LONGEST_RECEIPT),
    }  # fmt: skip
    found: dict[str, Any] = {name: value for name, value in said.items() if value}
    return found | {"answered_at": at} if found else {}


def note(key: str, number: Any, receipt: Any, at: datetime) -> bool:
    """Save what the OA said later. A paper that it has a number for was handed over, by whatever way. Whether there was
    such a paper, and something was said.
    """
    said = columns(number, receipt, at)
    if not said:
        return False
    known = PaperHandover.objects.filter(key=key)
    if "oa_number" in said:
        known.exclude(state=State.SENT).update(state=State.SENT, handed_at=at, problem="")
    return bool(known.update(**said))


def collect(at: datetime) -> None:
    """Take the receipts in the folder, each a file named by its paper's id. What can't be read is put aside."""
    folder = Path(settings.OA_FOLDER) / IN
    if not settings.OA_FOLDER or not folder.is_dir():
        return
    waiting = sorted(place for place in folder.iterdir() if NAMED.fullmatch(place.name))
    for place in waiting[:MOST_A_RUN]:
        aside = folder / (DONE if _took(place, at) else BAD)
        aside.mkdir(exist_ok=True)
        place.replace(aside / place.name)


def _took(place: Path, at: datetime) -> bool:
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > MOST_BYTES:
            raise ValueError("no file of ours")
        said = json.loads(place.read_bytes())
        taken = isinstance(said, dict) and note(
            place.name.removesuffix(".json"), said.get("number", ""), said.get("receipt", ""), at
        )  # fmt: skip
    except (ValueError, OSError, RecursionError) as error:
        log.warning("OA: a receipt can't be read (%s)", type(error).__name__)
        return False
    if not taken:
        log.warning("OA: a receipt of no paper, or without a number")
    return taken
