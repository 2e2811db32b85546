"""Migrating while processes of the release before answer: nobody gets an error, nor waits behind the migration."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import psycopg2
import pytest
from django.apps import apps
from django.db.migrations.state import ProjectState

from tests.config.upgrade.clients import Person, ask
from tests.migrated import MigratedServer
from tests.migration_safety import faults

ROOT = Path(__file__).parents[3]
MIGRATIONS = ("0002_expand", "0003_index")

SIGNED_IN = """
from tests.factories import Cast
from tests.signing_in import signed_in
cast = Cast()
for name in ("kf.agent", "kf.agent2"):
    print(signed_in(cast[name]).cookies["sessionid"].value)
"""

HELD = 6.0
"""Seconds that the migration finds the table held: longer than a page waits (LOCK_TIMEOUT), so that a migration which
waited as long would make pages fail.
"""


def test_what_the_next_release_does_is_what_passes(db: None) -> None:
    """Else the test below would prove nothing of what is allowed."""
    state = ProjectState.from_apps(apps)
    for name in MIGRATIONS:
        module = import_module(f"tests.config.upgrade.next_release.{name}")
        assert faults(module.Migration(name, "accountability"), state) == []


def environment(folder: Path, address: str, **more: str) -> dict[str, str]:
    said = {"DEVELOPMENT": "1", "DATABASE_URL": address, "VAR_DIR": str(folder)}
    return os.environ | said | more


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@contextmanager
def gunicorn(env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = f"gunicorn config.wsgi --config python:config.serving --bind 127.0.0.1:{port}".split()
    process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=env)
    try:
        until = time.monotonic() + 120
        while ask(port, "GET", "/livez", "").status != 200:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        yield process, port
    finally:
        process.terminate()
        assert process.wait(30) == 0


@contextmanager
def somebody_elses(address: str) -> Iterator[None]:
    """A transaction that has written to the busy table and doesn't end: a statement that alters it must wait, and one
    that builds an index beside the traffic.
    """
    other = psycopg2.connect(address)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE accountability_matter IN ROW EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.close()


@pytest.mark.postgresql
def test_old_processes_answer_while_the_next_release_migrates(migrated_server: MigratedServer, tmp_path: Path) -> None:
    with migrated_server.copy() as owner:
        app = with_the_role_of(os.environ.get("APP_DATABASE_URL", owner), owner)
        as_owner = environment(tmp_path, owner, DJANGO_SETTINGS_MODULE="tests.config.upgrade.settings")
        grants = [] if app == owner else [("database_roles", "--app", app.split("//")[1].split(":")[0])]
        for words in grants:
            manage(as_owner, *words)
        sessions = manage(environment(tmp_path, app), "shell", "-v0", "-c", SIGNED_IN).stdout.split()
        with gunicorn(environment(tmp_path, app)) as (web, port):
            people = [Person(port, session) for session in sessions]
            for person in people:
                person.start()
            begun = after_some(people, 0.0)
            gave_way = migrate_beside(owner, as_owner)
            for words in grants:
                manage(as_owner, *words)
            migrated = time.monotonic()
            assert ask(port, "GET", "/readyz?exclude=heartbeats&exclude=calendar&exclude=disk", "").status == 200
            web.send_signal(signal.SIGHUP)  # new processes in place of the old ones
            after_some(people, migrated)
            for person in people:
                person.over.set()
            for person in people:
                person.join(30)
        assert [bad for person in people for bad in person.bad()] == []
        assert sum(person.registered(begun, migrated) for person in people) > 2
        assert gave_way >= 1
        assert made(owner) == (True, True)


def after_some(people: list[Person], begun: float) -> float:
    """Wait until they have registered some complaints since then."""
    until = time.monotonic() + 120
    while sum(person.registered(begun, time.monotonic()) for person in people) < 5:
        assert time.monotonic() < until, [bad for person in people for bad in person.bad()]
        time.sleep(0.2)
    return time.monotonic()


def with_the_role_of(app: str, owner: str) -> str:
    return f"{app.rpartition('/')[0]}/{owner.rpartition('/')[2]}"


@pytest.mark.postgresql
def test_an_index_that_gave_way_is_built_by_a_later_try(migrated_server: MigratedServer, tmp_path: Path) -> None:
    with migrated_server.copy() as owner:
        as_owner = environment(tmp_path, owner, DJANGO_SETTINGS_MODULE="tests.config.upgrade.settings")
        manage(as_owner, "migrate", "-v0", "accountability", "0002")
        assert migrate_beside(owner, as_owner, waiting="CREATE INDEX%") >= 1
        assert made(owner) == (True, True)


def migrate_beside(owner: str, env: dict[str, str], waiting: str = "ALTER TABLE%") -> int:
    """Migrate while somebody's transaction holds the table; how often the migration gave way."""
    with somebody_elses(owner):
        migrating = subprocess.Popen(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
        )
        wait_until_it_waits(owner, migrating, waiting)
        time.sleep(HELD)
    _out, said = migrating.communicate(timeout=300)
    assert migrating.returncode == 0, said
    return said.count("a table is held by another transaction; again in 3 s")


def wait_until_it_waits(owner: str, migrating: subprocess.Popen[str], waiting: str) -> None:
    server = psycopg2.connect(owner)
    server.autocommit = True
    with server.cursor() as cursor:
        while True:
            assert migrating.poll() is None
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock' AND query LIKE %s",
                [waiting],
            )
            if cursor.fetchone() != (0,):
                break
            time.sleep(0.1)
    server.close()


def made(owner: str) -> tuple[bool, bool]:
    """Whether the column is there, and the index valid."""
    found = psycopg2.connect(owner)
    with found.cursor() as cursor:
        cursor.execute("SELECT count(note) = 0 FROM accountability_matter")
        column = cursor.fetchone()
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'matter_by_note'::regclass")
        index = cursor.fetchone()
    found.close()
    assert column is not None
    assert index is not None
    return column[0], index[0]
