"""The verbs of the whole organisation."""

from accountability.actions import organisation, timekeeping

__all__ = ["organisation", "timekeeping"]
