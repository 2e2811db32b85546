"""Who else looks at a complaint or fills in a form of it, so that two don't do the same work at once.

One's own unit is shown; to the centre also the unit whose round is running, and to that unit that the centre is
there, not what it writes: some of the centre's forms tell by their name alone what a unit may not know. Marketing is
shown to marketing only, an auditor to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accountability.gate.verbs import VERBS
from accountability.models import Appointment, Employee
from accountability.permissions import CENTRE_ROLES, MARKETING_ROLES, Actor, Role
from complaints.models import FRESH, Complaint, Presence, Round

TYPING = timedelta(seconds=20)
"""So long after the last sign typed somebody counts as filling in a form."""

MOST = 20
"""Persons looked at of one complaint: more are not told apart by anybody."""


@dataclass(frozen=True)
class Onlooker:
    """Somebody who is there; `fills_in` is the label of the verb whose form they are filling in, where it is told."""

    person: Employee
    fills_in: Any = ""


def note(complaint: Complaint, actor: Actor, *, verb: str = "", ago: timedelta = TYPING) -> None:
    """This person's page shows the complaint; they typed in the verb's form so long ago."""
    typing = (Complaint.matter_kind, verb) in VERBS and timedelta() <= ago < TYPING
    row = Presence(
        complaint=complaint, employee_id=actor.pk, seen_at=actor.at, verb=verb if typing else "",
        typing_until=actor.at + TYPING - ago if typing else None,
    )  # fmt: skip
    Presence.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["complaint", "employee"],
        update_fields=["seen_at", "verb", "typing_until"],
    )  # fmt: skip


def onlookers(complaint: Complaint, actor: Actor) -> list[Onlooker]:
    """The others who are there, as far as this person is shown them. One query where nobody is, three at most."""
    rows = Presence.objects.fresh(actor.at).filter(complaint=complaint.pk).exclude(employee=actor.pk)
    there = list(rows.select_related("employee__unit").order_by("employee__name", "pk")[:MOST])
    if not there:
        return []
    roles = _roles(there, actor.at)
    meets_centre = _meets_centre(complaint, actor)
    judged = ((row, _shown(row.employee, roles[row.employee_id], complaint, actor, meets_centre)) for row in there)
    return [Onlooker(row.employee, _label(row, actor.at) if shown == "whole" else "") for row, shown in judged if shown]


def sweep(at: datetime) -> None:
    """A watch of the sweep: whoever is gone leaves no trace."""
    Presence.objects.filter(seen_at__lte=at - FRESH).delete()


def _roles(there: Iterable[Presence], at: datetime) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {row.employee_id: set() for row in there}
    serving = Appointment.objects.serving(at).filter(employee__in=found)
    for pk, role in serving.values_list("employee_id", "role"):
        found[pk].add(role)
    return found


def _meets_centre(complaint: Complaint, actor: Actor) -> bool:
    """Whether the round that is running is of this person's unit, and theirs to know."""
    current = complaint.round
    if current is None or current.unit_id not in actor.units:
        return False
    return Round.objects.visible_to(actor).filter(pk=current.pk).exists()


def _shown(person: Employee, roles: set[str], complaint: Complaint, actor: Actor, meets_centre: bool) -> str:
    """`whole`: that they are there and what they fill in; `there`: only that they are; or nothing."""
    if Role.AUDITOR in roles:
        return ""
    if roles & MARKETING_ROLES:
        return "whole" if actor.is_marketing else ""
    current = complaint.round
    of_the_round = current is not None and person.unit_id == current.unit_id
    if person.unit_id in actor.units or (actor.is_agent and of_the_round):
        return "whole"
    return "there" if meets_centre and roles & CENTRE_ROLES else ""


def _label(row: Presence, at: datetime) -> Any:
    fills_in = row.typing_until is not None and row.typing_until > at
    return VERBS[Complaint.matter_kind, row.verb].label if fills_in else ""
