from complaints.models.complaints import (
    ESCALATED_CHANNELS,
    FLAGS,
    Channel,
    Complaint,
    Priority,
    State,
    Tier,
)
from complaints.models.rounds import HandoffMethod, Round, RoundState, rounds_of, seen_by

__all__ = [
    "ESCALATED_CHANNELS",
    "FLAGS",
    "Channel",
    "Complaint",
    "HandoffMethod",
    "Priority",
    "Round",
    "RoundState",
    "State",
    "Tier",
    "rounds_of",
    "seen_by",
]
