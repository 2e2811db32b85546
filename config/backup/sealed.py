"""Encrypts and decrypts a stream in the format of `age` by pyrage, piece by piece, in a thread of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pyrage
from django.core.management.base import CommandError


class _Pump(threading.Thread):
    """Runs one of pyrage's two functions from one file to another and keeps the error that ended it."""

    def __init__(self, work: Any, source: IO[bytes], target: IO[bytes], keys: list[Any]) -> None:
        super().__init__(daemon=True)
        self._work, self._source, self._target, self._keys = work, source, target, keys
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._work(self._source, self._target, self._keys)
            self._target.flush()
        except Exception as error:
            self.error = error
        finally:
            for file in (self._source, self._target):
                with suppress(OSError):  # the other end of the pipe may be closed
                    file.close()


@contextmanager
def encrypted(handle: int, recipients: list[Any]) -> Iterator[IO[bytes]]:
    """What is written inside this context goes to the open file `handle`, encrypted, and is synced to disk."""
    ours, theirs = os.pipe()
    kept = os.dup(handle)
    pump = _Pump(pyrage.encrypt_io, os.fdopen(ours, "rb"), os.fdopen(handle, "wb"), recipients)
    pump.start()
    try:
        try:
            with os.fdopen(theirs, "wb") as plain:
                yield plain
        finally:
            pump.join()
        if pump.error:
            raise pump.error
        os.fsync(kept)
    except OSError as error:
        raise (pump.error or error) from error
    finally:
        os.close(kept)


@contextmanager
def decrypted(path: Path, identities: list[Any]) -> Iterator[IO[bytes]]:
    """The plain bytes of the backup. Leaving the context reads it to its end: only then is it known to be whole."""
    try:
        source = path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}") from error
    ours, theirs = os.pipe()
    pump = _Pump(pyrage.decrypt_io, source, os.fdopen(theirs, "wb"), identities)
    pump.start()
    try:
        with os.fdopen(ours, "rb") as plain:
            yield plain
            while plain.read(1 << 20):
                pass
    except Exception:
        pump.join()
        _refuse(path, pump.error)
        raise
    pump.join()
    _refuse(path, pump.error)


def _refuse(path: Path, error: Exception | None) -> None:
    """Say what is wrong with the backup; a pipe that we closed ourselves tells nothing of it."""
    if error is None or isinstance(error, BrokenPipeError):
        return
    if isinstance(error, pyrage.DecryptError) and "No matching keys" in str(error):
        raise CommandError(f"{path} was made for another key") from error
    if isinstance(error, pyrage.DecryptError):
        raise CommandError(f"{path} is no backup, or its beginning was changed or cut off") from error
    raise CommandError(f"{path} was changed or cut short after it was made") from error
