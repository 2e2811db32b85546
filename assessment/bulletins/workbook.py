"""The bulletin as a workbook, made only from the paper's frozen text: numbers, the exact counts, native charts, and
where the paper has it the comparison with the month before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any

from accountability.documents.content import Content, Para, Table
from accountability.documents.marking import before_title
from accountability.spreadsheets.cells import new_book, put
from assessment.bulletins.drawing import DRAWN

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

NUMBER = re.compile(r"[0-9]{1,15}")
SHARE = re.compile(r"[0-9.]+%\n\(([0-9]{1,15})/([0-9]{1,15})\)")
NOTHING = "—"
PER_CENT = "0.0%"
NAME_WIDTH, WIDTH = 22, 13


@dataclass(frozen=True)
class Share:
    """The two counts of a share such as `2/3`."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return float(Fraction(self.part, self.whole))


Value = int | str | Share | None


def workbook_of(content: Content, *, mark: str = "") -> bytes:
    """Three sheets: the paper's table, the counts behind every share, the charts; then the comparison as it is told."""
    table, *compared = (block for block in content.body if isinstance(block, Table))
    heads, rows = _read_table(table)
    above = _above(content, mark=mark)
    book = new_book()
    shown = book.create_sheet("执行情况")
    _fill(shown, above, heads, rows)
    _fill(book.create_sheet("计数"), above, *_counts(heads, rows))
    _draw(book.create_sheet("图表"), shown, heads, first=len(above) + 1, units=len(rows) - 1)
    for told in compared:
        _fill(book.create_sheet("与上期比较"), above, *_read_table(told))
    book.properties.title, book.properties.creator = content.title, content.signed
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _above(content: Content, *, mark: str) -> list[str]:
    """Title, number and the opening, which names month and cut-off."""
    opening = next(block.text for block in content.body if isinstance(block, Para))
    title = f"{before_title(mark)}{content.title}"
    return [text for text in (title, content.number, opening) if text]


def _read_table(table: Table) -> tuple[list[str], list[list[Value]]]:
    """The heads and the rows below them."""
    return [cell.text for cell in table.rows[0]], [[_read(cell.text) for cell in row] for row in table.rows[1:]]


def _read(text: str) -> Value:
    if text == NOTHING:
        return None
    if share := SHARE.fullmatch(text):
        return Share(int(share[1]), int(share[2]))
    return int(text) if NUMBER.fullmatch(text) else text


def _counts(heads: list[str], rows: list[list[Value]]) -> tuple[list[str], list[list[Value]]]:
    """For each share the part and the whole, in columns of their own."""
    shares = [place for place in range(len(heads)) if any(isinstance(row[place], Share) for row in rows)]
    told = [heads[0], *(f"{heads[place]}：{word}" for place in shares for word in ("件数", "总数"))]
    return told, [[row[0], *(count for place in shares for count in _both(row[place]))] for row in rows]


def _both(value: Value) -> tuple[int, int]:
    return (value.part, value.whole) if isinstance(value, Share) else (0, 0)


def _fill(sheet: Any, above: list[str], heads: list[str], rows: Iterable[list[Value]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for number, text in enumerate(above, start=1):
        _put(sheet, number, 1, text)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    top = len(above) + 1
    for place, head in enumerate(heads, start=1):
        _put(sheet, top, place, head)
        sheet.cell(top, place).font = Font(bold=True)
        sheet.cell(top, place).alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        sheet.column_dimensions[get_column_letter(place)].width = NAME_WIDTH if place == 1 else WIDTH
    for number, row in enumerate(rows, start=top + 1):
        for place, value in enumerate(row, start=1):
            _put(sheet, number, place, value)
    sheet.freeze_panes = sheet.cell(top + 1, 2)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{top}:{top}"


def _put(sheet: Worksheet, row: int, column: int, value: Value) -> None:
    """A missing value is an empty cell."""
    cell: Any = sheet.cell(row, column)
    if isinstance(value, Share):
        put(cell, value.value, number_format=PER_CENT)
    else:
        put(cell, value)


def _draw(sheet: Worksheet, data: Worksheet, heads: list[str], *, first: int, units: int) -> None:
    """Bars by unit, of the shares in the first sheet."""
    row = 1
    for title, labels in _drawn(heads):
        chart = _chart(data, title, [heads.index(label) + 1 for label in labels], first=first, units=units)
        sheet.add_chart(chart, f"A{row}")
        row += int(chart.height * 2) + 3


def _drawn(heads: list[str]) -> Iterator[tuple[str, list[str]]]:
    for _name, title, told in DRAWN:
        yield title, [label for label, _measure in told if label in heads]


def _chart(data: Worksheet, title: str, columns: list[int], *, first: int, units: int) -> Any:
    from openpyxl.chart import BarChart, Reference

    chart = BarChart()
    chart.type, chart.title, chart.style = "bar", title, 1
    for column in columns:
        values = Reference(data, min_col=column, min_row=first, max_row=first + units)
        chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(data, min_col=1, min_row=first + 1, max_row=first + units))
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max, chart.y_axis.number_format = 0, 1, "0%"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.width, chart.height = 24, max(8, 0.6 * units * len(columns) + 4)
    return chart
