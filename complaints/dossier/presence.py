"""Who else is looking at a complaint or filling in one of its forms, so that two people don't do the same work.

People of one's own unit are shown. The centre also sees the unit whose round is running; that unit sees that the centre
is there but not what it writes, because the names of some of the centre's forms tell what a unit may not know.
Marketing is shown to marketing only, an auditor to nobody.
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
"""A person counts as filling in a form for this long after the last keystroke."""

MOST = 20
"""At most this many people are looked at for one complaint."""


@dataclass(frozen=True)
class Onlooker:
    """A person who is there. `fills_in` is the label of the verb whose form they are filling in, if it may be shown."""

    person: Employee
    fills_in: Any = ""


def note(complaint: Complaint, actor: Actor, *, verb: str = "", ago: timedelta = TYPING) -> None:
    """Record that this person's page shows the complaint, and that they typed in the verb's form `ago`."""
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
    """The others who are there, as far as this person may see them. One query if there are none, at most three."""
    rows = Presence.objects.fresh(actor.at).filter(complaint=complaint.pk).exclude(employee=actor.pk)
    there = list(rows.select_related("employee__unit").order_by("employee__name", "pk")[:MOST])
    if not there:
        return []
    roles = _roles(there, actor.at)
    meets_centre = _meets_centre(complaint, actor)
    judged = ((row, _shown(row.employee, roles[row.employee_id], complaint, actor, meets_centre)) for row in there)
    return [Onlooker(row.employee, _label(row, actor.at) if shown == "whole" else "") for row, shown in judged if shown]


def sweep(at: datetime) -> None:
    """A watch of the sweep: delete the rows of people who have left."""
    Presence.objects.filter(seen_at__lte=at - FRESH).delete()


def _roles(there: Iterable[Presence], at: datetime) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {row.employee_id: set() for row in there}
    serving = Appointment.objects.serving(at).filter(employee__in=found)
    for pk, role in serving.values_list("employee_id", "role"):
        found[pk].add(role)
    return found


def _meets_centre(complaint: Complaint, actor: Actor) -> bool:
    """Whether the running round is of this person's unit and visible to them."""
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
