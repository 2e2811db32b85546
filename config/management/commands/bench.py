"""`manage.py bench [NAME…]`: measures the promised speeds on this machine."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from accountability.audit import reconciliation, seals
from accountability.deadlines import clock
from accountability.management.commands.verify_ledger import bare_read
from accountability.models import Alarm
from accountability.spreadsheets.cells import csv_lines
from assessment.exports.kinds import ROUNDS, by_key, cells, rounds_of
from assessment.figures import periods
from assessment.figures.counting import figures as counted
from assessment.figures.counting import scope
from complaints.models import Round, RoundState
from config.bench import ledger, made_up
from config.bench.by_hand import figures_by_hand
from config.bench.growing import Block
from config.bench.pages import is_list, measured
from config.demo.player import play as play_demo
from config.replay.database import Copies, throw_away
from config.replay.making import write_log
from config.replay.player import Result, play
from config.replay.reader import read

PROMISED = 20
"""A replayed step may cost as much as this many turns of the bare loop."""

TURNS = 2000

AT_MOST = 2
"""The month's numbers may take this many times as long as one hand-written statement."""

PLAYED = 250
"""Complaints that are played through the gate; the rest are copies of them."""

RUNS = 7
MEGABYTES = 150
MONTH = periods.month(2026, 10)


class Command(BaseCommand):
    help = "Measure the speeds that are promised; nothing fails for being slow."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(MEASURES)} (default: all)")
        parser.add_argument("--log", type=Path, help="a log to replay (default: one made up)")
        parser.add_argument("--complaints", type=int, default=300, help="how many the made-up log has (300)")
        parser.add_argument("--few", type=int, default=1000, help="complaints to compare with (1000)")
        parser.add_argument("--many", type=int, default=100_000, help="complaints that lists are promised for (100000)")
        parser.add_argument("--rounds", type=int, default=100_000, help="how many the made-up month has (100000)")
        parser.add_argument("--entries", type=int, default=1_000_000, help="how long the ledger is (1000000)")

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


def figures(options: dict[str, Any]) -> list[str]:
    """The month's numbers by the program and by one hand-written statement, alternating in the same run."""
    with throw_away() as copies, copies():
        seconds = _filled(options["rounds"])
        with CaptureQueriesContext(connection) as queries:
            lines = {line.key: dict(line.counts) for line in counted(MONTH)}
        by_hand = figures_by_hand(MONTH)
        if lines != by_hand:
            raise CommandError(f"The numbers differ: {_differing(lines, by_hand)}.")
        program, hand = _quickest(lambda: counted(MONTH), lambda: figures_by_hand(MONTH))
    return [
        f"figures of {options['rounds']} rounds in one month on {connection.vendor}, made up in {seconds:.0f} s"
        + ("" if connection.vendor == "postgresql" else " (not the database that is promised for)"),
        f"by the program: {program * 1000:.0f} ms in {len(queries)} statements; by one statement written by hand:"
        f" {hand * 1000:.0f} ms; both found the same",
        f"ratio {program / hand:.2f} (promised: at most {AT_MOST})",
    ]


def export(options: dict[str, Any]) -> list[str]:
    """The month's rounds as CSV, read to the end and discarded, in a process that has done nothing else."""
    with throw_away() as copies, copies():
        _filled(options["rounds"])
        told = Round.objects.exclude(state=RoundState.CANCELLED).count()
        place = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
        connection.close()
        alone = f"import django; django.setup(); from {__name__} import read_export; read_export()"
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", alone], env=os.environ | {PLACE: json.dumps(place, default=str)},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    lines, size, seconds, peak = json.loads(done.stdout)
    if lines != told:
        raise CommandError(f"{lines} lines of {told} rounds.")
    return [
        f"export of {lines} rounds on {connection.vendor}: {size / 1e6:.0f} MB in {seconds:.0f} s",
        f"peak memory of the process: {peak:.0f} MB (promised: under {MEGABYTES})",
    ]


def lists(options: dict[str, Any]) -> list[str]:
    """Pages on a thousand complaints and on a hundred times as many, everything grown in proportion."""
    few, many = options["few"], options["many"]
    with throw_away() as copies, copies():
        begun, now = time.perf_counter(), clock.read()
        play_demo(PLAYED, seed=2026, now=now, quiet=True)
        block = Block()
        block.copy(1, few // PLAYED - 1)
        small = measured()
        block.copy(few // PLAYED, many // PLAYED - 1)
        made = time.perf_counter() - begun
        large = measured()
    ratios = {name: large[name] / small[name] for name in small}
    return [
        f"lists on {connection.vendor}: {few} complaints, then {many}, made in {made:.0f} s",
        *(
            f"{small[name] * 1000:7.0f} ms {large[name] * 1000:7.0f} ms   ratio {ratio:5.2f}   {name}"
            for name, ratio in ratios.items()
        ),
        f"the highest ratio of a list is {max(ratios[name] for name in ratios if is_list(name)):.2f}"
        f" (promised: at most {AT_MOST}); a desk counts up to a hundred of each kind, SQLite reads every text",
    ]


def record(options: dict[str, Any]) -> list[str]:
    """All entries of a long ledger verified against chains, heads and a seal, compared with only reading the
    same rows.
    """
    with throw_away() as copies, copies(), tempfile.TemporaryDirectory() as folder, override_settings(SEALS_DIR=folder):
        begun, now = time.perf_counter(), clock.read()
        ledger.fill(options["entries"], now)
        made = time.perf_counter() - begun
        seals.seal(now)
        begun = time.perf_counter()
        account = reconciliation.whole(now)
        taken = time.perf_counter() - begun
        bare = bare_read()
    if account.findings or account.entries != options["entries"]:
        raise CommandError(f"{account.findings[:1]} in {account.entries} entries")
    return [
        f"record on {connection.vendor}: {account}, made up in {made:.0f} s",
        f"verified in {taken:.0f} s, {account.entries / taken:.0f} entries a second (promised: minutes a million)",
        f"ratio {taken / bare:.1f} to a bare read of the same rows",
    ]


PLACE = "BENCH_DATABASE"


def read_export() -> None:
    """Runs in its own process: prints lines, bytes, seconds, and peak megabytes."""
    connection.settings_dict.update(json.loads(os.environ[PLACE]))
    begun = time.perf_counter()
    lines = size = 0
    found = by_key(rounds_of(scope()).filter(delivered_at__gte=MONTH.begins, delivered_at__lt=MONTH.ends))
    for line in csv_lines(cells(ROUNDS.columns, found, bare=False)):
        lines, size = lines + line.count("\r\n"), size + len(line.encode())
    print(json.dumps([lines, size, time.perf_counter() - begun, _peak()]))


def _peak() -> float:
    """Megabytes. On Linux from the process's own status: the other source gives a child its parent's peak."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _filled(rounds: int) -> float:
    begun = time.perf_counter()
    made_up.fill(MONTH, rounds)
    return time.perf_counter() - begun


def _differing(lines: dict[str, Any], by_hand: dict[str, Any]) -> list[str]:
    return [key for key in lines.keys() | by_hand.keys() if lines.get(key) != by_hand.get(key)]


def _quickest(*ways: Callable[[], Any]) -> list[float]:
    """The best of several runs of each, alternating, so that other load on the machine affects all of them."""
    best = [float("inf")] * len(ways)
    for _run in range(RUNS):
        for place, way in enumerate(ways):
            begun = time.perf_counter()
            way()
            best[place] = min(best[place], time.perf_counter() - begun)
    return best


MEASURES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "replay": replay,
    "figures": figures,
    "export": export,
    "lists": lists,
    "record": record,
}
