"""The lists on a person's desk, each with its numbers by clock and its first complaints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accountability.permissions import Actor
from accountability.web.combined_queries import bounded, counted_where, in_order, rows_in_order
from accountability.web.desk import AT_MOST, Clock, Waiting, number
from accountability.web.standing_statements import standing_statements
from complaints.lists.clocks import in_clock
from complaints.lists.standing import AT_ONCE, KNOWING_ALL, OK, Standing, at_a_glance
from complaints.lists.worklists import ORDER, Line, WorkList, among, lines, lists_of, shown
from complaints.models import Complaint
from complaints.models.visibility import ComplaintQuerySet

SHOWN = 6
"""Lines of a list on the desk. The whole list is one click away."""

EVERY_KNOWN = SHOWN + 1
"""The most rows read of a list by people who know every limit; of more an index counts faster than rows are read."""

Rows = Sequence[tuple[Any, ...]]
"""By urgency: the columns of `ORDER`, of which the key is the last, and how the complaint stands at a glance."""


@dataclass
class Section:
    """A list on the desk: how much waits in it, how much of that is late or warned of, and its first complaints."""

    work: WorkList
    url: str
    counts: Mapping[str, int]
    first: list[int] = field(default_factory=list)

    @property
    def waiting(self) -> Waiting:
        return Waiting(self.work.name, self.work.title, self.url, self.counts, is_duty=self.work.is_duty)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def late(self) -> int:
        return self.counts.get(Clock.LATE, 0)

    @property
    def count(self) -> str:
        return number(self.total)

    @property
    def heat(self) -> tuple[bool, ...]:
        """Duties come before lists to watch; among duties, the most urgent first."""
        return not self.work.is_duty, *self.waiting.heat


def sections(actor: Actor, at: datetime, stands: Standing | None = None, *, mine: bool = False) -> list[Section]:
    """The desk of this person, the most urgent list first. `mine`: of the work that agents share, only what concerns
    them.

    A constant number of statements, none of them for lines: a poll shows numbers only, and of the first complaints of
    each list the desk has room for a third (`lines_by_id`). No number is counted beyond `AT_MOST`.
    """
    works = lists_of(actor, at)
    how_many = EVERY_KNOWN if actor.reads_every_complaint else AT_ONCE
    rows = rows_in_order(standing_statements(_first_of_each, actor, at, mine, how_many))
    counts = _counts(rows, how_many, actor, at, mine, stands or Standing(actor, at))
    made = [
        Section(work, address_of(work, mine), counted, [key for *_columns, key, _how in each[:SHOWN]])
        for work, counted, each in zip(works, counts, rows, strict=True)
    ]
    return sorted((one for one in made if one.total or one.work.is_standing), key=lambda one: one.heat)


def _found(actor: Actor, at: datetime, mine: bool) -> list[ComplaintQuerySet]:
    visible = Complaint.objects.visible_one_by_one(actor)
    return [among(visible, work, actor, mine=mine) for work in lists_of(actor, at)]


def _first_of_each(actor: Actor, at: datetime, mine: bool, how_many: int) -> list[QuerySet[Any]]:
    lists = (found.annotate(stands=at_a_glance(at)) for found in _found(actor, at, mine))
    return [in_order(found, ORDER, how_many, "stands") for found in lists]


def _by_clock(actor: Actor, at: datetime, mine: bool, at_most: int, places: Sequence[int]) -> list[QuerySet[Any]]:
    """Of each of these lists what is late, what is warned of, and the rest."""
    lists = _found(actor, at, mine)
    asked = ((lists[place], in_clock(clock, actor, at)) for place in places for clock in Clock)
    return [bounded(found.filter(here), at_most) for found, here in asked]


def _counts(
    rows: Sequence[Rows], how_many: int, actor: Actor, at: datetime, mine: bool, stands: Standing
) -> list[Mapping[str, int]]:
    """The counts of each list by clock. Of a list that was read whole, its rows tell; of others the database counts."""
    clocks = _clocks({key: how for each in rows for *_columns, key, how in each}, actor, stands)
    tallied = ([clocks[key] for *_columns, key, _how in each] for each in rows)
    told: list[Mapping[str, int]] = [{clock: min(each.count(clock), AT_MOST) for clock in Clock} for each in tallied]
    longer = [place for place, each in enumerate(rows) if len(each) >= how_many]
    if longer:
        # Few positions know every limit: one text for each, planned once. The others' lists are seldom so long.
        places = tuple(range(len(rows)) if actor.reads_every_complaint else longer)
        wanted = [place in longer for place in places for _clock in Clock]
        numbers = iter(counted_where(standing_statements(_by_clock, actor, at, mine, AT_MOST, places), wanted))
        found: dict[int, Mapping[str, int]] = {place: {c: next(numbers) or 0 for c in Clock} for place in places}
        for place in longer:
            told[place] = found[place]
    return told


def _clocks(known: Mapping[int, int], actor: Actor, stands: Standing) -> Mapping[int, Clock]:
    if actor.reads_every_complaint:
        return {key: KNOWING_ALL[how] for key, how in known.items()}
    stands.know((key for key, how in known.items() if how == OK), Clock.OK)
    return stands.of(known)


def address_of(work: WorkList | None, mine: bool = False) -> str:
    """The address of a whole list, whose name is a word of the program; by default of all complaints."""
    name, narrowed = (work.name, mine and work.shared) if work else ("", False)
    return f"{reverse('complaints')}?list={name}{'&mine=on' if narrowed else ''}"


def lines_by_id(actor: Actor, at: datetime, ids: set[int]) -> dict[int, Line]:
    """Those of these complaints that this person may see, as lines. A constant number of statements."""
    return {line.complaint.pk: line for line in lines(shown(actor, at, ids), actor, at)}
