"""Stores sealed files on disk: written completely or not at all, under random names, in a folder that isn't served.

A file is written before its row and deleted after it, so a crash can only leave a file without a row. `idle` finds
candidates for the cleanup, one drawer (subfolder) at a time.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

DRAWERS = 256

_ELSEWHERE: ContextVar[Path | None] = ContextVar("elsewhere", default=None)


@contextmanager
def elsewhere(folder: Path) -> Iterator[None]:
    """Within this context files are kept in `folder`. For a throw-away database: it has no rows for the real files, so
    its cleanup would delete them.
    """
    before = _ELSEWHERE.set(folder)
    try:
        yield
    finally:
        _ELSEWHERE.reset(before)


def _folder() -> Path:
    return _ELSEWHERE.get() or Path(settings.ATTACHMENTS_DIR)


def _path(place: str) -> Path:
    return _folder() / place[:2] / place[2:4] / place


def put(sealed: bytes, *, at: datetime) -> str:
    """Write the bytes, synced to disk, and return the file's name. `at` becomes the file's modification time."""
    place = secrets.token_hex(16)
    path = _path(place)
    folders = (path.parents[2], path.parents[1], path.parent)
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, sealed, dated=at.timestamp())
    for folder in folders:
        sync(folder)
    return place


def replace(place: str, sealed: bytes) -> None:
    """Replace a file atomically: a reader gets either the old bytes or the new ones. The modification time stays.

    Raises FileNotFoundError if there is no such file.
    """
    path = _path(place)
    _write(path, sealed, dated=path.stat().st_mtime)
    sync(path.parent)


def _write(path: Path, sealed: bytes, *, dated: float) -> None:
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        os.utime(partial, (dated, dated))
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def sync(folder: Path) -> None:
    """Sync the folder's entries, or a power failure could lose the new file name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def get(place: str) -> bytes:
    """Read the file. Raises FileNotFoundError if there is none."""
    return _path(place).read_bytes()


def holds(place: str) -> bool:
    """Whether the file exists."""
    return _path(place).is_file()


def discard(place: str) -> None:
    """Delete the file. It may already be gone."""
    _path(place).unlink(missing_ok=True)


def idle(drawer: int, at: datetime, age: timedelta) -> Iterator[Path]:
    """The files in one drawer that are older than `age`, including half-written ones."""
    with suppress(FileNotFoundError):
        for path in (_folder() / f"{drawer:02x}").glob("*/*"):
            with suppress(FileNotFoundError):
                if at.timestamp() - path.stat().st_mtime > age.total_seconds():
                    yield path
