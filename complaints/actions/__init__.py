"""The verbs of a complaint, by the desk that uses them; importing this registers them all."""

from complaints.actions import (
    absence,
    attempts,
    coordination,
    corrections,
    excuses,
    handling,
    handover,
    importing,
    intake,
    mass,
    passing,
    replies,
    returns,
    rights,
    supervision,
    told,
)

__all__ = [
    "absence",
    "attempts",
    "coordination",
    "corrections",
    "excuses",
    "handling",
    "handover",
    "importing",
    "intake",
    "mass",
    "passing",
    "replies",
    "returns",
    "rights",
    "supervision",
    "told",
]
