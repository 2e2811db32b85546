"""The people at work: each does what has come to them, one thing after another, and looks at pages in between."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Task = Callable[[], None]


class Person:
    """One thread with its own desk of things to do, each not before its time."""

    def __init__(self, name: str, over: threading.Event) -> None:
        self.name, self.over = name, over
        self.tasks: list[tuple[float, int, Task]] = []
        self.order, self.came = itertools.count(), threading.Condition()
        self.errors: list[str] = []
        self.thread = threading.Thread(target=self.work, name=name, daemon=True)

    def give(self, task: Task, after: float) -> None:
        with self.came:
            heapq.heappush(self.tasks, (time.monotonic() + after, next(self.order), task))
            self.came.notify()

    def next(self) -> Task | None:
        with self.came:
            while not self.over.is_set():
                wait = self.tasks[0][0] - time.monotonic() if self.tasks else 1.0
                if wait <= 0:
                    return heapq.heappop(self.tasks)[2]
                self.came.wait(min(wait, 1.0))
        return None

    def work(self) -> None:
        while (task := self.next()) is not None:
            try:
                task()
            except Exception as error:
                self.errors.append(f"{self.name}: {type(error).__name__}: {error}")
