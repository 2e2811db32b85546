"""The verbs of the whole organisation."""

from accountability.actions import organisation, papers, people, roster, rules, signing_in, templates, timekeeping

__all__ = ["organisation", "papers", "people", "roster", "rules", "signing_in", "templates", "timekeeping"]
