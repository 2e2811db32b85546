"""The limits that a person's calendar shows: of each complaint that waits for them, the one that their desk shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from accountability.permissions import Actor
from accountability.web.combined_queries import first_keys
from accountability.web.desk import MOST_LIMITS, OwnLimit
from complaints.lists.worklists import DUE, among, lines, lists_of
from complaints.models import Complaint


def own_limits(actor: Actor, at: datetime) -> Iterator[OwnLimit]:
    """Of the work that agents share, only what concerns this person. A constant number of statements."""
    visible = Complaint.objects.visible_one_by_one(actor)
    duties = [work for work in lists_of(actor, at) if work.is_duty]
    found = first_keys([among(visible, work, actor, mine=True) for work in duties], DUE, MOST_LIMITS)
    wanted = {key for keys in found for key in keys}
    complaints = list(Complaint.objects.visible_to(actor).filter(pk__in=wanted).select_related("matter"))
    for line in lines(complaints, actor, at):
        clock = line.clock
        if clock is not None and clock.presses and clock.due_at:
            number = str(line.complaint.matter.number)
            where = reverse("complaint", args=[number])
            yield OwnLimit(f"{number}-{clock.name}", number, clock.get_kind_display(), clock.due_at, where)
