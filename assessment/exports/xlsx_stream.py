"""A workbook of one sheet, written row by row to any byte stream: memory use doesn't grow with the rows, and nothing is
written to disk unsealed.

It has texts and numbers only; there is no way to write a formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any
from xml.sax.saxutils import escape  # nosec B406
from zipfile import ZIP_DEFLATED, ZipFile

from accountability.spreadsheets.cells import UNPRINTABLE, is_number, is_risky

LONGEST_CELL = 32_767
"""Characters; spreadsheet programs refuse longer cells."""

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DUBLIN = "http://purl.org/dc/elements/1.1/"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>'
    '<Override PartName="/docProps/core.xml"'
    ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="r2" Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
PARTS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
PLAIN, HEADING, GUARDED = range(3)
"""Indexes into the formats below. A guarded cell stays text when it is edited."""

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf fontId="0"/></cellStyleXfs><cellXfs count="3"><xf fontId="0" xfId="0"/>'
    '<xf fontId="1" xfId="0" applyFont="1"/><xf fontId="0" xfId="0" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Streamed:
    """`with Streamed(file, title="投诉", mark=…, author="wh.head") as sheet: sheet.row([…])`.

    The watermark is in the first row, in header and footer of every printed page, and in the properties.
    """

    def __init__(self, out: IO[bytes], *, title: str, mark: str, author: str) -> None:
        self._book = ZipFile(out, "w", ZIP_DEFLATED)
        self._mark = _plain(mark)
        for name, text in (
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", RELATIONS),
            ("docProps/core.xml", _properties(_plain(title), self._mark, _plain(author))),
            ("xl/workbook.xml", _workbook(_plain(title))),
            ("xl/_rels/workbook.xml.rels", PARTS),
            ("xl/styles.xml", STYLES),
        ):
            self._book.writestr(name, HEAD + text)
        self._sheet = self._book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)

    def __enter__(self) -> Streamed:
        self._write(
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            "<sheetData>"
        )
        self.row([self._mark])
        return self

    def row(self, cells: Iterable[Any], *, is_head: bool = False) -> None:
        self._write(f"<row>{''.join(_cell(value, HEADING if is_head else PLAIN) for value in cells)}</row>")

    def __exit__(self, *problem: object) -> None:
        printed = escape(self._mark.replace("&", "＆"))  # in a header `&` begins a code
        self._write(
            "</sheetData><headerFooter>"
            f"<oddHeader>&amp;C{printed}</oddHeader><oddFooter>&amp;C{printed}</oddFooter></headerFooter></worksheet>"
        )
        self._sheet.close()
        self._book.close()

    def _write(self, text: str) -> None:
        self._sheet.write(text.encode())


def _cell(value: Any, style: int) -> str:
    if value is None or value == "":
        return "<c/>"
    if is_number(value):
        return f'<c s="{style}"><v>{value!r}</v></c>'
    text = _plain(str(value))[:LONGEST_CELL]
    style = GUARDED if is_risky(text) else style
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _plain(text: str) -> str:
    return UNPRINTABLE.sub("", text)


def _workbook(title: str) -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{escape(title[:31], {chr(34): "&quot;"})}" sheetId="1" r:id="r1"/></sheets></workbook>'
    )


def _properties(title: str, mark: str, author: str) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="{DUBLIN}">'
        f"<dc:creator>{escape(author)}</dc:creator><dc:description>{escape(mark)}</dc:description>"
        f"<cp:keywords>{escape(mark)}</cp:keywords><dc:title>{escape(title)}</dc:title></cp:coreProperties>"
    )
