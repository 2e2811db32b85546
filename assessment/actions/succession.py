"""Passes a case that waits for a person who can no longer act to one who can."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, Batch
from accountability.models import Employee, Matter, contacts_by_unit
from accountability.organisation.succession import ON_AWAY, OPEN_WORK, OpenWork, hand_on
from assessment.models import Case, Seat

BATCH = 200
BY_LEADERS = ("approve", "sign_circular")
BY_UNIT = ("file_report", "sign_report", "file_opinion")


def pass_on(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """In the sweep, because a case's limits are days: the act that takes a person away needn't wait for its cases.
    Their permission ends with that act; only the holder changes a moment later.
    """
    return hand_on(batch, Case, _stuck(batch)) if gone is None else 0


def _stuck(batch: Batch) -> list[int]:
    """Open cases whose holder can't do what is awaited, up to a number at a time."""
    awaited = Matter.objects.filter(kind=Case.matter_kind).exclude(awaits="")
    stuck = awaited.filter(Q(holder=None) | ~_held_by_somebody_able(batch)).order_by("pk")
    return list(stuck.values_list("pk", flat=True)[:BATCH])


def _held_by_somebody_able(batch: Batch) -> Q:
    head = Q(case__unit__head__isnull=False, holder=F("case__unit__head"))
    of_unit = reduce(or_, (Q(case__unit=unit, holder__in=people) for unit, people in _contacts(batch)), head)
    of_marketing = ~Q(awaits__in=(*BY_UNIT, *BY_LEADERS)) & Q(holder__in=batch.marketing_ids)
    of_leaders = Q(awaits__in=BY_LEADERS, holder__in=batch.marketing_leader_ids)
    able = Seat.objects.to_speak().filter(panel__case=OuterRef("pk"), member=OuterRef("holder"), member__is_active=True)
    of_panel = Q(Exists(able.exclude(member__unit=F("panel__case__unit"))), awaits="give_opinion")
    return Q(awaits__in=BY_UNIT) & of_unit | of_leaders | of_marketing | of_panel | Q(awaits="penalise") & head


def _contacts(batch: Batch) -> Iterable[tuple[int, list[int]]]:
    """The contacts of the units now under investigation."""
    units = set(Case.objects.open().order_by().values_list("unit_id", flat=True).distinct())
    there = contacts_by_unit(units, batch.at)
    return [(unit_id, [person.pk for person in people]) for unit_id, people in there.items() if people]


def open_work(person_ids: Collection[int]) -> Iterator[tuple[int, OpenWork]]:
    """The cases that these people must act on now, or follow as marketing's officers."""
    people = set(person_ids)
    theirs = Q(matter__holder__in=people) | Q(officer__in=people)
    for case in Case.objects.filter(theirs).exclude(matter__awaits="").select_related("matter").order_by("pk"):
        number = str(case.matter.number)
        held = {case.matter.holder_id: _("案件待办人")} if case.matter.awaits != "give_opinion" else {}
        parts = held | {case.officer_id: _("案件经办人")}
        for person_id in parts.keys() & people:
            yield person_id or 0, OpenWork(number, reverse("case", args=[number]), parts[person_id])
    for seat in Seat.objects.to_speak().filter(member__in=people).select_related("panel__case__matter").order_by("pk"):
        number = str(seat.panel.case.matter.number)
        yield seat.member_id, OpenWork(number, reverse("case", args=[number]), _("案件评判成员"))


ON_AWAY.append(pass_on)
OPEN_WORK.append(open_work)
