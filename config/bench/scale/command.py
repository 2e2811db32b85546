"""What `manage.py bench_scale` runs: build the databases that are missing, serve each, measure, print the tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from random import Random

from django.conf import settings

from config.bench.scale import plans, serving
from config.bench.scale.acts import acts, lengthened
from config.bench.scale.beside import beside
from config.bench.scale.databases import APP_ROLE, address, build, fill_floor, fill_peer, name_of, on, peer_of
from config.bench.scale.disk import bytes_of, disk_table, sizes
from config.bench.scale.exporting import export
from config.bench.scale.measuring import Measured, Side, at_once, in_turns
from config.bench.scale.operations import Browser, Operation, operations, signed_in
from config.bench.scale.sweeping import nothing_held, sweeps
from config.bench.scale.table import table, verdict, write

CLIENTS = 8
PEER_SIZE = 100_000


def main(words: list[str], now: Callable[[], datetime]) -> None:
    """`now` tells the present: the acts are done as they are asked, all else as of the beginning."""
    asked, at = _options(words), now()
    grown, peer, load = sorted(asked.complaints), asked.peer, os.getloadavg()[1]
    build(sorted({*grown, *([peer] if peer else [])}), at)
    if asked.plans:
        _plans(grown[-1], at, asked.write)
        return
    key = fill_floor(grown[-1])
    peer_key = fill_peer(peer) if peer else ""
    found = [_measured(size, key, peer_key if size == grown[-1] else "", asked, now) for size in grown]
    told = list(table(grown, found, peer))
    if peer:
        told += ["", verdict(found[-1], grown[-1], peer)]
    if _wanted("disk", asked):
        told += ["", *_disk(grown[-1], peer)]
    told += [
        "",
        f"{asked.turns} turns a row; load over five minutes {load:.1f} before, {os.getloadavg()[1]:.1f} after.",
    ]
    print("\n".join(told))
    if asked.write:
        write("\n".join(told))


def _plans(size: int, at: datetime, is_written: bool) -> None:
    settings.DATABASE_POOLED = True  # nothing is prepared: what is heard can be explained, with its values
    with on(name_of(size)):
        found = plans.report(at, size)
    print(found)
    if is_written:
        plans.write(found)


def _options(words: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="make bench-scale")
    asked.add_argument("--complaints", type=int, nargs="+", default=[10_000, 100_000], help="how many in each database")
    asked.add_argument("--turns", type=int, default=12, help="requests of each operation (12)")
    asked.add_argument("--seconds", type=float, default=20, help="the most for one operation (20)")
    asked.add_argument("--only", nargs="*", default=[], help="operations whose names contain one of these words")
    asked.add_argument("--due", type=int, default=10_000, help="limits that fall due at once (10000)")
    asked.add_argument(
        "--peer", type=int, nargs="?", const=PEER_SIZE, default=0, help="beside django-helpdesk with so many (100000)"
    )
    asked.add_argument("--plans", action="store_true", help="instead: indexes and plans (docs/scale-plans.md)")
    asked.add_argument("--write", action="store_true", help="put the tables into the document")
    return asked.parse_args(words)


def _wanted(name: str, asked: argparse.Namespace) -> bool:
    return not asked.only or any(word in name for word in asked.only)


def _measured(
    size: int, key: str, peer_key: str, asked: argparse.Namespace, now: Callable[[], datetime]
) -> list[Measured]:
    found, at = [], now()
    with on(name_of(size)):
        nothing_held(at)
    with ExitStack() as serve:
        port, master = serve.enter_context(serving.ours(size))
        floor = serve.enter_context(serving.the_floor(key))
        peer = serve.enter_context(serving.the_peer(asked.peer, peer_key)) if peer_key else None
        theirs = _of_the_peer(asked.peer) if peer else {}
        serve.enter_context(on(name_of(size)))
        lengthened(at)
        sides: dict[str, Side] = {}
        for operation in _operations(asked, now):
            if operation.who not in sides:
                sides[operation.who] = Side(Browser(port, signed_in(operation.who)), master, name_of(size), APP_ROLE)
            side, same = sides[operation.who], theirs.get(operation.name)
            both = (same, peer) if same and peer else None
            found.append(in_turns(operation, side, floor, asked.turns, asked.seconds, at, both))
            print(size, found[-1], file=sys.stderr)
            if operation.name == "queue, agent":
                found.append(at_once(operation, side, floor, CLIENTS, asked.seconds))
    return [*found, *_jobs(size, asked, at)]


def _of_the_peer(size: int) -> dict[str, Operation]:
    with on(name_of(size)):
        return {one.name: one for one in beside(Random(3))}  # noqa: S311  # nosec B311


def _operations(asked: argparse.Namespace, now: Callable[[], datetime]) -> Iterator[Operation]:
    chance = Random(3)  # noqa: S311 which complaint is asked for  # nosec B311
    for source in (operations(chance), acts(chance, now)):
        yield from (one for one in source if _wanted(one.name, asked))


def _jobs(size: int, asked: argparse.Namespace, at: datetime) -> Iterator[Measured]:
    """What the worker does, where nobody is served meanwhile."""
    if _wanted("sweep", asked):
        with on(name_of(size)):
            yield from sweeps(at, asked.due)
    if _wanted("export", asked):
        yield export(address(name_of(size), APP_ROLE), at)


def _disk(size: int, peer: int) -> Iterator[str]:
    with on(name_of(size)):
        found, complaints = sizes()
        theirs = bytes_of(peer_of(peer)) / peer if peer else 0
    of_peer = f"; a ticket of the peer takes {theirs:,.0f}" if peer else ""
    yield f"Bytes on the disk for a complaint with all that belongs to it, at {complaints:,}{of_peer}:"
    yield ""
    yield from disk_table(found, complaints)
