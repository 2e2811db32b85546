"""A backup that was never restored is none: saved while the system runs, restored elsewhere, proved by the drill."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accountability.files.attachments import take
from config.backup import archive, keys, restoring
from config.backup.manifest import counted
from tests.factories import Cast
from tests.migrated import Migrated, MigratedServer

ROOT = Path(__file__).resolve().parents[3]

PLAYED = """
from accountability.files.attachments import take
from tests.factories import Cast, Now, Play
now = Now()
play = Play(Cast(), now)
file = take("a.txt", b"a bill", by=play.cast["kf.agent"], at=now.at, kind="intake")
play.upto("archived", files=[file.token])
play.upto("delivered")
"""

NOISY = """
from pathlib import Path
from accountability.models import Notification
from django.utils import timezone
from config.backup import drill, keys
def noisy():
    Notification.objects.update(sent_at=timezone.now())
    return "looked at", "it starts"
drill.chains_and_start = noisy
list(drill.drill(Path({backup!r}), keys.identities(Path({key!r})), at=timezone.now()))
"""

pytestmark = [pytest.mark.compliance(27)]

on_sqlite = pytest.mark.slow


@dataclass(frozen=True)
class Place:
    """An installation: where its database and files are."""

    folder: Path
    address: str
    owner: str = ""

    def manage(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        said = {"DATABASE_URL": self.address, "ATTACHMENTS_DIR": str(self.folder / "files"), "DEVELOPMENT": "1"}
        said |= {"DATABASE_OWNER_URL": self.owner} if self.owner else {}
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=os.environ | said | environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def done(self, *words: str, **environment: str) -> str:
        ended = self.manage(*words, **environment)
        assert (ended.returncode, ended.stderr.splitlines()[-3:] if ended.returncode else []) == (0, [])
        return ended.stdout

    def refused(self, *words: str, **environment: str) -> str:
        ended = self.manage(*words, **environment)
        assert ended.returncode == 1
        return ended.stderr


@dataclass(frozen=True)
class Made:
    """A backup, its private key, and the place that it was made of."""

    backup: Path
    key: Path
    of: Place

    def opened_with(self, command: str) -> tuple[str, ...]:
        return (command, str(self.backup), "--key", str(self.key))


def at(folder: Path) -> Place:
    return Place(folder, f"sqlite:///{folder / 'db.sqlite3'}")


def made(place: Place) -> Made:
    """A backup of two complaints and a file."""
    key, mark = place.folder / "key", place.folder / "mark"
    public = keys.make(key)
    place.done("shell", "-v0", "-c", PLAYED)
    said = place.done("backup", str(place.folder), BACKUP_RECIPIENTS=public, BACKUP_MARK=str(mark))
    (backup,) = place.folder.glob("shouwen-*Z.tar.age")
    assert said.startswith(f"saved in {backup}: ")
    assert mark.exists()
    assert not list(place.folder.glob("*.part")) + list(place.folder.glob(".backup-*"))
    return Made(backup, key, place)


@pytest.fixture(scope="module")
def saved(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("running")
    migrated.lay_out(folder)
    return made(at(folder))


@on_sqlite
def test_what_is_restored_holds_and_what_is_changed_then_shows(saved: Made, tmp_path: Path) -> None:
    place = at(tmp_path)
    assert "restored as of " in place.done(*saved.opened_with("restore"))
    assert (tmp_path / "db.sqlite3").stat().st_mode & 0o077 == 0
    assert re.match(r"3 matters, .*; 0 chains broken, 0 files missing", place.done("check_restored"))
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        database.execute("DROP TRIGGER accountability_ledgerentry_no_update")
        database.execute("UPDATE accountability_ledgerentry SET facts = '{}' WHERE verb = 'register' AND id % 2 = 0")
        changed = database.execute("SELECT changes()").fetchone()[0]
    database.close()
    for file in (tmp_path / "files").rglob("*"):
        if file.is_file():
            file.unlink()
    done = place.manage("check_restored")
    assert done.returncode == 1
    assert f"; {changed} chains broken, 1 files missing" in done.stdout


@on_sqlite
def test_the_drill_proves_and_leaves_nothing(saved: Made, tmp_path: Path) -> None:
    proofs = proved(saved, tmp_path)
    assert proofs["counts"].endswith("tables as saved")
    assert re.fullmatch(r"3 matters, \d+ entries, 1 files; 0 chains broken, 0 files missing all hold", proofs["chains"])
    assert proofs["silence"].endswith("nobody called")


def proved(saved: Made, tmp_path: Path) -> dict[str, str]:
    """What the drill printed. Its temporary folder is empty again."""
    before = {file: file.stat().st_mtime for file in saved.of.folder.glob("db.sqlite3")}
    said = saved.of.done(*saved.opened_with("backup_drill"), TMPDIR=str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert {file: file.stat().st_mtime for file in saved.of.folder.glob("db.sqlite3")} == before
    proofs = {line.split()[0]: " ".join(line.split()[1:]) for line in said.splitlines()}
    assert list(proofs) == ["backup", "counts", "chains", "start", "files", "silence", "took"]
    return proofs


@on_sqlite
def test_the_drill_fails_where_something_is_sent(saved: Made, tmp_path: Path) -> None:
    code = NOISY.format(backup=str(saved.backup), key=str(saved.key))
    refusal = at(tmp_path).manage("shell", "-v0", "-c", code)
    assert refusal.returncode == 1
    assert re.search(r"wasn't silent:\nnotices sent: 0 before, [1-9]\d* after", refusal.stderr)


@on_sqlite
def test_what_cant_be_read_whole_restores_nothing(saved: Made, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(saved.backup.read_bytes()[:-100])
    place = at(tmp_path / "new")
    place.folder.mkdir()
    assert "was changed or cut short" in place.refused("restore", str(short), "--key", str(saved.key))
    with sqlite3.connect(place.folder / "db.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()
    assert not (place.folder / "files").exists()


def test_nothing_is_overwritten_and_a_failure_touches_no_mark(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_MARK = str(tmp_path / "mark")
    (tmp_path / "there").write_text("the last backup")
    for target, recipients, sentence in (
        ("there", keys.make(tmp_path / "key"), "exists; nothing is overwritten"),
        ("nowhere/backup", keys.make(tmp_path / "another"), "No such file or directory; nothing is saved"),
        ("new", "", "names no public key"),
    ):
        settings.BACKUP_RECIPIENTS = [recipients]
        with pytest.raises(CommandError, match=sentence):
            call_command("backup", str(tmp_path / target))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["another", "key", "there"]
    assert (tmp_path / "there").read_text() == "the last backup"


def test_a_database_or_folder_that_isnt_empty_is_left_alone(
    db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="the database isn't empty"):
        restoring.refuse_what_is_there(tmp_path)
    monkeypatch.setattr(restoring.connection.introspection, "table_names", list)
    restoring.refuse_what_is_there(tmp_path)
    restoring.refuse_what_is_there(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=f"{tmp_path} isn't empty"):
        restoring.refuse_what_is_there(tmp_path)


def test_rows_that_are_missing_after_a_restore_are_named(db: None) -> None:
    there = counted(connection)
    refuse = restoring.refuse_other_counts
    refuse(SimpleNamespace(tables=there))  # type: ignore[arg-type]
    more = there | {"accountability_matter": there["accountability_matter"] + 1, "a_table": 5}
    with pytest.raises(
        CommandError, match="a_table: 5 saved, no table restored\naccountability_matter: 2 saved, 1 rest"
    ):
        refuse(SimpleNamespace(tables=more))  # type: ignore[arg-type]


# PostgreSQL


@pytest.mark.postgresql
def test_postgresql_is_saved_proved_and_restored(migrated_server: MigratedServer, tmp_path: Path) -> None:
    with migrated_server.copy() as one, migrated_server.copy() as two:
        places = [Place(tmp_path / name, address, owner=one) for name, address in (("running", one), ("empty", two))]
        for place in places:
            place.folder.mkdir()
        with psycopg2.connect(two) as emptied, emptied.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        emptied.close()
        saved_proved_and_restored(places[0], places[1], tmp_path)


def saved_proved_and_restored(running: Place, empty: Place, tmp_path: Path) -> None:
    saved = made(running)
    (tmp_path / "drill").mkdir()
    proofs = proved(saved, tmp_path / "drill")
    assert re.search(r"[1-9]\d* rows in [1-9]\d* tables as saved", proofs["counts"])
    assert "0 chains broken, 0 files missing" in proofs["chains"]

    short = tmp_path / "short"
    short.write_bytes(saved.backup.read_bytes()[:-100])
    assert "was changed or cut short" in empty.refused("restore", str(short), "--key", str(saved.key))
    empty.done(*saved.opened_with("restore"))
    assert empty.done("check_restored").startswith("3 matters, ")
    assert "isn't empty" in empty.refused(*saved.opened_with("restore"))
    with psycopg2.connect(running.owner) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'shouwen_replay_%'")
        assert cursor.fetchone() == (0,)
    owner.close()


def test_a_folder_that_isnt_mounted_is_no_empty_one(db: None, settings: Settings, tmp_path: Path, cast: Cast) -> None:
    settings.ATTACHMENTS_DIR = str(tmp_path / "files")
    settings.BACKUP_RECIPIENTS, settings.BACKUP_MARK = [keys.make(tmp_path / "key")], str(tmp_path / "mark")
    take("a.txt", b"a bill", by=cast["kf.agent"], at=timezone.now(), kind="intake")
    (tmp_path / "files").rename(tmp_path / "elsewhere")
    with pytest.raises(CommandError, match="is the folder mounted"):
        call_command("backup", str(tmp_path / "backup"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["elsewhere", "key"]


def test_a_drawer_that_cant_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "backup-done").touch()
    assert list(archive._files(tmp_path)) == []
    (tmp_path / "aa").touch()
    with pytest.raises(NotADirectoryError):
        list(archive._files(tmp_path))


def test_what_was_made_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "foreign").write_text("x")
    taken = restoring._Files(tmp_path / "files")
    taken.keep("aa/bb/one", 0, iter([b"1"]))
    (tmp_path / "files" / "theirs").write_text("y")
    taken.remove()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["files", "foreign", "theirs"]
