"""Plays the demo's steps as the replay does, in order of time, and also sends the notices of each day.

Every change goes through the gate. A refusal is a fault of a script and ends the run, rolled back.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from tqdm import tqdm

from accountability.files.attachments import take
from accountability.gate import perform as gate
from accountability.gate.subjects import SUBJECTS, Organisation
from accountability.gate.sweeper import sweep
from accountability.gate.verbs import Verb
from accountability.models import Attachment, Employee, Notification
from accountability.monitoring import reminders
from accountability.notices import sending
from complaints.models import Complaint
from config.demo.bulletins import bulletins
from config.demo.cases import COMPLAINTS, cases, exports
from config.demo.desks import AT_LEAST, burst, stages
from config.demo.founding import found
from config.demo.organisation import Company
from config.demo.plots import histories
from config.demo.script import Acts, Facts
from config.replay.player import Player
from config.replay.stage import Cast

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


class BrokenScript(Exception):
    """An act of a script was refused: who wanted what, and the gate's sentence."""


def play(number: int, *, seed: int, now: datetime, quiet: bool = False) -> int:
    """Found the organisation and play this many complaints up to `now`; return the number of acts.

    On an empty database the complaints on the desks at the end are made first and count towards the number. All in one
    transaction: an interrupted run leaves the database as it was, and no other sweep sees complaints that are still in
    the past.
    """
    with transaction.atomic(), tqdm(total=number, unit="件", desc="演示投诉", mininterval=0.5, disable=quiet) as bar:
        player = DemoPlayer(found(now), now - 70 * DAY)
        for place, step in enumerate(in_order(all_scripts(number, seed, now), now), 1):
            bar.update("complaint" in step and step["complaint"] not in player.matters)
            player.step(step, place)
        player.advance(now)
        sweep(now, grace=timedelta())
        reminders.remind(now)
    return player.result.steps


def all_scripts(number: int, seed: int, now: datetime) -> Iterator[Acts]:
    """The work on the desks and the cases (once, as far as the number goes), and histories for the rest of the number,
    in the order in which they begin.
    """
    company = Company(Random(seed))  # nosec B311
    desks = [] if Complaint.objects.exists() else stages(company, now)[-number:]
    calls = burst(company, now) if desks and number >= AT_LEAST else []
    number -= len(desks) + len(calls)
    judged = cases(company, now) if desks and number >= COMPLAINTS else []
    rest = histories(company, number - COMPLAINTS if judged else number, now)
    told = bulletins(company, now) if judged else []
    taken = exports(company, now) if judged else []
    return heapq.merge(desks, calls, judged, rest, told, taken, key=lambda script: script.steps[0]["at"])


def in_order(scripts: Iterable[Acts], now: datetime) -> Iterator[Facts]:
    """The steps of all scripts by time. Only the running scripts are in memory."""
    running: list[tuple[datetime, int, Facts, Iterator[Facts]]] = []
    for number, script in enumerate(scripts):
        steps = script.until(now)
        first = next(steps)
        yield from _before(running, first["at"])
        heapq.heappush(running, (first["at"], number, first, steps))
    yield from _before(running, now + TICK)


def _before(running: list[Any], at: datetime) -> Iterator[Facts]:
    while running and running[0][0] < at:
        _due, number, step, steps = running[0]
        yield step
        following = next(steps, None)
        if following is None:
            heapq.heappop(running)
        else:
            heapq.heapreplace(running, (following["at"], number, following, steps))


class DemoPlayer(Player):
    """The replay's player, plus the notices of each day and real files; each person acts in a step of their own."""

    named = tuple(kind for kind in SUBJECTS if kind != Organisation.matter_kind)

    def __init__(self, cast: Cast, first_day: datetime) -> None:
        super().__init__("demo", cast)
        self.next_day = first_day

    def step(self, step: Facts, number: int) -> None:
        """Skip a step that names a state its subject isn't in. A refusal raises BrokenScript."""
        plain = {key: value for key, value in step.items() if key != "state"}
        self.advance(step["at"])
        if "state" in step:
            entry, name = self._verb(plain)
            subject = self._subject(entry, name)
            if not entry.model.objects.filter(pk=subject and subject.matter_id, state=step["state"]).exists():  # type: ignore[attr-defined]
                return
        super().step(plain, number)
        if self.result.failures:
            raise BrokenScript(self.result.failures[0])

    def advance(self, to: datetime) -> None:
        """At the end of a day send the notices, mark yesterday's as read, and raise alarms of what has been waiting."""
        super().advance(to)
        if to >= self.next_day:
            reminders.remind(to)
            while sending.send(to):
                pass
            Notification.objects.filter(read_at=None, created_at__lt=to - DAY).update(read_at=to)
            self.next_day = to + DAY

    def perform(self, entry: Verb, subject: Any, by: Employee, at: datetime, facts: Facts) -> Any:
        return gate.perform(subject, entry.name, by=by, at=at, **facts).subject.matter_id

    def files(self, value: Any, by: Employee, kind: str) -> list[Attachment]:
        return [take(*make(), by=by, at=self.now, kind=kind) for make in value]
