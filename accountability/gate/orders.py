"""An order for a paper, given by the act that issues it and carried out when the act is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accountability.models import LedgerEntry

if TYPE_CHECKING:
    from accountability.gate.act import Act


@dataclass
class Order:
    """One paper to be composed: of which subject, as of when. `part` is the round's number, or the key of the object
    within the matter that it is about; `act` is the act that issues it, None for a draft. `by` and `entry`, who issues
    it and the ledger entry by which, are as they were when it was ordered: what the system did before a verb began
    stays the system's.
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
