"""A table as a file, CSV or XLSX, in which no text is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accountability.cells import guarded, put_text
from assessment.charts.drawing import clean
from assessment.figures.exporting import MARK

Rows = Iterable[Sequence[str | int]]


def as_csv(title: str, rows: Rows) -> bytes:
    """With a byte order mark, or Excel reads the Chinese as something else."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(value) for value in row] for row in rows)
    return f"{MARK}{out.getvalue()}".encode()


def _harmless(value: str | int) -> str | int:
    return value if isinstance(value, int) else guarded(clean(value))


def as_xlsx(title: str, rows: Rows) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet(clean(title)[:31])
    page.freeze_panes = "B2"
    for row in rows:
        page.append([_typed(page, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed(page: Any, value: str | int) -> object:
    if isinstance(value, int):
        return value
    return put_text(WriteOnlyCell(page), clean(value))


KINDS: dict[str, tuple[str, Callable[[str, Rows], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
