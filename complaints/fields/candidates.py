"""Who may be named in a field: a page offers them and the action checks them again."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accountability.models import Appointment, Employee, Unit
from accountability.permissions import CONTACT_ROLES, Actor
from complaints.models import Complaint


def handlers_to_name(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Everyone in the unit with a leader on file (R4), and the leader reported to."""
    current = complaint.round
    if current is None:
        return Employee.objects.none()
    named = Q(unit_id=current.unit_id, supervisor__isnull=False) | Q(pk=current.coordinates_it or 0)
    return Employee.objects.in_business(actor.at).filter(named).order_by("name", "username")


def leaders_of(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Leaders of anybody in the unit, and its head; never oneself (R20)."""
    return _leaders(complaint).exclude(pk=actor.pk)


def leaders_to_stand_in(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """The leaders who may replace the one reported to, oneself included (R21)."""
    current = complaint.round
    return _leaders(complaint).exclude(pk=current.coordinates_it or 0 if current else 0)


def _leaders(complaint: Complaint) -> QuerySet[Employee]:
    current = complaint.round
    if current is None:
        return Employee.objects.none()
    leads = Q(supervised__unit_id=current.unit_id) | Q(pk=current.unit.head_id or 0)
    return Employee.objects.filter(leads, is_active=True).distinct().order_by("name", "username")


def who_could_reply(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Colleagues of the forwarder and the centre's people: they may know the customer or the matter (S21)."""
    forwarder = complaint.forwarded_by
    unit_id = forwarder.unit_id if forwarder else None
    near = Q(unit__kind=Unit.Kind.SERVICE_CENTRE) | Q(unit_id=unit_id or 0)
    people = Employee.objects.in_business(actor.at).filter(near).exclude(pk=complaint.replies_instead_id or 0)
    return people.order_by("unit__code", "name", "username")


def colleagues(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Everyone else in the unit who could answer the round."""
    current = complaint.round
    if current is None:
        return Employee.objects.none()
    people = Employee.objects.in_business(actor.at).filter(unit_id=current.unit_id)
    return people.exclude(pk=current.works_on_it or 0).order_by("name", "username")


def own_people(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Everyone in one's own unit: they may be named to carry out its part of a coordination."""
    return Employee.objects.in_business(actor.at).filter(unit_id__in=actor.units).order_by("name", "username")


def at_the_table(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """The likely attendees: the round's own people, contacts and heads of the invited units, and the actor."""
    current = complaint.round
    units = {part.unit_id for part in complaint.open_parts}
    contacts = Appointment.objects.serving(actor.at).filter(role__in=CONTACT_ROLES, employee__unit__in=units)
    heads = Unit.objects.filter(pk__in=units).values("head")
    own = {actor.pk, *((current.works_on_it, current.leader_id, current.contact_id) if current else ())}
    likely = Q(pk__in=own) | Q(pk__in=contacts.values("employee")) | Q(pk__in=heads)
    people = Employee.objects.filter(likely, is_active=True).select_related("unit")
    return people.order_by("unit__kind", "unit__code", "name")


def units_to_invite(complaint: Complaint, actor: Actor) -> QuerySet[Unit]:
    """Every unit except the first-inquiry unit."""
    own = complaint.round.unit_id if complaint.round else None
    return Unit.objects.exclude(pk=own or 0).order_by("kind", "code")
