"""The verbs of the whole organisation."""

from accountability.actions import (
    administrators,
    organisation,
    papers,
    people,
    privacy,
    roster,
    rules,
    signing_in,
    templates,
    timekeeping,
)

__all__ = [
    "administrators",
    "organisation",
    "papers",
    "people",
    "privacy",
    "roster",
    "rules",
    "signing_in",
    "templates",
    "timekeeping",
]
