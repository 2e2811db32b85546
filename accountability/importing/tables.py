"""Reading CSV (UTF-8 or GB18030) and XLSX: every cell as text, every row with its number."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _

from accountability.importing.workbooks import BadFile, opened, rows_of

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 50
LONGEST_CELL = 1000


@dataclass(frozen=True)
class Table:
    """One sheet: its header, and the rows that hold anything, with the numbers they have in the file."""

    name: str
    header: list[str]
    rows: list[tuple[int, list[str]]]


def read(name: str, content: bytes) -> list[Table]:
    """The tables of the file that hold anything. Raises BadFile."""
    if len(content) > MOST_BYTES:
        raise BadFile(_("文件超过 %(most)s MB。") % {"most": MOST_BYTES // 1024 // 1024})
    sheets = _workbook(content) if content.startswith(b"PK") else [(name, _lines(content))]
    tables = [table for title, lines in sheets if (table := _table(title, lines)) is not None]
    if not tables:
        raise BadFile(_("文件里没有数据。"))
    return tables


def _table(name: str, lines: Iterable[list[str]]) -> Table | None:
    filled = []
    for number, cells in enumerate(lines, 1):
        if any(cells):
            filled.append((number, _checked(number, cells)))
        if len(filled) > MOST_ROWS + 1:
            raise BadFile(_("超过 %(most)s 行，请分成几个文件。") % {"most": MOST_ROWS})
    if not filled:
        return None
    return Table(name, filled[0][1], filled[1:])


def _checked(number: int, cells: list[str]) -> list[str]:
    if any("\x00" in cell or len(cell) > LONGEST_CELL for cell in cells):
        raise BadFile(_("第 %(row)s 行不是文字表格。") % {"row": number})
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise BadFile(_("第 %(row)s 行超过 %(most)s 列。") % {"row": number, "most": MOST_COLUMNS})
    return cells


def _lines(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [cell.strip() for cell in cells]
    except csv.Error:
        raise BadFile(_("不是完整的 CSV 文件：引号没有配对。")) from None


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(_("文件编码应为 UTF-8 或 GB18030。"))


def _workbook(content: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    with opened(BytesIO(content), unpacked=MOST_UNPACKED, strings=MOST_UNPACKED) as book:
        for sheet in book.worksheets:
            yield sheet.title, ([_text(cell) for cell in row] for row in rows_of(sheet))


def _text(cell: Any) -> str:
    """A cell as somebody would type it."""
    match cell:
        case None:
            return ""
        case datetime():
            midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
            return cell.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell).strip()
