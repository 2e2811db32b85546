"""The first complaints in an order, of all that somebody may see: found part by part, each by an index.

Somebody sees a complaint in any of several ways, and may see a tenth of the archive. Asked for all ways at once,
PostgreSQL finds everything that they lead to before it shows 25 rows. Of each way by itself it reads the first rows in
the order asked for, or sorts the few there are; the page is among those.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from django.db.models import QuerySet

from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import Compiled, compiled, fetched_again
from accountability.permissions import Actor
from accountability.web.combined_queries import bounded, in_order, keys_in_order, rows_in_order, united
from accountability.web.request import beyond
from accountability.web.standing_statements import standing_statements
from complaints.lists.worklists import NEWEST, OLDEST, shown
from complaints.models import Complaint
from complaints.models.visibility import ComplaintQuerySet


class InOrder(Protocol):
    """Complaints that somebody sees, of which a page shows the first."""

    def first(self, order: Sequence[str], edge: Sequence[Any] | None, how_many: int) -> list[Complaint]:
        """The first in this order, after the edge if there is one, with what a line shows."""
        ...


@dataclass(frozen=True)
class Seen(InOrder):
    """What somebody may see and asks for. `narrow` keeps what is asked for, if not everything is; `finds_few`: it
    looks through few.

    In parts stands only what nothing narrows. A filter's subqueries would be asked of each part, and thirty saved views
    of a head of six units would be counted by a statement of 900,000 characters.
    """

    actor: Actor
    narrow: Callable[[ComplaintQuerySet], ComplaintQuerySet] | None = None
    finds_few: bool = False

    @property
    def whole(self) -> ComplaintQuerySet:
        """All of it, for whoever reads all of it or asks for one."""
        if self.finds_few:
            visible = Complaint.objects.visible_one_by_one(self.actor)
        else:
            visible = Complaint.objects.visible_to(self.actor)
        return visible if self.narrow is None else self.narrow(visible)

    def first(self, order: Sequence[str], edge: Sequence[Any] | None, how_many: int) -> list[Complaint]:
        """Finds their keys, then reads what a line shows by a statement that is kept: to build and plan it anew took
        longer than anything else of the page.
        """
        keys = list(self._first_keys(order, edge, how_many))
        known = {complaint.pk: complaint for complaint in shown(self.actor, self.actor.at, keys)}
        return [known[key] for key in keys if key in known]

    def numbers(self, order: Sequence[str], edge: Sequence[Any] | None, how_many: int) -> list[str]:
        """The same, of which only the numbers are asked for."""
        found = Complaint.objects.filter(pk__in=self._first_keys(order, edge, how_many)).order_by(*order)
        return list(found.values_list("matter__number", flat=True)[:how_many])

    def _first_keys(self, order: Sequence[str], edge: Sequence[Any] | None, how_many: int) -> Iterable[int]:
        """Their keys, in this order; as a query where it is one."""
        if self._is_one:
            return self.whole.filter(beyond(order, edge)).order_by(*order).values_list("pk", flat=True)[:how_many]
        if tuple(order) in (NEWEST, OLDEST):
            return first_keys_of(self.actor, order, how_many, edge[0] if edge else None)
        parts = Complaint.objects.visible_in_parts(self.actor)
        asked = [compiled(in_order(part.filter(beyond(order, edge)), order, how_many)) for part in parts]
        first = list({row for rows in rows_in_order(asked) for row in rows})
        for place, column in reversed(list(enumerate(order))):
            first.sort(key=itemgetter(place), reverse=column.startswith("-"))
        return [key for *_columns, key in first[:how_many]]

    def bounded(self, at_most: int) -> Compiled:
        """The statement for the keys to count, up to `at_most` or a few more."""
        if self._is_one:
            return compiled(bounded(self.whole, at_most))
        return united(standing_statements(_few_of_each, self.actor, self.actor.at, at_most), each_once=True)

    @property
    def _is_one(self) -> bool:
        sees_no_parts = self.actor.reads_every_complaint or self.actor.is_administrator
        return self.narrow is not None or self.finds_few or sees_no_parts


def first_keys_of(actor: Actor, order: Sequence[str], how_many: int, after: int | None = None) -> list[int]:
    """The newest complaints, or the oldest ones, of all that this person may see. One statement; the text of what a
    first page asks is kept.
    """
    if after is None:
        asked = standing_statements(_first_of_each, actor, actor.at, tuple(order), how_many)
    else:
        asked = [compiled(part) for part in _first_of_each(actor, actor.at, order, how_many, **_bound(order, after))]
    found = {key for keys in keys_in_order(asked) for key in keys}
    return sorted(found, reverse=order[0] in NEWEST)[:how_many]


def _first_of_each(
    actor: Actor, _at: datetime, order: Sequence[str], how_many: int, **bound: int
) -> list[QuerySet[Any]]:
    parts = Complaint.objects.visible_keys_in_parts(actor, **bound)
    direction = "-" if order[0] in NEWEST else ""
    return [part.order_by(f"{direction}{part.query.values_select[0]}")[:how_many] for part in parts]


def _few_of_each(actor: Actor, _at: datetime, at_most: int) -> list[QuerySet[Any]]:
    return [part.order_by()[:at_most] for part in Complaint.objects.visible_keys_in_parts(actor)]


def _bound(order: Sequence[str], key: int) -> dict[str, int]:
    return {"lt" if order[0] in NEWEST else "gt": key}


@dataclass(frozen=True)
class FewSeen(InOrder):
    """A few complaints that somebody may see, whose keys are known. PostgreSQL would walk through all complaints from
    the newest on until it has met enough of them.
    """

    actor: Actor
    keys: Collection[int]

    @classmethod
    def of(cls, actor: Actor, ids: Iterable[int], intakes: Iterable[int] = ()) -> FewSeen:
        """Those of these complaints, and of those with one of these intakes. One statement, whose text is kept."""
        asked = standing_statements(_seen_among, actor, actor.at, Keys.of(ids), Keys.of(intakes))
        return cls(actor, {key for (key,) in fetched_again(united(asked))})

    def first(self, order: Sequence[str], edge: Sequence[Any] | None, how_many: int) -> list[Complaint]:
        """Knows the two orders by key: the newest first, and the oldest."""
        newest_first = order[0] in NEWEST
        keys = sorted(self.keys, reverse=newest_first)
        if edge is not None:
            keys = [key for key in keys if key != edge[0] and (key < edge[0]) == newest_first]
        found = shown(self.actor, self.actor.at, keys[:how_many])
        return sorted(found, key=attrgetter("pk"), reverse=newest_first)


def _seen_among(actor: Actor, _at: datetime, ids: Keys, intakes: Keys) -> list[QuerySet[Any]]:
    seen = Complaint.objects.visible_one_by_one(actor).order_by().values_list("pk")
    return [seen.filter(OneOf("pk", ids)), seen.filter(OneOf("intake", intakes))]
