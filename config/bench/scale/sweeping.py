"""The sweep against raw SQL: ten thousand limits fall due at once, and nothing falls due.

The floor is told by what the sweep itself did: the rows that it left are kept, everything is rolled back, and the same
rows are inserted and updated by one statement a table and kind. All of it is rolled back in the end.
"""

# ruff: noqa: S608  the names in the statements are our own

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accountability.gate import holding
from accountability.gate.sweeper import sweep
from accountability.models import CHASING, Deadline, Hold, PeopleServed
from config.bench.scale.measuring import Measured, processor_of
from config.cycles import look_rarely

QUIET = 30
"""Turns with nothing due."""

PAST, FUTURE = timedelta(minutes=2), timedelta(days=20)
"""How long ago a limit fell due, more than the sweep waits with any; and when those fall due that are left alone."""


def sweeps(at: datetime, due: int) -> Iterator[Measured]:
    """Both rows of the table."""
    look_rarely()  # as in a worker
    with undone():
        fallen = fall_due(at, due)
        theirs, mine = Spent(), Spent()
        with undone():
            start = began()
            with mine:
                sweep(at)
            left = Left.since(start)
        again = left.loaded()
        with undone(), theirs:
            again()
        yield mine.against(theirs, f"sweep, limits due ({fallen:,})")
    with undone():
        fall_due(at, 0)
        key, theirs, mine = Deadline.objects.latest("pk").pk, Spent(), Spent()
        for _turn in range(QUIET):
            with mine:
                sweep(at)
            with theirs, connection.cursor() as cursor:
                cursor.execute(f"SELECT kind FROM {Deadline._meta.db_table} WHERE id = %s", [key])
                cursor.fetchone()
        yield mine.against(theirs, "sweep, nothing due")


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def nothing_held(at: datetime) -> None:
    """As on a day on which everybody is served. A database that was kept since yesterday would hold what fell due
    meanwhile, and every act and page would ask whether its complaint is held.
    """
    Hold.objects.all().delete()
    PeopleServed.objects.all().delete()
    holding.note_served(at)


def fall_due(at: datetime, due: int) -> int:
    """So many of the running limits fell due just now, all others run on. Return how many there were to fall due."""
    nothing_held(at)
    Deadline.objects.filter(CHASING).update(chase_at=at + FUTURE)
    running = Deadline.objects.running()
    running.filter(due_at__lt=at + FUTURE).update(due_at=at + FUTURE)
    chosen = list(running.order_by("kind", "pk").values_list("pk", flat=True)[:due])
    return Deadline.objects.filter(pk__in=chosen).update(due_at=at - PAST)


class Spent:
    """`with spent:` counts the processor and wall time of this process and its backend, and its statements."""

    def __init__(self) -> None:
        self.processor, self.walls, self.statements = 0.0, list[float](), 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = Path("/proc", str(cursor.fetchone()[0]))

    def __enter__(self) -> None:
        self.counting = connection.execute_wrapper(self._count)
        self.counting.__enter__()
        self.before, self.begun = self._now(), time.perf_counter()

    def __exit__(self, *exc: object) -> None:
        self.walls.append(time.perf_counter() - self.begun)
        self.processor += self._now() - self.before
        self.counting.__exit__(None, None, None)

    def against(self, floor: Spent, name: str) -> Measured:
        wall = statistics.median(self.walls) / statistics.median(floor.walls)
        statements = self.statements / len(self.walls)
        return Measured(name, statements, self.processor / max(floor.processor, 0.01), wall, 0, 0)

    def _now(self) -> float:
        return time.process_time() * 1000 + processor_of(self.backend)

    def _count(self, execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        self.statements += not sql.startswith(("SAVEPOINT", "RELEASE"))
        return execute(sql, *more)


def began() -> int:
    """The number of the savepoint that is open: it writes with this number, savepoints in it with higher ones."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE sweep_began ON COMMIT DROP AS SELECT 1 AS one")
        cursor.execute("SELECT xmin::text::bigint FROM sweep_began")
        return int(cursor.fetchone()[0])


@dataclass
class Left:
    """The rows that a savepoint inserted or updated, by table, as COPY writes them."""

    rows: dict[str, bytes]

    @classmethod
    def since(cls, start: int) -> Left:
        found = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_stat_xact_user_tables WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd > 0"
            )
            for (table,) in cursor.fetchall():
                out = BytesIO()
                written = f"SELECT * FROM {table} WHERE xmin::text::bigint >= {start}"
                cursor.cursor.copy_expert(f"COPY ({written}) TO STDOUT", out)
                if out.tell():
                    found[table] = out.getvalue()
        return cls(found)

    def loaded(self) -> Callable[[], None]:
        """Load them beside their tables; return what inserts and updates the same."""
        statements: list[str] = []
        with connection.cursor() as cursor:
            for table, rows in self.rows.items():
                cursor.execute(f"CREATE TEMPORARY TABLE left_{table} (LIKE {table}) ON COMMIT DROP")
                cursor.cursor.copy_expert(f"COPY left_{table} FROM STDIN", BytesIO(rows))
                key, columns = _columns(cursor, table)
                known = f"FROM left_{table} l WHERE {{}} EXISTS (SELECT FROM {table} t WHERE t.{key} = l.{key})"
                for kind, condition in (("old", ""), ("new", "NOT")):
                    named = f"{kind}_{table}"
                    cursor.execute(
                        f"CREATE TEMPORARY TABLE {named} ON COMMIT DROP AS SELECT l.* {known.format(condition)}"
                    )
                    cursor.execute(f"ANALYZE {named}")
                changed = ", ".join(f"{column} = o.{column}" for column in columns if column != key)
                statements += [
                    f"UPDATE {table} t SET {changed} FROM old_{table} o WHERE t.{key} = o.{key}",
                    f"INSERT INTO {table} SELECT * FROM new_{table}",
                ]

        def again() -> None:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

        return again


def _columns(cursor: Any, table: str) -> tuple[str, list[str]]:
    """The primary key, and all columns."""
    key = connection.introspection.get_primary_key_column(cursor, table)
    return str(key), [f'"{one.name}"' for one in connection.introspection.get_table_description(cursor, table)]
