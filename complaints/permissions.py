"""Who may do what to a complaint. Each predicate bears the verb's name and reads `(complaint, actor)`.

A round's contact, handler and leader are read from the round that is running. There is no predicate for refusing:
nobody may (R2, R23). An auditor reads everything and, like any employee, forwards and answers for what they
forwarded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountability.permissions import Actor

if TYPE_CHECKING:
    from complaints.models import Complaint


def forward(complaint: Complaint, actor: Actor) -> bool:
    """Every employee may be the first to be handed a complaint (R1)."""
    return True


def register(complaint: Complaint, actor: Actor) -> bool:
    """Only the centre takes complaints in (R10)."""
    return actor.is_agent


handle_directly = judge_complete = record_satisfaction = escalate = chase = register


def dispatch(complaint: Complaint, actor: Actor) -> bool:
    """An agent; after the returns that make it a ruling, a supervisor of the centre alone."""
    return actor.is_csc_supervisor if complaint.next_dispatch_is_ruling else actor.is_agent


def archive_unsatisfied(complaint: Complaint, actor: Actor) -> bool:
    return actor.is_csc_supervisor


def is_contact(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and actor.is_contact_of(complaint.round.unit_id)


def is_handler(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and complaint.round.handler_id == actor.pk


def is_leader_reported_to(complaint: Complaint, actor: Actor) -> bool:
    return complaint.round is not None and complaint.round.reported_to_id == actor.pk


hand_off = report_to_leader = is_contact
name_handler = is_leader_reported_to
accept = propose_solution = answer = is_handler


def request_return(complaint: Complaint, actor: Actor) -> bool:
    """Handler, contact, or the leader reported to (R27)."""
    return any(may(complaint, actor) for may in (is_handler, is_contact, is_leader_reported_to))


def rule_on_return(complaint: Complaint, actor: Actor) -> bool:
    """An agent; a late return is for a supervisor of the centre."""
    late = complaint.round is not None and complaint.round.late_return
    return actor.is_csc_supervisor if late else actor.is_agent


def contact_customer(complaint: Complaint, actor: Actor) -> bool:
    """The handler, or any agent while the centre handles it directly."""
    return actor.is_agent if complaint.round is None else is_handler(complaint, actor)


def reply(complaint: Complaint, actor: Actor) -> bool:
    """Forwarded and VIP: the forwarding employee alone (R34); otherwise the centre alone (R35)."""
    if complaint.replier == complaint.Replier.FORWARDER:
        return complaint.forwarded_by_id == actor.pk
    return actor.is_agent
