"""The limits that a person's calendar shows: of each case in which something is asked of them, the one that their desk
shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accountability.permissions import Actor
from accountability.web.desk import MOST_LIMITS, OwnLimit
from assessment.lists.desk import Row
from assessment.lists.worklists import asks_of, with_lines


def own_limits(actor: Actor, at: datetime) -> Iterator[OwnLimit]:
    for ask in with_lines(asks_of(actor), actor, at):
        for line in ask.lines[:MOST_LIMITS]:
            clock = line.clock
            if clock is not None and clock.due_at:
                number = str(line.case.matter.number)
                what, url = clock.get_kind_display(), Row(line, ask).url
                yield OwnLimit(f"{number}-{clock.name}", number, what, clock.due_at, url)
