"""Asks ours, the floor and the peer in turns; counts the processor time of the workers and the database's processes.

Others on the machine don't count in it; wall time is told as a ratio, too, and is worth less there.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection

from accountability.deadlines.limits import SHANGHAI
from assessment.figures import periods
from config.bench.by_hand import figures_by_hand
from config.bench.scale.operations import Browser, Operation

COUNTED = 3
"""Requests whose statements are counted, each alone: the fewest are its own. Meanwhile the workers write their marks of
life, some statements a second.
"""

THREADS = 8
"""Of both workers: each has a connection of its own, which has to learn the tables before it is quick."""

QUICK = 1.0
"""Seconds: a page that takes longer isn't asked by all threads at once for warming alone."""

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SET ", "SHOW ", "SAVEPOINT", "RELEASE", "SELECT pg_stat")


def processor_of(folder: Path) -> float:
    """Milliseconds of a process so far, from its folder in /proc."""
    return sum(int((one / "schedstat").read_text().split()[0]) for one in (folder / "task").iterdir()) / 1e6


@dataclass(frozen=True)
class Side:
    """One of those compared: its browser, the process that its workers are children of, its database and its role."""

    browser: Browser
    master: int
    database: str
    role: str

    def processor(self) -> dict[str, float]:
        """Milliseconds so far, by process. The bench's own connection to the same database has another role."""
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_text()
                is_backend = command.startswith("postgres:") and f" {self.role} {self.database} " in command
                if parent == self.master or is_backend:
                    found[folder.name] = processor_of(folder)
        return found

    def statements(self, ask: Callable[[], None]) -> int:
        """How many its database was sent meanwhile, by its own statistics."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_statements_reset()")
            ask()
            time.sleep(0.05)
            cursor.execute(
                "SELECT query, calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
                " JOIN pg_roles r ON r.oid = s.userid WHERE datname = %s AND rolname = %s",
                [self.database, self.role],
            )
            return sum(calls for query, calls in cursor.fetchall() if not query.lstrip().startswith(NOT_COUNTED))

    def memory(self) -> int:
        """Megabytes of the largest worker."""
        sizes = [0]
        for folder in Path("/proc").iterdir():
            with suppress(OSError, StopIteration, IndexError):
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == self.master:
                    lines = (folder / "status").read_text().splitlines()
                    sizes.append(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024)
        return max(sizes)


@dataclass
class Measured:
    """The result of one operation: statements of one request, and processor and wall time against the floor's."""

    name: str
    statements: float
    processor: float
    wall: float
    memory: int
    failed: int
    peer: Measured | None = None
    """The same of the peer, measured in the same turns against the same floor."""

    @property
    def worth(self) -> float:
        """What is compared between two sizes: the floor stands still, so that other load doesn't count."""
        return self.processor or self.wall


class Asking:
    """One operation asked of one side again and again: what it took, and how often the answer was wrong."""

    def __init__(self, operation: Operation, side: Side) -> None:
        self.operation, self.side = operation, side
        self.spent, self.walls, self.failed = list[float](), list[float](), 0

    def send(self) -> None:
        asked = self.operation.ask()
        self.failed += not self.operation.is_answered(self.side.browser, asked)

    def once(self) -> None:
        """What is asked is made up before the time runs."""
        asked, before, begun = self.operation.ask(), self.side.processor(), time.perf_counter()
        self.failed += not self.operation.is_answered(self.side.browser, asked)
        self.walls.append(time.perf_counter() - begun)
        self.spent.append(sum(ms - before.get(key, 0) for key, ms in self.side.processor().items()))

    def against(self, floor: Asking | ByHand) -> Measured:
        """By the median turn: a mark of life, or a plan that a connection makes anew, falls into some turn or other."""
        wall = statistics.median(self.walls) / statistics.median(floor.walls)
        ratio = wall
        if isinstance(floor, Asking):
            ratio = statistics.median(self.spent) / max(statistics.median(floor.spent), 0.01)
        name, memory = self.operation.name, self.side.memory()
        return Measured(name, self.statements, ratio, wall, memory, self.failed)

    def prepare(self) -> None:
        """Warm it, a page in each thread, and count its statements."""
        self.send()
        begun = time.perf_counter()
        self.send()
        if not self.operation.is_act and time.perf_counter() - begun < QUICK:
            self._send_at_once()
        self.statements = min(self.side.statements(self.send) for _turn in range(COUNTED))

    def _send_at_once(self) -> None:
        threads = [Thread(target=self.send) for _thread in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


class ByHand:
    """The month's numbers by one statement written by hand, in this process."""

    def __init__(self, at: datetime) -> None:
        self.month, self.walls = _last_month(at), list[float]()

    def prepare(self) -> None:
        figures_by_hand(self.month)

    def once(self) -> None:
        begun = time.perf_counter()
        figures_by_hand(self.month)
        self.walls.append(time.perf_counter() - begun)


def in_turns(
    operation: Operation, ours: Side, floor: Side, turns: int, seconds: float, at: datetime,
    peer: tuple[Operation, Side] | None = None,
) -> Measured:  # fmt: skip
    """Ask each in turn until there are so many turns or the seconds are over; the peer against the same floor."""
    mine, theirs = Asking(operation, ours), Asking(*peer) if peer else None
    compared = ByHand(at) if operation.floor == "figures" else Asking(_of_the_floor(operation.floor), floor)
    sides: list[Asking | ByHand] = [mine, compared, *([theirs] if theirs else [])]
    for side in sides:
        side.prepare()
    stop = time.perf_counter() + seconds
    # What one act leaves waiting is what the next one takes: each is asked equally often.
    while len(mine.walls) < turns and (operation.is_act or time.perf_counter() < stop or not mine.walls):
        for side in sides:
            side.once()
    found = mine.against(compared)
    found.peer = theirs.against(compared) if theirs else None
    return found


def _of_the_floor(kind: str) -> Operation:
    """The floor's page of this kind."""
    form = {"title": "压测", "body": "用户反映宽带掉线" * 5} if kind == "create" else None
    path = {"table": "/table", "detail": "/detail/5000", "create": "/create", "search": "/search?q=%E6%8B%86%E6%9C%BA"}
    return Operation("floor", "", lambda: ("POST" if form else "GET", path[kind], form), ends=302 if form else 200)


def together(operation: Operation, side: Side, clients: int, seconds: float) -> float:
    """Requests a second of several clients at once."""
    answered: list[bool] = []
    stop = time.perf_counter() + seconds

    def go_on() -> None:
        while time.perf_counter() < stop:
            answered.append(operation.is_answered(side.browser, operation.ask()))

    threads = [Thread(target=go_on) for _client in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(answered) / (time.perf_counter() - begun)


def at_once(operation: Operation, ours: Side, floor: Side, clients: int, seconds: float) -> Measured:
    """The floor's requests a second by ours, so that less is better, as in all other rows."""
    sides: tuple[Any, ...] = ((_of_the_floor("table"), floor), (operation, ours))
    rates = [together(one, side, clients, seconds / 2) for one, side in sides]
    return Measured("queue, eight clients", 0, 0, rates[0] / rates[1], ours.memory(), 0)


def _last_month(at: datetime) -> periods.Period:
    """The month that the dashboard is asked for."""
    first = at.astimezone(SHANGHAI).replace(day=1) - timedelta(days=1)
    return periods.month(first.year, first.month)
