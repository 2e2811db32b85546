"""Plans of people who leave: their work passes on in the act that takes them away (R3, R16)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.gate.act import Act, Batch, lock
from accountability.models import Employee
from accountability.organisation.succession import ON_LEAVER, OPEN_WORK, PASSED_ON, OpenWork
from assessment.models import Plan, PlanState


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


ON_LEAVER.append(pass_on)
