"""The confined program that reads a workbook with openpyxl, and writes its sheets as lines of JSON.

A library reads the file here, whose expressions and tables we don't know: a hostile file keeps this process busy until
its limit, and nobody else. First the titles, then the rows of each sheet that have values, with their
numbers, and null after the last; or a word for what is wrong.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

LARGE, DAMAGED, EMPTY = "large", "damaged", "empty"

MOST_EMPTY, EMPTY_BESIDE_FILLED = 5_000_000, 50
"""How many empty rows and cells are allowed: so many in all, and so many more for each filled cell. A file of a few
bytes can contain an endless number of them.
"""

LONGEST_CELL = 32_767
"""Characters of a cell, as Excel allows. A long text can be shared by any number of cells."""


class Unread(Exception):
    """What is wrong with the workbook."""


def main(arguments: list[str]) -> None:
    """Write the workbook on standard input. Arguments: the most bytes unpacked, the most bytes of shared texts, and the
    number of empty cells allowed.
    """
    unpacked, strings, most_empty = map(int, arguments)
    try:
        for line in _lines(sys.stdin.buffer.read(), unpacked, strings, most_empty):
            print(json.dumps(line, default=_told))
    except Unread as unread:
        print(json.dumps(str(unread)))
    except MemoryError:
        raise
    except Exception:  # a damaged workbook can raise any exception of three libraries
        print(json.dumps(DAMAGED))


def _lines(content: bytes, unpacked: int, strings: int, most_empty: int) -> Iterator[Any]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        sizes = {part.filename: part.file_size for part in package.infolist()}
    texts = sum(size for name, size in sizes.items() if name.endswith("sharedStrings.xml"))
    if texts > strings or sum(sizes.values()) > unpacked:
        raise Unread(LARGE)
    import openpyxl  # only now: most of the time goes into it

    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    yield [page.title for page in book.worksheets]
    for page in book.worksheets:
        yield from _rows(page, most_empty)
        yield None


def _rows(page: Any, most_empty: int) -> Iterator[list[Any]]:
    """The number of each row that has values, and these; the others cost the reader nothing."""
    page.reset_dimensions()  # the size declared in the file may be wrong, which would hide rows
    allowed = most_empty
    for number, row in enumerate(page.iter_rows(values_only=True), 1):
        filled = len(row) - row.count(None)
        allowed += EMPTY_BESIDE_FILLED * filled + filled - len(row) - 1
        if allowed < 0:
            raise Unread(EMPTY)
        if any(isinstance(value, str) and len(value) > LONGEST_CELL for value in row):
            raise Unread(DAMAGED)
        if filled:
            yield [number, *row]


def _told(value: Any) -> Any:
    """A moment with its kind; anything else that JSON doesn't know as text."""
    if isinstance(value, datetime | date | time):
        return {type(value).__name__: value.isoformat()}
    return str(value)
