"""Cells of files that people open in a spreadsheet program: none of them may become a formula.

The one place that writes CSV or begins a workbook; a test holds every other module to it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

FORMULA = re.compile("[\\s\x00-\x1f\u200b-\u200d\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Also behind spaces, which some programs drop. The full-width signs as well: where Chinese is typed, spreadsheets take
them for the same.
"""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no workbook may hold."""

MARK = "\ufeff"
"""By it office programs know that the file is UTF-8."""


def is_risky(text: str) -> bool:
    return FORMULA.match(text) is not None


def guarded(cell: Any) -> str:
    """A cell of a CSV file, which knows no types, that no spreadsheet takes for a formula: an apostrophe before it, as
    people put there themselves.
    """
    text = str(cell)
    return f"'{text}" if is_risky(text) or text.startswith("'") else text


# CSV


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def csv_line(cells: Iterable[Any]) -> str:
    """A number is one to reckon with, everything else a text that is guarded."""
    writer: Any = csv.writer(_Echo())
    return str(writer.writerow([cell if is_number(cell) else guarded(cell) for cell in cells]))


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The rows as text ready to be sent, one at a time."""
    yield MARK
    yield from map(csv_line, rows)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Workbooks


def new_book(*, write_only: bool = False) -> Any:
    """A workbook without any sheet."""
    book = Workbook(write_only=write_only)
    if not write_only:
        book.remove(book.worksheets[0])
    return book


def put(cell: Any, value: Any, *, number_format: str = "") -> Any:
    """A text as such, a number as one to reckon with, nothing as an empty cell."""
    if value is None:
        return cell
    if not is_number(value):
        return put_text(cell, str(value))
    cell.value = value
    if number_format:
        cell.number_format = number_format
    return cell


def put_text(cell: Any, text: str) -> Any:
    """A workbook's cell that holds a text as such, also where it begins like a formula, and stays one when somebody
    edits it.
    """
    text = UNPRINTABLE.sub("", text)
    cell.value, cell.data_type = text, "s"
    if is_risky(text):
        cell.quotePrefix = True
    return cell


def add_row(sheet: Any, values: Sequence[Any]) -> None:
    """A row of a workbook that is only written."""
    sheet.append([put(WriteOnlyCell(sheet), value) for value in values])
