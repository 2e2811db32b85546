"""Plans of people who can't go on with them: their work passes on in the act that takes them away, or in the sweep,
however else it came that they can't (R3, R16).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, Batch, lock
from accountability.gate.holding import not_held
from accountability.models import Employee, Unit, contacts_by_unit
from accountability.organisation.succession import ON_AWAY, ON_LEAVER, OPEN_WORK, PASSED_ON, OpenWork, hand_on
from assessment.models import Plan, PlanState

BATCH = 200


def _waiting_for(people: Collection[int]) -> Any:
    """The plans that wait for one of these people: as owner, as officer, or as a stand-in."""
    of_them = Q(state=PlanState.OPEN, owner__in=people) | Q(state=PlanState.REPORTED, opened_by__in=people)
    return Plan.objects.running().filter(of_them | Q(matter__holder__in=people)).order_by("pk")


def open_work(person_ids: Collection[int]) -> Iterator[tuple[int, OpenWork]]:
    """The plans that these people still have to carry out or to accept."""
    for plan in _waiting_for(person_ids).select_related("matter"):
        number = str(plan.matter.number)
        role = _("整改责任人") if plan.state == PlanState.OPEN else _("整改验收人")
        for person_id in {plan.matter.holder_id} & set(person_ids):
            yield person_id or 0, OpenWork(number, reverse("plan", args=[number]), role)


OPEN_WORK.append(open_work)


def pass_on(cause: Act, person: Employee) -> None:
    """The act itself notifies the person who takes the plan over."""
    ids = list(_waiting_for({person.pk}).values_list("pk", flat=True))
    for act in _acts(cause.batch, ids):
        plan: Plan = act.subject
        plan.gone |= {person.pk}
        act.actor = cause.actor
        act.record(PASSED_ON, cause.actor.employee if cause.actor else act.batch.system, facts={"from": person.pk})


def _acts(batch: Batch, ids: list[int]) -> list[Act]:
    """The acts on these plans. Each matter appears once in a batch, as several of its people may leave together."""
    known = {act.matter.pk: act for act in batch.acts if isinstance(act.subject, Plan)}
    new = [pk for pk in ids if pk not in known]
    return [known[pk] for pk in ids if pk in known] + (batch.acts_of(Plan, lock(new)) if new else [])


def pass_stuck(batch: Batch, cause: Act | None, gone: Employee | None) -> int:
    """In the sweep: the plans whose holder can't do what is awaited any more, up to a number at a time."""
    return hand_on(batch, Plan, _stuck(batch), recorded=True) if gone is None else 0


def _stuck(batch: Batch) -> list[int]:
    """As `Plan.who_holds`, for a query. Where a unit has no head, its contacts hold what its owner can't do."""
    running = Plan.objects.running()
    serves = Q(owner__is_active=True) & (Q(owner__unit=F("unit")) | Q(owner=F("unit__head")))
    owners = Plan.objects.filter(serves, matter__holder=F("owner"))
    heads = Plan.objects.exclude(serves).filter(matter__holder=F("unit__head"))
    leaders: list[Any] = batch.marketing_leader_ids or [
        unit.head_id for unit in batch.units_of_kind(Unit.Kind.MARKETING)
    ]
    officers = Q(opened_by__in=batch.marketing_ids, matter__holder=F("opened_by"))
    instead = Q(matter__holder__in=leaders) & ~Q(opened_by__in=batch.marketing_ids)
    of_unit = Q(state=PlanState.OPEN) & ~Q(pk__in=owners.values("pk")) & ~Q(pk__in=heads.values("pk"))
    of_marketing = Q(state=PlanState.REPORTED) & ~(officers | instead)
    found = not_held(running.filter(of_unit | of_marketing), batch.windows).order_by("pk")
    if not any(leaders):  # nobody could take a reported plan from nobody
        found = found.exclude(~Q(opened_by__in=batch.marketing_ids), state=PlanState.REPORTED, matter__holder=None)
    rows = list(found.values_list("pk", "state", "unit", "unit__head", "matter__holder"))
    headless = {pk: unit for pk, state, unit, head, _holder in rows if state == PlanState.OPEN and head is None}
    there = contacts_by_unit({*headless.values()}, batch.at)
    able: dict[int, set[int | None]] = {pk: {person.pk for person in there[unit]} for pk, unit in headless.items()}
    return [pk for pk, *_others, holder in rows if pk not in able or holder not in (able[pk] or {None})][:BATCH]


ON_LEAVER.append(pass_on)
ON_AWAY.append(pass_stuck)
