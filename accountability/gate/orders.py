"""An order for a paper: an act places it, and it is carried out when the act is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accountability.models import LedgerEntry

if TYPE_CHECKING:
    from accountability.gate.act import Act


@dataclass
class Order:
    """One paper to compose, about a subject at an instant.

    `part` is the round's number, or the key of the object within the matter that the paper is about. `act` is the act
    that issues it, None for a draft. `by` and `entry` are the issuer and the ledger entry at the time of the order, so
    that the system stays the issuer of a paper that it ordered before a verb began.
    """

    kind: str
    subject: Any
    at: datetime
    part: int = 0
    number: str = ""
    act: Act | None = None
    by: Any = None
    entry: LedgerEntry | None = None
    facts: dict[str, Any] = field(default_factory=dict)
