"""Opens workbooks safely: a confined program reads them, and any damage becomes one message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy

from accountability.confined.running import Busy, Limits, Unfinished, lines_of
from accountability.spreadsheets.unpacking import DAMAGED, EMPTY, LARGE, MOST_EMPTY

FORMULA_FAULTS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})

PROGRAM = "accountability.spreadsheets.unpacking"
MEMORY = 2 * 1024 * 1024 * 1024
LEAST_CPU, BYTES_A_SECOND = 60, 2 * 1024 * 1024
"""Seconds of processor time for any workbook, and one more for so many bytes that it may unpack to."""

LONGEST_LINE = 16 * 1024 * 1024

SENTENCES = {
    LARGE: gettext_lazy("工作簿过大，请另存为 CSV（UTF-8）后再导入。"),
    DAMAGED: gettext_lazy("文件不是完好的 Excel 工作簿（.xlsx）。"),
    EMPTY: gettext_lazy("工作簿中空行、空列过多，请删去后再导入。"),
}
UNFINISHED = gettext_lazy("工作簿过于复杂，未能在限定的时间和内存内读完，请另存为 CSV（UTF-8）后再导入。")
BUSY = gettext_lazy("文件检查暂时忙不过来，请稍后再导入。")

MOMENTS = {kind.__name__: kind for kind in (datetime, date, time)}


class BadFile(Exception):
    """A file that can't be read; `str()` gives the message for the user."""


@dataclass
class Page:
    """A sheet of a workbook. The pages are read in their order, each once; one may be left out."""

    title: str
    place: int
    book: Book


class Book:
    """A workbook that is being read."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._place = 0
        self.pages = [Page(title, place, self) for place, title in enumerate(self._next())]

    def rows_of(self, page: Page) -> Iterator[tuple[int, list[Any]]]:
        """The number and the values of every row that has any, None for an empty cell. Raises BadFile."""
        while self._place <= page.place:
            row = self._next()
            if row is None:
                self._place += 1
            elif self._place == page.place:
                number, *cells = row
                yield number, [_value(cell) for cell in cells]

    def _next(self) -> Any:
        try:
            line = next(self._lines, b"")
        except Unfinished:
            raise BadFile(UNFINISHED) from None
        said = json.loads(line) if line.endswith(b"\n") else DAMAGED
        if isinstance(said, str):
            raise BadFile(SENTENCES[said])
        return said


@contextmanager
def opened(file: BinaryIO, *, unpacked: int, strings: int, wall: int = 0) -> Iterator[Book]:
    """The workbook, whose sheets can be read inside the `with` block.

    `unpacked` is the most bytes it may unpack to; `strings` the most bytes of shared texts, which are kept in memory;
    `wall` the most seconds on the clock, where somebody waits for it. Raises BadFile.
    """
    limits = Limits(LEAST_CPU + unpacked // BYTES_A_SECOND, MEMORY, wall)
    given = [str(unpacked), str(strings), str(MOST_EMPTY)]
    try:
        with lines_of(PROGRAM, given, file.read(), limits, longest=LONGEST_LINE) as lines:
            yield Book(lines)
    except Busy:
        raise BadFile(BUSY) from None


def _value(cell: Any) -> Any:
    if isinstance(cell, dict):
        (kind, written), *_none = cell.items()
        return MOMENTS[kind].fromisoformat(written)
    return cell
