"""What a unit owes and hasn't done is asked for at its due instant, and every week after (R16, R54)."""

from __future__ import annotations

from datetime import timedelta

from accountability.gate.act import Act
from accountability.models import Deadline

CHASED_EVERY = timedelta(days=7)


def begin_chasing(act: Act, deadline: Deadline) -> None:
    """What isn't there is asked for at its due instant and every week after."""
    deadline.chase_at = deadline.due_at


def chase(act: Act, deadline: Deadline, verb: str, *, every: timedelta = CHASED_EVERY) -> None:
    """The step that has come, dated at its own instant, and when the next one comes."""
    assert deadline.chase_at is not None
    deadline.chased += 1
    act.record(verb, act.batch.system, at=deadline.chase_at, facts={"times": deadline.chased}, part=deadline.part)
    deadline.chase_at += every
