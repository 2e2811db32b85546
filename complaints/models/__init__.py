"""The tables of complaints, rounds, coordination, mass events and rights requests, with their states.

Imports the declarations of this app, and the app below.
"""

from complaints.declarations import limits  # noqa: F401  needed by the tables' choices and the forms of limits
from complaints.models.complaints import Complaint
from complaints.models.coordination import OF_THE_INVITED, Cooperation, Coordination, Stage
from complaints.models.importing import ImportMapping, Origin
from complaints.models.mass import Level, MassEvent, MassMember, MassState
from complaints.models.messages import CustomerMessage
from complaints.models.outside import OutsideCase
from complaints.models.presence import FRESH, Presence
from complaints.models.rights import RightsFind, RightsRequest
from complaints.models.rounds import (
    TOLD_FOR,
    Dissatisfaction,
    HandoffMethod,
    Round,
    RoundState,
    rounds_of,
    seen_by,
)
from complaints.models.saved_views import SavedView
from complaints.models.states import (
    ESCALATED_CHANNELS,
    FLAGS,
    LEFT_OUT,
    OUTSIDE,
    Channel,
    Ending,
    Priority,
    Replier,
    State,
    Tier,
)

__all__ = [
    "ESCALATED_CHANNELS",
    "FLAGS",
    "FRESH",
    "LEFT_OUT",
    "OF_THE_INVITED",
    "OUTSIDE",
    "TOLD_FOR",
    "Channel",
    "Complaint",
    "Cooperation",
    "Coordination",
    "CustomerMessage",
    "Dissatisfaction",
    "Ending",
    "HandoffMethod",
    "ImportMapping",
    "Level",
    "MassEvent",
    "MassMember",
    "MassState",
    "Origin",
    "OutsideCase",
    "Presence",
    "Priority",
    "Replier",
    "RightsFind",
    "RightsRequest",
    "Round",
    "RoundState",
    "SavedView",
    "Stage",
    "State",
    "Tier",
    "rounds_of",
    "seen_by",
]
