"""What is late or nearly late, by the person who holds it or by unit, for the people responsible for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accountability.models import Employee, Unit
from accountability.permissions import Actor
from accountability.web.desk import Cell, Clock, Waiting
from complaints.lists.clocks import in_clock
from complaints.lists.standing import AT_ONCE, Standing
from complaints.lists.worklists import complaints_of, lists_of
from complaints.models import Complaint
from complaints.models.complaints import ComplaintQuerySet

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
    """By unit for people who watch all units; by person for a unit's head and for a leader. Three statements.

    None if the actor has no such office; without spots if nothing is late or warned of.
    """
    if actor.is_csc_supervisor or actor.heads_centre or actor.is_marketing or actor.is_auditor:
        found = Complaint.objects.filter(matter__closed_at=None, matter__holder_unit__isnull=False)
        return _by_unit(*_counted(found, "matter__holder_unit", actor, at, stands))
    if actor.reads_every_complaint:
        return None
    name = "unit" if actor.heads else "joint"
    work = next(work for work in lists_of(actor, at) if work.name == name)
    theirs = complaints_of(work, actor).filter(matter__holder__isnull=False)
    # Equal, said twice: for one "=" PostgreSQL joins by the unit, all that the unit ever had with all that it holds.
    unit = F("latest_round__unit")
    theirs = theirs.filter(matter__holder_unit__gte=unit, matter__holder_unit__lte=unit)
    counted, is_cut = _counted(theirs, "matter__holder", actor, at, stands)
    return _by_person(name, counted, is_cut) if counted or actor.heads else None


Counted = dict[int, dict[str, int]]


def _counted(found: ComplaintQuerySet, by: str, actor: Actor, at: datetime, stands: Standing) -> tuple[Counted, bool]:
    counted: Counted = defaultdict(dict)
    is_cut = False
    for clock, keys in _pressing(found, by, actor, at, stands):
        is_cut |= len(keys) == LOOKED_AT
        for key in keys:
            counted[key][clock] = counted[key].get(clock, 0) + 1
    return counted, is_cut


def _pressing(
    found: ComplaintQuerySet, by: str, actor: Actor, at: datetime, stands: Standing
) -> Iterator[tuple[Clock, list[int]]]:
    """By clock, whose the most urgent complaints are. A few are put in order here: for an order the database would
    walk through all complaints there are.
    """
    few = []
    if not actor.reads_every_complaint:
        few = list(found.order_by().values_list("matter__work_due_at", "pk", by)[:AT_ONCE])
    if actor.reads_every_complaint or len(few) == AT_ONCE:
        in_order = found.order_by("matter__work_due_at", "matter_id")
        for clock in HOT:
            yield clock, list(in_order.filter(in_clock(clock, actor, at)).values_list(by, flat=True)[:LOOKED_AT])
        return
    clocks = stands.of([pk for _due, pk, _whose in few])
    for clock in HOT:
        yield clock, [whose for _due, pk, whose in sorted(few) if clocks[pk] == clock][:LOOKED_AT]


def _by_unit(counted: Counted, is_cut: bool) -> Burning:
    found = Unit.objects.filter(pk__in=counted)
    spots = [_spot(str(unit), counted[unit.pk], unit=unit.code) for unit in found]
    return _hottest(_("哪里最急：按单位"), spots, is_cut)


def _by_person(name: str, counted: Counted, is_cut: bool) -> Burning:
    found = Employee.objects.filter(pk__in=counted)
    spots = [_spot(person.name, counted[person.pk], list=name, holder=person.username) for person in found]
    return _hottest(_("哪里最急：按办理人"), spots, is_cut)


def _spot(label: str, counts: dict[str, int], **asked: str) -> Spot:
    key = asked.get("holder") or asked["unit"]
    return Spot(Waiting(f"hot-{key}", label, f"{reverse('complaints')}?{urlencode(asked)}", counts))


def _hottest(title: str, spots: list[Spot], is_cut: bool) -> Burning:
    first = sorted(spots, key=lambda spot: (-spot.waiting.late, -spot.waiting.warned, spot.waiting.name))
    return Burning(title, first[:SHOWN], max(0, len(first) - SHOWN), is_cut)
