"""Sealed files on disk: written whole or not at all, under random names, in a folder that nothing serves.

A file comes before its row and goes after it, so what a crash leaves behind is a file that no row names; `idle` finds
those of one drawer at a time.
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
    """Inside it files stand in this folder: for a throw-away database, which knows nothing of the real files and
    would clear them away.
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
    """Write the bytes and give their place; they are on the disk when this returns. Dated by the system's own clock."""
    place = secrets.token_hex(16)
    path = _path(place)
    folders = (path.parents[2], path.parents[1], path.parent)
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, sealed, dated=at.timestamp())
    for folder in folders:
        _sync(folder)
    return place


def replace(place: str, sealed: bytes) -> None:
    """Other bytes in the same place, at once: whoever reads gets the old ones or the new ones, whole. Dated as before.

    Raises FileNotFoundError where nothing stands.
    """
    path = _path(place)
    _write(path, sealed, dated=path.stat().st_mtime)
    _sync(path.parent)


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


def _sync(folder: Path) -> None:
    """What stands in the folder, or the new name could be lost with the power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def get(place: str) -> bytes:
    """Raises FileNotFoundError where nothing stands."""
    return _path(place).read_bytes()


def holds(place: str) -> bool:
    """Whether something stands there, as a row says."""
    return _path(place).is_file()


def discard(place: str) -> None:
    """Doing it twice is harmless."""
    _path(place).unlink(missing_ok=True)


def idle(drawer: int, at: datetime, age: timedelta) -> Iterator[Path]:
    """The files of one of the drawers that are older than this, half-written ones among them."""
    with suppress(FileNotFoundError):
        for path in (_folder() / f"{drawer:02x}").glob("*/*"):
            with suppress(FileNotFoundError):
                if at.timestamp() - path.stat().st_mtime > age.total_seconds():
                    yield path
