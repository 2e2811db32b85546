"""The desk's numbers of rectification plans (R16), and the lists that they link to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.permissions import Actor
from accountability.web.combined_queries import bounded, counted
from accountability.web.desk import AT_MOST, Block, Clock, OwnLimit, Waiting, limits_by_matter
from accountability.web.standing_statements import standing_statements
from assessment.models import Plan, PlanState
from assessment.models.plans import PlanQuerySet


def asked_of(actor: Actor) -> Iterator[tuple[str, Any, Callable[[], PlanQuerySet]]]:
    """By name: what is asked of this person, and in which plans."""
    yield "owed", _("待完成的整改"), partial(_owed, actor)
    if actor.is_marketing:
        yield "accept", _("待验收的整改"), partial(_reported, actor)


def _owed(actor: Actor) -> PlanQuerySet:
    theirs = Q(owner=actor.pk) | Q(unit__in=actor.answers_for)
    return Plan.objects.visible_to(actor).filter(theirs, state=PlanState.OPEN)


def _reported(actor: Actor) -> PlanQuerySet:
    theirs = Q(matter__holder=actor.pk) | Q(matter__holder=None)
    reported = Plan.objects.visible_to(actor).filter(theirs, state=PlanState.REPORTED)
    return reported.exclude(reported_by=actor.pk)


def in_clock(clock: str, at: datetime) -> Q:
    """From what the gate keeps at the matter."""
    return {
        Clock.LATE: Q(matter__work_due_at__lt=at),
        Clock.WARN: Q(matter__work_due_at__gte=at, matter__work_warned=True),
        Clock.OK: Q(matter__work_due_at__gte=at, matter__work_warned=False),
    }[Clock(clock)]


def narrowed(plans: PlanQuerySet, actor: Actor, at: datetime, name: str, clock: str) -> PlanQuerySet:
    """The filters from the address; unknown values are ignored."""
    for known, _label, found in asked_of(actor):
        if known == name:
            plans = plans.filter(pk__in=found().values("pk"))
    return plans.filter(in_clock(clock, at)) if clock in Clock.values else plans


def own_limits(actor: Actor, _at: datetime) -> Iterator[OwnLimit]:
    """For a person's calendar."""
    for _name, label, found in asked_of(actor):
        yield from limits_by_matter(found(), label, "plan")


def _by_clock(actor: Actor, at: datetime, at_most: int) -> list[QuerySet[Any, Any]]:
    asked = [found() for *_kind, found in asked_of(actor)]
    return [bounded(found.filter(in_clock(clock, at)), at_most) for found in asked for clock in Clock]


def plan_block(actor: Actor, at: datetime) -> Block | None:
    """One statement; None if nothing is asked."""
    counts = counted(standing_statements(_by_clock, actor, at, AT_MOST))
    where = reverse("plans")
    waiting = [
        Waiting(
            f"plan-{name}", label, f"{where}?asked={name}",
            dict(zip(Clock, counts[place * len(Clock) :], strict=False)),
        )
        for place, (name, label, _found) in enumerate(asked_of(actor))
    ]  # fmt: skip
    there = [each for each in waiting if each.total]
    return Block(_("整改"), where, there) if there else None
