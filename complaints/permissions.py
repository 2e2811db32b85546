"""Who may do what to a complaint. Each predicate has the verb's name and takes `(complaint, actor)`.

A round's contact, handler and leader are those of the running round. There is no predicate for refusing a complaint: it
isn't allowed (R2, R23). An auditor reads everything and, like any employee, may forward and answer for what they
forwarded.
"""

from __future__ import annotations

from accountability.models import SYSTEM_USERNAME
from accountability.permissions import Actor
from complaints.models import Complaint, MassEvent, Replier, RightsRequest


def forward(complaint: Complaint, actor: Actor) -> bool:
    """Any employee may be the first to receive a complaint (R1)."""
    return True


def register(complaint: Complaint, actor: Actor) -> bool:
    """Only the centre takes complaints in (R10)."""
    return actor.is_agent


handle_directly = judge_complete = record_satisfaction = escalate = import_complaint = register
record_outside_case = answer_outside_case = register


def rate_reply(complaint: Complaint, actor: Actor) -> bool:
    """The customer alone, through the link in their message: nobody who can sign in may speak for them (R37)."""
    return actor.username == SYSTEM_USERNAME


def coordinates(complaint: Complaint, actor: Actor) -> bool:
    """Marketing, if it is the coordinator; then it doesn't only read (R14)."""
    return complaint.coordinator_id is not None and actor.is_marketing


def chase(complaint: Complaint, actor: Actor) -> bool:
    """An agent, or marketing where it coordinates (R13, R14)."""
    return actor.is_agent or coordinates(complaint, actor)


set_flags = chase


def dispatch(complaint: Complaint, actor: Actor) -> bool:
    """An agent; after the returns that make it a ruling, only a supervisor of the centre."""
    return actor.is_csc_supervisor if complaint.next_dispatch_is_ruling else actor.is_agent


def archive_unsatisfied(complaint: Complaint, actor: Actor) -> bool:
    return actor.is_csc_supervisor


drop_outside_case = archive_unsatisfied


