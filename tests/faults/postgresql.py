"""PostgreSQL stops, freezes, is locked, and holds a row that can't be judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from tests.faults import invariants
from tests.faults.client import Crowd, Sent
from tests.faults.kills import hands_over
from tests.faults.servers import wait_until
from tests.faults.stage import number, rows
from tests.faults.world import Outcome, World, in_time, unless

BACK_WITHIN = 10.0
LONGEST_ANSWER = 10.0
REFUSED_WITHIN = 5.0


def database_stops(world: World) -> Outcome:
    """Immediate stops and SIGKILL, in turn, under load; each time until pages and sweep work again."""
    times = world.size(2, 20)
    world.system.start()
    mine = world.stage.delivered(times * 30, due_in=1500)
    sent: list[Sent] = []
    pages, sweeps, said = [], [], set()
    reader = world.browser("sj.auditor")
    with Crowd(*(hands_over(world, mine[n::2], sent) for n in range(2))):
        for n in range(times):
            world.stage.delivered(20, due_in=-6)
            time.sleep(1)
            (world.database.kill if n % 2 else world.database.stop)()
            said |= {reader.get("/")[0], world.system.get("/readyz")[0]}
            time.sleep(1 if world.short else 3)
            world.database.start()
            begun = time.monotonic()
            pages.append(wait_until(world.system.ready, 60) or 60.0)
            world.sweeps_again(60)
            sweeps.append(time.monotonic() - begun)
    late = invariants.settled(30)
    figure = f"pages back in {max(pages):.1f} s, sweep in {max(sweeps):.1f} s at most; 503 meanwhile"
    allowed = BACK_WITHIN * (2 if world.short else 1)
    wrong = [
        unless(late is not None, "misses were lost"),
        in_time(max(pages + sweeps) <= allowed, "not back in time"),
        unless(said == {503}, f"a page and the probe answered {said} meanwhile"),
    ]
    return world.outcome(
        f"{times} database stops, immediate or by kill -9", figure, "all back in 10 s", *wrong, sent=sent
    )


# A row held, a table locked, a frozen database


@contextmanager
def held(world: World, statement: str) -> Iterator[None]:
    """Another connection has begun a transaction with this statement and doesn't end it."""
    other = psycopg2.connect(world.database.owner_url)
    try:
        with other.cursor() as cursor:
            cursor.execute(statement)
        yield
    finally:
        other.rollback()
        other.close()


def row_held(world: World) -> Outcome:
    """Somebody's transaction holds a complaint: its act is refused within seconds, its readers are not blocked."""
    world.system.start("web")
    (one,) = world.stage.delivered(1, due_in=1500)
    contact, reader = world.browser("wh.contact"), world.browser("sj.auditor")
    reader.get(f"/complaints/{one}/")
    with held(world, f"SELECT 1 FROM accountability_matter WHERE number = '{one}' FOR NO KEY UPDATE"):
        refused = contact.send(one, "hand_off", to="wh.zhang", method="system")
        read, seconds = reader.get(f"/complaints/{one}/")
    done = contact.send(one, "hand_off", again=refused, to="wh.zhang", method="system")
    slack = 3 if world.short else 1
    wrong = [
        unless(refused.answers[0] == 409, f"the act was answered {refused.answers[0]}"),
        in_time(refused.seconds[0] <= REFUSED_WITHIN + slack, "the refusal took too long"),
        unless(read == 200, f"a reader was answered {read}"),
        in_time(seconds < 2 + slack, f"a reader waited {seconds:.1f} s"),
        unless(done.done, "the act was refused afterwards too"),
    ]
    figure = f"refused after {refused.seconds[0]:.1f} s; a reader waits {seconds:.2f} s"
    return world.outcome("a row held", figure, "refused in 4–5 s, readers not blocked", *wrong, sent=[done])


