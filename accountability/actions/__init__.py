"""The verbs of the whole organisation."""

from accountability.actions import (
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

__all__ = ["organisation", "papers", "people", "privacy", "roster", "rules", "signing_in", "templates", "timekeeping"]
