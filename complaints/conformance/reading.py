"""Reads complaints with all that their findings are made of, a batch at a time, for the command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from accountability.db.row_keys import above
from accountability.models import Deadline, LedgerEntry
from complaints.conformance.clauses import Evidence
from complaints.models import Complaint, Round

BATCH = 200
"""Complaints in memory at a time."""


def evidence_of(complaints: QuerySet[Complaint]) -> Iterator[Evidence]:
    """The whole record of each, oldest first: the same number of statements for every batch."""
    last = 0
    while batch := list(above(complaints.select_related("matter"), last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield from _of_a_batch(batch)


def _of_a_batch(batch: list[Complaint]) -> Iterator[Evidence]:
    keys = [complaint.pk for complaint in batch]
    rounds = _by(Round.objects.filter(complaint__in=keys).select_related("unit").order_by("number"), "complaint_id")
    limits = Deadline.objects.filter(matter__in=keys).select_related("unit").order_by("part", "pk")
    deadlines = _by(limits, "matter_id")
    said = LedgerEntry.objects.filter(matter__in=keys).select_related("actor__unit").order_by("matter_id", "seq")
    entries = _by(said.defer("marks", "hmac", "key"), "matter_id")
    for complaint in batch:
        pk = complaint.pk
        yield Evidence(complaint, rounds[pk], deadlines[pk], entries[pk])


def _by(rows: Iterable[Any], name: str) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found
