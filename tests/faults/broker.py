"""Redis hangs, is gone, and forgets everything."""

from __future__ import annotations

import statistics
import time

from tests.faults import invariants
from tests.faults.servers import wait_until
from tests.faults.world import Outcome, World, in_time, unless

MOST_LINES = 60
"""A minute, from all processes together, while the broker is away."""

DRAINED_WITHIN = 15.0
LONGEST_ANSWER = 10.0


def redis_hung(world: World) -> Outcome:
    """SIGSTOP: it takes connections and never answers. Pages go on as usual, also those that wake a worker."""
    world.system.start()
    seconds = world.size(8, 600)
    normal = p95(seconds_of_pages(world, min(seconds, 30)))
    with world.redis.hung():
        time.sleep(1)
        times = seconds_of_pages(world, seconds)
    hung, longest = p95(times), max(times)
    world.stage.delivered(20, due_in=-6)
    late = invariants.settled(60)
    figure = f"web p95 {hung * 1000:.0f} ms, {normal * 1000:.0f} ms before; longest request {longest:.1f} s"
    allowed = max(2 * normal, 0.25) * (3 if world.short else 1)
    wrong = [
        in_time(hung <= allowed, "pages got slow"),
        in_time(longest <= LONGEST_ANSWER * (1.4 if world.short else 1), "a request took too long"),
        unless(late is not None, "the sweep never came back"),
    ]
    return world.outcome(f"Redis hung {seconds} s", figure, "web p95 within 2 × of normal", *wrong)


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def seconds_of_pages(world: World, seconds: float) -> list[float]:
    """Desk, list, complaint and act, one after the other, each by who has them."""
    numbers = world.stage.delivered(int(seconds * 4) + 8, due_in=1500)
    contact, agent = world.browser("wh.contact"), world.browser("kf.agent")
    times: list[float] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and numbers:
        one = numbers.pop()
        times += [contact.get("/")[1], agent.get(f"/complaints/{one}/")[1], agent.get("/complaints/?list=")[1]]
        times += contact.send(one, "hand_off", to="wh.zhang", method="system").seconds
        time.sleep(0.05)
    return times


def redis_gone(world: World) -> Outcome:
    """Stopped, later started empty, then flushed: what fell due meanwhile is recorded soon after; logs stay short."""
    world.system.start()
    seconds = world.size(8, 300)
    before = lines(world)
    with world.redis.gone():
        time.sleep(2)
        world.stage.delivered(100, due_in=-6)
        time.sleep(seconds)
    written = (lines(world) - before) * 60 / max(seconds, 60)
    begun = time.monotonic()
    late = invariants.settled(90)
    drained = time.monotonic() - begun
    world.redis.flush()
    flushed = world.sweeps_again(30)
    running = [process.runs for process in world.system.processes.values()]
    figure = f"drained in {drained:.1f} s, {written:.0f} log lines a minute"
    wrong = [
        unless(late is not None, "not drained"),
        in_time(drained <= DRAINED_WITHIN * (3 if world.short else 1), "not drained in time"),
        unless(flushed is not None, "silent after the flush"),
        unless(written <= MOST_LINES, "the log floods"),
        unless(all(running), "a process is dead"),
    ]
    asked = f"Redis gone {seconds} s, then flushed"
    return world.outcome(asked, figure, f"drained in 15 s, at most {MOST_LINES} log lines a minute", *wrong)


def lines(world: World) -> int:
    return sum(
        process.log.read_bytes().count(b"\n") for process in world.system.processes.values() if process.log.exists()
    )


def workers_are_alive_after_restarts(world: World) -> Outcome:
    """The broker restarts again and again; the papers' worker, too, goes on each time."""
    world.system.start()
    times = world.size(3, 40)
    papers = world.system.processes["papers"].pid
    for _time in range(times):
        with world.redis.gone():
            time.sleep(0.3)
        time.sleep(0.7)
    swept = world.sweeps_again(40)
    back = wait_until(lambda: world.system.processes["papers"].runs, 10)
    is_same = papers == world.system.processes["papers"].pid
    figure = f"sweep again after {swept or 40:.1f} s, the papers' worker {'lives' if is_same else 'was started again'}"
    wrong = [unless(swept is not None, "nothing sweeps"), unless(back is not None, "the papers' worker is dead")]
    return world.outcome(f"Redis restarted {times} times", figure, "every worker goes on", *wrong)
