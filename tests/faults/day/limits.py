"""Limits that end within the day, by the versions of the table of limits that the system itself asks."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accountability.models import TimeLimits
from tests.faults.day.sizes import Size

HANDOFF, HANDLING = "handoff", "handling"


@dataclass(frozen=True)
class Table:
    """From `begins` on, what begins in the n-th `step` ends at one known instant, `spans` after that step's beginning.
    Afterwards the usual limits hold again, of which none ends that day.
    """

    begins: datetime
    step: timedelta
    steps: int
    spans: dict[str, timedelta]

    def due(self, kind: str, at: datetime) -> datetime | None:
        """When the limit ends that begins at this instant; None where that isn't today."""
        place = bisect_right(range(self.steps), (at - self.begins) / self.step) - 1
        if place < 0 or at >= self.begins + self.steps * self.step:
            return None
        return self.begins + place * self.step + self.spans[kind]

    def possible(self, kind: str, since: datetime, until: datetime) -> frozenset[datetime | None]:
        """When a limit ends that begins at some instant between these."""
        found, at = {self.due(kind, until)}, since
        while at < until:
            found.add(self.due(kind, at))
            at += self.step
        return frozenset(found)


def table_of(size: Size, begins: datetime) -> Table:
    """For twice the day: on a slow machine some things are done late."""
    spans = {HANDOFF: timedelta(seconds=size.handoff), HANDLING: timedelta(seconds=size.handling)}
    return Table(begins, timedelta(seconds=size.step), 2 * size.seconds // size.step, spans)


def publish(table: Table) -> None:
    """A version for each step, after the one that is in force."""
    usual, kept = _usual()
    versions = []
    for place in range(table.steps):
        begins = table.begins + place * table.step
        own = kept | {"version": usual.version + 1 + place, "in_force_from": begins}
        ends = {kind: f"until {(begins + span).isoformat()}" for kind, span in table.spans.items()}
        own["fixed"] = usual.fixed | {HANDOFF: ends[HANDOFF]}
        own["handling"] = usual.handling | {"P1": ends[HANDLING]}
        versions.append(TimeLimits(**own))
    TimeLimits.objects.bulk_create(versions)


def put_back(steps: int, at: datetime) -> None:
    """From now on the version holds again that was in force before so many steps."""
    newest, _kept = _usual()
    usual, kept = _usual(newest.version - steps)
    TimeLimits.objects.create(**kept | {"version": newest.version + 1, "in_force_from": at, "reason": str(usual)})


def _usual(version: int | None = None) -> tuple[TimeLimits, dict[str, Any]]:
    """The version, by default the newest, and its columns."""
    found = TimeLimits.objects.filter(**({"version": version} if version else {})).order_by("-version")[0]
    fields = [field for field in found._meta.concrete_fields if not field.primary_key]
    return found, {field.attname: getattr(found, field.attname) for field in fields}
