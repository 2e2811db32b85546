"""Who may be named where: what a page offers and the action checks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from accountability.models import Employee
from accountability.permissions import Actor

if TYPE_CHECKING:
    from complaints.models import Complaint


def handlers_to_name(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Everyone of the unit with a leader on file (R4), and the leader reported to themselves."""
    current = complaint.round
    if current is None:
        return Employee.objects.none()
    named = Q(unit_id=current.unit_id, supervisor__isnull=False) | Q(pk=current.reported_to_id or 0)
    return Employee.objects.filter(named, is_active=True).order_by("name", "username")


def leaders_of(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Leaders of somebody in the unit, and its head; never oneself (R20)."""
    current = complaint.round
    if current is None:
        return Employee.objects.none()
    leads = Q(supervised__unit_id=current.unit_id) | Q(pk=current.unit.head_id or 0)
    people = Employee.objects.filter(leads, is_active=True).distinct()
    return people.exclude(pk=actor.pk).order_by("name", "username")
