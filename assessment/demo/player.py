"""Plays the scripts through the gate, in one order of time, the production sweep running at every due instant.

Nothing is inserted behind the gate's back. A refusal is a fault of a script and ends the run, rolled back.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction
from tqdm import tqdm

from accountability import notifications, reminders
from accountability.gate import Refused, perform
from accountability.models import Employee, Notification
from accountability.sweeping import next_due, sweep
from assessment.demo.cast import Cast
from assessment.demo.founding import found
from assessment.demo.plots import histories
from assessment.demo.script import Script, Step
from assessment.demo.stages import stages
from complaints.models import Complaint

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


class BrokenScript(Exception):
    """An act of a script was refused: who wanted what, and the gate's sentence."""


def play(number: int, *, seed: int, now: datetime, quiet: bool = False) -> int:
    """Found the organisation and play so many complaints up to `now`; returns the number of acts.

    On an empty database what lies on the desks at the end comes first out of the number. All or nothing: an interrupted
    run leaves the database as it was, and nobody else's sweep sees complaints that are still in the past.
    """
    with transaction.atomic(), tqdm(total=number, unit="件", desc="演示投诉", mininterval=0.5, disable=quiet) as bar:
        found(now)
        show = Performance(now, bar)
        for at, script, step in in_order(all_scripts(number, seed, now), now):
            show.act(at, script, step)
        show.advance(now)
        reminders.remind(now)
    return show.acts


def all_scripts(number: int, seed: int, now: datetime) -> Iterator[Script]:
    """What lies on the desks (once), and histories for the rest of the number, in the order in which they begin."""
    cast = Cast(Random(seed))
    desks = [] if Complaint.objects.exists() else stages(cast, now)[-number:]
    return heapq.merge(desks, histories(cast, number - len(desks), now), key=lambda script: script.steps[0].at)


def in_order(scripts: Iterable[Script], now: datetime) -> Iterator[tuple[datetime, int, Step]]:
    """The steps of all scripts by time, each with its script's number. Only the scripts that are running are held."""
    running: list[tuple[datetime, int, Step, Iterator[Step]]] = []
    for number, script in enumerate(scripts):
        steps = script.until(now)
        first = next(steps)
        yield from _before(running, first.at)
        heapq.heappush(running, (first.at, number, first, steps))
    yield from _before(running, now + TICK)


def _before(running: list[Any], at: datetime) -> Iterator[tuple[datetime, int, Step]]:
    while running and running[0][0] < at:
        due, number, step, steps = running[0]
        yield due, number, step
        following = next(steps, None)
        if following is None:
            heapq.heappop(running)
        else:
            heapq.heapreplace(running, (following.at, number, following, steps))


class Performance:
    """The virtual clock, and what the scripts' numbers stand for."""

    def __init__(self, now: datetime, bar: Any) -> None:
        self.bar, self.acts, self.next_day = bar, 0, now - 70 * DAY
        self.people = {person.username: person for person in Employee.objects.all()}
        self.matters: dict[int, int] = {}

    def advance(self, to: datetime) -> None:
        """Move the clock on, the sweep running a microsecond after everything that falls due on the way."""
        while (due := next_due()) is not None and due < to:
            sweep(due + TICK, grace=timedelta())
        if to >= self.next_day:
            self._end_the_day(to)

    def _end_the_day(self, at: datetime) -> None:
        """Notices are sent, yesterday's have been read, alarms are raised of what has been waiting."""
        reminders.remind(at)
        while notifications.send(at):
            pass
        Notification.objects.filter(read_at=None, created_at__lt=at - DAY).update(read_at=at)
        self.next_day = at + DAY

    def act(self, at: datetime, script: int, step: Step) -> None:
        """Play one step. Raises BrokenScript where the gate refuses it."""
        self.advance(at)
        matter = self.matters.get(script)
        subject = Complaint(matter_id=matter) if matter else Complaint()
        try:
            outcome = perform(subject, step.verb, by=self.people[step.by], at=at, **step.facts)
        except Refused as refusal:
            raise BrokenScript(
                f"{at} {step.by} {step.verb} {step.facts}: {refusal.message} {refusal.fields}"
            ) from refusal
        if not matter:
            self.matters[script] = outcome.subject.matter_id
            self.bar.update()
        self.acts += 1
