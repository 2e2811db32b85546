"""An export's file: written in pieces, each sealed under a random name; read and destroyed the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q

from accountability.privacy.key_rotation import SealedFiles
from accountability.security import file_store
from accountability.security.encryption import bound_to_file, seal_bytes, unseal_bytes
from assessment.models import Export, ExportPiece

PIECE = 1024 * 1024
"""Bytes: the most of a file that is in memory at once, whatever its size."""


@dataclass(frozen=True)
class Made:
    rows: int
    pieces: int
    size: int
    sha256: str


class Sink:
    """The file object for a CSV or workbook writer. Every piece has its row before the next one begins, so what a crash
    leaves behind is known, and is deleted on the next attempt or with the export.
    """

    def __init__(self, export: Export, at: datetime) -> None:
        self.export, self.at = export, at
        self.pieces = self.size = 0
        self._kept, self._digest = bytearray(), hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._kept += data
        self._digest.update(data)
        self.size += len(data)
        while len(self._kept) >= PIECE:
            self._put(PIECE)
        return len(data)

    def flush(self) -> None:
        """Does nothing: a piece is complete only at its full size or at the end."""

    def finish(self, rows: int) -> Made:
        if self._kept:
            self._put(len(self._kept))
        return Made(rows, self.pieces, self.size, self._digest.hexdigest())

    def _put(self, length: int) -> None:
        plain = bytes(self._kept[:length])
        del self._kept[:length]
        sealed = seal_bytes(plain, token=self.export.token, part=part(self.pieces))
        place = file_store.put(sealed, at=self.at)
        ExportPiece.objects.create(export=self.export, number=self.pieces, place=place, size=length)
        self.pieces += 1


def part(number: int) -> str:
    """Each piece is bound to its place as well as to the export's token, so that no piece can replace another."""
    return f"export {number}"


class Incomplete(Exception):
    """A piece of the file is missing."""


def pieces_of(export: Export) -> Iterator[bytes]:
    """The file, a piece at a time. Raises FileNotFoundError or Incomplete if one is missing, InvalidTag if one was
    tampered with.
    """
    rows = list(ExportPiece.objects.filter(export=export).order_by("number"))
    if [row.number for row in rows] != list(range(export.pieces)):
        raise Incomplete(str(export))
    return (unseal_bytes(file_store.get(row.place), token=export.token, part=part(row.number)) for row in rows)


def destroy(export: Export) -> int:
    """Delete the pieces' rows in the transaction and the pieces themselves on commit. Returns how many there were."""
    places = list(ExportPiece.objects.filter(export=export).values_list("place", flat=True))
    ExportPiece.objects.filter(export=export).delete()
    for place in places:
        transaction.on_commit(partial(file_store.discard, place))
    return len(places)


def named(places: Collection[str]) -> Iterable[str]:
    """Those of these places in the vault that hold a piece of an export."""
    return ExportPiece.objects.filter(place__in=list(places)).values_list("place", flat=True)


SEALED = SealedFiles(
    "exports", ExportPiece, lambda row: bound_to_file(row.export.token, part(row.number)), Q(), ("export",)
)
"""Allows keys to be changed while files are kept."""
