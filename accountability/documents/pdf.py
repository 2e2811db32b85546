"""A paper as PDF, by WeasyPrint, with Chinese glyphs of packaged fonts embedded.

Setting a paper reads nothing but the packaged fonts: whatever else a text may ask for isn't fetched. WeasyPrint takes a
second and a half to load, so it is loaded where a paper is made: in the worker, never in a page.
"""

from __future__ import annotations

import re
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
"""Millimetres of a chart as a picture."""

DOTS = 200
"""An inch of a chart as a picture."""


class NoPango(Exception):
    """The machine lacks the system's libraries that set text; says which Debian packages bring them."""

    def __init__(self) -> None:
        super().__init__(f"PDF needs Pango. Install the Debian packages {PANGO}: apt-get install {PANGO}")


def render(content: Content, *, mark: str = "") -> bytes:
    return written(html.whole(content, mark=mark))


def written(text: str) -> bytes:
    """This HTML as PDF; nothing it names is fetched, except for the fonts."""
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
    """A chart as PNG, for a form that can't hold it as it is."""
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
    """Height by width; of one that doesn't say two by three, and none so tall that it has no room on its page."""
    box = VIEW_BOX.search(svg)
    width, height = (float(side) for side in box.groups()) if box else (3.0, 2.0)
    return min(height / width, TALLEST / WIDE) if width > 0 and height > 0 else 2 / 3


@cache
def _fonts() -> Any:
    """One for the process: the packaged fonts are unpacked and read once."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Packaged(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in FONTS:
                raise ValueError("papers fetch nothing")
            return URLFetcherResponse(url, Path(FONTS[url]()).read_bytes(), {"Content-Type": "font/otf"})

    return Packaged()
