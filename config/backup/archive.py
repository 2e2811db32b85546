"""The parts of a backup and their order: a tar archive inside the encryption.

README.txt                how to open it without this program
database/00000000 …       the dump, in pieces
files/ab/cd/abcd…         the sealed files, after the database: each file that a saved row names was there before it
manifest.json             last: counts of rows, digests of the parts, versions
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError
from django.db import connection

from config.backup import manifest, sealed
from config.backup.databases import saved
from config.backup.manifest import Manifest, Part

README, DATABASE, FILES, MANIFEST = "README.txt", "database/", "files/", "manifest.json"

A_DRAWER = re.compile("[0-9a-f]{2}")
A_FILE = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}")
"""The name of a sealed file in its folder (accountability/security/file_store.py)."""

MOST_OF_A_MANIFEST = 4 * 1024 * 1024
"""Bytes."""

BLOCK = 1024 * 1024

HOW = """\
Opened without the program that made it, on any machine with age, tar and PostgreSQL's client:

    age --decrypt --identity KEY backup.tar.age | tar --extract
    cat database/* | pg_restore --no-owner --no-privileges --dbname=EMPTY_DATABASE      (SQLite: > db.sqlite3)

files/ becomes ATTACHMENTS_DIR. The four keys are not in here; docs/deploy.md says where they are.
"""


class Bad(Exception):
    """What was decrypted isn't a backup as `write` makes it."""


def write(target: IO[bytes], folder: Path, near: Path, at: datetime) -> Manifest:
    """Write the parts to `target`. `folder` holds the sealed files."""
    database, files = Part(), Part()
    with tarfile.open(fileobj=target, mode="w|") as archive:
        _add(archive, README, HOW.encode())
        with saved(near) as dump:
            for number, piece in enumerate(dump.pieces()):
                database.add(piece)
                _add(archive, f"{DATABASE}{number:08}", piece)
        for name, path in _files(folder):
            with suppress(FileNotFoundError):  # discarded since the folder was read
                _add_file(archive, name, path, files)
        whole = Manifest(
            format=manifest.FORMAT, made_at=at.isoformat(), vendor=connection.vendor,
            versions=manifest.versions(), migrations=dump.migrations, tables=dump.tables,
            database=database.described(), files=files.described(),
        )  # fmt: skip
        _add(archive, MANIFEST, whole.written())
    return whole


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o600, int(time.time())
    archive.addfile(info, io.BytesIO(data))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Drawer by drawer: all names at once might not fit into memory. A folder that can't be read is an error."""
    if not folder.exists():
        return
    for drawer in sorted(folder.iterdir()):
        if not A_DRAWER.fullmatch(drawer.name):
            continue
        for path in sorted(path for inner in drawer.iterdir() if inner.is_dir() for path in inner.iterdir()):
            name = path.relative_to(folder).as_posix()
            if A_FILE.fullmatch(name):
                yield name, path


def _add_file(archive: tarfile.TarFile, name: str, path: Path, files: Part) -> None:
    with path.open("rb") as source:
        there = os.fstat(source.fileno())
        info = tarfile.TarInfo(f"{FILES}{name}")
        info.size, info.mode, info.mtime = there.st_size, 0o600, int(there.st_mtime)
        read = _Digested(source)
        archive.addfile(info, read)
    files.add_file(name, info.size, read.hash.hexdigest())


class _Digested(io.RawIOBase):
    """Digests what is read through it."""

    def __init__(self, source: Any) -> None:
        self._source, self.hash = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._source.read(size)
        self.hash.update(data)
        return data


KeepFile = Callable[[str, int, Iterator[bytes]], None]
"""Takes a file: its name, its modification time, its bytes."""


def read(backup: Path, identities: list[Any], *, on_dump: Callable[[bytes], Any], on_file: KeepFile) -> Manifest:
    """Give out each part and return the manifest. Raises CommandError where the backup isn't whole, or isn't what its
    manifest says; then what was given out is worth nothing.
    """
    try:
        with sealed.decrypted(backup, identities) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            return _read(archive, on_dump, on_file)
    except (tarfile.TarError, Bad) as error:
        raise CommandError(f"{backup} was decrypted, and isn't a whole backup: {error}") from error


def _read(archive: tarfile.TarFile, on_dump: Callable[[bytes], Any], on_file: KeepFile) -> Manifest:
    database, files, whole = Part(), Part(), None
    for info in archive:
        if whole or not info.isreg():
            raise Bad(f"{info.name!r} doesn't belong there")
        if info.name.startswith(DATABASE):
            for block in _blocks(archive, info):
                database.add(block)
                on_dump(block)
        elif info.name.startswith(FILES) and A_FILE.fullmatch(info.name.removeprefix(FILES)):
            _give_out(archive, info, files, on_file)
        elif info.name == MANIFEST and info.size <= MOST_OF_A_MANIFEST:
            whole = _understood(b"".join(_blocks(archive, info)))
        elif info.name != README:
            raise Bad(f"{info.name!r} doesn't belong there")
    if whole is None:
        raise Bad("its manifest is missing")
    if (whole.database, whole.files) != (database.described(), files.described()):
        raise Bad("its parts aren't those of its manifest")
    return whole


def _understood(data: bytes) -> Manifest:
    try:
        return manifest.read(data)
    except ValueError as error:
        raise Bad(f"its manifest can't be read ({error})") from error


def _blocks(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    source = archive.extractfile(info)
    assert source is not None
    left = info.size
    while left and (block := source.read(min(left, BLOCK))):
        left -= len(block)
        yield block
    if left:
        raise Bad(f"{info.name!r} is cut short")


def _give_out(archive: tarfile.TarFile, info: tarfile.TarInfo, files: Part, on_file: KeepFile) -> None:
    name, seen = info.name.removeprefix(FILES), hashlib.sha256()

    def blocks() -> Iterator[bytes]:
        for block in _blocks(archive, info):
            seen.update(block)
            yield block

    given = blocks()
    on_file(name, int(info.mtime), given)
    for _rest in given:  # what the taker left
        pass
    files.add_file(name, info.size, seen.hexdigest())
