"""A backup that was never restored is none: saved while it runs, restored elsewhere, its chains read with the key."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.migrated import Migrated

ROOT = Path(__file__).resolve().parents[2]

PLAYED = """
from accountability.files.attachments import take
from tests.factories import Cast, Now, Play
now = Now()
play = Play(Cast(), now)
file = take("a.txt", b"a bill", by=play.cast["kf.agent"], at=now.at, kind="intake")
play.upto("archived", files=[file.token])
play.upto("delivered")
"""

pytestmark = [pytest.mark.slow, pytest.mark.compliance(27)]


def manage(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    places = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "ATTACHMENTS_DIR": str(folder / "files")}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DEVELOPMENT": "1"} | places, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def saved(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of an installation with two complaints and a file."""
    folder = tmp_path_factory.mktemp("running")
    migrated.lay_out(folder)
    for words in (("shell", "-c", PLAYED), ("backup", str(folder / "backup"))):
        done = manage(folder, *words)
        assert (done.returncode, done.stderr.splitlines()[-3:] if done.returncode else []) == (0, [])
    return folder / "backup"


def restored(saved: Path, folder: Path) -> Path:
    (folder / "db.sqlite3").write_bytes((saved / "db.sqlite3").read_bytes())
    with tarfile.open(saved / "files.tar") as archive:
        archive.extractall(folder / "files", filter="data")
    return folder


def test_what_is_restored_holds(saved: Path, tmp_path: Path) -> None:
    done = manage(restored(saved, tmp_path), "check_restored")
    assert (done.returncode, done.stdout.strip().split("; ")[1]) == (0, "0 chains broken, 0 files missing")
    assert done.stdout.startswith("3 matters, ")


def test_what_was_changed_meanwhile_shows(saved: Path, tmp_path: Path) -> None:
    folder = restored(saved, tmp_path)
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("DROP TRIGGER accountability_ledgerentry_no_update")
        database.execute("UPDATE accountability_ledgerentry SET facts = '{}' WHERE verb = 'register' AND id % 2 = 0")
        changed = database.execute("SELECT changes()").fetchone()[0]
    database.close()
    for file in (folder / "files").rglob("*"):
        if file.is_file():
            file.unlink()
    done = manage(folder, "check_restored")
    told = done.stdout.strip().split("; ")[1]
    assert (done.returncode, told) == (1, f"{changed} chains broken, 1 files missing")


def test_nothing_is_overwritten(saved: Path, tmp_path: Path) -> None:
    done = manage(restored(saved, tmp_path), "backup", str(saved))
    assert (done.returncode, "exists; nothing is overwritten" in done.stderr) == (1, True)
