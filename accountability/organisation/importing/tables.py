"""Reads the tables of a CSV (UTF-8 or GB18030) or XLSX file: every cell as text, every row with its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from django.utils.translation import gettext as _

from accountability.spreadsheets import reader
from accountability.spreadsheets.reader import UNDECODED, UNQUOTED, Cell, Row
from accountability.spreadsheets.workbooks import BadFile

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
LONGEST_WAIT = 120
"""Seconds that somebody waits for a workbook to be read."""

MOST_ROWS = 20_000
MOST_COLUMNS = 50
LONGEST_CELL = 1000


@dataclass(frozen=True)
class Table:
    """One sheet: its header, and its non-empty rows with their numbers in the file."""

    name: str
    header: list[str]
    rows: list[tuple[int, list[str]]]


def read(name: str, content: bytes) -> list[Table]:
    """The non-empty tables of the file. Raises BadFile."""
    if len(content) > MOST_BYTES:
        raise BadFile(_("文件超过 %(most)s MB。") % {"most": MOST_BYTES // 1024 // 1024})
    unknown = _("文件编码应为 UTF-8 或 GB18030。")
    file = BytesIO(content)
    with reader.opened(
        file, title=name, unknown=unknown, unpacked=MOST_UNPACKED, strings=MOST_UNPACKED, wall=LONGEST_WAIT
    ) as sheets:
        tables = [table for sheet in sheets if (table := _table(sheet.title, sheet.rows)) is not None]
    if not tables:
        raise BadFile(_("文件里没有数据。"))
    return tables


def _table(name: str, rows: Iterator[Row]) -> Table | None:
    filled: list[tuple[int, list[str]]] = []
    for row in rows:
        cells = _checked(row)
        if cells:
            filled.append((row.line, cells))
        if len(filled) > MOST_ROWS + 1:
            raise BadFile(_("超过 %(most)s 行，请分成几个文件。") % {"most": MOST_ROWS})
    if not filled:
        return None
    return Table(name, filled[0][1], filled[1:])


def _checked(row: Row) -> list[str]:
    """The cells as texts, without the empty ones at the end. One bad row rejects the whole file: a complete list that
    lacks a row would make somebody a leaver.
    """
    if row.fault == str(UNQUOTED):
        raise BadFile(_("不是完整的 CSV 文件：引号没有配对。"))
    if row.fault == str(UNDECODED):
        raise BadFile(_("文件编码应为 UTF-8 或 GB18030。"))
    cells = [_text(cell) for cell in row.cells]
    if row.fault or any(len(cell) > LONGEST_CELL for cell in cells):
        raise BadFile(_("第 %(row)s 行不是文字表格。") % {"row": row.line})
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise BadFile(_("第 %(row)s 行超过 %(most)s 列。") % {"row": row.line, "most": MOST_COLUMNS})
    return cells


def _text(cell: Cell) -> str:
    """The cell as somebody would type it."""
    match cell:
        case datetime():
            midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
            return cell.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
    return str(cell).strip()
