"""What a backup is: opened by one key alone, refused with a sentence where one byte of it is another."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tarfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.management.base import CommandError

from config.backup import archive, databases, keys, manifest, sealed, silence
from config.backup.databases import Saved
from config.backup.drill import refuse_noise
from config.celery import app

pytestmark = [pytest.mark.compliance(27)]

AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
DUMP = os.urandom(9 * 1024 * 1024)
NAMES = [f"{n:02x}/aa/{n:02x}aa{n:028x}" for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("key") / "key"
    keys.make(file)
    return file


def public(key: Path) -> str:
    return key.read_text().split("public key: ")[1].split()[0]


def encrypt(file: Path, key: Path, write: Any) -> Path:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with sealed.encrypted(handle, keys.recipients([public(key)])) as plain:
        write(plain)
    return file


@pytest.fixture
def a_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def saved(near: Path) -> Iterator[Saved]:
        yield Saved(io.BytesIO(DUMP), {"a_table": 3}, {"app": "0001_initial"})

    monkeypatch.setattr(archive, "saved", saved)
    monkeypatch.setattr(manifest, "versions", dict)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sealed files; what is half written, or no file of ours, isn't saved."""
    for name in (*NAMES, f"{NAMES[0]}.12345678.part", "lost+found/note"):
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
    return tmp_path / "files"


@pytest.fixture
def backup(a_dump: None, folder: Path, key: Path, tmp_path: Path) -> Path:
    return encrypt(tmp_path / "backup", key, lambda plain: archive.write(plain, folder, tmp_path, AT))


def read(backup: Path, key: Path) -> tuple[bytes, dict[str, bytes], manifest.Manifest]:
    dump, files = io.BytesIO(), dict[str, bytes]()

    def keep(name: str, dated: int, blocks: Iterator[bytes]) -> None:
        files[name] = b"".join(blocks)

    whole = archive.read(backup, keys.identities(key), on_dump=dump.write, on_file=keep)
    return dump.getvalue(), files, whole


def test_what_was_saved_comes_back(backup: Path, key: Path) -> None:
    dump, files, whole = read(backup, key)
    assert dump == DUMP
    assert files == {name: name.encode() * 100 for name in NAMES}
    assert (whole.tables, whole.files["count"], whole.database["bytes"]) == ({"a_table": 3}, 3, len(DUMP))


def test_the_file_shows_nothing_to_whoever_has_no_key(backup: Path) -> None:
    shown = backup.read_bytes()
    assert [word for word in (b"manifest", b"database/", b"a_table", DUMP[:32]) if word in shown] == []
    assert backup.stat().st_mode & 0o077 == 0


def test_another_key_doesnt_open_it(backup: Path, tmp_path: Path) -> None:
    keys.make(tmp_path / "another")
    with pytest.raises(CommandError, match="was made for another key"):
        read(backup, tmp_path / "another")


@pytest.mark.parametrize("left", [0, 20, 100, 5_000, 2_000_000, -70_000, -1])
def test_what_was_cut_short_is_refused(backup: Path, key: Path, left: int) -> None:
    backup.write_bytes(backup.read_bytes()[:left])
    with pytest.raises(CommandError, match=r"cut short|cut off"):
        read(backup, key)


@pytest.mark.parametrize("place", [40, 150, 400, 70_000, 5_000_000, -10_000, -1])
def test_a_changed_byte_is_refused(backup: Path, key: Path, place: int) -> None:
    data = bytearray(backup.read_bytes())
    data[place] ^= 1
    backup.write_bytes(bytes(data))
    with pytest.raises(CommandError, match=r"was changed|is no backup|another key"):
        read(backup, key)


def test_it_is_read_to_its_very_end(a_dump: None, folder: Path, key: Path, tmp_path: Path) -> None:
    """Where a fault stands behind all that is read of the archive, too."""

    def write(plain: Any) -> None:
        archive.write(plain, folder, tmp_path, AT)
        plain.write(bytes(200_000))

    backup = encrypt(tmp_path / "padded", key, write)
    assert read(backup, key)[0] == DUMP
    backup.write_bytes(backup.read_bytes()[:-1])
    with pytest.raises(CommandError, match="was changed or cut short"):
        read(backup, key)


def test_what_is_hung_on_is_refused(backup: Path, key: Path) -> None:
    backup.write_bytes(backup.read_bytes() + b"more")
    with pytest.raises(CommandError, match="was changed"):
        read(backup, key)


