"""Who may be named where in a case: the page offers these people and the action checks again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from accountability.deadlines.limits import day_of
from accountability.models import Appointment, Employee, Unit, actor_for
from accountability.permissions import CONTACT_ROLES, MARKETING_ROLES, Actor, Role
from assessment.models import Case, Ground, Plan, Recorded, determined_in, payers, people_of_the_round
from assessment.models.parts import parts_in, standing_tasks
from complaints.models import Round


def _serving(actor: Actor, roles: frozenset[str]) -> QuerySet[Employee]:
    return _serving_in(actor.at, roles)


def _serving_in(at: datetime, roles: frozenset[str]) -> QuerySet[Employee]:
    serving = Appointment.objects.serving(at).filter(role__in=roles).values("employee")
    return Employee.objects.filter(pk__in=serving, is_active=True).select_related("unit").order_by("name", "username")


def leaders_to_ask(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Marketing leaders other than this person: those who may approve or sign what this person submits."""
    return _serving(actor, frozenset({Role.MARKETING_LEADER})).exclude(pk=actor.pk)


def officers(case: Case, actor: Actor) -> QuerySet[Employee]:
    return _serving(actor, MARKETING_ROLES)


def signers(case: Case, actor: Actor) -> QuerySet[Employee]:
    """The unit's head, contacts and deputies (R43)."""
    serving = Appointment.objects.serving(actor.at).filter(role__in=CONTACT_ROLES).values("employee")
    mine = Q(pk=case.unit.head_id or 0) | Q(unit_id=case.unit_id, pk__in=serving)
    return Employee.objects.filter(mine, is_active=True).order_by("name", "username")


def may_sign_for(unit_id: int, person: Employee, actor: Actor) -> bool:
    signs = actor if person.pk == actor.pk else actor_for(person.pk, actor.at)
    return signs is not None and (unit_id in signs.answers_for)


def with_a_part(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Who may be penalised: everyone with a part in the case, wherever they work now; never oneself."""
    people = Employee.objects.filter(pk__in=case.people_with_a_part).exclude(pk=actor.pk).select_related("unit")
    return people.order_by("-is_active", "name", "username")


def to_be_named(case: Case, actor: Actor) -> QuerySet[Employee]:
    """The people a report may name (R44): the unit's own, including those who left and those recorded on its rounds,
    since they answer for what they did; and those who confirmed or finished a task in a round of a linked complaint. So
    a unit can't name its accuser for having accused it.
    """
    rounds = Round.objects.filter(complaint_id__in=case.complaint_ids, unit_id=case.unit_id)
    stamped = reduce(or_, (Q(pk__in=rounds.values(part)) for part in ("handler", "leader", "contact", "head")))
    tasks = standing_tasks(case.complaint_ids)
    did = Q(pk__in=tasks.values("confirmed_by")) | Q(pk__in=tasks.values("handler"))
    did |= Q(pk__in=tasks.values("finished_by"))
    own = Q(unit_id=case.unit_id) | Q(pk=case.unit.head_id or 0)
    people = Employee.objects.filter(own | stamped | did).select_related("unit")
    return people.order_by("-is_active", "name", "username")


def parts_told(case: Case, actor: Actor) -> dict[int, str]:
    """The parts of the unit's own people, as its page shows them: once a violation is found only to its head."""
    if case.matter_id is None or (case.violated and case.unit_id not in actor.heads):
        return {}
    found: dict[int, dict[str, None]] = {}
    for each in parts_in(case, actor.at):
        found.setdefault(each["person"], {})[str(Ground(each["ground"]).label)] = None
    own = set(Employee.objects.filter(pk__in=found, unit_id=case.unit_id).values_list("pk", flat=True))
    return {pk: "、".join(labels) for pk, labels in found.items() if pk in own}


def panel_members(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Marketing's people, and heads of other units; without those who may not judge this case."""
    serving = Appointment.objects.serving(actor.at).filter(role__in=MARKETING_ROLES).values("employee")
    heads = Unit.objects.exclude(pk=case.unit_id).exclude(head=None).values("head")
    people = Employee.objects.filter(Q(pk__in=serving) | Q(pk__in=heads), is_active=True)
    away = kept_off_the_panel(case, actor.at)
    if not opener_may_sit(case, actor.at, away):
        away.add(case.opened_by_id)
    people = people.exclude(unit_id=case.unit_id).exclude(pk__in=away | auditors(actor.at))
    return people.select_related("unit").order_by("unit__kind", "unit__code", "name")


def kept_off_the_panel(case: Case, at: datetime, read: Recorded | None = None) -> set[int]:
    """The people the report names, those the case is about, and those who owe or may owe a penalty by it (R48)."""
    parts, owed = determined_in(case, at, read)
    owing = {pk for each in owed for pk in payers(each)}
    named = set(case.report.named) if case.report else set()
    return owing | named | people_of_the_round(parts)


def auditors(at: datetime) -> set[int]:
    return set(_serving_in(at, frozenset({Role.AUDITOR})).values_list("pk", flat=True))


def opener_may_sit(case: Case, at: datetime, away: Collection[int]) -> bool:
    """The person who issued the sheet or opened the case sits only if they are the only marketing leader who
    may (R48).
    """
    leaders = set(_serving_in(at, frozenset({Role.MARKETING_LEADER})).values_list("pk", "unit_id"))
    able = {pk for pk, unit_id in leaders if unit_id != case.unit_id and pk not in away}
    return able == {case.opened_by_id}


def successors(case: Case, actor: Actor) -> QuerySet[Employee]:
    """Who may replace a member: the same people, except those who already sit."""
    sitting = [seat.member_id for seat in case.panel.sitting] if case.panel else []
    return panel_members(case, actor).exclude(pk__in=sitting)


def silent_members(case: Case, actor: Actor) -> list[Employee]:
    """Members whose opinion is missing, so that they may be replaced."""
    return [seat.member for seat in case.panel.silent] if case.panel else []


def members_to_remind(case: Case, actor: Actor) -> list[Employee]:
    """Of those who can still give one, the ones whom nobody has reminded today; never oneself."""
    silent = case.panel.to_be_asked if case.panel else []
    reminded = [seat.member_id for seat in silent if seat.was_reminded_on(day_of(actor.at))]
    return [seat.member for seat in silent if seat.member_id not in (actor.pk, *reminded)]


def without_slip(case: Case, actor: Actor) -> list[Employee]:
    """People whose penalty the unit hasn't yet proved; never oneself."""
    rows = [penalty for penalty in case.penalty_rows if penalty.slip_at is None and penalty.annulled_at is None]
    return [penalty.person for penalty in rows if penalty.person_id != actor.pk]


def to_refund(case: Case, actor: Actor) -> list[Employee]:
    """People to whom the unit hasn't yet proved that it gave back what an annulled penalty took; never oneself."""
    rows = [penalty for penalty in case.penalty_rows if penalty.is_to_refund]
    return [penalty.person for penalty in rows if penalty.person_id != actor.pk]


def owners(plan: Plan, actor: Actor) -> QuerySet[Employee]:
    """Who may own a plan: the unit's own people and its head (R16)."""
    if plan.unit_id is None:
        return Employee.objects.none()
    people = Employee.objects.in_business(actor.at)
    people = people.filter(Q(unit_id=plan.unit_id) | Q(pk=plan.unit.head_id or 0))
    return people.order_by("name", "username")
