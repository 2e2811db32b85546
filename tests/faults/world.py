"""What a fault meets: servers, system, people, a gateway; and how its outcome is told."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import invariants
from tests.faults.client import PATIENCE, Browser, Sent
from tests.faults.gateway import Gateway
from tests.faults.servers import PostgreSQL, Redis, wait_until
from tests.faults.stage import Stage, number
from tests.faults.system import System


@dataclass
class Outcome:
    """One line of the table."""

    asked: str
    figure: str
    goal: str
    wrong: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    """What took too long for the goal, where that is no fault: in the short form, since others work on the machine."""

    @property
    def held(self) -> bool:
        return not self.wrong


@dataclass
class World:
    folder: Path
    database: PostgreSQL
    redis: Redis
    gateway: Gateway
    stage: Stage
    system: System
    short: bool
    minutes: int
    """How long the long form of a day is."""
    seed: int
    """Of what a day's script leaves to chance."""

    def size(self, short: int, long: int) -> int:
        return short if self.short else long

    def browser(self, username: str, patience: int = PATIENCE) -> Browser:
        address = f"10.0.0.{next(_addresses) % 250 + 1}"
        return Browser(self.system.port, self.stage.cast[username], address, patience)

    def outcome(self, asked: str, figure: str, goal: str, *also: str, sent: Iterable[Sent] = ()) -> Outcome:
        """The line, with everything that doesn't hold: what the fault found itself, and the invariants."""
        late = [text.removeprefix(LATE) for text in also if text.startswith(LATE)]
        wrong = [text for text in also if text and not text.startswith(LATE)]
        wrong += invariants.broken(sent)
        return Outcome(asked, figure, goal, wrong, late) if self.short else Outcome(asked, figure, goal, wrong + late)

    def sweeps_again(self, seconds: float = 30) -> float | None:
        """Seconds until the sweep has succeeded once more."""
        before = number(SWEPT)
        return wait_until(lambda: number(SWEPT) > before, seconds)


SWEPT = "SELECT coalesce(max(at), 'epoch') FROM accountability_heartbeat WHERE name = 'accountability.tasks.sweep'"

_addresses = itertools.count()


def keys_of(own: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((own / "keys.json").read_text())
    return found


LATE = "late: "


def in_time(holds: object, sentence: str) -> str:
    """The sentence where it took too long. Seconds are no fault of the short form."""
    return "" if holds else LATE + sentence


def unless(holds: object, sentence: str) -> str:
    """The sentence where it doesn't hold."""
    return "" if holds else sentence
