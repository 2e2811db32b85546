"""Runs the day: people, their desks and what comes to them, until everything is done."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from functools import partial

from tests.faults.client import Browser
from tests.faults.day.course import Course
from tests.faults.day.limits import Table
from tests.faults.day.looking import Look, office_of, page_of, polls
from tests.faults.day.paperwork import Paperwork
from tests.faults.day.people import Staff
from tests.faults.day.persons import Person
from tests.faults.day.script import Plan
from tests.faults.day.sizes import Size
from tests.faults.day.tricks import Hands

PAPER_OF = 20
"""Of so many dispatched complaints one has its notice asked for as a file."""

EXPORTS = 4


class Day:
    def __init__(self, size: Size, staff: Staff, plans: list[Plan], table: Table, browsers: dict[str, Browser]) -> None:
        self.size, self.staff, self.table, self.browsers = size, staff, table, browsers
        self.over = threading.Event()
        self.people = {name: Person(name, self.over) for name in staff.everybody}
        self.courses = [Course(plan) for plan in plans]
        self.looks: list[Look] = []
        self.paperwork = Paperwork(browsers, self.people, self.looks)
        self.behind: list[float] = []
        """By how many seconds each step came later than its person meant to do it."""
        self._left = len(self.courses)
        self._lock = threading.Lock()

    def run(self, longest: float) -> float:
        """Begin the day and wait until it is over, or for so many seconds at most. Returns how many it took."""
        begun = time.monotonic()
        self._give_out(random.Random(len(self.courses)))
        for person in self.people.values():
            person.thread.start()
        while time.monotonic() - begun < longest and (self._left or self.paperwork.waiting):
            time.sleep(0.2)
        self.over.set()
        for person in self.people.values():
            person.thread.join(60)
        return time.monotonic() - begun

    def _give_out(self, chance: random.Random) -> None:
        """What each person has on the desk as the day begins."""
        for course in self.courses:
            self._hand(course, 0, course.plan.starts)
        for name in self.people:
            office = office_of(self.staff, name)
            self._looks(name, office, chance.uniform(0, self.size.looks_every), random.Random(name))
            for path, every, headers in polls(office):
                self._polls(name, path, every, headers, chance.uniform(0, every))
        for n, who in enumerate(self.staff.officers[:EXPORTS], start=1):
            self.people[who].give(
                partial(self.paperwork.export, who, "sc.leader"), self.size.seconds * n / (EXPORTS + 2)
            )
        self.people["kf.supervisor"].give(partial(self.paperwork.bulletin, "kf.supervisor"), self.size.seconds / 2)

    def _looks(self, name: str, office: str, after: float, chance: random.Random) -> None:
        def look() -> None:
            path = page_of(office, chance)
            self.looks.append(Look(path, *self.browsers[name].get(path)))
            self.people[name].give(look, self.size.looks_every)

        self.people[name].give(look, after)

    def _polls(self, name: str, path: str, every: float, headers: dict[str, str], after: float) -> None:
        def poll() -> None:
            answer = self.browsers[name].open("GET", path, None, **headers)
            self.looks.append(Look(path, answer.status, answer.seconds))
            self.people[name].give(poll, every)

        self.people[name].give(poll, after)

    def _hand(self, course: Course, place: int, after: float) -> None:
        """Put this step on the desk of the person who is to do it."""
        meant = time.monotonic() + after
        who = course.who_does(course.plan.steps[place])
        self.people[who].give(partial(self._do, course, place, meant), after)

    def _do(self, course: Course, place: int, meant: float) -> None:
        self.behind.append(time.monotonic() - meant)
        step = course.plan.steps[place]
        done = Hands(course, step, self.browsers).do()
        if step.verb == "dispatch" and course.plan.place % PAPER_OF == 0 and done.form.done:
            contact = next(unit.contact for unit in self.staff.units if unit.code == step.facts["unit"])
            self.people[contact].give(partial(self.paperwork.notice, contact, course.number), 1)
        if done.form.done and place + 1 < len(course.plan.steps):
            following = course.plan.steps[place + 1]
            self._hand(course, place + 1, course.waits(following, self.table, datetime.now(UTC)))
            return
        with self._lock:
            self._left -= 1
