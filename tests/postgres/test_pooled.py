"""Through PgBouncer in transaction mode each transaction may get another connection: nothing relies on a session."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from pytest_django import Settings

from config import production
from tests.config.backup.test_commands import Place
from tests.faults.servers import free_port, wait_until
from tests.migrated import MigratedServer

pytestmark = [pytest.mark.postgresql]

SETTINGS = "SET jit = off; SET random_page_cost = 1.1; SET lock_timeout = 500; SET statement_timeout = 6000"

CONFIGURED = """
[databases]
* = host={host} port={port} connect_query='{settings}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
"""

DELIVERED = """
from tests.factories import Cast, Now, Play
play = Play(Cast(), Now())
for number in range(8):
    play.upto("delivered", phone=f"139{number:08d}")
"""

AT_ONCE = """
import json
from collections import Counter
from threading import Barrier, Thread
from django.db import connection, transaction
from accountability.gate.act import Refused
from accountability.audit.chains import broken
from accountability.gate.perform import perform
from accountability.models import Matter
from complaints.models import Complaint
from config import production
from tests.factories import Cast, Now
contact, at = Cast.standing()["wh.contact"], Now().at
numbers, told, backends, read = list(Complaint.objects.values_list("pk", flat=True)), Counter(), set(), []
together = Barrier(6)
def hand_over():
    together.wait(20)
    for number in numbers:
        try:
            perform(Complaint.of_matter(number), "hand_off", by=contact, at=at, to="wh.zhang", method="system")
            told["done"] += 1
        except Refused as refusal:
            told[refusal.code] += 1
        read.append(len(list(Complaint.objects.iterator(chunk_size=2))))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.add(cursor.fetchone()[0])
    connection.close()
threads = [Thread(target=hand_over) for _number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
chains = [found for matter in Matter.objects.all() if (found := broken(matter))]
print(json.dumps({
    "told": told, "backends": len(backends), "chains": chains, "read": [len(read), *set(read)],
    "pool": [str(each.msg) for each in production.unlike_pool()],
}))
"""

REFUSED = """
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from complaints.models import Complaint
from tests.factories import Cast, Now
contact = Cast.standing()["wh.contact"]
try:
    perform(Complaint.objects.first(), "hand_off", by=contact, at=Now().at, to="wh.zhang", method="system")
except Refused as refusal:
    print(refusal.code)
"""


@pytest.fixture(scope="module")
def direct(migrated_server: MigratedServer) -> Iterator[str]:
    """A database of its own, with eight complaints whose rounds were delivered."""
    with migrated_server.copy() as address:
        yield address


@pytest.fixture(scope="module")
def pooled(direct: str) -> Iterator[Place]:
    """The same by way of a PgBouncer, which has two connections for everybody."""
    with tempfile.TemporaryDirectory(prefix="shouwen-pooled-") as name:
        yield from started(direct, Path(name))


def started(direct: str, folder: Path) -> Iterator[Place]:
    own, server = free_port(), urlsplit(direct)
    (folder / "users").write_text(f'"{server.username}" "{server.password}"\n')
    configured = CONFIGURED.format(host=server.hostname, port=server.port, own=own, folder=folder, settings=SETTINGS)
    (folder / "pgbouncer.ini").write_text(configured)
    process = subprocess.Popen([*as_postgres(folder), "/usr/sbin/pgbouncer", "-q", str(folder / "pgbouncer.ini")])
    place = Place(folder, direct.replace(f":{server.port}/", f":{own}/"))
    try:
        assert wait_until(lambda: takes(place.address), 10) is not None
        place.done("shell", "-v0", "-c", DELIVERED, DATABASE_URL=direct)
        yield place
    finally:
        process.terminate()
        process.wait(10)


def as_postgres(folder: Path) -> list[str]:
    """It refuses to run as root."""
    if os.getuid() != 0:
        return []
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def takes(address: str) -> bool:
    try:
        psycopg2.connect(address).close()
    except psycopg2.OperationalError:
        return False
    return True


LIKE_THE_POOL = {"DATABASE_POOLED": "1", "LOCK_TIMEOUT": "0.5", "STATEMENT_TIMEOUT": "6"}


def test_one_that_holds_a_row_is_waited_for_as_long_as_the_pool_says(pooled: Place, direct: str) -> None:
    holder = psycopg2.connect(direct)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accountability_matter FOR UPDATE")
        assert pooled.done("shell", "-v0", "-c", REFUSED, **LIKE_THE_POOL).split() == ["busy"]
    finally:
        holder.close()


def test_six_at_once_on_two_connections_do_each_act_once(pooled: Place) -> None:
    said = json.loads(pooled.done("shell", "-v0", "-c", AT_ONCE, **LIKE_THE_POOL))
    assert (said["told"].pop("done"), sum(said["told"].values())) == (8, 40)
    assert (said["backends"], said["chains"], said["pool"], said["read"]) == (2, [], [], [48, 8])


def test_without_being_told_of_the_pool_nothing_connects(pooled: Place) -> None:
    """Its own settings can't be given to a connection that others use too."""
    refused = pooled.manage("shell", "-v0", "-c", REFUSED)
    assert "unsupported startup parameter" in refused.stderr


@pytest.mark.django_db
def test_a_pool_that_waits_otherwise_is_refused_at_the_start(settings: Settings) -> None:
    settings.DATABASE_POOLED = True
    assert list(production.unlike_pool()) == []
    settings.OF_A_CONNECTION = settings.OF_A_CONNECTION | {"lock_timeout": "1"}
    (found,) = production.unlike_pool()
    assert (found.id, str(found.msg)) == (
        "shouwen.E012", "The pool's connections have other settings: lock_timeout is 4000, not 1.",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_pool_that_only_plans_otherwise_is_warned_of(settings: Settings) -> None:
    """One that was set up before connections said what a page off its place costs."""
    settings.DATABASE_POOLED = True
    settings.OF_A_CONNECTION = settings.OF_A_CONNECTION | {"random_page_cost": "4"}
    (found,) = production.unlike_pool()
    assert (found.id, found.is_serious()) == ("shouwen.W003", False)