def table_locked(world: World) -> Outcome:
    """The table of matters is locked, as by a migration: no request takes longer than 10 s, the probe tells."""
    world.system.start("web")
    (one,) = world.stage.delivered(1, due_in=1500)
    contact = world.browser("wh.contact")
    with held(world, "LOCK TABLE accountability_matter IN ACCESS EXCLUSIVE MODE"):
        times = in_parallel(
            lambda: contact.send(one, "hand_off", to="wh.zhang", method="system").seconds[0],
            lambda: contact.get(f"/complaints/{one}/")[1], lambda: world.system.get("/livez")[1],
        )  # fmt: skip
    with held(world, "LOCK TABLE accountability_heartbeat IN ACCESS EXCLUSIVE MODE"):
        time.sleep(1.2)
        status, probed = world.system.get("/readyz")
    figure = f"longest request {max(times):.1f} s; /readyz {status} after {probed:.1f} s"
    wrong = [
        in_time(max(times) <= LONGEST_ANSWER * (1.4 if world.short else 1), "a request took too long"),
        unless(status == 503, "the probe is green"),
    ]
    return world.outcome("a table locked", figure, "no request over 10 s, health red", *wrong)


def database_frozen(world: World) -> Outcome:
    """SIGSTOP to every process of PostgreSQL: connections stay, nothing answers."""
    world.system.start("web")
    (one,) = world.stage.delivered(1, due_in=1500)
    contact = world.browser("wh.contact")
    contact.get("/")
    with world.database.frozen():
        time.sleep(1.2)
        answers = in_parallel(
            lambda: contact.send(one, "hand_off", to="wh.zhang", method="system"),
            lambda: contact.get("/"), lambda: world.system.get("/readyz"), lambda: world.system.get("/livez"),
        )  # fmt: skip
    form, page, (ready, probed), (live, _seconds) = answers
    times = [form.seconds[0], page[1], probed]
    back = wait_until(world.system.ready, 30)
    wrong = [
        in_time(max(times) <= LONGEST_ANSWER * (1.4 if world.short else 1), "a request took too long"),
        unless(form.answers[0] in (0, 503), f"the act was answered {form.answers[0]}"),
        unless(page[0] == 503, f"a page was answered {page[0]}"),
        unless((ready, live) == (503, 200), f"health is {ready}, life is {live}"),
        unless(back is not None, "the pages never came back"),
    ]
    figure = f"longest request {max(times):.1f} s, a page {page[0]}, /readyz {ready} after {probed:.1f} s"
    return world.outcome("a frozen database", figure, "no request over 10 s, 503", *wrong, sent=[form])


def in_parallel(*works: Callable[[], Any]) -> list[Any]:
    found: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        found[place] = work()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# A poisoned row


def poisoned_row(world: World) -> Outcome:
    """A running limit of a kind that its complaint can't have: it stops no other, and an alarm names it."""
    world.system.start("worker", "beat")
    others = world.size(100, 900)
    numbers = world.stage.delivered(others + 1, due_in=-60)
    bad = numbers[0].removeprefix("F")
    earlier = "kind = 'ruling', due_at = due_at - interval '1 day'"
    rows(f"UPDATE accountability_deadline SET {earlier} WHERE matter_id = %s AND kind = 'handoff'", bad)
    late = invariants.settled(60)
    named = "SELECT count(*) FROM accountability_alarm WHERE kind = 'stuck' AND cleared_at IS NULL AND matter_id = %s"
    alarm = wait_until(lambda: number(named, bad), 20)
    rows(f"UPDATE accountability_deadline SET voided_at = now() WHERE matter_id = {bad} AND missed_at IS NULL")
    missed = number(
        "SELECT count(*) FROM accountability_deadline WHERE kind = 'handoff' AND missed_at IS NOT NULL"
        " AND matter_id > %s AND matter_id <= %s", int(bad), int(bad) + others,
    )  # fmt: skip
    figure = f"{missed} of {others} others recorded in {late or 60:.1f} s, the bad one named in an alarm"
    wrong = [unless(missed == others, "it stopped others"), unless(alarm is not None, "no alarm names it")]
    return world.outcome("one poisoned row", figure, "all others recorded, an alarm", *wrong)
