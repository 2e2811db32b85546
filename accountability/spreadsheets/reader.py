"""Reads a CSV or XLSX file row by row: memory use stays constant, and a broken row doesn't stop the others."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.spreadsheets import workbooks
from accountability.spreadsheets.encodings import encoding_of
from accountability.spreadsheets.workbooks import BadFile

LONGEST_RECORD = 20_000
"""In characters, several times the length of a complaint. After this many, an unclosed quotation mark is noticed."""

MOST_RETURNS = 5
"""How often lines are put back before those that were put back have been read."""

DELIMITERS = ",;\t|"
Cell = str | datetime | date | time

UNQUOTED = gettext_lazy("该行过长，或引号没有成对。")
HOLDS_NUL = gettext_lazy("该行含有空字符（NUL），文件可能已损坏。")
UNDECODED = gettext_lazy("该行含有无法解读的字节，编码可能不对。")
"""The values of a row's `fault`: why the row can't be read."""


@dataclass
class Row:
    """One record. `line` is the line where it begins, counted from 1."""

    line: int
    cells: list[Cell]
    fault: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.fault and all(cell == "" for cell in self.cells)


@dataclass
class Sheet:
    """One sheet of a workbook, or a whole CSV file. `encoding` is empty for a workbook."""

    title: str
    rows: Iterator[Row]
    encoding: str = ""


@contextmanager
def opened(
    file: BinaryIO,
    *,
    unpacked: int,
    strings: int,
    encoding: str = "",
    title: str = "",
    unknown: str = "",
    wall: int = 0,
) -> Iterator[Iterator[Sheet]]:  # fmt: skip
    """The sheets of the file, which can be read inside the `with` block.

    `unpacked`, `strings` and `wall` limit a workbook (`workbooks.opened`). A text file is decoded with the declared
    `encoding` or a detected one, and closed at the end. Raises BadFile if the file is not a table; its message is
    `unknown` if no encoding fits.
    """
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("这是旧版 Excel 文件（.xls），请另存为 .xlsx 或 CSV 后再导入。"))
    if start.startswith(b"PK\x03\x04"):
        with workbooks.opened(file, unpacked=unpacked, strings=strings, wall=wall) as book:
            yield (Sheet(page.title, _sheet_rows(book.rows_of(page))) for page in book.pages)
        return
    encoding = encoding_of(file, encoding)
    if not encoding:
        raise BadFile(unknown)
    file.seek(0)
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with TextIOWrapper(file, encoding, errors, newline="") as text:
        first = "".join(text.readline(LONGEST_RECORD).split('"')[::2])  # outside quotation marks
        text.seek(0)
        yield iter([Sheet(title, _records(Lines(text), max(DELIMITERS, key=first.count)), encoding)])


# CSV


class TooLong(Exception):
    """A record of more than LONGEST_RECORD characters, or of more lines than it may have."""


class Lines:
    """Counts the physical lines of a file and remembers those of the current record."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.number = 0
        self.taken: list[str] = []
        self._length = 0
        self._back: deque[str] = deque()
        self._returns = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self.taken and self._returns > MOST_RETURNS:
            raise TooLong
        line = self._back.popleft() if self._back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._length += len(line)
        if self._length > LONGEST_RECORD:
            raise TooLong
        return line

    def _read(self) -> str:
        """The next line; only the beginning of one that is far too long."""
        line = more = self.file.readline(LONGEST_RECORD + 1)
        while more and not more.endswith(("\n", "\r")):
            more = self.file.readline(LONGEST_RECORD + 1)
        return line

    def begin_record(self) -> int:
        """Start a new record and return the number of its first line."""
        self.taken, self._length = [], 0
        if not self._back:
            self._returns = 0
        return self.number + 1

    def keep_first(self) -> str:
        """Return the first of the record's lines and put the others back, to be read again.

        After MOST_RETURNS times each of the lines that were put back is a record of its own, so that no line is read
        again for each of the lines before it.
        """
        self._returns += 1
        first, others = self.taken[0], self.taken[1:]
        self._back.extendleft(reversed(others))
        self.number -= len(others)
        return first


def _records(lines: Lines, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begins = lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooLong):
            yield Row(begins, [_clean(lines.keep_first())[:1000]], str(UNQUOTED))
            continue
        cells = [_clean(cell) for cell in cells]
        yield Row(begins, [*cells], _undecoded(cells))


def _clean(cell: str) -> str:
    return cell.strip("\ufeff \t\r\n\u3000")


def _undecoded(cells: list[str]) -> str:
    """The fault of a row that contains NUL or bytes that the encoding can't decode; otherwise empty."""
    text = "".join(cells)
    if "\x00" in text:
        return str(HOLDS_NUL)
    if any("\ud800" <= char <= "\udfff" or char == "\ufffd" for char in text):
        return str(UNDECODED)
    return ""


# XLSX


def _sheet_rows(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[Row]:
    for number, values in rows:
        cells = [_cell(value) for value in values]
        yield Row(number, cells, _undecoded([cell for cell in cells if isinstance(cell, str)]))


def _cell(value: Any) -> Cell:
    """The value as a person would write it: the ticket number 250635.0 becomes 250635."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date() | time():
            return value
        case float() if value.is_integer():
            return str(int(value))
    return _clean(str(value))
