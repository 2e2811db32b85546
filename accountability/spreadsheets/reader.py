"""Rows of a CSV or XLSX file, one at a time: memory stays flat, and a broken row doesn't stop the others."""

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
"""Characters: several times what a complaint may have. A quotation mark that is never closed is noticed after it."""

DELIMITERS = ",;\t|"
Cell = str | datetime | date | time

UNQUOTED = gettext_lazy("该行过长，或引号没有成对。")
HOLDS_NUL = gettext_lazy("该行含有空字符（NUL），文件可能已损坏。")
UNDECODED = gettext_lazy("该行含有无法解读的字节，编码可能不对。")
"""What a row's `fault` says: why it can't be read at all."""


@dataclass
class Row:
    """One record. `line` is where it begins (1 is the first)."""

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
    file: BinaryIO, *, unpacked: int, strings: int, encoding: str = "", title: str = "", unknown: str = ""
) -> Iterator[Iterator[Sheet]]:
    """The sheets of the file, each read while the block runs.

    `unpacked` and `strings` bound a workbook (`workbooks.opened`). A text file is read by the `encoding` declared, or
    by the one that is found out; it is closed at the end. Raises BadFile for what is no table, with `unknown` where no
    encoding fits.
    """
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("这是旧版 Excel 文件（.xls），请另存为 .xlsx 或 CSV 后再导入。"))
    if start.startswith(b"PK\x03\x04"):
        with workbooks.opened(file, unpacked=unpacked, strings=strings) as book:
            yield (Sheet(page.title, _sheet_rows(page)) for page in book.worksheets)
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
    """A record of more than LONGEST_RECORD characters."""


class Lines:
    """The physical lines of a file, counted, with those that were taken for the present record at hand."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.number = 0
        self.taken: list[str] = []
        self._back: deque[str] = deque()

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        if sum(map(len, self.taken)) > LONGEST_RECORD:
            raise TooLong
        return line

    def _read(self) -> str:
        """A line; of one that is far too long only the beginning."""
        line = more = self.file.readline(LONGEST_RECORD + 1)
        while more and not more.endswith(("\n", "\r")):
            more = self.file.readline(LONGEST_RECORD + 1)
        return line

    def begin_record(self) -> int:
        """The number of the line that comes next."""
        self.taken = []
        return self.number + 1

    def keep_first(self) -> str:
        """Of the lines taken only the first is used up; the others come once more."""
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
    """What no reading of the row can mend: bytes that the encoding doesn't know, and NUL."""
    text = "".join(cells)
    if "\x00" in text:
        return str(HOLDS_NUL)
    if any("\ud800" <= char <= "\udfff" or char == "\ufffd" for char in text):
        return str(UNDECODED)
    return ""


# XLSX


def _sheet_rows(page: Any) -> Iterator[Row]:
    for number, values in enumerate(workbooks.rows_of(page), 1):
        cells = [_cell(value) for value in values]
        yield Row(number, cells, _undecoded([cell for cell in cells if isinstance(cell, str)]))


def _cell(value: Any) -> Cell:
    """Numbers as one would write them: a ticket 250635.0 is 250635."""
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
