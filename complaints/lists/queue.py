"""The queue that an address asks for: the list chosen, the filters, the complaints found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from accountability.permissions import Actor
from accountability.web.desk import AT_MOST, number
from complaints.lists.combined_queries import bounded_counts
from complaints.lists.filters import Filters
from complaints.lists.worklists import WorkList, lists_of
from complaints.models import Complaint
from complaints.models.complaints import ComplaintQuerySet


@dataclass
class Queue:
    """What this person may see and asked for. `work` is None if no list was chosen."""

    actor: Actor
    lists: list[WorkList]
    work: WorkList | None
    filters: Filters
    found: ComplaintQuerySet

    @property
    def asked(self) -> dict[str, str]:
        """List, filters and order as an address writes them. A number is left out: it is a search, not a view."""
        chosen = {"list": self.work.name} if self.work else {}
        return chosen | {name: value for name, value in self.filters.given.items() if name != "number"}

    @property
    def offered(self) -> list[WorkList]:
        """The lists of a person's office; for people who don't read every complaint also their personal lists."""
        everyone = not self.actor.reads_every_complaint
        return [work for work in self.lists if work.is_standing or work is self.work or everyone]

    @property
    def total(self) -> str:
        (found,) = bounded_counts([self.found], AT_MOST)
        return number(found)

    @property
    def totals(self) -> list[str]:
        """How many are in what is found, open in all, and in each offered list. One statement."""
        visible = Complaint.objects.visible_to(self.actor)
        lists = [visible.filter(work.where, matter__closed_at=None) for work in self.offered]
        found = bounded_counts([self.found, visible.filter(matter__closed_at=None), *lists], AT_MOST)
        return [number(count) for count in found]


def queue_of(asked: QueryDict, actor: Actor, at: datetime) -> Queue:
    lists = lists_of(actor, at)
    work = next((work for work in lists if work.name == asked.get("list")), None)
    filters = Filters(asked, actor, at)
    found = Complaint.objects.visible_to(actor)
    return Queue(actor, lists, work, filters, filters.narrow(found.filter(work.where) if work else found))
