"""The table in a file: its header, and its rows with the width of the header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from accountability.spreadsheets import reader
from accountability.spreadsheets.reader import Row, Sheet
from accountability.spreadsheets.workbooks import FORMULA_FAULTS
from complaints.importing.problems import BadFile
from complaints.importing.rejects import REASON, unguarded

MOST_STRINGS, MOST_UNPACKED = 64 << 20, 1 << 30
"""The most bytes that a workbook may have unpacked: of shared strings, which are kept in memory, and in total."""


@dataclass
class Table:
    """The header and the rows. `encoding` is empty for a workbook."""

    header: list[str]
    rows: Iterator[Row]
    encoding: str = ""
    notes: list[str] = field(default_factory=list)


@contextmanager
def opened(path: Path, *, encoding: str = "", sheet: str = "") -> Iterator[Table]:
    """The file's table, to be read inside the block. Raises BadFile if it is no table."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadFile(_("无法读取文件：%(error)s。") % {"error": error.strerror}) from error
    unknown = _("文件既不是 UTF-8，也不像 GB18030 编码。请用 --encoding 声明编码，例如 --encoding latin-1。")
    with (
        file,
        reader.opened(file, encoding=encoding, unknown=unknown, unpacked=MOST_UNPACKED, strings=MOST_STRINGS) as sheets,
    ):
        yield _table(list(sheets), sheet)


def _table(sheets: list[Sheet], title: str) -> Table:
    """The table of the sheet with this title, or of the first sheet."""
    names = [sheet.title for sheet in sheets]
    chosen = next((sheet for sheet in sheets if sheet.encoding or title in ("", sheet.title)), None)
    if chosen is None:
        raise BadFile(_("没有工作表“%(name)s”，只有：%(others)s。") % {"name": title, "others": "、".join(names)})
    first = next((row for row in chosen.rows if not row.is_empty), None)
    if first is None:
        raise BadFile(_("文件是空的。"))
    fault = first.fault or _formula_fault(first, chosen)
    if fault:
        raise BadFile(_("标题行无法读取：%(fault)s") % {"fault": fault})
    header = [str(cell) for cell in first.cells]
    while header and not header[-1]:
        header.pop()
    twice = sorted(name for name, times in Counter(header).items() if name and times > 1)
    if twice:
        raise BadFile(_("标题行中有重名的列：%(names)s。") % {"names": "、".join(twice)})
    said = {"name": chosen.title, "others": "、".join(name for name in names if name != chosen.title)}
    notes = [_("只读取了工作表“%(name)s”，另有：%(others)s。") % said] if len(sheets) > 1 else []
    return Table(header, _to_width(chosen, header), chosen.encoding, notes)


def _to_width(chosen: Sheet, header: list[str]) -> Iterator[Row]:
    """The rows that aren't empty, with the width of the header. Empty cells beyond it are dropped."""
    width = len(header)
    read = unguarded if REASON in header else list
    for row in chosen.rows:
        if row.is_empty:
            continue
        while len(row.cells) > width and row.cells[-1] == "":
            row.cells.pop()
        row.fault = row.fault or _formula_fault(row, chosen)
        if not row.fault and len(row.cells) != width:
            row.fault = _("应有 %(width)s 列，实有 %(now)s 列。") % {"width": width, "now": len(row.cells)}
        row.cells = read(row.cells)
        yield row


def _formula_fault(row: Row, chosen: Sheet) -> str:
    """Of a workbook only: in a text file `#N/A` is what somebody wrote."""
    if chosen.encoding or FORMULA_FAULTS.isdisjoint(row.cells):
        return ""
    return _("单元格中是公式错误。")
