"""What holds a complaint back though its time is over, and the order in which the complaints' kinds are cleared."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from accountability import retention
from accountability.models import Matter
from complaints.models import MassMember
from complaints.rights import in_a_request


def register() -> None:
    retention.keep(Matter.Kind.MASS, place=30)
    retention.keep(Matter.Kind.COMPLAINT, place=40).holds.extend([_in_an_open_event, in_a_request])
    retention.keep(Matter.Kind.RIGHTS, place=50)


def _in_an_open_event() -> Q:
    """An event that is not over still speaks for its members."""
    members = MassMember.objects.filter(complaint=OuterRef("pk"), removed_at=None, event__matter__closed_at=None)
    return Q(Exists(members))
