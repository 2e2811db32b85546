"""What is late or nearly late, by the person who holds it or by unit, for the people responsible for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accountability.db.sql import Compiled, by_key, compiled, fetched_again
from accountability.models import Employee, Unit
from accountability.permissions import Actor
from accountability.web.combined_queries import keys_in_order
from accountability.web.desk import Cell, Clock, Waiting
from accountability.web.standing_statements import standing_statements
from complaints.lists.clocks import in_clock
from complaints.lists.standing import AT_ONCE, Standing
from complaints.lists.worklists import complaints_of, lists_of
from complaints.models import Complaint
from complaints.models.visibility import ComplaintQuerySet

LOOKED_AT = 500
"""The most complaints looked at for each clock, the most urgent first."""

SHOWN = 8

HOT = (Clock.LATE, Clock.WARN)


@dataclass(frozen=True)
class Spot:
    """One person or unit, with how much of theirs is past its limit or near it."""

    waiting: Waiting

    @property
    def cells(self) -> list[Cell]:
        return [cell for cell in self.waiting.cells if cell.clock in HOT]


@dataclass(frozen=True)
class Burning:
    """The most urgent spots first. `more`: how many others there are. `is_cut`: there were more complaints than could
    be looked at, so the numbers are minimums.
    """

    title: Any
    spots: list[Spot]
    more: int = 0
    is_cut: bool = False


def burning(actor: Actor, at: datetime, stands: Standing) -> Burning | None:
    """By unit for people who watch all units; by person for a unit's head and for a leader.

    None if the actor has no such office; without spots if nothing is late or warned of.
    """
    if actor.is_csc_supervisor or actor.heads_centre or actor.is_marketing or actor.is_auditor:
        return _by_unit(*_counted(_held_by_clock(standing_statements(_of_units, actor, at))))
    if actor.reads_every_complaint:
        return None
    (few,) = standing_statements(_of_people, actor, at, AT_ONCE)
    counted, is_cut = _counted(_pressing(fetched_again(few), actor, at, stands))
    return _by_person(_list_of_people(actor), counted, is_cut) if counted or actor.heads else None


Counted = dict[int, dict[str, int]]
ByClock = Iterable[tuple[Clock, list[int]]]
"""By clock, whose the most urgent complaints are."""


def _counted(by_clock: ByClock) -> tuple[Counted, bool]:
    counted: Counted = defaultdict(dict)
    is_cut = False
    for clock, keys in by_clock:
        is_cut |= len(keys) == LOOKED_AT
        for key in keys:
            counted[key][clock] = counted[key].get(clock, 0) + 1
    return counted, is_cut


def _list_of_people(actor: Actor) -> str:
    return "unit" if actor.heads else "joint"


def _held_by_people(actor: Actor, at: datetime) -> ComplaintQuerySet:
    """What people of the unit hold, or those whom this leader answers for."""
    work = next(work for work in lists_of(actor, at) if work.name == _list_of_people(actor))
    # Equal, said twice: for one "=" PostgreSQL joins by the unit, all that the unit ever had with all that it holds.
    unit = F("latest_round__unit")
    held = complaints_of(work, actor).filter(matter__holder__isnull=False)
    return held.filter(matter__holder_unit__gte=unit, matter__holder_unit__lte=unit)


def _of_people(actor: Actor, at: datetime, at_most: int) -> list[QuerySet[Any, Any]]:
    """In no order: for one the database would walk through all complaints there are."""
    columns = "matter__work_due_at", "pk", "matter__holder"
    return [_held_by_people(actor, at).order_by().values_list(*columns)[:at_most]]


def _of_units(actor: Actor, at: datetime) -> list[QuerySet[Any, Any]]:
    held = Complaint.objects.filter(matter__closed_at=None, matter__holder_unit__isnull=False)
    return _most_urgent(held, "matter__holder_unit", actor, at)


def _pressing(few: list[Any], actor: Actor, at: datetime, stands: Standing) -> ByClock:
    if len(few) == AT_ONCE:
        most_urgent = _most_urgent(_held_by_people(actor, at), "matter__holder", actor, at)
        return _held_by_clock([compiled(found) for found in most_urgent])
    clocks = stands.of([pk for _due, pk, _whose in few])
    return [(clock, [whose for _due, pk, whose in sorted(few) if clocks[pk] == clock][:LOOKED_AT]) for clock in HOT]


def _most_urgent(found: ComplaintQuerySet, by: str, actor: Actor, at: datetime) -> list[QuerySet[Any, Any]]:
    order = "matter__work_due_at", "matter_id"
    told = found.order_by(*order).values_list(*order, by)
    return [told.filter(in_clock(clock, actor, at))[:LOOKED_AT] for clock in HOT]


def _held_by_clock(asked: Sequence[Compiled]) -> ByClock:
    return zip(HOT, keys_in_order(asked), strict=True)


def _by_unit(counted: Counted, is_cut: bool) -> Burning:
    found = by_key(Unit, counted)
    spots = [_spot(str(unit), counted[pk], unit=unit.code) for pk, unit in found.items()]
    return _hottest(_("哪里最急：按单位"), spots, is_cut)


def _by_person(name: str, counted: Counted, is_cut: bool) -> Burning:
    found = by_key(Employee, counted)
    spots = [_spot(person.name, counted[pk], list=name, holder=person.username) for pk, person in found.items()]
    return _hottest(_("哪里最急：按办理人"), spots, is_cut)


def _spot(label: str, counts: dict[str, int], **asked: str) -> Spot:
    key = asked.get("holder") or asked["unit"]
    return Spot(Waiting(f"hot-{key}", label, f"{reverse('complaints')}?{urlencode(asked)}", counts))


def _hottest(title: str, spots: list[Spot], is_cut: bool) -> Burning:
    first = sorted(spots, key=lambda spot: (-spot.waiting.late, -spot.waiting.warned, spot.waiting.name))
    return Burning(title, first[:SHOWN], max(0, len(first) - SHOWN), is_cut)
