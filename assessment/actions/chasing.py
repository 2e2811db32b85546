"""Reminds a unit of an overdue duty at its due instant and every week after (R16, R54)."""

from __future__ import annotations

from datetime import timedelta

from accountability.gate.act import Act
from accountability.models import Deadline
from assessment.actions.notify import tell_marketing, tell_unit

CHASED_EVERY = timedelta(days=7)


def begin_chasing(act: Act, deadline: Deadline) -> None:
    """Schedule the first reminder at the due instant; one follows every week."""
    deadline.chase_at = deadline.due_at


def chase(act: Act, deadline: Deadline, verb: str, *, every: timedelta = CHASED_EVERY) -> None:
    """Record the reminder that is due, dated at its own instant, and schedule the next one."""
    assert deadline.chase_at is not None
    deadline.chased += 1
    act.record(verb, act.batch.system, at=deadline.chase_at, facts={"times": deadline.chased}, part=deadline.part)
    deadline.chase_at += every


def chase_unit(act: Act, deadline: Deadline, verb: str, notice: str) -> None:
    """Record it, and notify the unit, for as long as the duty is owed, and the officer."""
    chase(act, deadline, verb)
    tell_unit(act, notice, kind=deadline.kind)
    tell_marketing(act, notice)
