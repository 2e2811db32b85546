"""`manage.py replay PATH…`: plays scenario files and says whether their expectations are met."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from config.replay.database import Copies, throw_away
from config.replay.player import Player, Result, play
from config.replay.problems import BadScenario
from config.replay.reader import Scenario, files_in, name_of, read
from config.replay.stage import Cast

PlayerOf = Callable[[str, Cast], Player]

LONG = 1000
"""From this many steps on a log has a progress bar (on stderr)."""

FAILED, BROKEN = 1, 2
"""Exit codes: an expectation isn't met; a file can't be played."""


class Command(BaseCommand):
    help = (
        "Play scenario files (or folders of them) in a throw-away database; exit 0 only if everything expected holds."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a .yaml, .jsonl or .jsonl.gz, or a folder"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a file instead of lines")
        parser.add_argument(
            "--report", action="store_true", help="after each file its counts, misses, worst ping-pongs, ledger digest"
        )

        parser.add_argument(
            "--via", choices=("gate", "api"), default="gate",
            help="through the gate itself, or through the interface for programs (API_ENABLED=1)",
        )  # fmt: skip

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the database is dropped
        try:
            with _way(options["via"]) as player_of:
                code = self._play_all(paths, player_of, as_json=options["json"], with_report=options["report"])
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
        sys.exit(code)

    def _play_all(self, paths: list[Path], player_of: PlayerOf | None, *, as_json: bool, with_report: bool) -> int:
        codes = []
        with throw_away() as copies:
            for path, fault in _files(paths):
                result, seconds, code = _outcome(path, fault, copies, player_of, with_report=with_report)
                codes.append(code)
                self.stdout.write(_as_json(result, seconds) if as_json else _as_lines(result))
                self.stdout.flush()
        if not as_json:
            self.stdout.write(f"{codes.count(0)} passed, {len(codes) - codes.count(0)} failed")
        return max(codes)


def _files(paths: list[Path]) -> Iterator[tuple[Path, str | None]]:
    """Every file to play, with the error of the path where it can't be read."""
    for path in paths:
        try:
            yield from ((file, None) for file in files_in(path))
        except (BadScenario, OSError) as bad:
            yield path, str(bad)


@contextmanager
def _way(via: str) -> Iterator[PlayerOf | None]:
    """Who plays: by default the gate is asked directly."""
    if via == "gate":
        yield None
        return
    if not settings.API_ENABLED:
        raise CommandError("--via api needs API_ENABLED=1")
    from config.replay.over_api import ApiPlayer, served

    with served():
        yield ApiPlayer


def _outcome(
    path: Path, fault: str | None, copies: Copies, player_of: PlayerOf | None, *, with_report: bool
) -> tuple[Result, float, int]:
    """The result of the file, how long it took (reading and setting up included), and its exit code."""
    begun = time.perf_counter()
    try:
        if fault:
            raise BadScenario(fault)
        result = _play(read(path), copies, player_of, with_report=with_report)
        code = FAILED if result.failures else 0
    except BadScenario as bad:
        result, code = Result(name_of(path), failures=[f"error: {path}: {bad}"]), BROKEN
    return result, time.perf_counter() - begun, code


def _play(scenario: Scenario, copies: Copies, player_of: PlayerOf | None, *, with_report: bool) -> Result:
    with copies(), _progress(scenario) as on_step:
        return play(scenario, on_step=on_step, with_report=with_report, player_of=player_of)


@contextmanager
def _progress(scenario: Scenario) -> Iterator[Callable[[], object]]:
    if scenario.length < LONG:
        yield lambda: None
        return
    with tqdm(total=scenario.length, desc=scenario.name, unit=" steps", file=sys.stderr, mininterval=0.5) as bar:
        yield bar.update


def _as_lines(result: Result) -> str:
    said = [*result.failures, *(result.report.lines() if result.report else ())]
    return "\n".join([f"{'FAIL' if result.failures else 'ok'} {result.name}", *(f"  {line}" for line in said)])


def _as_json(result: Result, seconds: float) -> str:
    told = asdict(result)
    report = told.pop("report")
    told["seconds"] = round(seconds, 3)
    return json.dumps(told | ({"report": report} if report else {}), ensure_ascii=False)
