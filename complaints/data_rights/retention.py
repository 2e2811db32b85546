"""What keeps a complaint after its retention period, and the order in which the app's kinds of matter are cleared."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from accountability.privacy import retention
from complaints.data_rights.requests import in_a_request
from complaints.models import Complaint, MassEvent, MassMember, RightsRequest


def register() -> None:
    retention.keep(MassEvent.matter_kind, place=30)
    retention.keep(Complaint.matter_kind, place=40).holds.extend([_in_an_open_event, in_a_request])
    retention.keep(RightsRequest.matter_kind, place=50)


def _in_an_open_event() -> Q:
    """Keep the members of an event that isn't over: it still needs them."""
    members = MassMember.objects.filter(complaint=OuterRef("pk"), removed_at=None, event__matter__closed_at=None)
    return Q(Exists(members))
