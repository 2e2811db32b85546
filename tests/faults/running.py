"""Starts the world, runs the faults one after the other, prints and writes the table."""

from __future__ import annotations

import argparse
import io
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.faults import table
from tests.faults.broker import redis_gone, redis_hung, workers_are_alive_after_restarts
from tests.faults.clocks import clocks
from tests.faults.disk import disk_full
from tests.faults.gateway import Gateway
from tests.faults.kills import kills
from tests.faults.mixed_day import mixed_day
from tests.faults.model import random_faults
from tests.faults.outage import lanes, outage
from tests.faults.postgresql import database_frozen, database_stops, poisoned_row, row_held, table_locked
from tests.faults.races import races
from tests.faults.servers import PostgreSQL, Redis
from tests.faults.stage import Stage
from tests.faults.supervision import children_killed
from tests.faults.system import System
from tests.faults.world import Outcome, World, keys_of

WORKS: tuple[Callable[[World], Outcome], ...] = (
    mixed_day, kills, database_stops, row_held, table_locked, database_frozen, poisoned_row, lanes, redis_hung,
    redis_gone, workers_are_alive_after_restarts, random_faults, outage, disk_full, children_killed, clocks, races,
)  # fmt: skip
FAULTS = {work.__name__: work for work in WORKS}
"""By name, in an order that starts the processes anew as seldom as possible."""


def run(folder: Path, database: PostgreSQL, redis: Redis, given: argparse.Namespace) -> int:
    if unknown := set(given.names) - set(FAULTS):
        print(f"There is no fault {', '.join(sorted(unknown))}; there is {', '.join(FAULTS)}.")
        return 2
    world = made(folder, database, redis, given)
    found: dict[str, Outcome] = {}
    try:
        for name in given.names or list(FAULTS):
            begun = time.monotonic()
            found[name] = tried(name, world)
            print(table.line(found[name]), f"({name}, {time.monotonic() - begun:.0f} s)", flush=True)
    finally:
        world.system.close()
        world.gateway.close()
        connection.close()
    print("\n" + table.text(found))
    if given.write:
        table.write(found, short=given.short)
    return 0 if all(outcome.held for outcome in found.values()) else 1


def tried(name: str, world: World) -> Outcome:
    """One that can't be tried has fallen; the others are tried all the same."""
    try:
        return FAULTS[name](world)
    except Exception as error:
        traceback.print_exc()
        return Outcome(name, "not tried to the end", "", [f"{type(error).__name__}: {error}"])


def make_tables() -> None:
    """With the tables of the models, in a tenth of the time of the migrations, which make the same (a test compares
    them); the system finds them noted as applied.
    """
    kept = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    try:
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    finally:
        settings.MIGRATION_MODULES = kept
    call_command("migrate", fake=True, verbosity=0, interactive=False)


def made(folder: Path, database: PostgreSQL, redis: Redis, given: argparse.Namespace) -> World:
    gateway = Gateway()
    environment = keys_of(folder / "own") | {
        "DATABASE_URL": database.app_url, "CELERY_BROKER_URL": redis.url, "SMS_GATEWAY_URL": gateway.url,
    }  # fmt: skip
    system = System(folder, environment)
    collecting = threading.Thread(target=system.command, args=["collectstatic", "--noinput"])
    collecting.start()
    call_command("messages", stdout=io.StringIO())
    make_tables()
    call_command("database_roles", app="shouwen_app", stdout=io.StringIO())
    stage = Stage()
    collecting.join()
    return World(folder, database, redis, gateway, stage, system, given.short, given.minutes, given.seed)
