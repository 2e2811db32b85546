"""Acts of other people that a step's fields imply: an approval, a signature, an opinion.

In the product each person acts in their own session, by a verb of their own; a file tells it in one step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.gate.act import Refused
from accountability.models import Employee

Facts = dict[str, Any]
Acts = list[tuple[str, str, Facts]]
"""Who does what with which facts, in order; the step's own act is among them."""

FIELDS: dict[str, tuple[str, ...]] = {"record_panel": ("members", "opinions")}
"""Fields of the contract that aren't facts of the verb: other acts did what they say."""


def _signed(field: str, then: str) -> Callable[[str, Facts, Employee, Any], Acts]:
    def acts(verb: str, facts: Facts, by: Employee, at: Any) -> Acts:
        """The named person acts after the step; where none is named, the step itself is refused."""
        person = facts.get(field)
        return [(by.username, verb, facts), *([(person, then, {})] if person else [])]

    return acts


def _reported(verb: str, facts: Facts, by: Employee, at: Any) -> Acts:
    """The signer signs the report; a person who files it and signs it needs no second act."""
    signer = facts.get("signer")
    then: Acts = [(signer, "sign_report", {})] if signer and signer != by.username else []
    return [(by.username, verb, facts), *then]


def _judged(verb: str, facts: Facts, by: Employee, at: Any) -> Acts:
    """The panel is appointed, each member gives their opinion, then it is recorded. A file that tells the first acts in
    steps of their own names neither members nor opinions here.
    """
    own = {name: value for name, value in facts.items() if name not in FIELDS[verb]}
    record = (by.username, verb, own)
    if not any(name in facts for name in FIELDS[verb]):
        return [record]
    opinions, members = facts.get("opinions") or {}, facts.get("members") or []
    if not isinstance(opinions, dict) or not isinstance(members, list) or set(opinions) != set(members):
        raise Refused("facts", "each member's opinion is wanted, and nobody else's")
    appointed = (by.username, "appoint_panel", {"members": members, "due": day_of(at)})
    return [appointed, *((member, "give_opinion", {"opinion": opinions[member]}) for member in members), record]


ACTS: dict[str, Callable[[str, Facts, Employee, Any], Acts]] = {
    "decline_case": _signed("approved_by", "approve"),
    "annul_case": _signed("approved_by", "approve"),
    "issue_circular": _signed("signed_by", "sign_circular"),
    "withdraw_circular": _signed("signed_by", "sign_circular"),
    "file_report": _reported,
    "record_panel": _judged,
}
