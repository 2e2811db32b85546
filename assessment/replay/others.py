"""What a step's field says that somebody else did: approved, signed, gave an opinion, then and themselves.

In the product each does so in their own session, by a verb of their own; a file tells it in one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accountability.acts import Refused
from accountability.models import Employee

Theirs = list[tuple[str, str, dict[str, Any]]]
Facts = dict[str, Any]

FIELDS: dict[str, tuple[str, ...]] = {"record_panel": ("opinions",)}
"""Fields of the contract that are no facts of the verb: others tell them by their own acts."""


def _signed(field: str, verb: str) -> Callable[[Facts, Employee], tuple[Facts, Theirs]]:
    def acts(facts: Facts, by: Employee) -> tuple[Facts, Theirs]:
        """The person named acts after the step; the step itself is refused where nobody is."""
        person = facts.get(field)
        return facts, [(person, verb, {})] if person else []

    return acts


def _reported(facts: Facts, by: Employee) -> tuple[Facts, Theirs]:
    """Who files it and signs it has signed it."""
    signer = facts.get("signer")
    return facts, [(signer, "sign_report", {})] if signer and signer != by.username else []


def _spoken(facts: Facts, by: Employee) -> tuple[Facts, Theirs]:
    """Each member's opinion, of nobody else."""
    own = {name: value for name, value in facts.items() if name != "opinions"}
    opinions, members = facts.get("opinions") or {}, facts.get("members") or []
    if not isinstance(opinions, dict) or set(opinions) != set(members):
        raise Refused("facts", "each member's opinion is wanted, and nobody else's")
    return own, [(member, "give_opinion", {"opinion": opinions[member]}) for member in members]


ACTS: dict[str, Callable[[Facts, Employee], tuple[Facts, Theirs]]] = {
    "decline_case": _signed("approved_by", "approve"),
    "annul_case": _signed("approved_by", "approve"),
    "issue_circular": _signed("signed_by", "sign_circular"),
    "withdraw_circular": _signed("signed_by", "sign_circular"),
    "file_report": _reported,
    "record_panel": _spoken,
}
