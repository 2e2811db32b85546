"""The task queue. The broker only wakes the tasks; pending work is in the database."""

import logging.config
import os
from contextlib import suppress
from typing import Any

from celery import Celery, Task
from celery.signals import celeryd_init, setup_logging, task_revoked, task_success, worker_init

from config.cycles import look_rarely

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


app: Celery[Task[Any, Any]] = Celery("shouwen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def write_our_lines(loglevel: int | str | None = None, **_said: Any) -> None:
    """Keep our log handlers: Celery would replace them by its own, whose lines mask nothing."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
    if loglevel:
        logging.getLogger().setLevel(loglevel)


worker_init.connect(look_rarely)


@celeryd_init.connect
def refuse_a_worker_alone(conf: Any = None, **_said: Any) -> None:
    """A worker without a broker would never hear beat: it would silently judge nothing."""
    if str(conf.broker_url).startswith("memory://"):
        raise SystemExit("CELERY_BROKER_URL names no broker: `manage.py serve` runs the tasks without one.")


@celeryd_init.connect
def refuse_a_pool(**_said: Any) -> None:
    """Behind the web processes' pool a worker would get their short limits, and each long sweep would be broken off."""
    from django.conf import settings

    if settings.DATABASE_POOLED:
        raise SystemExit("DATABASE_POOLED is for web processes: a worker connects to PostgreSQL itself.")


@task_revoked.connect
def compare_clocks(expired: bool = False, **_said: Any) -> None:
    """A tick that has expired when it comes was sent long ago, or this machine's clock is ahead of beat's: then no task
    runs here that could tell.
    """
    if not expired:
        return
    from django.db import connection

    from accountability import tasks
    from accountability.notices.wrong_clock import WrongClock

    try:
        with suppress(WrongClock):
            tasks.present()
    finally:
        connection.close()


@task_success.connect
def beat_the_heart(sender: Any = None, **_said: Any) -> None:
    """Each task that has succeeded says so: its silence tells of a dead beat, a dead worker or a task that hangs."""
    from accountability import tasks

    tasks.note_success(sender.name)
