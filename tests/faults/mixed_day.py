"""A mixed day: everybody works at once, limits fall due meanwhile, and each outcome is compared with a model."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.faults.client import Sent
from tests.faults.day import sizes
from tests.faults.day.day import Day
from tests.faults.day.figures import in_milliseconds, quantile
from tests.faults.day.limits import publish, put_back, table_of
from tests.faults.day.people import engage, staff_of
from tests.faults.day.record import Record, differences
from tests.faults.day.script import Author
from tests.faults.day.watching import Watcher
from tests.faults.servers import wait_until
from tests.faults.stage import instant, number
from tests.faults.world import Outcome, World, in_time, unless

LAG = 15.0

PATIENCE = 60
"""Seconds that a browser waits for an answer, as long as a proxy does. How long it took is told."""

AT_MOST = 300
"""Seconds after twice the day that are waited for what isn't done: the machine may do much else."""

SHOWN = 100
"""Lines of what was wrong; the table tells the first ones."""

BEGINS_IN = timedelta(seconds=2)

BEFORE = timedelta(days=10)
"""Before the first of this month: then a complaint was settled, so that last month has a bulletin."""

PENDING = """SELECT count(*) FROM accountability_deadline d JOIN accountability_matter m ON m.id = d.matter_id
    WHERE m.kind = 'complaint' AND d.due_at BETWEEN %s AND %s AND d.met_at IS NULL AND d.missed_at IS NULL
    AND d.voided_at IS NULL AND d.suspended_at IS NULL AND NOT d.is_window"""

NOT_FOUND = """SELECT count(*) FROM accountability_deadline d JOIN accountability_matter m ON m.id = d.matter_id
    WHERE m.number = ANY(%s) AND d.kind = 'handoff' AND d.missed_at IS DISTINCT FROM d.due_at"""


@dataclass
class Seen:
    """What a day left behind, besides the database."""

    day: Day
    size: sizes.Size
    backlog: list[str]
    begins: datetime
    lags: list[float]
    took: float
    worked: float
    """Seconds of the client's own processor time."""


def mixed_day(world: World) -> Outcome:
    """Agents take calls, contacts hand over, handlers answer, heads look, everything falls due, papers are made."""
    size = sizes.SHORT if world.short else sizes.of_minutes(world.minutes)
    seen = worked_through(world, size)
    pending = wait_until(lambda: number(PENDING, seen.begins, instant()) == 0, 60, every=0.5)
    return judged(world, seen, pending)


def worked_through(world: World, size: sizes.Size) -> Seen:
    """Set the stage, and let the day pass."""
    staff = staff_of(size)
    engage(staff, world.stage.cast)
    first = instant().replace(day=1, hour=2)
    world.stage.play.upto("archived", at=first - BEFORE)
    world.system.start()
    browsers = {name: world.browser(name, PATIENCE) for name in staff.everybody}
    backlog = world.stage.delivered(size.backlog, due_in=size.seconds / 2, every=size.seconds / 6 / size.backlog)
    begins = instant() + BEGINS_IN
    table = table_of(size, begins)
    publish(table)
    time.sleep(BEGINS_IN.total_seconds())
    day = Day(size, staff, Author(size, staff, world.seed).plans(), table, browsers)
    worked = time.process_time()
    with Watcher(world.database.owner_url, begins) as watcher:
        took = day.run(2 * size.seconds + AT_MOST)
        last_found(size, begins)
        watcher.look()
    put_back(table.steps, instant())
    return Seen(day, size, backlog, begins, watcher.lags, took, time.process_time() - worked)


def last_found(size: sizes.Size, begins: datetime) -> None:
    """Wait until the last limit of the day has ended and could be found."""
    wait_until(lambda: number(PENDING, begins, instant() + timedelta(seconds=size.handling)) == 0, 2 * size.handling)


def judged(world: World, seen: Seen, pending: float | None) -> Outcome:
    day = seen.day
    contacts = {unit.code: unit.contact for unit in day.staff.units}
    asked_at = instant()
    unlike = differences(Record.read(seen.begins), day.courses, day.table, contacts, asked_at)
    answers = strange_answers(day)
    for text in (answers + unlike)[:SHOWN]:
        print(text)
    not_found, lag = number(NOT_FOUND, seen.backlog), quantile(seen.lags, 0.99)
    wrong = [
        unless(not answers, f"{len(answers)} answers were not as expected: {answers[:3]}"),
        unless(not unlike, f"{len(unlike)} differences from the model: {unlike[:3]}"),
        unless(not not_found, f"{not_found} limits of earlier days were not found missed"),
        unless(not day.paperwork.waiting, f"{sorted(day.paperwork.waiting)[:3]} never came"),
        unless(pending is not None, "what fell due was never found"),
        unless(min(seen.lags, default=0) >= 0, "a limit was found missed before it ended"),
        in_time(lag <= LAG, f"misses were found after {lag:.1f} s"),
    ]
    return world.outcome(asked(seen), figure(seen), f"0 errors, found within {LAG:.0f} s", *wrong, sent=forms(day))


def strange_answers(day: Day) -> list[str]:
    """Forms and pages that were answered otherwise than they had to be, and what went wrong with the people."""
    found = [text for course in day.courses for text in course.judged()] + day.paperwork.wrong
    found += [f"{look.path}: {look.status}" for look in day.looks if look.status != look.expected]
    return found + [text for person in day.people.values() for text in person.errors]


def forms(day: Day) -> list[Sent]:
    return [one.form for course in day.courses for one in course.tries] + day.paperwork.sent


def asked(seen: Seen) -> str:
    size = seen.size
    return (
        f"a mixed day: {size.people} people, {size.complaints} complaints, {size.dispatches} dispatches and"
        f" {size.backlog} of earlier days in {size.seconds} s, each outcome against a model"
    )


def figure(seen: Seen) -> str:
    day, sent = seen.day, forms(seen.day)
    acts = [second for form in sent for second in form.seconds]
    looks = [look.seconds for look in day.looks]
    rate = (len(acts) + len(looks)) / seen.took
    return (
        f"{sum(form.done for form in sent)} acts, {sum(form.refused for form in sent)} refused as they had to be, and"
        f" {len(looks)} pages in {seen.took:.0f} s, {rate:.0f} a second;"
        f" acts p50/p95/p99 {in_milliseconds(acts)}, pages {in_milliseconds(looks)};"
        f" {len(seen.lags)} misses found after {quantile(seen.lags, 0.5):.1f} s, p99 {quantile(seen.lags, 0.99):.1f} s;"
        f" {len(day.paperwork.asked)} papers; people were {quantile(day.behind, 0.95):.1f} s behind (p95);"
        f" the client used {seen.worked:.0f} s of processor time"
    )
