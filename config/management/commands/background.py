"""`manage.py background`: one queue's worker and beat in one process, for `serve` without Redis."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from config.background import DEFAULT_QUEUE, Background


class Command(BaseCommand):
    """`serve` starts it, once for each queue. It exits with status 1 if worker or beat ended unexpectedly."""

    help = "Run the tasks of one queue on their schedule, without a broker."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", default=DEFAULT_QUEUE)
        parser.add_argument("--concurrency", type=int, default=2)

    def handle(self, *args: Any, queue: str, concurrency: int, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_said: stop.set())
        ended = Background(queue, concurrency).run(stop)
        if ended is not None:
            raise CommandError(_("后台任务的线程 %(name)s 意外结束。") % {"name": ended})
