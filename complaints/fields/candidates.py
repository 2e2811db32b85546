"""Who may be named in a field: a page offers them and the action checks them again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accountability.db.row_keys import Key
from accountability.models import Absence, Appointment, Employee, Unit
from accountability.permissions import CENTRE_ROLES, CONTACT_ROLES, MARKETING_ROLES, Actor, Role
from accountability.web.standing_statements import standing_rows
from complaints.models import Channel, Complaint, Round, Tier
from complaints.models.rounds import OVER


def handlers_to_name(complaint: Complaint, actor: Actor) -> list[Employee]:
    """Everyone in the unit with a leader on file (R4), and the leader reported to."""
    current = complaint.round
    if current is None:
        return []
    return standing_rows(_handlers_to_name, actor, actor.at, Key(current.unit_id), Key(current.coordinates_it or 0))


def _handlers_to_name(_actor: Actor, at: datetime, unit: Key, reported_to: Key) -> list[QuerySet[Employee]]:
    named = Q(unit_id=unit, supervisor__isnull=False) | Q(pk=reported_to)
    return [Employee.objects.in_business(at).filter(named).order_by("name", "username")]


def leaders_of(complaint: Complaint, actor: Actor) -> list[Employee]:
    """Leaders of anybody in the unit, and its head; never oneself (R20)."""
    current = complaint.round
    if current is None:
        return []
    return standing_rows(_leaders_of, actor, actor.at, Key(current.unit_id), Key(current.unit.head_id or 0))


def _leaders_of(actor: Actor, _at: datetime, unit: Key, head: Key) -> list[QuerySet[Employee]]:
    return [_leaders(unit, head).exclude(pk=actor.pk)]


def leaders_to_stand_in(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """The leaders who may replace the one reported to, oneself included (R21)."""
    current = complaint.round
    if current is None:
        return Employee.objects.none()
    return _leaders(current.unit_id, current.unit.head_id or 0).exclude(pk=current.coordinates_it or 0)


def _leaders(unit: int, head: int) -> QuerySet[Employee]:
    leads = Q(supervised__unit_id=unit) | Q(pk=head)
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


def readers_of_note(complaint: Complaint, actor: Actor, *, shared: bool = True) -> QuerySet[Employee]:
    """Who may read a note of this person: the colleagues who take part; of a shared one also the other side's people.
    The centre's other side are the people of the round in hand, that of everybody else is the centre.
    """
    serving, in_hand = Appointment.objects.serving(actor.at), complaint.round_in_hand
    centre = Q(pk__in=serving.filter(role__in=CENTRE_ROLES).values("employee"))
    of_round = Q(pk__in=[])
    if in_hand is not None:
        contacts = serving.filter(role__in=CONTACT_ROLES, employee__unit=in_hand.unit_id)
        heads = Unit.objects.filter(pk=in_hand.unit_id).values("head")
        of_round = Q(pk__in=in_hand.people) | Q(pk__in=contacts.values("employee")) | Q(pk__in=heads)
    side = complaint.side_of(actor)
    if actor.reads_every_complaint:
        offices = serving.filter(role__in=CENTRE_ROLES | MARKETING_ROLES, employee__unit=actor.unit_id)
        own, others = Q(pk__in=offices.values("employee")), of_round | centre
    else:
        of_the_round = in_hand is not None and in_hand.unit_id == side
        own, others = of_round if of_the_round else Q(unit_id=side), centre
    people = Employee.objects.in_business(actor.at).filter(own | others if shared else own).exclude(pk=actor.pk)
    return people.select_related("unit").order_by("unit__kind", "unit__code", "name")


def likely_to_mention(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Of these, everybody outside the centre, and in the centre the agent in charge and the present holder."""
    known = Q(pk__in={complaint.agent_id, complaint.matter.holder_id} - {None})
    return readers_of_note(complaint, actor).filter(known | ~Q(unit__kind=Unit.Kind.SERVICE_CENTRE))


def who_calls_back(complaint: Complaint, actor: Actor) -> QuerySet[Employee]:
    """Oneself. For an agent also the other agents, the handler, the person who owes the reply instead of the centre,
    and the person who was to call.
    """
    fits = Q(pk=actor.pk)
    if actor.is_agent:
        agents = Appointment.objects.serving(actor.at).filter(role__in=CENTRE_ROLES)
        handler = complaint.round.works_on_it if complaint.round else None
        others = {handler, complaint.replies_instead_id, complaint.call_back_by_id} - {None}
        fits |= Q(pk__in=agents.values("employee")) | Q(pk__in=others)
    return Employee.objects.in_business(actor.at).filter(fits).order_by("unit__code", "name", "username")


def cannot_call(at: datetime) -> Q:
    """For a query over complaints: a call is promised, and its person can't make it any more. They have left, or talk
    with this customer no longer (neither an agent nor the handler nor the replier, R23), or are away beyond the day.
    """
    person = OuterRef("call_back_by")
    there = Employee.objects.in_business(at).filter(pk=person)
    agents = Appointment.objects.serving(at).filter(employee=person, role__in=CENTRE_ROLES)
    named = Q(acting_handler=person) | Q(acting_handler=None, handler=person)
    handled = Round.objects.exclude(state__in=OVER).filter(named, pk=OuterRef("latest_round"))
    owes = Q(reply_by=F("call_back_by")) | Q(reply_by=None, forwarded_by=F("call_back_by"))
    replied = Complaint.objects.filter(owes, pk=OuterRef("pk"), channel=Channel.FORWARD, tier=Tier.VIP)
    gone = Q(ends_at=None) | Q(ends_at__date__gt=OuterRef("call_back_on"))
    talks = Q(Exists(agents)) | Q(Exists(handled)) | Q(Exists(replied))
    away = Exists(Absence.objects.at(at).filter(gone, employee=person))
    return Q(call_back_on__isnull=False) & (~Q(Exists(there)) | ~talks | Q(away))


def agents_there(at: datetime) -> list[int]:
    """The centre's people who are in service and present, its supervisors first."""
    here = Employee.objects.in_business(at).exclude(pk__in=Absence.objects.at(at).values("employee"))
    serving = Appointment.objects.serving(at).filter(role__in=CENTRE_ROLES, employee__in=here)
    found = serving.order_by("employee_id").values_list("role", "employee_id")
    return [pk for _role, pk in sorted(found, key=lambda one: one[0] != Role.CSC_SUPERVISOR)]
