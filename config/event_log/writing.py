"""Writes a log into a new file that only its owner may read; with the ending .gz it is compressed."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from accountability.db.snapshot import snapshot
from config.event_log import ocel, xes
from config.event_log.reading import Log

FORMATS: dict[str, Callable[[Log], Iterator[str]]] = {
    "xes": lambda log: (f"{line}\n" for line in xes.lines(log)),
    "ocel": ocel.parts,
}


def write(log: Log, form: str, file: Path) -> None:
    """The log as of one instant. Raises FileExistsError; a file that couldn't be finished is taken away."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw, snapshot(), closing(log):
            if file.suffix == ".gz":
                with gzip.open(raw, "wb") as packed:
                    _fill(packed.write, log, form)
            else:
                _fill(raw.write, log, form)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _fill(put: Callable[[bytes], object], log: Log, form: str) -> None:
    for piece in FORMATS[form](log):
        put(piece.encode())
