"""The databases of the bench: one played, its grown copies, the floor's, the peer's; built where they are missing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from accountability.models import Employee, PersonalData
from config.bench.scale import corpus
from config.bench.scale.loading import Grown
from config.demo.player import play

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PEER = ROOT / "var" / "peer" / "bin" / "python"
"""The interpreter of the peer's environment."""

OWNER, APP_ROLE, PEER_ROLE = "postgres", "shouwen_app", "bench_peer"
PLAYED, STILL_OPEN = 500, 3000


def build(sizes: list[int], at: datetime) -> None:
    """Play once; grow a copy of it for each size that is missing."""
    if not _exists("played"):
        _create("played")
        with on("played"):
            call_command("migrate", verbosity=0)
            play(PLAYED, seed=2026, now=at, quiet=True)
            for person in Employee.objects.all():  # production refuses accounts with a known password
                person.set_unusable_password()
                person.save(update_fields=["password"])
    for size in sizes:
        if not _exists(name_of(size)):
            _create(name_of(size), "played")
            with on(name_of(size)):
                begun = time.perf_counter()
                copies = Grown().grow(size, STILL_OPEN)
                call_command("database_roles", app=APP_ROLE, verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115
                with connection.cursor() as cursor:
                    # What copying sealed anew has left its old rows, which acts never leave.
                    cursor.execute(f"VACUUM FULL {PersonalData._meta.db_table}")
                    cursor.execute("VACUUM ANALYZE")
                    cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
                print(f"{size}: {copies} copies in {time.perf_counter() - begun:.0f} s", file=sys.stderr)


def fill_floor(rows: int) -> str:
    """The key of a session at the floor."""
    if not _exists("floor"):
        _create("floor")
    return _program(sys.executable, HERE / "floor.py", str(rows), BENCH_FLOOR=address("floor"))


def fill_peer(size: int) -> str:
    """The key of a session at the peer, whose tickets are the complaints of the database of this size."""
    name = peer_of(size)
    if not _exists(name):
        with on("postgres"), connection.cursor() as cursor:
            cursor.execute(
                f"DO $$ BEGIN CREATE ROLE {PEER_ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            cursor.execute(f'CREATE DATABASE "{name}" OWNER {PEER_ROLE} TEMPLATE template0')
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if not _filled(name):
            with on(name_of(size)):
                corpus.write(Path(folder))
        key = _program(str(PEER), HERE / "peer.py", folder, BENCH_PEER=address(name, PEER_ROLE))
    print(f"peer of {size}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return key


def _filled(name: str) -> bool:
    with on(name), connection.cursor() as cursor:
        if "helpdesk_ticket" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM helpdesk_ticket)")
        return bool(cursor.fetchone()[0])


def name_of(size: int) -> str:
    return f"scale_{size}"


def peer_of(size: int) -> str:
    return f"peer_{size}"


def address(name: str, role: str = OWNER) -> str:
    return f"postgres://{role}@127.0.0.1:{connection.settings_dict['PORT']}/{name}"


@contextmanager
def on(name: str) -> Iterator[None]:
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()


def _exists(name: str) -> bool:
    with on("postgres"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.fetchone()[0])


def _create(name: str, template: str = "template0") -> None:
    with on("postgres"), connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _program(python: str, file: Path, *words: str, **variables: str) -> str:
    """What a program that fills a database prints."""
    done = subprocess.run(  # noqa: S603
        [python, str(file), *words], env=os.environ | variables, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()
