"""Who may be named where in a case: what a page offers and the action checks again."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accountability.models import Appointment, Employee, Unit, actor_for
from accountability.permissions import CONTACT_ROLES, MARKETING_ROLES, Actor, Role
from assessment.models.parts import standing_tasks
from complaints.models import Round

if TYPE_CHECKING:
    from assessment.models import Case, Plan


def _serving(actor: Actor, roles: frozenset[str]) -> QuerySet[Employee]:
    serving = Appointment.objects.serving(actor.at).filter(role__in=roles).values("employee")
    return Employee.objects.filter(pk__in=serving, is_active=True).select_related("unit").order_by("name", "username")


def leaders_to_ask(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Marketing leaders other than oneself: who may approve or sign what one lays before them."""
    return _serving(actor, frozenset({Role.MARKETING_LEADER})).exclude(pk=actor.pk)


def officers(case: Case, actor: Actor) -> QuerySet[Employee]:
    return _serving(actor, MARKETING_ROLES)


def signers(case: Case, actor: Actor) -> QuerySet[Employee]:
    """The unit's head, contacts and deputies (R43)."""
    serving = Appointment.objects.serving(actor.at).filter(role__in=CONTACT_ROLES).values("employee")
    mine = Q(pk=case.unit.head_id or 0) | Q(unit_id=case.unit_id, pk__in=serving)
    return Employee.objects.filter(mine, is_active=True).order_by("name", "username")


def may_sign_for(unit_id: int, person: Employee, at: datetime) -> bool:
    signs = actor_for(person.pk, at)
    return signs is not None and (signs.is_contact_of(unit_id) or unit_id in signs.heads)


def with_a_part(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Who may be penalised: whoever has a part in the case, wherever they are now; never oneself."""
    people = Employee.objects.filter(pk__in=case.people_with_a_part).exclude(pk=actor.pk).select_related("unit")
    return people.order_by("-is_active", "name", "username")


def to_be_named(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Whom a report may name (R44): the people of the unit concerned, leavers and whoever was stamped on its rounds
    too, for they answer for what they did; and who confirmed or finished a task in a round of a linked complaint. Never
    who opened the case: nobody names their accuser.
    """
    rounds = Round.objects.filter(complaint_id__in=case.complaint_ids, unit_id=case.unit_id)
    stamped = reduce(or_, (Q(pk__in=rounds.values(part)) for part in ("handler", "leader", "contact", "head")))
    tasks = standing_tasks(case.complaint_ids)
    did = Q(pk__in=tasks.values("confirmed_by")) | Q(pk__in=tasks.values("handler"))
    did |= Q(pk__in=tasks.values("finished_by"))
    own = Q(unit_id=case.unit_id) | Q(pk=case.unit.head_id or 0)
    people = Employee.objects.filter(own | stamped | did).exclude(pk=case.opened_by_id or 0).select_related("unit")
    return people.order_by("-is_active", "name", "username")


def panel_members(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Marketing's people, and heads of units other than the one concerned."""
    serving = Appointment.objects.serving(actor.at).filter(role__in=MARKETING_ROLES).values("employee")
    heads = Unit.objects.exclude(pk=case.unit_id).exclude(head=None).values("head")
    people = Employee.objects.filter(Q(pk__in=serving) | Q(pk__in=heads), is_active=True)
    return people.exclude(unit_id=case.unit_id).select_related("unit").order_by("unit__kind", "unit__code", "name")


def without_slip(case: Case, actor: Actor) -> list[Employee]:
    """Whom the unit hasn't yet shown to have been penalised; never oneself."""
    rows = [penalty for penalty in case.penalty_rows if penalty.slip_at is None and penalty.annulled_at is None]
    return [penalty.person for penalty in rows if penalty.person_id != actor.pk]


def owners(plan: Plan, actor: Actor) -> QuerySet[Employee]:
    """Who may be made to answer for a plan: the unit's own people and its head (R16)."""
    if plan.unit_id is None:
        return Employee.objects.none()
    people = Employee.objects.in_business(actor.at)
    people = people.filter(Q(unit_id=plan.unit_id) | Q(pk=plan.unit.head_id or 0))
    return people.order_by("name", "username")
