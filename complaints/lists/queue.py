"""The queue that an address asks for: the list chosen, the filters, the complaints found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from accountability.db.sql import Compiled
from accountability.permissions import Actor
from accountability.web.combined_queries import bounded, counted
from accountability.web.desk import AT_MOST, number
from accountability.web.standing_statements import standing_rows, standing_statements
from complaints.lists.filters import Filters, filters_of
from complaints.lists.newest import Seen
from complaints.lists.worklists import ORDER, WorkList, for_lines, lists_of
from complaints.models import Complaint
from complaints.models.visibility import ComplaintQuerySet

EVERY = ""
"""In the place of a list's name: no list was chosen."""


@dataclass
class Queue:
    """What this person may see and asked for. `work` is None if no list was chosen."""

    actor: Actor
    lists: list[WorkList]
    work: WorkList | None
    filters: Filters
    seen: Seen

    @property
    def found(self) -> ComplaintQuerySet:
        return self.seen.whole

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
    def _name(self) -> str:
        return self.work.name if self.work else EVERY

    @property
    def is_plain(self) -> bool:
        """Whether nothing narrows what is open of the list, and nothing orders it otherwise."""
        return not self.filters.active and self.filters.keys == ORDER

    def first(self, order: Sequence[str], edge: Sequence[Any] | None, how_many: int) -> list[Complaint]:
        """The first rows, after the edge if there is one."""
        if edge is not None or not self.is_plain:
            return self.seen.first(order, edge, how_many)
        found: list[Complaint] = standing_rows(_first_open, self.actor, self.filters.at, self._name, how_many)
        return found

    @property
    def total(self) -> str:
        found = counts([self.seen]) if self.filters.active else map(number, counted([self._open()[self._name]]))
        return next(iter(found))

    def totals(self, others: Sequence[Seen] = ()) -> list[str]:
        """How many are in what is found, open in all, in each offered list, and in the others. What is open has a
        statement of its own, which is kept; where nothing narrows it, it tells what is found too.
        """
        kept, names = self._open(), [EVERY, *(work.name for work in self.offered)]
        is_open = dict(zip(names, map(number, counted([kept[name] for name in names])), strict=True))
        found = counts([self.seen, *others] if self.filters.active else others)
        if not self.filters.active:
            found.insert(0, is_open[self._name])
        return [found[0], *is_open.values(), *found[1:]]

    def _open(self) -> dict[str, Compiled]:
        """What counts the open ones, by name of the list."""
        kept = standing_statements(_open_in_lists, self.actor, self.filters.at, AT_MOST)
        return dict(zip((EVERY, *(work.name for work in self.lists)), kept, strict=True))


def queue_of(asked: QueryDict, actor: Actor, at: datetime) -> Queue:
    lists = lists_of(actor, at)
    work = _chosen(asked, lists)
    filters = Filters(asked, actor, at)
    return Queue(actor, lists, work, filters, _seen(work, filters))


def found_of(asked: Sequence[Mapping[str, str]], actor: Actor, at: datetime) -> list[Seen]:
    """What each of these addresses finds. The number of statements doesn't grow with them."""
    lists = lists_of(actor, at) if asked else []
    filters = filters_of(asked, actor, at)
    return [_seen(_chosen(each, lists), narrowing) for each, narrowing in zip(asked, filters, strict=True)]


def counts(found: Sequence[Seen]) -> list[str]:
    """How many each finds, none counted beyond `AT_MOST`. One statement."""
    return [number(count) for count in counted([each.bounded(AT_MOST) for each in found])]


def _open_in_lists(actor: Actor, at: datetime, at_most: int) -> list[QuerySet[Any]]:
    """The open complaints: all that this person may see, and those of each list."""
    visible = Complaint.objects.visible_one_by_one(actor).filter(matter__closed_at=None)
    return [bounded(each, at_most) for each in (visible, *(visible.filter(w.where) for w in lists_of(actor, at)))]


def _first_open(actor: Actor, at: datetime, of: str, how_many: int) -> list[QuerySet[Any]]:
    visible = Complaint.objects.visible_one_by_one(actor).filter(matter__closed_at=None)
    narrowed = [visible.filter(work.where) for work in lists_of(actor, at) if work.name == of]
    return [for_lines(found).order_by(*ORDER)[:how_many] for found in narrowed or [visible]]


def _chosen(asked: Mapping[str, str] | QueryDict, lists: Sequence[WorkList]) -> WorkList | None:
    return next((work for work in lists if work.name == asked.get("list")), None)


def _seen(work: WorkList | None, filters: Filters) -> Seen:
    def narrow(visible: ComplaintQuerySet) -> ComplaintQuerySet:
        return filters.narrow(visible.filter(work.where) if work else visible)

    return Seen(filters.actor, narrow if work or filters.narrows else None, filters.finds_few)
