"""The queue that an address asks for: the list chosen, the filters, the complaints found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from accountability.permissions import Actor
from complaints.lists.filters import Filters
from complaints.lists.worklists import WorkList, lists_of
from complaints.models import Complaint
from complaints.models.complaints import ComplaintQuerySet


@dataclass
class Queue:
    """What this person may see and asked for. `work` is None if no list was chosen."""

    lists: list[WorkList]
    work: WorkList | None
    filters: Filters
    found: ComplaintQuerySet

    @property
    def asked(self) -> dict[str, str]:
        """List, filters and order as an address writes them. A number is left out: it is a search, not a view."""
        chosen = {"list": self.work.name} if self.work else {}
        return chosen | {name: value for name, value in self.filters.given.items() if name != "number"}


def queue_of(asked: QueryDict, actor: Actor, at: datetime) -> Queue:
    lists = lists_of(actor, at)
    work = next((work for work in lists if work.name == asked.get("list")), None)
    filters = Filters(asked, actor, at)
    found = Complaint.objects.visible_to(actor)
    return Queue(lists, work, filters, filters.narrow(found.filter(work.where) if work else found))
