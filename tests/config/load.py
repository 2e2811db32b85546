"""Run by test_background, `main` in each of several processes, all on one database in VAR_DIR.

It is the embedded default under load: people write through the gate and ask for papers, while one queue's worker and
beat run at a pace at which a day's ticks take a minute.
"""

import sys
import threading
import time
from pathlib import Path
from typing import Any

from celery.signals import task_failure, task_received
from django.core.management import call_command
from django.db import connection

from accountability import clock
from accountability.documents.keeping import ask
from accountability.models import Paper
from config.background import Background
from config.celery import app
from config.steady import every
from tests.factories import Cast, Now, Play

PACES = {"sweep": 0.2, "make_papers": 0.2, "send_notifications": 0.005, "make_exports": 0.005}
"""Seconds between two ticks of what otherwise runs every five: the cheap ones bring the messages, the others work."""


def prepare() -> None:
    call_command("migrate", verbosity=0)
    Cast()


def write(until: Path) -> None:
    """Bring complaints up to an answer and ask for the notice's paper, until the file is there. Prints how many."""
    cast = Cast.standing()
    done = 0
    while not until.exists():
        now = Now()
        now.set(clock.read())
        complaint = Play(cast, now).upto("answered")
        ask(Paper.objects.get(matter=complaint.matter_id), "pdf", by=cast["kf.agent"], at=clock.read())
        done += 1
        time.sleep(0.5)
    print(done)


def background(queue: str, count: int) -> None:
    """Run until so many messages have come. Prints how many came and how many tasks failed."""
    came, failed = 0, 0

    @task_received.connect(weak=False)
    def note(**_said: Any) -> None:
        nonlocal came
        came += 1

    @task_failure.connect(weak=False)
    def note_failure(**_said: Any) -> None:
        nonlocal failed
        failed += 1

    app.conf.beat_schedule = {
        name: entry | ({"schedule": every(PACES[name])} if name in PACES else {})
        for name, entry in app.conf.beat_schedule.items()
    }
    ended = Background(queue, 2 if queue == "celery" else 1).run(threading.Event(), is_over=lambda: came >= count)
    print(ended, came, failed)


def main() -> None:
    what, *said = sys.argv[1:]
    if what == "prepare":
        prepare()
    elif what == "write":
        write(Path(said[0]))
    else:
        background(said[0], int(said[1]))
    connection.close()
