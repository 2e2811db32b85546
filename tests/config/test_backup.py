"""A backup that was never restored is none: saved while it runs, restored elsewhere, its chains read with the key."""

from __future__ import annotations

import json
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
    assert (done.returncode, done.stdout.splitlines()[0].split("; ")[1]) == (0, "0 chains broken, 0 files missing")
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
    told = done.stdout.splitlines()[0].split("; ")[1]
    assert (done.returncode, told) == (1, f"{changed} chains broken, 1 files missing")


def test_nothing_is_overwritten(saved: Path, tmp_path: Path) -> None:
    done = manage(restored(saved, tmp_path), "backup", str(saved))
    assert (done.returncode, "exists; nothing is overwritten" in done.stderr) == (1, True)


# The drill: twenty hand-overs after the copy was made, the copy restored two hours later

HANDED_OVER = """
from datetime import timedelta
from accountability.deadlines.limits import read_instant
from accountability.gate import holding
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
now = Now()
play = Play(Cast(), now)
holding.note_served(now.at)
for number in range(20):
    play.upto("delivered", phone=f"139{number:08d}")
"""

AFTER = """
from accountability.deadlines.limits import read_instant
from complaints.models import Complaint
from tests.factories import Cast, Now, Play
now = Now()
now.forward(minutes=10)
play = Play(Cast.standing(), now)
for complaint in Complaint.objects.all():
    play("hand_off", "wh.contact", play.again(complaint))
print(Complaint.objects.filter(latest_round__state="handed_off").count())
"""

STARTED = """
import json
from accountability.deadlines.limits import read_instant
from accountability import tasks
from accountability.deadlines import clock
from accountability.models import Deadline, Delivery, Hold, Notification
from accountability.gate import holding
from tests.factories import Now
now = Now()
now.forward(hours=2)
clock.read = now
for _time in range(5):
    now.forward(seconds=20)
    ORDER
hold = Hold.objects.first()
print(json.dumps({
    "missed": Deadline.objects.filter(missed_at__isnull=False).count(),
    "held": holding.held_limits(holding.known(now.at)).values("matter").distinct().count(),
    "since": hold and hold.since.isoformat(),
    "sent": Notification.objects.filter(sent_at__isnull=False, created_at__lt=read_instant("2026-11-24 10:59")).count(),
}))
"""

WORKER, WEB = "tasks.sweep(); tasks.send_notifications()", "tasks.note_served()"


@pytest.fixture(scope="module")
def copied(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lost")
    migrated.lay_out(folder)
    for words in (("shell", "-c", HANDED_OVER), ("backup", str(folder / "backup")), ("shell", "-c", AFTER)):
        done = manage(folder, *words)
        assert (done.returncode, done.stderr.splitlines()[-3:] if done.returncode else []) == (0, [])
    assert done.stdout.strip().splitlines()[-1] == "20"
    return folder / "backup"


@pytest.mark.parametrize("order", [f"{WORKER}; {WEB}", f"{WEB}; {WORKER}", WORKER])
def test_nobody_is_fined_for_what_a_restore_lost(copied: Path, tmp_path: Path, order: str) -> None:
    """Whoever starts first. Nothing is sent again either."""
    done = manage(restored(copied, tmp_path), "shell", "-c", STARTED.replace("ORDER", order))
    assert json.loads(done.stdout.strip().splitlines()[-1]) == {
        "missed": 0, "held": 20, "since": "2026-11-24T01:00:00+00:00", "sent": 0,
    }, done.stderr  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ("15", "it starts held: limits due from 2026-11-24 09:00 to the instant when people are served again"),
        ("0", "it starts without a hold: people were last served at 2026-11-24 09:00, and HOLD_AFTER is 0"),
    ],
)
def test_the_drill_says_whether_the_copy_starts_held(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: str, said: str
) -> None:
    monkeypatch.setenv("HOLD_AFTER", minutes)
    done = manage(restored(copied, tmp_path), "check_restored")
    assert done.stdout.splitlines()[1].startswith(said)
