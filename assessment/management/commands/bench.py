"""`manage.py bench [NAME…]`: the speeds that are promised, measured on this machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from accountability.models import Alarm
from assessment.replay.database import Copies, throw_away
from assessment.replay.making import write_log
from assessment.replay.player import Result, play
from assessment.replay.reader import read

PROMISED = 20
"""A replayed step may cost as much as this many turns of the bare loop."""

TURNS = 2000


class Command(BaseCommand):
    help = "Measure the speeds that are promised; nothing fails for being slow."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(MEASURES)} (default: all)")
        parser.add_argument("--log", type=Path, help="a log to replay (default: one made up)")
        parser.add_argument("--complaints", type=int, default=300, help="how many the made-up log has (300)")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        unknown = set(names) - set(MEASURES)
        if unknown:
            raise CommandError(f"There is no measure {', '.join(sorted(unknown))}; there is {', '.join(MEASURES)}.")
        for name in names or MEASURES:
            for line in MEASURES[name](options):
                self.stdout.write(line)


def replay(options: dict[str, Any]) -> list[str]:
    """Steps per second of a replay, set-up and sweeps included, against the bare loop before and after it."""
    with tempfile.TemporaryDirectory() as folder, throw_away() as copies:
        path = options["log"] or Path(folder, "made-up.jsonl.gz")
        if options["log"] is None:
            write_log(path, options["complaints"])
        before = _bare_loop(copies)
        seconds, result = _replayed(path, copies)
        bare = (before + _bare_loop(copies)) / 2
    if result.failures:
        raise CommandError(f"{result.name} doesn't hold: {result.failures[0]}")
    rate = result.steps / seconds
    return [
        f"replay {result.name} on {connection.vendor}: {result.steps} steps in {seconds:.1f} s, {rate:.0f} a second",
        f"bare loop (a transaction with one insert and one update): {bare:.0f} a second",
        f"one step costs {bare / rate:.1f} turns of the bare loop (promised: at most {PROMISED})",
    ]


def _replayed(path: Path, copies: Copies) -> tuple[float, Result]:
    begun = time.perf_counter()
    scenario = read(path)
    with copies():
        result = play(scenario)
    return time.perf_counter() - begun, result


def _bare_loop(copies: Copies) -> float:
    """Turns per second on a database like the replay's."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    with copies():
        begun = time.perf_counter()
        for turn in range(TURNS):
            with transaction.atomic():
                alarm = Alarm.objects.create(key=str(turn), kind="bench", since=at, raised_at=at)
                Alarm.objects.filter(pk=alarm.pk).update(cleared_at=at)
        return TURNS / (time.perf_counter() - begun)


MEASURES: dict[str, Callable[[dict[str, Any]], list[str]]] = {"replay": replay}
