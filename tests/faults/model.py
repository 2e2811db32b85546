"""Eight clients and random faults; a model says what each was to be answered and what must be in the record."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.factories import USUAL
from tests.faults import invariants
from tests.faults.client import Browser, Crowd, Sent
from tests.faults.postgresql import held
from tests.faults.servers import wait_until
from tests.faults.stage import rows
from tests.faults.world import Outcome, World, in_time, unless

CLIENTS = 8
WAY = (
    ("hand_off", "wh.contact"), ("accept", "wh.zhang"), ("add_note", "wh.zhang"), ("contact_customer", "wh.zhang"),
    ("answer", "wh.zhang"), ("judge_complete", "kf.agent"), ("reply", "kf.agent"), ("record_satisfaction", "kf.agent"),
)  # fmt: skip
"""What a complaint goes through, and by whom."""

LONGEST = 10.0


@dataclass
class Way:
    """The model of one complaint: which steps were done. Each step can be done once, in this order."""

    number: str
    done: list[str] = field(default_factory=list)
    unclear: str = ""
    """A step that was never answered: it may be in the record, once."""


@dataclass
class Client:
    """One person after another, at one machine: whoever is next on the way of its complaint."""

    browsers: dict[str, Browser]
    numbers: list[str]
    sent: list[Sent] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def work(self, over: threading.Event) -> None:
        for number in self.numbers:
            self.ways.append(way := Way(number))
            for verb, who in WAY:
                if not self.step(way, verb, who, over):
                    return

    def step(self, way: Way, verb: str, who: str, over: threading.Event) -> bool:
        """One act, sent again until it is answered; now and then once more, or another one out of its turn."""
        facts, form = USUAL.get(verb, {}), self.browsers[who].send(way.number, verb, **USUAL.get(verb, {}))
        self.sent.append(form)
        while not form.done and form.answers[-1] in (0, 503, 409):
            if over.wait(0.5):
                way.unclear = verb
                return False
            self.browsers[who].send(way.number, verb, again=form, **facts)
        if not form.done:
            self.wrong.append(f"{verb} of {way.number} was answered {form.answers}")
            return False
        way.done.append(verb)
        if random.random() < 0.2:
            self.twice(way, form, facts)
        if random.random() < 0.1:
            self.out_of_turn(way)
        return not over.wait(random.uniform(0, 0.2))

    def twice(self, way: Way, form: Sent, facts: dict[str, object]) -> None:
        """A second click on what was done: the first one's answer."""
        self.browsers[form.who].send(way.number, form.verb, again=form, **facts)
        if form.answers[-1] not in (302, 0, 503, 409):
            self.wrong.append(f"a second click on {form.verb} was answered {form.answers[-1]}")

    def out_of_turn(self, way: Way) -> None:
        """What was done can't be done again by a new form."""
        form = self.browsers["wh.contact"].send(way.number, "hand_off", **USUAL["hand_off"])
        self.sent.append(form)
        if form.done or not (form.refused or form.answers[-1] in (0, 503)):
            self.wrong.append(f"a second hand-over was answered {form.answers[-1]}")


def random_faults(world: World) -> Outcome:
    """Any process dies, any server stops, hangs or forgets, again and again, while eight clients work."""
    world.system.start()
    seconds = world.size(25, 3600)
    clients = made(world, seconds)
    tried: list[str] = []
    with Crowd(*(client.work for client in clients)):
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            tried.append(harm(world))
            time.sleep(random.uniform(0.5, 2))
    wait_until(world.system.ready, 30)
    late = invariants.settled(60)
    sent = [form for client in clients for form in client.sent]
    wrong = [text for client in clients for text in client.wrong] + unlike_the_model(clients)
    slowest = max(second for form in sent for second in form.seconds)
    strange = {status for form in sent for status in form.answers if status >= 500} - {503}
    also = [
        unless(late is not None, "misses were lost"),
        unless(not wrong, f"{len(wrong)} violations: {wrong[:2]}"),
        in_time(slowest <= LONGEST * (1.5 if world.short else 1), f"a request took {slowest:.1f} s"),
        unless(not strange, f"answers {strange}"),
    ]
    done = sum(form.done for form in sent)
    figure = f"{len(tried)} faults, {done} of {len(sent)} forms done, longest {slowest:.1f} s, {len(wrong)} violations"
    asked = f"eight clients for {seconds} s, random faults, each outcome against a model"
    return world.outcome(asked, figure, "0 violations", *also, sent=sent)


def made(world: World, seconds: int) -> list[Client]:
    each = max(6, seconds // 2)
    numbers = world.stage.delivered(CLIENTS * each, due_in=1500)
    people = ("wh.contact", "wh.zhang", "kf.agent")
    return [
        Client({who: world.browser(who) for who in people}, numbers[n * each : (n + 1) * each]) for n in range(CLIENTS)
    ]


def unlike_the_model(clients: list[Client]) -> list[str]:
    """The complaints whose record tells another way than the model."""
    told: dict[str, list[str]] = {}
    steps = {verb for verb, _who in WAY}
    statement = (
        "SELECT m.number, l.verb FROM accountability_ledgerentry l JOIN accountability_matter m ON m.id = l.matter_id"
        " WHERE m.number LIKE 'F%%' ORDER BY l.matter_id, l.seq"
    )
    for number, verb in rows(statement):
        if verb in steps:
            told.setdefault(number, []).append(verb)
    found = []
    for way in (way for client in clients for way in client.ways):
        possible = [way.done, [*way.done, way.unclear]] if way.unclear else [way.done]
        if told.get(way.number, []) not in possible:
            found.append(f"{way.number}: {told.get(way.number)} instead of {way.done}")
    return found


def harm(world: World) -> str:
    """One fault, chosen at random."""
    harms: list[Callable[[World], None]] = [
        kill_any,
        kill_any,
        stop_database,
        freeze_database,
        hang_redis,
        empty_redis,
        hold_rows,
    ]
    chosen = random.choice(harms)
    chosen(world)
    return chosen.__name__


def kill_any(world: World) -> None:
    process = random.choice(list(world.system.processes.values()))
    if process.name == "web" and random.random() < 0.7:
        process.kill_child()
    else:
        process.kill()


def stop_database(world: World) -> None:
    world.database.stop()
    time.sleep(random.uniform(0, 1))
    world.database.start()


def freeze_database(world: World) -> None:
    with world.database.frozen():
        time.sleep(random.uniform(0.5, 3))


def hang_redis(world: World) -> None:
    with world.redis.hung():
        time.sleep(random.uniform(0.5, 3))


def empty_redis(world: World) -> None:
    world.redis.flush()


def hold_rows(world: World) -> None:
    with held(world, "SELECT 1 FROM accountability_matter WHERE id % 3 = 0 FOR NO KEY UPDATE"):
        time.sleep(random.uniform(0.5, 3))
