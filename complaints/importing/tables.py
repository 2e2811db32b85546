"""Rows of a CSV or XLSX file, one at a time: memory stays flat, and a broken row doesn't stop the others."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from accountability.importing import workbooks
from complaints.importing.charset import encoding_of
from complaints.importing.problems import BadFile
from complaints.importing.rejects import REASON, unguarded

LONGEST_RECORD = 20_000
"""Characters: several times what a complaint may have. A quotation mark that is never closed is noticed after it."""

MOST_STRINGS, MOST_UNPACKED = 64 << 20, 1 << 30
"""Bytes that a workbook may hold unpacked: of shared texts, which are kept in memory, and in all."""

DELIMITERS = ",;\t|"
Cell = str | datetime | date | time


@dataclass
class Row:
    """One record. `line` is where it begins (1 is the first); `fault` says why it can't be read at all."""

    line: int
    cells: list[Cell]
    fault: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.fault and all(cell == "" for cell in self.cells)


@dataclass
class Table:
    """The header and what follows it. `encoding` is empty for a workbook."""

    header: list[str]
    rows: Iterator[Row]
    encoding: str = ""
    notes: list[str] = field(default_factory=list)


@contextmanager
def opened(path: Path, *, encoding: str = "", sheet: str = "") -> Iterator[Table]:
    """The file's table, read while the block runs. Raises BadFile for what is no table."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise BadFile(_("无法读取文件：%(error)s。") % {"error": error.strerror}) from error
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("这是旧版 Excel 文件（.xls），请另存为 .xlsx 或 CSV 后再导入。"))
    with _workbook(path, sheet) if start.startswith(b"PK\x03\x04") else _text(path, encoding) as table:
        yield table


def _with_header(rows: Iterator[Row], **more: Any) -> Table:
    first = next((row for row in rows if not row.is_empty), None)
    if first is None:
        raise BadFile(_("文件是空的。"))
    if first.fault:
        raise BadFile(_("标题行无法读取：%(fault)s") % {"fault": first.fault})
    header = [str(cell) for cell in first.cells]
    while header and not header[-1]:
        header.pop()
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadFile(_("标题行中有重名的列：%(names)s。") % {"names": "、".join(twice)})
    return Table(header, _to_width(rows, header), **more)


def _to_width(rows: Iterator[Row], header: list[str]) -> Iterator[Row]:
    """The rows that say anything, as wide as the header; empty cells beyond it are dropped."""
    width = len(header)
    read = unguarded if REASON in header else list
    for row in rows:
        if row.is_empty:
            continue
        while len(row.cells) > width and row.cells[-1] == "":
            row.cells.pop()
        if not row.fault and len(row.cells) != width:
            row.fault = _("应有 %(width)s 列，实有 %(now)s 列。") % {"width": width, "now": len(row.cells)}
        row.cells = read(row.cells)
        yield row


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


@contextmanager
def _text(path: Path, declared: str) -> Iterator[Table]:
    encoding = encoding_of(path, declared)
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        lines = Lines(file)
        yield _with_header(_records(lines, _delimiter(path, encoding)), encoding=encoding)


def _delimiter(path: Path, encoding: str) -> str:
    """Whatever stands most often in the first line, outside quotation marks."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = "".join(file.readline(LONGEST_RECORD).split('"')[::2])
    return max(DELIMITERS, key=first.count)


def _records(lines: Lines, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        begins = lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooLong):
            yield Row(begins, [_clean(lines.keep_first())[:1000]], _("该行过长，或引号没有成对。"))
            continue
        cells = [_clean(cell) for cell in cells]
        yield Row(begins, [*cells], _undecoded(cells))


def _clean(cell: str) -> str:
    return cell.strip("\ufeff \t\r\n\u3000")


def _undecoded(cells: list[str]) -> str:
    """What no reading of the row can mend: bytes that the encoding doesn't know, and NUL."""
    text = "".join(cells)
    if "\x00" in text:
        return _("该行含有空字符（NUL），文件可能已损坏。")
    if any("\ud800" <= char <= "\udfff" or char == "\ufffd" for char in text):
        return _("该行含有无法解读的字节，编码可能不对。")
    return ""


# XLSX


@contextmanager
def _workbook(path: Path, sheet: str) -> Iterator[Table]:
    with path.open("rb") as file, workbooks.opened(file, unpacked=MOST_UNPACKED, strings=MOST_STRINGS) as book:
        page = _page(book, sheet)
        others = [name for name in book.sheetnames if name != page.title]
        said = {"name": page.title, "others": "、".join(others)}
        notes = [_("只读取了工作表“%(name)s”，另有：%(others)s。") % said] if others else []
        yield _with_header(_sheet_rows(page), notes=notes)


def _page(book: Any, sheet: str) -> Any:
    if not sheet and book.worksheets:
        return book.worksheets[0]
    if sheet not in book.sheetnames:
        raise BadFile(
            _("没有工作表“%(name)s”，只有：%(others)s。") % {"name": sheet, "others": "、".join(book.sheetnames)}
        )
    return book[sheet]


def _sheet_rows(page: Any) -> Iterator[Row]:
    for number, values in enumerate(workbooks.rows_of(page), 1):
        cells = [_cell(value) for value in values]
        texts = [cell for cell in cells if isinstance(cell, str)]
        fault = _("单元格中是公式错误。") if workbooks.FORMULA_FAULTS.intersection(texts) else _undecoded(texts)
        yield Row(number, cells, fault)


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