def is_contact(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and actor.is_contact_of(complaint.round.unit_id)


def is_handler(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and complaint.round.works_on_it == actor.pk


def is_leader_reported_to(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and complaint.round.coordinates_it == actor.pk


hand_off = report_to_leader = is_contact
name_handler = is_leader_reported_to
accept = propose_solution = answer = submit_for_review = withdraw_review = is_handler


def approve_answer(complaint: Complaint, actor: Actor) -> bool:
    """The leader stamped with the handler, in their own session (R18)."""
    return complaint.round is not None and complaint.round.leader_id == actor.pk


send_back_answer = approve_answer


def request_return(complaint: Complaint, actor: Actor) -> bool:
    """Handler, contact, or the leader reported to (R27)."""
    return any(may(complaint, actor) for may in (is_handler, is_contact, is_leader_reported_to))


def rule_on_return(complaint: Complaint, actor: Actor) -> bool:
    """An agent; for a late return, a supervisor of the centre."""
    late = complaint.round is not None and complaint.round.late_return
    return actor.is_csc_supervisor if late else actor.is_agent


def contact_customer(complaint: Complaint, actor: Actor) -> bool:
    """The handler, or any agent while the centre handles it directly."""
    return actor.is_agent if complaint.round is None else is_handler(complaint, actor)


def reply(complaint: Complaint, actor: Actor) -> bool:
    """Forwarded and VIP: only the forwarding employee (R34); otherwise only the centre (R35)."""
    if complaint.replier == Replier.FORWARDER:
        return complaint.is_replied_by(actor)
    return actor.is_agent


def ask_material(complaint: Complaint, actor: Actor) -> bool:
    """The person who must reply may ask the unit for what they need (R36)."""
    return reply(complaint, actor)


def give_material(complaint: Complaint, actor: Actor) -> bool:
    """The first-inquiry person and their unit must help: handler, leader, contact, head (R36)."""
    answered = complaint.latest_round
    return answered is not None and (
        actor.pk in (answered.works_on_it, answered.leader_id) or answered.unit_id in actor.answers_for
    )


# Conversation


def talks_with_customer(complaint: Complaint, actor: Actor) -> bool:
    """An agent, the handler, or the employee who owes the reply instead of the centre (R34)."""
    return actor.is_agent or is_handler(complaint, actor) or complaint.is_replied_by(actor)


plan_call_back = talks_with_customer


def supplement(complaint: Complaint, actor: Actor) -> bool:
    """Who talks with the customer, and the employee whom the customer told first (R1)."""
    return talks_with_customer(complaint, actor) or complaint.forwarded_by_id == actor.pk


def add_note(complaint: Complaint, actor: Actor) -> bool:
    """Who takes part in the work: the centre, the people of the round in hand, everybody in an invited unit, and
    marketing where it coordinates. An auditor only reads.
    """
    return complaint.side_of(actor) is not None


def finish_call_back(complaint: Complaint, actor: Actor) -> bool:
    """Only the person who was to call: nobody acts for another."""
    return complaint.call_back_by_id == actor.pk


def move_call_back(complaint: Complaint, actor: Actor) -> bool:
    """The person who was to call, or an agent: the customer may ask the centre for another day, and the person may be
    away.
    """
    return actor.is_agent or finish_call_back(complaint, actor)


cancel_call_back = move_call_back


# Coordination (R29–R32)


def convene(complaint: Complaint, actor: Actor) -> bool:
    """Handler and leader of the first-inquiry unit, or marketing where it coordinates (R14, R29)."""
    current = complaint.round
    return current is not None and (
        actor.pk in (current.works_on_it, current.leader_id) or coordinates(complaint, actor)
    )


record_tasks = conclude_coordination = call_off_coordination = convene


def confirm_task(complaint: Complaint, actor: Actor) -> bool:
    """Anyone in an invited unit, for their own unit. Declining isn't allowed (R31)."""
    return any(part.unit_id in actor.units for part in complaint.parts)


finish_task = confirm_task


# Mistakes and absence

correct = mark_duplicate = archive_unreachable = extend = decline_extension = register
reassign_reply = correct_satisfaction = archive_unsatisfied
request_extension = answer


def was_unsatisfied(complaint: Complaint) -> bool:
    """Whether the customer was unsatisfied with this result, or with one before a second dispatch (R7)."""
    return complaint.satisfied is False or complaint.second_dispatches > 0


def withdraw(complaint: Complaint, actor: Actor) -> bool:
    """An agent; if the customer has said that they aren't satisfied, a supervisor of the centre (R7)."""
    return actor.is_csc_supervisor if was_unsatisfied(complaint) else actor.is_agent


def recall(complaint: Complaint, actor: Actor) -> bool:
    """An agent; for a dispatch ruled by a supervisor, only a supervisor."""
    ruled = complaint.round is not None and complaint.round.is_ruling
    return actor.is_csc_supervisor if ruled else actor.is_agent


def record_attempt(complaint: Complaint, actor: Actor) -> bool:
    """Who reaches out to the customer: for the reply, the one who owes it (R34, R35); for the
    satisfaction, an agent.
    """
    return reply(complaint, actor) if complaint.awaits == "reply" else actor.is_agent


def reassign(complaint: Complaint, actor: Actor) -> bool:
    """The unit's contact, deputy or head, the joint leader, or the leader it was reported to."""
    current = complaint.round
    return current is not None and (
        current.unit_id in actor.answers_for or actor.pk in (current.leader_id, current.coordinates_it)
    )


def reassign_report(complaint: Complaint, actor: Actor) -> bool:
    """The unit's head, if the leader reported to is away."""
    return complaint.round is not None and complaint.round.unit_id in actor.heads


record_told = hand_off


def confirm_told(complaint: Complaint, actor: Actor) -> bool:
    """The person who was told, in their own session."""
    return complaint.round is not None and complaint.round.told_to_id == actor.pk


deny_told = confirm_told


def propose_excuse(complaint: Complaint, actor: Actor) -> bool:
    return actor.is_csc_supervisor or actor.is_marketing


def decide_criticism(complaint: Complaint, actor: Actor) -> bool:
    """The marketing department. The centre, which chased, doesn't also judge."""
    return actor.is_marketing


def confirm_excuse(complaint: Complaint, actor: Actor) -> bool:
    """The leader of the marketing department. The action checks that they aren't the proposer."""
    return actor.leads_marketing


reject_excuse = confirm_excuse


def set_aside_lead(complaint: Complaint, actor: Actor) -> bool:
    """A supervisor of the centre, with a reason (R38). The miss itself stays."""
    return actor.is_csc_supervisor


restore_lead = set_aside_lead


# Mass events


def confirm_mass(event: MassEvent, actor: Actor) -> bool:
    """The centre judges what the sweep suspects and replies to the members' customers."""
    return actor.is_agent


add_member = remove_member = reply_all = confirm_mass


def dismiss_mass(event: MassEvent, actor: Actor) -> bool:
    """A supervisor of the centre decides that there is no event, or that it is over."""
    return actor.is_csc_supervisor


close_mass = dismiss_mass


# A customer's requests about their own data


def open_rights_request(request: RightsRequest, actor: Actor) -> bool:
    """The centre's supervisors take requests in and handle them."""
    return actor.is_csc_supervisor


find_matters = correct_data = propose_fulfilment = hand_over_copy = open_rights_request
refuse_rights_request = close_rights_request = open_rights_request


def approve_fulfilment(request: RightsRequest, actor: Actor) -> bool:
    """Another supervisor or a leader of marketing, never the proposer."""
    return (actor.is_csc_supervisor or actor.leads_marketing) and request.proposed_by_id != actor.pk


decline_fulfilment = approve_fulfilment
