"""How complaints stand by clock, for people who know some limits only: told from the limits themselves.

For them `in_clock` is a chain of subqueries; asked of every complaint of a unit, three times over, it took most of a
head's desk. The limits of known complaints are a few rows each.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accountability.permissions import Actor
from accountability.web.desk import Clock
from complaints.lists.clocks import present_to, pressing_of
from complaints.models import Complaint

AT_ONCE = 1000
"""The most complaints looked at; of more the database counts by `in_clock`."""


def standing(actor: Actor, at: datetime, ids: Collection[int]) -> dict[int, Clock]:
    """The clock of each complaint, as `in_clock` filters them. Two statements."""
    stands: dict[int, Clock] = {}
    limits = pressing_of(actor).filter(matter_id__in=ids)
    for matter_id, due_at, warned in limits.values_list("matter_id", "due_at", "warned"):
        here = Clock.LATE if due_at and due_at < at else Clock.WARN if warned > 0 else Clock.OK
        stands[matter_id] = min(here, stands.get(matter_id, Clock.OK), key=list(Clock).index)
    waits = Complaint.objects.filter(matter__waiting_since__isnull=False, matter__alarm_at=None, pk__in=ids)
    too_long = [pk for pk in waits.filter(present_to(actor)).values_list("pk", flat=True) if pk not in stands]
    return dict.fromkeys(ids, Clock.OK) | stands | dict.fromkeys(too_long, Clock.WARN)
