"""Who may be named where: what a page offers and the action checks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accountability.models import Employee
from accountability.permissions import Actor

if TYPE_CHECKING:
    from complaints.models import Complaint


def _of_round(complaint: Complaint) -> QuerySet[Employee]:
    unit_id = complaint.round.unit_id if complaint.round else None
    return Employee.objects.filter(unit_id=unit_id, is_active=True).order_by("name", "username")


def handlers_to_name(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Everyone of the unit with a leader on file (R4), and the leader reported to themselves."""
    reported_to = complaint.round.reported_to_id if complaint.round else None
    people = Employee.objects.filter(is_active=True).order_by("name", "username")
    unit_id = complaint.round.unit_id if complaint.round else None
    return people.filter(Q(unit_id=unit_id, supervisor__isnull=False) | Q(pk=reported_to or 0))


def leaders_of(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Leaders of somebody in the unit, and its head; never oneself (R20)."""
    leaders = _of_round(complaint).exclude(supervisor=None).values("supervisor")
    head = complaint.round.unit.head_id if complaint.round else None
    people = Employee.objects.filter(Q(pk__in=leaders) | Q(pk=head or 0), is_active=True)
    return people.exclude(pk=actor.pk).order_by("name", "username")
