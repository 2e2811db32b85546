"""Declares which acts on complaints other systems may be told of, and which of their facts: choices, codes of units and
instants, no person and no words.

Left out are what not everybody who reads the complaint may know (leads, excuses, criticism, notes), and cases
altogether: a unit hears of one by its notice and not before (R40).
"""

from __future__ import annotations

from typing import Any

from accountability.declarations.events import EVENTS, STANDS, Event, Stands

OF_LIMITS = ("kind", "due", "excused")
OF_INTAKE = ("channel", "priority")

TOLD: dict[str, tuple[str, ...]] = {
    "forward": (),
    "register": OF_INTAKE,
    "import_complaint": ("closed",),
    "handle_directly": (),
    "dispatch": ("unit", "second", "ruling"),
    "recall": (),
    "hand_off": ("method",),
    "confirm_told": ("happened",),
    "report_to_leader": (),
    "name_handler": (),
    "accept": (),
    "contact_customer": (),
    "propose_solution": (),
    "submit_for_review": (),
    "withdraw_review": (),
    "send_back_answer": (),
    "answer": (),
    "approve_answer": (),
    "judge_complete": ("complete",),
    "request_return": ("late",),
    "rule_on_return": ("accepted",),
    "reply": (),
    "record_attempt": (),
    "record_satisfaction": ("satisfied",),
    "rate_reply": ("satisfied",),
    "correct_satisfaction": ("satisfied",),
    "archive_unsatisfied": (),
    "archive_unreachable": (),
    "withdraw": (),
    "mark_duplicate": (),
    "escalate": (),
    "chase": (),
    "extend": (),
    "record_outside_case": ("body",),
    "answer_outside_case": ("body",),
    "drop_outside_case": ("body",),
    "miss": OF_LIMITS,
}
"""By verb, the facts that its event tells."""

EVENTS.add(*(Event(f"complaint.{verb}", facts) for verb, facts in TOLD.items()))


def _stands(complaint: Any, entry: Any) -> Stands:
    """A unit is told of the entries of its own round, as in its timeline, while that round is the newest: later it
    doesn't know how the complaint goes on.
    """
    latest = complaint.latest_round
    of_latest = latest is not None and entry.part == latest.number
    data = {
        "number": str(complaint.matter), "state": complaint.state, "priority": complaint.priority,
        "round": entry.part or None, "verb": entry.verb,
    }  # fmt: skip
    return Stands(data, latest.unit_id if of_latest else None)


STANDS["complaint"] = _stands
