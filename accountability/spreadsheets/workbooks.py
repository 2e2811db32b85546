"""A workbook opened with care: how much it may unpack to and how empty it may be, and every damage in one sentence."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import openpyxl
from django.utils.translation import gettext as _

FORMULA_FAULTS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})

MOST_EMPTY, EMPTY_BESIDE_FILLED = 5_000_000, 50
"""Empty rows and cells: so many in all, and so many more for each that is filled. A few bytes can hold them without
end."""


class BadFile(Exception):
    """A file that can't be read; `str()` is the sentence for the user."""


@contextmanager
def opened(file: BinaryIO, *, unpacked: int, strings: int) -> Iterator[Any]:
    """The workbook, its sheets read while the block runs.

    `unpacked` bytes is all it may hold, `strings` what it may hold of shared texts, which are kept in memory. Raises
    BadFile.
    """
    try:
        with zipfile.ZipFile(file) as package:
            sizes = unpacked_sizes(package)
        texts = sum(size for name, size in sizes.items() if name.endswith("sharedStrings.xml"))
        if texts > strings or sum(sizes.values()) > unpacked:
            raise BadFile(_("工作簿过大，请另存为 CSV（UTF-8）后再导入。"))
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except BadFile:
        raise
    except Exception:  # a damaged workbook comes to any exception of three libraries
        raise _damaged() from None
    try:
        yield book
    finally:
        book.close()


def _damaged() -> BadFile:
    return BadFile(_("文件不是完好的 Excel 工作簿（.xlsx）。"))


def unpacked_sizes(package: zipfile.ZipFile) -> dict[str, int]:
    """What each part says that it unpacks to; the reader gives no more of it than that."""
    return {part.filename: part.file_size for part in package.infolist()}


def rows_of(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Every row's values, None where a cell is empty. Raises BadFile."""
    sheet.reset_dimensions()  # what a program wrote about the sheet's size may be wrong, and would hide its rows
    rows, empty, filled = sheet.iter_rows(values_only=True), 0, 0
    while True:
        try:
            row = next(rows, None)
        except Exception:  # as above: a sheet is read only now
            raise _damaged() from None
        if row is None:
            return
        here = sum(value is not None for value in row)
        empty, filled = empty + 1 + len(row) - here, filled + here
        if empty > MOST_EMPTY + EMPTY_BESIDE_FILLED * filled:
            raise BadFile(_("工作簿中空行、空列过多，请删去后再导入。"))
        yield row
