"""How complaints stand by clock, for people who know some limits only: told from the limits themselves.

For them `in_clock` is a chain of subqueries; asked of every complaint of a unit, three times over, it took most of a
head's desk. The limits of known complaints are a few rows each.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value

from accountability.permissions import Actor
from accountability.web.desk import Clock
from complaints.lists.clocks import present_to, pressing_of
from complaints.models import Complaint

WAITS = -1
"""Stands in the place of how far a limit was warned of."""

AT_ONCE = 1000
"""The most complaints looked at; of more the database counts by `in_clock`."""


class Standing:
    """How complaints stand for one person at one instant. What one part of a page asked, another doesn't ask again."""

    def __init__(self, actor: Actor, at: datetime) -> None:
        self._actor, self._at = actor, at
        self._known: dict[int, Clock] = {}

    def of(self, ids: Collection[int]) -> dict[int, Clock]:
        """The clock of each complaint, as `in_clock` filters them. At most one statement."""
        asked = {pk for pk in ids if pk not in self._known}
        if asked:
            self._known.update(self._read(asked))
        return {pk: self._known[pk] for pk in ids}

    def _read(self, ids: set[int]) -> dict[int, Clock]:
        stands: dict[int, Clock] = {}
        waiting = set()
        for matter_id, due_at, warned in _limits_and_waits(self._actor, ids):
            if warned == WAITS:
                waiting.add(matter_id)
                continue
            here = Clock.LATE if due_at and due_at < self._at else Clock.WARN if warned > 0 else Clock.OK
            stands[matter_id] = min(here, stands.get(matter_id, Clock.OK), key=list(Clock).index)
        return dict.fromkeys(ids, Clock.OK) | dict.fromkeys(waiting, Clock.WARN) | stands


def _limits_and_waits(actor: Actor, ids: set[int]) -> QuerySet[Any, Any]:
    """The limits that press, and the complaints that have waited too long, which counts where no limit presses."""
    limits = pressing_of(actor).filter(matter_id__in=ids).order_by().values_list("matter_id", "due_at", "warned")
    waits = Complaint.objects.filter(matter__waiting_since__isnull=False, matter__alarm_at=None, pk__in=ids)
    too_long = waits.filter(present_to(actor)).order_by()
    return limits.union(too_long.values_list("pk", "matter__waiting_since", Value(WAITS)), all=True)
