"""Makes a workbook of a paper's tables: one sheet for each, with numbers as numbers."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from accountability.documents import layout, marking
from accountability.documents.content import Content, Table
from accountability.spreadsheets.cells import UNPRINTABLE, new_book, put

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
SHARE = re.compile(r"-?[0-9]{1,3}\.([0-9]+)%|-?[0-9]{1,3}%")
NOT_IN_NAMES = re.compile(r"[\\/*?:\[\]]")
LINE = Side(style="thin")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
WIDEST = 40


def render(content: Content, *, mark: str = "") -> bytes:
    book = new_book()
    tables = [block for block in content.body if isinstance(block, Table)]
    for place, table in enumerate(tables or [Table(())], start=1):
        _sheet(book, content, table, place, mark=mark)
    book.properties.title, book.properties.creator = content.title, content.signed or content.issuer
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _sheet(book: Any, content: Content, table: Table, place: int, *, mark: str) -> None:
    sheet = book.create_sheet(NOT_IN_NAMES.sub("", table.caption)[:31] or str(place))
    said = [f"{marking.before_title(mark)}{content.title}", content.number, table.caption]
    texts = [text for text in said if text]
    for line, text in enumerate(texts, start=1):
        _put(sheet.cell(line, 1), text).font = Font(bold=line == 1, size=14)
    top, widths = len(texts) + 1, dict[int, float]()
    for line, row in enumerate(table.rows, start=top):
        column = 1
        for cell in row:
            made = _put(sheet.cell(line, column), cell.text, is_number=cell.is_number)
            is_label = cell.is_head or line - top < table.heads
            made.font, made.border = Font(bold=is_label), BOX
            made.alignment = Alignment(horizontal="center" if is_label else None, vertical="center", wrap_text=True)
            if cell.span > 1:
                sheet.merge_cells(start_row=line, end_row=line, start_column=column, end_column=column + cell.span - 1)
            else:
                widths[column] = max(widths.get(column, 6), layout.width_of(cell.text) * 2 + 2)
            column += cell.span
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(width, WIDEST)
    if table.heads:
        sheet.freeze_panes = sheet.cell(top + table.heads, 1)
        sheet.print_title_rows = f"{top}:{top + table.heads - 1}"
    for note in content.notes:
        _put(sheet.cell(sheet.max_row + 1, 1), note)


def _put(cell: Any, text: str, *, is_number: bool = False) -> Any:
    """Write a number or percentage as a number, and anything else as text, even if it looks like a formula."""
    text = UNPRINTABLE.sub("", text)
    if is_number and NUMBER.fullmatch(text):
        return put(cell, float(text) if "." in text else int(text))
    if is_number and (share := SHARE.fullmatch(text)):
        shown = f"0.{'0' * len(share[1])}%" if share[1] else "0%"
        return put(cell, float(text[:-1]) / 100, number_format=shown)
    return put(cell, text)
