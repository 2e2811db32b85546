"""Makes a ledger of any length quickly: entries chained as real ones are, of matters that are never handled."""

from __future__ import annotations

from datetime import datetime, timedelta

from accountability.gate.changes import chain, mark_rows
from accountability.models import Employee, LedgerEntry, Matter
from complaints.models import Complaint

EACH = 10
"""Entries per matter, about as many as a complaint has."""

AT_A_TIME = 1000
VERBS = ("register", "dispatch", "hand_off", "accept", "contact_customer", "answer", "judge_complete", "reply")


def fill(entries: int, at: datetime) -> None:
    """Add this many entries, of new matters."""
    system = Employee.objects.system()
    first = (Matter.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    last = first + entries // EACH
    for start in range(first, last, AT_A_TIME):
        matters = [
            Matter(pk=pk, kind=Complaint.matter_kind, number=f"BENCH{pk}", opened_at=at)
            for pk in range(start, min(start + AT_A_TIME, last))
        ]
        made = [_entries(matter, system, at) for matter in matters]
        Matter.objects.bulk_create(matters)
        LedgerEntry.objects.bulk_create([entry for several in made for entry in several])


def _entries(matter: Matter, system: Employee, at: datetime) -> list[LedgerEntry]:
    several = [
        LedgerEntry(
            matter=matter, actor=system, verb=VERBS[place % len(VERBS)], at=at + timedelta(minutes=place),
            recorded_at=at + timedelta(minutes=place), part=1, facts={"unit": "WH", "method": "system", "round": place},
        )
        for place in range(EACH)
    ]  # fmt: skip
    mark_rows(several[-1], [matter])
    chain(matter, several)
    return several
