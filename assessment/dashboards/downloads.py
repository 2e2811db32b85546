"""A table as a file, CSV or XLSX, marked with who downloaded it; no text in it can be read as a formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain

from accountability.models import Employee
from accountability.spreadsheets.cells import add_row, csv_lines, new_book
from assessment.charts.drawing import clean
from assessment.exports.watermark import mark, watermark

Value = str | int
Rows = Iterable[Sequence[Value]]


def as_csv(title: str, rows: Rows, who: Employee, at: datetime) -> bytes:
    return "".join(csv_lines(_told(rows, watermark(who, at)))).encode()


def _told(rows: Rows, told: str) -> Iterable[list[Value]]:
    return chain([[told]], ([value if isinstance(value, int) else clean(value) for value in row] for row in rows))


def as_xlsx(title: str, rows: Rows, who: Employee, at: datetime) -> bytes:
    book, told = new_book(write_only=True), watermark(who, at)
    page = book.create_sheet(clean(title)[:31])
    page.freeze_panes = "B3"
    for row in _told(rows, told):
        add_row(page, row)
    mark(book, told, who)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


KINDS: dict[str, tuple[str, Callable[[str, Rows, Employee, datetime], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}
