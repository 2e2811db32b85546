"""Carries out a plan: each step is its own act through the gate, by the person who confirmed it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import Employee
from accountability.organisation.importing.plan import Line, Plan, Step


def apply(
    plan: Plan, *, by: Employee, at: datetime, key: str, on_step: Callable[[], None] = lambda: None
) -> list[Line]:
    """Run every step. A refusal stops only its own line, which keeps the sentence. Return the lines that failed.

    `key` is that of the confirmation: one sent twice is done once.
    """
    standing = Organisation.standing()
    failed: list[Line] = []
    for number, (line, step) in enumerate(plan.steps):
        if not any(line is one for one in failed) and not _done(standing, line, step, by, at, f"{key}:{number}"):
            failed.append(line)
        on_step()
    return failed


def _done(standing: Organisation, line: Line, step: Step, by: Employee, at: datetime, key: str) -> bool:
    try:
        perform(standing, step.verb, by=by, at=at, key=key, **step.facts)
    except Refused as refusal:
        line.error = " ".join(dict.fromkeys([*refusal.fields.values()] or [str(refusal)]))
        return False
    return True
