"""What stands on a desk: each list of this person's with its numbers by clock and its first lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from accountability.desks import AT_MOST, Clock, Waiting, number
from accountability.permissions import Actor
from complaints.at_once import bounded_counts, first_keys
from complaints.models import Complaint
from complaints.worklists import ORDER, Line, WorkList, complaints_of, for_lines, in_clock, lines, lists_of

SHOWN = 6
"""Lines of a list on the desk; the whole list is one click away."""


@dataclass
class Section:
    """A list on the desk: how much waits in it, how much of that is late or warned of, and its first lines."""

    work: WorkList
    url: str
    counts: Mapping[str, int]
    lines: list[Line] = field(default_factory=list)

    @property
    def waiting(self) -> Waiting:
        return Waiting(self.work.name, self.work.title, self.url, self.counts, is_duty=self.work.is_duty)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def late(self) -> int:
        return self.counts[Clock.LATE]

    @property
    def count(self) -> str:
        return number(self.total)

    @property
    def heat(self) -> tuple[bool, ...]:
        """What is to be done comes before what is only watched, and of that what burns first."""
        return not self.work.is_duty, *self.waiting.heat


def sections(actor: Actor, at: datetime, *, mine: bool = False) -> list[Section]:
    """The desk of this person, what burns first. `mine`: of the work that all agents share only what concerns them.

    The same few statements whatever there is; no number is counted beyond `AT_MOST`.
    """
    works = lists_of(actor, at)
    found = [complaints_of(work, actor, mine=mine) for work in works]
    numbers = bounded_counts([each.filter(in_clock(clock, actor, at)) for each in found for clock in Clock], AT_MOST)
    keys = first_keys(found, ORDER, SHOWN)
    shown = _lines_by_id(actor, at, {key for each in keys for key in each})
    made = [
        Section(
            work, address_of(work, mine), dict(zip(Clock, numbers[place * len(Clock) :], strict=False)),
            [shown[key] for key in keys[place] if key in shown],
        )
        for place, work in enumerate(works)
    ]  # fmt: skip
    return sorted((one for one in made if one.total or one.work.is_standing), key=lambda one: one.heat)


def address_of(work: WorkList, mine: bool = False) -> str:
    """Where the whole list stands."""
    asked = {"list": work.name} | ({"mine": "on"} if mine and work.shared else {})
    return f"{reverse('complaints')}?{urlencode(asked)}"


def _lines_by_id(actor: Actor, at: datetime, ids: set[int]) -> dict[int, Line]:
    found = list(for_lines(Complaint.objects.visible_to(actor)).filter(pk__in=ids))
    return {line.complaint.pk: line for line in lines(found, actor, at)}
