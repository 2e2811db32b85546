"""Makes a paper as PDF with WeasyPrint, with Chinese glyphs embedded from packaged fonts.

Only the packaged fonts are read; no other URL in a text is fetched. WeasyPrint takes 1.5 s to import, so it is imported
only when a paper is made, which is in the worker, never in a request.
"""

from __future__ import annotations

import atexit
import re
import struct
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as packaged

from accountability.declarations.own_notices import PANGO
from accountability.documents import html
from accountability.documents.content import Content

FONTS = {"font:serif": packaged.serif_path, "font:sans": packaged.sans_path}

FACES = """
@font-face { font-family: "Noto Serif SC"; src: url("font:serif"); }
@font-face { font-family: "Noto Sans SC"; src: url("font:sans"); }
"""

VIEW_BOX = re.compile(r'viewBox="[-0-9.]+[ ,]+[-0-9.]+[ ,]+([0-9.]+)[ ,]+([0-9.]+)"')
TALLEST = 200
WIDE = 150
"""Largest height and fixed width of a chart as a picture, in millimetres."""

DOTS = 200
"""Resolution of a chart as a picture, in dots per inch."""


class NoPango(Exception):
    """The system libraries for text layout are missing; the message names the Debian packages to install."""

    def __init__(self) -> None:
        super().__init__(f"PDF needs Pango. Install the Debian packages {PANGO}: apt-get install {PANGO}")


def render(content: Content, *, mark: str = "") -> bytes:
    return written(html.whole(content, mark=mark))


def written(text: str) -> bytes:
    """Convert HTML to PDF. Nothing that it refers to is fetched, except the packaged fonts."""
    try:
        import weasyprint
    except OSError as error:
        raise NoPango from error
    fetcher, fonts = _fetcher(), _fonts()
    faces = weasyprint.CSS(string=FACES, url_fetcher=fetcher, font_config=fonts)
    made: bytes = weasyprint.HTML(string=text, url_fetcher=fetcher).write_pdf(
        stylesheets=[faces], font_config=fonts, pdf_tags=True
    )
    return made


def picture(svg: str) -> bytes:
    """A chart as PNG, for formats that can't contain SVG."""
    import pypdfium2

    height = WIDE * _shape_of(svg)
    size = f"width: {WIDE}mm; height: {height}mm"
    page = f"@page {{ size: {WIDE}mm {height}mm; margin: 0 }} body {{ margin: 0 }} svg {{ display: block; {size} }}"
    sheet = pypdfium2.PdfDocument(written(f'<html lang="zh-hans"><style>{page}</style>{html.clean_svg(svg)}</html>'))
    try:
        image = sheet[0].render(scale=DOTS / 72).to_pil()
    finally:
        sheet.close()
    kept = BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _shape_of(svg: str) -> float:
    """Height divided by width: 2/3 if the SVG doesn't say, and limited so that the chart fits on its page."""
    box = VIEW_BOX.search(svg)
    width, height = (float(side) for side in box.groups()) if box else (3.0, 2.0)
    return min(height / width, TALLEST / WIDE) if width > 0 and height > 0 else 2 / 3


@cache
def _fonts() -> Any:
    """One per process, so that the packaged fonts are unpacked and read only once. It deletes the folder where they are
    unpacked, by functions that are gone when the interpreter ends: it is let go of before.
    """
    from weasyprint.text.fonts import FontConfiguration

    atexit.register(_fonts.cache_clear)
    return FontConfiguration()


@cache
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Packaged(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in FONTS:
                raise ValueError("papers fetch nothing")
            return URLFetcherResponse(url, numbered(Path(FONTS[url]()).read_bytes()), {"Content-Type": "font/otf"})

    return Packaged()


def numbered(font: bytes) -> bytes:
    """The font with every glyph's CID equal to its place in the font.

    WeasyPrint writes places where the PDF standard wants CIDs, and in the packaged fonts the two differ. PDFium and
    Poppler read a place, but MuPDF looks for a CID, finds none and leaves the glyph blank. The table of CIDs is
    overwritten with its shortest form (format 2: one range), which needs five bytes.
    """
    from fontTools.cffLib import CFFFontSet
    from fontTools.ttLib import TTFont

    with TTFont(BytesIO(font), lazy=True) as opened:
        table, count = opened.reader.tables["CFF "], opened["maxp"].numGlyphs
        outlines = CFFFontSet()
        outlines.decompile(BytesIO(font[table.offset : table.offset + table.length]), opened)
        at = table.offset + outlines.topDictIndex[0].rawDict["charset"]
    return font[:at] + struct.pack(">BHH", 2, 1, count - 2) + font[at + 5 :]
