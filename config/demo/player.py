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

from accountability.gate.perform import Refused, perform
from accountability.gate.sweeper import sweep, sweep_until
from accountability.models import Employee, Notification
from accountability.monitoring import reminders
from accountability.notices import sending
from complaints.models import Complaint
from config.demo.bulletins import bulletins
from config.demo.cases import COMPLAINTS, cases
from config.demo.cast import Cast
from config.demo.exports import exports
from config.demo.founding import found
from config.demo.plots import histories
from config.demo.script import Acts, Step
from config.demo.stages import AT_LEAST, burst, stages

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
        sweep(now, grace=timedelta())
        reminders.remind(now)
    return show.acts


def all_scripts(number: int, seed: int, now: datetime) -> Iterator[Acts]:
    """What lies on the desks and the cases (once, as far as the number goes), and histories for the rest of the number,
    in the order in which they begin.
    """
    cast = Cast(Random(seed))  # nosec B311
    desks = [] if Complaint.objects.exists() else stages(cast, now)[-number:]
    calls = burst(cast, now) if desks and number >= AT_LEAST else []
    number -= len(desks) + len(calls)
    judged = cases(cast, now) if desks and number >= COMPLAINTS else []
    rest = histories(cast, number - COMPLAINTS if judged else number, now)
    told = bulletins(now) if judged else []
    taken = exports(now) if judged else []
    return heapq.merge(desks, calls, judged, rest, told, taken, key=lambda script: script.steps[0].at)


def in_order(scripts: Iterable[Acts], now: datetime) -> Iterator[tuple[datetime, Acts, Step]]:
    """The steps of all scripts by time, each with its script. Only the scripts that are running are held."""
    running: list[tuple[datetime, int, Step, Iterator[Step], Acts]] = []
    for number, script in enumerate(scripts):
        steps = script.until(now)
        first = next(steps)
        yield from _before(running, first.at)
        heapq.heappush(running, (first.at, number, first, steps, script))
    yield from _before(running, now + TICK)


def _before(running: list[Any], at: datetime) -> Iterator[tuple[datetime, Acts, Step]]:
    while running and running[0][0] < at:
        due, number, step, steps, script = running[0]
        yield due, script, step
        following = next(steps, None)
        if following is None:
            heapq.heappop(running)
        else:
            heapq.heapreplace(running, (following.at, number, following, steps, script))


class Performance:
    """The virtual clock, and what is done at its instants."""

    def __init__(self, now: datetime, bar: Any) -> None:
        self.bar, self.acts, self.next_day = bar, 0, now - 70 * DAY
        self.people = {person.username: person for person in Employee.objects.all()}

    def advance(self, to: datetime) -> None:
        """Move the clock on, the sweep running a microsecond after everything that falls due on the way."""
        sweep_until(to)
        if to >= self.next_day:
            self._end_the_day(to)

    def _end_the_day(self, at: datetime) -> None:
        """Notices are sent, yesterday's have been read, alarms are raised of what has been waiting."""
        reminders.remind(at)
        while sending.send(at):
            pass
        Notification.objects.filter(read_at=None, created_at__lt=at - DAY).update(read_at=at)
        self.next_day = at + DAY

    def act(self, at: datetime, script: Acts, step: Step) -> None:
        """Play one step. Raises BrokenScript where the gate refuses it."""
        self.advance(at)
        script.find()
        if step.state and not script.model.objects.filter(pk=script.matter, state=step.state).exists():
            return
        subject, by = script.model(**({"matter_id": script.matter} if script.matter else {})), self.people[step.by]
        facts = {name: fact(by, at) if callable(fact) else fact for name, fact in step.facts.items()}
        try:
            outcome = perform(subject, step.verb, by=by, at=at, **facts)
        except Refused as refusal:
            raise BrokenScript(f"{at} {step.by} {step.verb} {facts}: {refusal.message} {refusal.fields}") from refusal
        if not script.matter:
            script.matter, script.number = outcome.subject.matter_id, str(outcome.subject)
            self.bar.update(script.model is Complaint)
        self.acts += 1
