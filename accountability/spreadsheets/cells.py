"""Writes cells of CSV files and workbooks so that no spreadsheet program runs one as a formula.

Only this module writes CSV or creates a workbook; a test checks that no other module does.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from accountability.spreadsheets.formulas import FORMULA

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that a workbook can't contain."""

MARK = "\ufeff"
"""The byte order mark. It tells office programs that the file is UTF-8."""


def is_risky(text: str) -> bool:
    return FORMULA.match(text) is not None


def guarded(cell: Any) -> str:
    """The text of a CSV cell, with an apostrophe before it if a spreadsheet could take it for a formula. CSV has no
    types; the apostrophe is what people type themselves to mark a text.
    """
    text = str(cell)
    return f"'{text}" if is_risky(text) or text.startswith("'") else text


# CSV


class _Echo:
    """A file object whose `write` returns the text."""

    def write(self, text: str) -> str:
        return text


def csv_line(cells: Iterable[Any]) -> str:
    """One line of CSV: numbers as numbers, everything else as guarded text."""
    return _line(csv.writer(_Echo()), cells)


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time, beginning with the byte order mark."""
    yield MARK
    writer = csv.writer(_Echo())
    for cells in rows:
        yield _line(writer, cells)


def _line(writer: Any, cells: Iterable[Any]) -> str:
    return str(writer.writerow([cell if is_number(cell) else guarded(cell) for cell in cells]))


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Workbooks


def new_book(*, write_only: bool = False) -> Any:
    """An empty workbook without sheets."""
    from openpyxl import Workbook  # 12 MB, which a process that makes no workbook is spared

    book = Workbook(write_only=write_only)
    if not write_only:
        book.remove(book.worksheets[0])
    return book


def put(cell: Any, value: Any, *, number_format: str = "") -> Any:
    """Write a number as a number, None as an empty cell, and anything else as text."""
    if value is None:
        return cell
    if not is_number(value):
        return put_text(cell, str(value))
    cell.value = value
    if number_format:
        cell.number_format = number_format
    return cell


def put_text(cell: Any, text: str) -> Any:
    """Write text into a workbook's cell. Text that looks like a formula stays text, even when the cell is edited."""
    text = UNPRINTABLE.sub("", text)
    cell.value, cell.data_type = text, "s"
    if is_risky(text):
        cell.quotePrefix = True
    return cell


def add_row(sheet: Any, values: Sequence[Any]) -> None:
    """Append a row to a sheet of a write-only workbook."""
    from openpyxl.cell import WriteOnlyCell

    sheet.append([put(WriteOnlyCell(sheet), value) for value in values])