def tar(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> Any:
    def write(plain: Any) -> None:
        with tarfile.open(fileobj=plain, mode="w|") as made:
            for name, data in members:
                info = tarfile.TarInfo(name)
                info.size, info.type = len(data), kind
                made.addfile(info, io.BytesIO(data))

    return write


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (tar(("database/00000000", b"abc")), "its manifest is missing"),
        (tar(("../../etc/cron.d/x", b"abc")), "doesn't belong there"),
        (tar((f"files/{NAMES[0]}/../x", b"abc")), "doesn't belong there"),
        (tar((f"files/{NAMES[0]}", b""), kind=tarfile.SYMTYPE), "doesn't belong there"),
        (tar(("manifest.json", b"{}")), "its manifest can't be read"),
        (tar(("manifest.json", b'{"format": 1}')), "its manifest can't be read"),
        (lambda plain: plain.write(b"no archive" * 1000), "isn't a whole backup"),
    ],
)
def test_whoever_knows_the_public_key_can_write_no_file_elsewhere(
    key: Path, tmp_path: Path, write: Any, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        read(encrypt(tmp_path / "made", key, write), key)


def test_parts_that_arent_those_of_the_manifest_are_refused(backup: Path, key: Path, tmp_path: Path) -> None:
    _, files, whole = read(backup, key)
    parts = [("database/00000000", DUMP[:-1]), *((f"files/{name}", data) for name, data in files.items())]
    forged = encrypt(tmp_path / "forged", key, tar(*parts, ("manifest.json", whole.written())))
    with pytest.raises(CommandError, match="its parts aren't those of its manifest"):
        read(forged, key)


def test_the_format_is_that_of_age_and_tar(backup: Path, key: Path) -> None:
    """It is opened without this program too."""
    opened = pyrage.decrypt(backup.read_bytes(), keys.identities(key))
    with tarfile.open(fileobj=io.BytesIO(opened)) as whole:
        names = whole.getnames()
    assert (names[0], names[1], names[-1]) == ("README.txt", "database/00000000", "manifest.json")
    assert backup.read_bytes().startswith(b"age-encryption.org/v1\n-> X25519 ")


def test_memory_doesnt_grow_with_the_files(a_dump: None, key: Path, tmp_path: Path) -> None:
    large = tmp_path / "files" / NAMES[0]
    large.parent.mkdir(parents=True)
    large.touch()
    os.truncate(large, 128 * 1024 * 1024)
    tracemalloc.start()
    backup = encrypt(tmp_path / "backup", key, lambda plain: archive.write(plain, tmp_path / "files", tmp_path, AT))
    archive.read(backup, keys.identities(key), on_dump=len, on_file=lambda *_: None)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 32 * 1024 * 1024


def test_a_key_is_written_once_and_for_its_owner(key: Path) -> None:
    assert (key.stat().st_mode & 0o777, public(key)[:4]) == (0o600, "age1")
    with pytest.raises(CommandError, match="exists; nothing is overwritten"):
        keys.make(key)


@pytest.mark.parametrize(
    ("written", "sentence"), [([], "names no public key"), (["", " "], "names no"), (["age1x"], "something else")]
)
def test_without_a_public_key_nothing_is_saved(written: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        keys.recipients(written)


@pytest.mark.parametrize("text", ["", "# nothing", "AGE-SECRET-KEY-1X", "密钥"])
def test_what_holds_no_private_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(CommandError, match="holds no private key"):
        keys.identities(tmp_path / "key")
    with pytest.raises(CommandError, match="can't be read: No such file"):
        keys.identities(tmp_path / "nowhere")


def test_a_program_that_is_missing_or_fails_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shell = shutil.which("sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="pg_dump isn't installed"):
        databases._program("pg_dump")
    command = [str(shell), "-c", "echo the server is too new >&2; exit 1"]
    with pytest.raises(CommandError, match="sh failed: the server is too new"):
        write_without_end(command)


def write_without_end(command: list[str]) -> None:
    with databases._running(command, dict(os.environ), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        while True:
            process.stdin.write(b"x" * 100_000)


def test_a_call_and_a_task_are_heard() -> None:
    with silence.listening() as heard:
        assert heard == []
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            socket.create_connection(server.getsockname()).close()
        app.send_task("accountability.tasks.sweep", expires=0.1)
    assert {line.split()[0] for line in heard} >= {"socket.connect", "task"}
    with pytest.raises(CommandError, match="wasn't silent:\nsocket"):
        refuse_noise(heard, {}, {})
    with silence.listening() as later, socket.socket():
        pass
    assert later == []


def test_a_message_that_went_meanwhile_is_no_silence() -> None:
    refuse_noise([], {"messages sent": 3}, {"messages sent": 3})
    with pytest.raises(CommandError, match="messages sent: 3 before, 4 after"):
        refuse_noise([], {"messages sent": 3}, {"messages sent": 4})
