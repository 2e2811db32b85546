"""Which tests need no second run on PostgreSQL: those that send nothing there that another test doesn't send as well.

`.ci/run` runs the fast tests on SQLite first and names a folder in STATEMENTS. Each test notes there which statements
it sent: as the ORM writes them, without their values, and whether the database took them. On PostgreSQL, with the same
folder named, so many tests run that each of these statements is sent there by one of them, the quickest first. A test
that is left out would send the same statements with other values.

Always run: what was not noted, what PostgreSQL alone has (`postgresql`), and what ends its own transactions.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Any, cast

import pytest
from django.db.backends.utils import CursorWrapper
from django.db.models.sql.compiler import SQLCompiler

VALUES = re.compile(r"%s(?:\s*,\s*%s)+")
ROWS = re.compile(r"\(%s\)(?:\s*,\s*\(%s\))+")
NUMBERS = re.compile(r"\b[sx]?\d+(?:_x\d+)?\b")

Sent = dict[str, tuple[float, frozenset[str]]]
"""By the test's name: the seconds it took, and its statements."""


def shape_of(statement: str) -> str:
    """The statement without its values, however many they were; a savepoint without its number."""
    return NUMBERS.sub("0", ROWS.sub("(%s)", VALUES.sub("%s", statement)))


class Notes:
    """A plugin that notes what each test sends, in a file of this process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.txt").open("w", encoding="utf-8")
        self._keys: dict[str, str] = {}
        self._sent: set[str] = set()
        self._listen()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._sent.clear()
        since = time.monotonic()
        outcome = yield
        self._file.write(f"{time.monotonic() - since:.2f}\t{' '.join(sorted(self._sent))}\t{item.nodeid!r}\n")
        self._file.flush()
        return outcome

    def note(self, statement: str) -> None:
        if statement not in self._keys:
            self._keys[statement] = blake2b(shape_of(statement).encode(), digest_size=8).hexdigest()
        self._sent.add(self._keys[statement])

    def _listen(self) -> None:
        """To whatever a cursor of any thread executes, and to what would lock rows, which SQLite isn't told."""
        cursors, compilers = cast("Any", CursorWrapper), cast("Any", SQLCompiler)
        execute, as_sql = cursors._execute_with_wrappers, compilers.as_sql

        def noted(cursor: Any, sql: Any, *rest: Any, **named: Any) -> Any:
            try:
                answer = execute(cursor, sql, *rest, **named)
            except BaseException:
                self.note(f"refused: {sql}")
                raise
            self.note(str(sql))
            return answer

        def compiled(compiler: Any, *given: Any, **named: Any) -> Any:
            sql, values = as_sql(compiler, *given, **named)
            if compiler.query.select_for_update:
                self.note(f"locks {compiler.query.select_for_update_of}: {sql}")
            return sql, values

        cursors._execute_with_wrappers, compilers.as_sql = noted, compiled


def noted_in(folder: Path) -> Sent:
    found: Sent = {}
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            seconds, keys, name = line.split("\t")
            found[name] = float(seconds), frozenset(keys.split())
    return found


def enough(sent: Sent) -> set[str]:
    """Tests that send every statement between them: those first that send most in a second, without those that have
    nothing left of their own when all are chosen.
    """

    def worth(name: str) -> tuple[float, str]:
        seconds, keys = sent[name]
        return -len(keys - covered) / (seconds + 0.05), name

    covered: set[str] = set()
    chosen: set[str] = set()
    waiting = [worth(name) for name in sent]
    heapify(waiting)
    while waiting and waiting[0][0] < 0:
        best = worth(heappop(waiting)[1])
        if waiting and best > waiting[0]:
            heappush(waiting, best)
        elif best[0] < 0:
            chosen.add(best[1])
            covered |= sent[best[1]][1]
    times = Counter(key for name in chosen for key in sent[name][1])
    for name in sorted(chosen, key=lambda name: (-sent[name][0], name)):
        if all(times[key] > 1 for key in sent[name][1]):
            chosen.remove(name)
            times.subtract(sent[name][1])
    return chosen


def adds_something(folder: Path) -> Callable[[pytest.Item], bool]:
    """Whether a test must run on PostgreSQL, by what was noted in the folder."""
    sent = noted_in(folder)
    chosen = enough(sent)

    def asked(item: pytest.Item) -> bool:
        name = repr(item.nodeid)
        own = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
        transactions = own or any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
        alone = item.get_closest_marker("postgresql") or (transactions and not item.get_closest_marker("browser"))
        return name in chosen or name not in sent or bool(alone)

    return asked
