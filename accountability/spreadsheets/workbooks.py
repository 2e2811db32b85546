"""Opens workbooks safely: limits their unpacked size and their empty cells, and turns any damage into one message."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import openpyxl
from django.utils.translation import gettext as _

FORMULA_FAULTS = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})

MOST_EMPTY, EMPTY_BESIDE_FILLED = 5_000_000, 50
"""How many empty rows and cells are allowed: so many in all, and so many more for each filled cell. A file of a few
bytes can contain an endless number of them.
"""


class BadFile(Exception):
    """A file that can't be read; `str()` gives the message for the user."""


@contextmanager
def opened(file: BinaryIO, *, unpacked: int, strings: int) -> Iterator[Any]:
    """The workbook, whose sheets can be read inside the `with` block.

    `unpacked` is the most bytes it may unpack to; `strings` the most bytes of shared texts, which are kept in memory.
    Raises BadFile.
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
    except Exception:  # a damaged workbook can raise any exception of three libraries
        raise _damaged() from None
    try:
        yield book
    finally:
        book.close()


def _damaged() -> BadFile:
    return BadFile(_("文件不是完好的 Excel 工作簿（.xlsx）。"))


def unpacked_sizes(package: zipfile.ZipFile) -> dict[str, int]:
    """The declared unpacked size of each part in bytes; zipfile never reads more than that."""
    return {part.filename: part.file_size for part in package.infolist()}


def rows_of(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """The values of every row, None for an empty cell. Raises BadFile."""
    sheet.reset_dimensions()  # the size declared in the file may be wrong, which would hide rows
    rows, empty, filled = sheet.iter_rows(values_only=True), 0, 0
    while True:
        try:
            row = next(rows, None)
        except Exception:  # as above, because a sheet is only read now
            raise _damaged() from None
        if row is None:
            return
        here = sum(value is not None for value in row)
        empty, filled = empty + 1 + len(row) - here, filled + here
        if empty > MOST_EMPTY + EMPTY_BESIDE_FILLED * filled:
            raise BadFile(_("工作簿中空行、空列过多，请删去后再导入。"))
        yield row
