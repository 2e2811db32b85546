"""Run by test_background, `main` in each of several processes, all on one database in VAR_DIR.

It is the embedded default under load: people write through the gate and ask for papers, while one queue's worker and
beat run at a pace at which a day's ticks take a minute.
"""

import itertools
import sys
import threading
import time
from pathlib import Path
from typing import Any

from celery.signals import task_failure, task_received
from django.db import connection

from accountability.deadlines import clock
from accountability.documents.keeping import ask
from accountability.models import Paper
from config.background import Background
from config.celery import app
from tests.factories import Cast, Now, Play

PAUSE, PAPER_EVERY = 2, 4
"""Seconds between two complaints of one person, and of how many one is printed: setting a paper takes a second."""

TOLD = {
    "celery": "accountability.tasks.close_sign_ins",
    "notices": "accountability.tasks.send_notifications",
    "papers": "accountability.tasks.make_exports",
}
"""By queue, the task that the messages name; beat's own come besides, at their usual pace."""

PRODUCERS, AHEAD = 3, 100
"""How many send messages at once, and how many messages they may be ahead of the worker."""


def write(until: Path) -> None:
    """Bring complaints up to an answer and ask for the notice's paper, until the file is there. Prints how many."""
    cast = Cast.standing()
    done = 0
    while not until.exists():
        now = Now()
        now.set(clock.read())
        complaint = Play(cast, now).upto("answered")
        if done % PAPER_EVERY == 0:
            ask(Paper.objects.get(matter=complaint.matter_id), "pdf", by=cast["kf.agent"], at=clock.read())
        done += 1
        time.sleep(PAUSE)
    print(done)


class Seen:
    """What the worker took and what of it failed."""

    def __init__(self) -> None:
        self.came, self.failed = 0, 0
        task_received.connect(self.note, weak=False)
        task_failure.connect(self.note_failure, weak=False)

    def note(self, **_said: Any) -> None:
        self.came += 1

    def note_failure(self, **_said: Any) -> None:
        self.failed += 1


def background(queue: str, count: int) -> None:
    """Run until so many messages have come. Prints how it ended, how many came and how many tasks failed."""
    app.conf.broker_transport_options = {"polling_interval": 0.01}
    seen, sent, over = Seen(), itertools.count(1), threading.Event()

    def produce() -> None:
        for number in sent:
            while number > seen.came + AHEAD and not over.wait(0.01):
                pass
            if over.is_set():
                return
            app.send_task(TOLD[queue], queue=queue)

    for _number in range(PRODUCERS):
        threading.Thread(target=produce, daemon=True).start()
    ended = Background(queue, 2 if queue == "celery" else 1).run(threading.Event(), is_over=lambda: seen.came >= count)
    over.set()
    print(ended, seen.came, seen.failed)


def main() -> None:
    what, *said = sys.argv[1:]
    if what == "prepare":
        Cast()
    elif what == "write":
        write(Path(said[0]))
    else:
        background(said[0], int(said[1]))
    connection.close()
