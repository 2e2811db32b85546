"""How large the day is, and how long its limits are."""

from __future__ import annotations

from dataclasses import dataclass

REAL_MINUTES = 30


@dataclass(frozen=True)
class Size:
    """All spans are seconds. `backlog` are complaints of earlier days whose hand-over falls due in the middle of this
    one. Limits that begin within the same `step` end at the same instant; a step is no multiple of the sweep's five
    seconds, so that limits end at every moment between two sweeps.
    """

    seconds: int
    agents: int
    units: int
    handlers: int
    complaints: int
    dispatches: int
    backlog: int
    handoff: int
    handling: int
    step: int
    pause: float
    """What somebody takes on average until they do what has come to them."""
    late_by: float
    looks_every: float
    """How often each person opens a page besides."""

    @property
    def people(self) -> int:
        return self.agents + OF_THE_PROVINCE + self.units * (OF_A_UNIT + self.handlers)


OF_THE_PROVINCE, OF_A_UNIT = 12, 4
"""The centre's two supervisors, its head, eight officers and the leader of marketing; a unit's contact, deputy, leader
and head.
"""

SHORT = Size(
    seconds=24, agents=12, units=3, handlers=8, complaints=150, dispatches=60, backlog=60, handoff=9, handling=12,
    step=1, pause=0.4, late_by=2, looks_every=12,
)  # fmt: skip


def of_minutes(minutes: int) -> Size:
    """300 people; as many complaints as fit into so many minutes, 5,000 in thirty."""
    return Size(
        seconds=minutes * 60, agents=60, units=12, handlers=15, complaints=5000 * minutes // REAL_MINUTES,
        dispatches=1500 * minutes // REAL_MINUTES, backlog=1500 * minutes // REAL_MINUTES, handoff=90, handling=150,
        step=7, pause=10, late_by=30, looks_every=120,
    )  # fmt: skip
