"""Asks ours and the floor in turns, and counts the processor time of the workers and of the database's processes.

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

WARM = 2
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SET ", "SHOW ", "SAVEPOINT", "RELEASE", "SELECT pg_stat")


@dataclass(frozen=True)
class Side:
    """One of the two: its browser, the process that its workers are children of, and its database."""

    browser: Browser
    master: int
    database: str

    def processor(self) -> dict[str, float]:
        """Milliseconds so far, by process."""
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_text()
                is_backend = command.startswith("postgres:") and f" {self.database} " in command
                if parent == self.master or is_backend:
                    threads = (folder / "task").iterdir()
                    found[folder.name] = sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e6
        return found

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

    @property
    def worth(self) -> float:
        """What is compared between two sizes: the floor stands still, so that other load doesn't count."""
        return self.processor or self.wall


class Statements:
    """Counts what a database was sent, by its own statistics."""

    def __init__(self, database: str) -> None:
        self.database = database

    def of(self, ask: Callable[[], Any], times: int) -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_statements_reset()")
            for _turn in range(times):
                ask()
            time.sleep(0.05)
            cursor.execute(
                "SELECT query, calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
                " JOIN pg_roles r ON r.oid = s.userid WHERE datname = %s AND rolname <> current_user",
                [self.database],
            )
            return sum(n for query, n in cursor.fetchall() if not query.lstrip().startswith(NOT_COUNTED)) / times


def in_turns(operation: Operation, ours: Side, floor: Side, turns: int, seconds: float, at: datetime) -> Measured:
    failed = 0

    def ask() -> None:
        nonlocal failed
        status, _body = ours.browser.send(operation.ask(), by_script=operation.is_by_script)
        failed += status != operation.ends

    compared = _floor_of(operation, floor, at)
    for _turn in range(WARM):
        ask()
    compared()
    counted = Statements(ours.database).of(ask, 2)
    spent = theirs = 0.0
    mine: list[float] = []
    other: list[float] = []
    stop = time.perf_counter() + seconds
    # What one act leaves waiting is what the next one takes: each is asked equally often.
    while len(mine) < turns and (operation.is_act or time.perf_counter() < stop or not mine):
        for side, call, times in ((ours, ask, mine), (floor, compared, other)):
            before, begun = side.processor(), time.perf_counter()
            call()
            times.append(time.perf_counter() - begun)
            gained = sum(ms - before.get(key, 0) for key, ms in side.processor().items())
            spent, theirs = (spent + gained, theirs) if side is ours else (spent, theirs + gained)
    wall = statistics.median(mine) / statistics.median(other)
    if operation.floor == "figures":
        spent, theirs = sum(mine), sum(other)
    return Measured(operation.name, counted, spent / max(theirs, 0.01), wall, ours.memory(), failed)


def _floor_of(operation: Operation, floor: Side, at: datetime) -> Callable[[], Any]:
    """What it is compared with: a page of the floor, or a month's numbers by one statement written by hand."""
    if operation.floor == "figures":
        return lambda: figures_by_hand(_last_month(at))
    form = {"title": "压测", "body": "用户反映宽带掉线" * 5} if operation.floor == "create" else None
    path = {"table": "/table", "detail": "/detail/5000", "create": "/create", "search": "/search?q=%E6%8B%86%E6%9C%BA"}
    return lambda: floor.browser.send(("POST" if form else "GET", path[operation.floor], form))


def together(operation: Operation, side: Side, clients: int, seconds: float) -> float:
    """Requests a second of several clients at once."""
    answered: list[int] = []
    stop = time.perf_counter() + seconds

    def go_on() -> None:
        while time.perf_counter() < stop:
            answered.append(side.browser.send(operation.ask())[0])

    threads = [Thread(target=go_on) for _client in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(answered) / (time.perf_counter() - begun)


def _last_month(at: datetime) -> periods.Period:
    """The month that the dashboard is asked for."""
    first = at.astimezone(SHANGHAI).replace(day=1) - timedelta(days=1)
    return periods.month(first.year, first.month)
