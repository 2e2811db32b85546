"""A full disk, under the files that people hand in and under the ledger: what isn't saved is not called saved."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection

from tests.faults.servers import wait_until
from tests.faults.stage import number
from tests.faults.world import Outcome, World, unless

ROOM = 8 << 20
LEDGER = "accountability_ledgerentry"


def disk_full(world: World) -> Outcome:
    """Acts with files while their disk is full, acts while the ledger's is; then there is room again."""
    folder = world.folder / "small"
    with small_disk(folder, ROOM + 2 * int(number(f"SELECT pg_total_relation_size('{LEDGER}')"))) as is_mounted:
        if not is_mounted:
            return Outcome("disk full", "not tried: a small disk can't be mounted here", "nothing false")
        files = folder / "files"
        files.mkdir()
        world.system.stop()
        with world.system.with_environment(ATTACHMENTS_DIR=str(files)), ledger_on(world, folder):
            world.system.start("web")
            return tried(world, folder / "ballast")


def tried(world: World, ballast: Path) -> Outcome:
    numbers = world.stage.delivered(world.size(60, 300), due_in=1500)
    contact, handler = world.browser("wh.contact"), world.browser("kf.agent")
    content = "凭证。".encode() * 4000
    fill(ballast)
    ready = wait_until(lambda: world.system.get("/readyz")[0] == 503, 10)
    sent = [handler.send_file(one, "add_note", "files", content, note="见附件。") for one in numbers[:5]]
    sent += [contact.send(one, "hand_off", to="wh.zhang", method="system") for one in numbers[5:]]
    files, refused = sum(form.done for form in sent[:5]), [form for form in sent if not form.done]
    ballast.unlink()
    after = [contact.send(form.number, "hand_off", to="wh.zhang", method="system") for form in refused]
    world.system.stop()
    wrong = [
        unless(refused, "the disk was never full"),
        unless(not files, f"{files} acts with a file were taken"),
        unless(ready is not None, "health is green"),
        unless(all(form.done for form in after), "not all acts are taken when there is room again"),
    ]
    figure = f"{len(refused)} of {len(sent)} acts not saved, none said to be; /readyz 503; all taken afterwards"
    return world.outcome(
        "disk full, under files and ledger", figure, "nothing false, health red", *wrong, sent=[*sent, *after]
    )


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """A disk in memory; False where this user may mount none."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
    is_mounted = subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def ledger_on(world: World, folder: Path) -> Iterator[None]:
    """The ledger's table stands on this disk meanwhile."""
    space = folder / "space"
    space.mkdir()
    subprocess.run(["chown", "postgres", str(space)], check=True)
    other = as_superuser(world)
    with other.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
        cursor.execute(f"VACUUM FULL {LEDGER}")  # leaves no room inside
        cursor.execute(f"ALTER TABLE {LEDGER} SET TABLESPACE small")
    try:
        yield
    finally:
        with other.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {LEDGER} SET TABLESPACE pg_default")
            cursor.execute("DROP TABLESPACE small")
        other.close()


def as_superuser(world: World) -> Connection:
    password = (world.folder / "postgresql" / "password").read_text().strip()
    other = psycopg2.connect(
        host="127.0.0.1", port=world.database.port, user="postgres", password=password, dbname="shouwen"
    )
    other.autocommit = True
    return other


def fill(ballast: Path) -> None:
    """Until nothing more goes in."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            return
