"""What `manage.py bench_scale` runs: build the databases that are missing, serve each, measure, print the table."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connection

from accountability.models import Employee
from config.bench.scale import plans
from config.bench.scale.loading import Grown
from config.bench.scale.measuring import Measured, Side, in_turns, together
from config.bench.scale.operations import Browser, Operation, operations, signed_in
from config.demo.player import play

HERE = Path(__file__).parent
APP_ROLE = "shouwen_app"
PLAYED, STILL_OPEN, CLIENTS = 500, 3000, 8
BEGIN, END = "<!-- measured -->", "<!-- end -->"
REPORT = HERE.parents[2] / "docs" / "scale.md"


def main(words: list[str], at: datetime) -> None:
    asked = argparse.ArgumentParser(prog="make bench-scale")
    asked.add_argument("--complaints", type=int, nargs="+", default=[10_000, 100_000], help="how many in each database")
    asked.add_argument("--turns", type=int, default=12, help="requests of each operation (12)")
    asked.add_argument("--seconds", type=float, default=20, help="the most for one operation (20)")
    asked.add_argument("--only", nargs="*", default=[], help="operations whose names contain one of these words")
    asked.add_argument("--write", action="store_true", help="put the table into docs/scale.md")
    asked.add_argument("--plans", action="store_true", help="instead: indexes and plans (docs/scale-plans.md)")
    options = asked.parse_args(words)
    sizes = sorted(options.complaints)
    _build(sizes, at)
    if options.plans:
        _plans(sizes[-1], at, options.write)
        return
    key = _floor_filled(sizes[-1])
    table = "\n".join(_table(sizes, [_measured(size, key, options, at) for size in sizes]))
    print(table)
    if options.write:
        _write(table)


def _plans(size: int, at: datetime, is_written: bool) -> None:
    with _on(_name(size)):
        found = plans.report(at, size)
    print(found)
    if is_written:
        plans.write(found)


# Databases


def _build(sizes: list[int], at: datetime) -> None:
    """Play once; grow a copy of it for each size that is missing."""
    if not _exists("played"):
        _create("played")
        with _on("played"):
            call_command("migrate", verbosity=0)
            play(PLAYED, seed=2026, now=at, quiet=True)
            for person in Employee.objects.all():  # production refuses accounts with a known password
                person.set_unusable_password()
                person.save(update_fields=["password"])
    for size in sizes:
        if not _exists(_name(size)):
            _create(_name(size), "played")
            with _on(_name(size)):
                begun = time.perf_counter()
                copies = Grown().grow(size, STILL_OPEN)
                call_command("database_roles", app=APP_ROLE, verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")
                    cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
                print(f"{size}: {copies} copies in {time.perf_counter() - begun:.0f} s", file=sys.stderr)


def _name(size: int) -> str:
    return f"scale_{size}"


def _exists(name: str) -> bool:
    with _on("postgres"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.fetchone()[0])


def _create(name: str, template: str = "template0") -> None:
    with _on("postgres"), connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@contextmanager
def _on(name: str) -> Iterator[None]:
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()


def _floor_filled(rows: int) -> str:
    if not _exists("floor"):
        _create("floor")
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(HERE / "floor.py"), str(rows)], env=os.environ | {"BENCH_FLOOR": _address("floor")},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def _address(name: str, role: str = "postgres") -> str:
    return f"postgres://{role}@127.0.0.1:{connection.settings_dict['PORT']}/{name}"


# Servers


@contextmanager
def _served(application: str, *options: str, **variables: str) -> Iterator[tuple[int, int]]:
    """gunicorn with two workers: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(program, env=os.environ | variables) as server:  # noqa: S603
        try:
            for _try in range(120):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.5)
            time.sleep(5)  # the port opens before the workers have loaded the application
            yield port, server.pid
        finally:
            server.terminate()


# Measuring


def _measured(size: int, key: str, asked: argparse.Namespace, at: datetime) -> list[Measured]:
    name, same = _name(size), ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning")
    ours = _served(
        "config.bench.scale.served:application", "--config", "python:config.serving",
        DATABASE_URL=_address(name, APP_ROLE),
    )  # fmt: skip
    floor = _served("floor:application", *same, "--chdir", str(HERE), BENCH_FLOOR=_address("floor"))
    found = []
    with ours as (port, master), floor as (floor_port, floor_master), _on(name):
        compared = Side(Browser(floor_port, {"sessionid": key}), floor_master, "floor")
        sides: dict[str, Side] = {}
        for operation in operations(Random(3)):  # noqa: S311 which complaint is asked for  # nosec B311
            if asked.only and not any(word in operation.name for word in asked.only):
                continue
            if operation.who not in sides:
                sides[operation.who] = Side(Browser(port, signed_in(operation.who)), master, name)
            side = sides[operation.who]
            found.append(in_turns(operation, side, compared, asked.turns, asked.seconds, at))
            print(size, found[-1], file=sys.stderr)
            if operation.name == "queue, agent":
                found.append(_at_once(operation, side, compared, asked.seconds))
    return found


def _at_once(operation: Operation, ours: Side, floor: Side, seconds: float) -> Measured:
    """Requests a second of eight clients: the floor's by ours, so that less is better, as in all other rows."""
    theirs = Operation("", "", lambda: ("GET", "/table", None))
    rates = [together(one, side, CLIENTS, seconds / 2) for one, side in ((theirs, floor), (operation, ours))]
    return Measured("queue, eight clients", 0, 0, rates[0] / rates[1], ours.memory(), 0)


# The table


def _table(sizes: list[int], found: list[list[Measured]]) -> Iterator[str]:
    small, large = found[0], found[-1]
    of_small = {one.name: one for one in small}
    growth = f"growth {sizes[0]:,} → {sizes[-1]:,}" if len(sizes) > 1 else f"at {sizes[0]:,}"
    yield f"| operation | statements | processor | wall | {growth} | memory |"
    yield "|---|---|---|---|---|---|"
    for one in large:
        before = of_small.get(one.name)
        grown = _said(one.worth / before.worth) if before and before is not one and before.worth else "–"
        cells = (_said(one.statements, 0), _said(one.processor), _said(one.wall), grown, f"{one.memory} MB")
        failed = f" ({one.failed} failed)" if one.failed else ""
        yield f"| {one.name}{failed} | {' | '.join(cells)} |"


def _said(ratio: float, digits: int = 1) -> str:
    return f"{ratio:.{digits}f}" if ratio else "–"


def _write(table: str) -> None:
    text = REPORT.read_text()
    before, _mark, rest = text.partition(BEGIN)
    git = shutil.which("git") or "/usr/bin/git"
    commit = subprocess.run([git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S603
    said = f"{BEGIN}\nCommit {commit.stdout.strip()}.\n\n{table}\n"
    REPORT.write_text(before + said + END + rest.partition(END)[2])
