"""Who may see a complaint's customer unmasked: only as much as the work requires (PIPL 6).

One click for the holder of the open complaint, and for agents what their centre holds, since agents stand in for one
another. Supervisors and the head of the centre, and marketing, which coordinates (R14), may see any other, one at a
time, for a reason and with the second factor. Never: invited units, units whose round is over, auditors,
administrators.
"""

from __future__ import annotations

from accountability.permissions import Actor
from complaints.models import Complaint, State


def reveals_at_once(complaint: Complaint, actor: Actor) -> bool:
    matter = complaint.matter
    if complaint.state == State.ARCHIVED or not has_customer(complaint):
        return False
    return matter.holder_id == actor.pk or (
        actor.is_agent and matter.holder_unit_id is not None and matter.holder_unit_id == actor.unit_id
    )


def reveals_by_reason(complaint: Complaint, actor: Actor) -> bool:
    """Decided by office. The second factor is checked separately (`looks_beyond_own_work`)."""
    return actor.unmasks_by_reason and has_customer(complaint)


def has_customer(complaint: Complaint) -> bool:
    """False if no customer was taken in yet, or if the data were erased."""
    return complaint.intake is not None and complaint.intake.sealed is not None
