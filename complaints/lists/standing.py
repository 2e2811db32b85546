"""How complaints stand by clock, for people who know some limits only: told from the limits themselves.

For them `in_clock` is a chain of subqueries; asked of every complaint of a unit, three times over, it took most of a
head's desk. The limits of known complaints are a few rows each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db.models import Case, Min, QuerySet, Value, When

from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import fetched_again
from accountability.permissions import Actor
from accountability.web.desk import Clock
from accountability.web.standing_statements import standing_statements
from complaints.lists.clocks import may_stand_out, present_to, pressing_of
from complaints.models import Complaint

AT_ONCE = 1000
"""The most complaints looked at; of more the database counts by `in_clock`."""

LATE, WARN, OK, WAITS = range(4)
"""How urgent its most urgent limit makes a complaint; and, where no limit presses, that it waited too long."""

CLOCKS = {LATE: Clock.LATE, WARN: Clock.WARN, OK: Clock.OK, WAITS: Clock.WARN}


class Standing:
    """How complaints stand for one person at one instant. What one part of a page asked, another doesn't ask again."""

    def __init__(self, actor: Actor, at: datetime) -> None:
        self._actor, self._at = actor, at
        self._known: dict[int, Clock] = {}

    def know(self, ids: Iterable[int], clock: Clock) -> None:
        """What was read with these complaints tells their clock."""
        self._known.update(dict.fromkeys(ids, clock))

    def of(self, ids: Collection[int]) -> dict[int, Clock]:
        """The clock of each complaint, as `in_clock` filters them. At most one statement."""
        asked = {pk for pk in ids if pk not in self._known}
        if asked:
            self._known.update(self._read(asked))
        return {pk: self._known[pk] for pk in ids}

    def _read(self, ids: set[int]) -> dict[int, Clock]:
        (told,) = standing_statements(_limits_and_waits, self._actor, self._at, Keys.of(ids))
        stands = dict.fromkeys(ids, Clock.OK)
        for matter_id, how in sorted(fetched_again(told), key=itemgetter(1), reverse=True):
            stands[matter_id] = CLOCKS[how]
        return stands


def at_a_glance(at: datetime) -> Case:
    """For a query over complaints: how each stands by what the gate keeps at its matter. This tells people who know
    every limit all, and others that a complaint is `OK`.
    """
    late, warned, waits = may_stand_out(at)
    return Case(When(late, then=LATE), When(warned, then=WARN), When(waits, then=WAITS), default=OK)


KNOWING_ALL = CLOCKS | {WAITS: Clock.OK}
"""The clocks for people who know every limit. For them a wait counts as a warning only where no limit presses; the gate
has then set the matter's own warning, which comes before.
"""


def _limits_and_waits(actor: Actor, at: datetime, ids: Keys) -> list[QuerySet[Any, Any]]:
    """The limits that press, and the complaints that have waited too long, which counts where no limit presses. The
    keys are asked of the complaints, so that the database begins there and not with each limit by itself. No limit is
    read of a complaint that is in time by all of them.
    """
    how = Case(When(due_at__lt=at, then=LATE), When(warned__gt=0, then=WARN), default=OK)
    late, warned, waits = may_stand_out(at)
    limits = pressing_of(actor).filter(OneOf("matter__complaint__pk", ids), late | warned | waits).order_by()
    nearest = limits.values("matter_id").annotate(how=Min(how)).values_list("matter_id", "how")
    too_long = Complaint.objects.filter(OneOf("pk", ids), waits & present_to(actor)).order_by()
    return [nearest.union(too_long.values_list("pk", Value(WAITS)), all=True)]
