"""Sees when each miss can be seen: another connection asks again and again, as everybody's page would."""

from __future__ import annotations

import threading
from datetime import datetime

import psycopg2

EVERY = 0.25

FOUND = """SELECT d.id, d.due_at, clock_timestamp() FROM accountability_deadline d
    JOIN accountability_matter m ON m.id = d.matter_id
    WHERE m.kind = 'complaint' AND d.missed_at IS NOT NULL AND d.due_at >= %s"""


class Watcher:
    """`seen`: the due instant of each miss since the day began, and the instant at which it could first be seen."""

    def __init__(self, database: str, since: datetime) -> None:
        self.since, self.seen = since, dict[int, tuple[datetime, datetime]]()
        self.over = threading.Event()
        self.line = psycopg2.connect(database)
        self.line.autocommit = True
        self.thread = threading.Thread(target=self.watch, name="watcher", daemon=True)

    def __enter__(self) -> Watcher:
        self.thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self.over.set()
        self.thread.join()
        self.line.close()

    def watch(self) -> None:
        while not self.over.wait(EVERY):
            self.look()

    def look(self) -> None:
        with self.line.cursor() as cursor:
            cursor.execute(FOUND, [self.since])
            for key, due, now in cursor.fetchall():
                self.seen.setdefault(key, (due, now))

    @property
    def lags(self) -> list[float]:
        """Seconds between each due instant and when it could be seen that it had passed."""
        return sorted((now - due).total_seconds() for due, now in self.seen.values())
