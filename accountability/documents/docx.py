"""Makes a paper as DOCX for editing in an office program, with the same words and measures as its PDF.

It is built with python-docx, so that the repository needs no binary template. Fonts are named, not embedded: first the
usual office fonts (方正小标宋, 仿宋_GB2312), each with a free substitute.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from accountability.documents import html, layout, marking, pdf
from accountability.documents.content import Content, Figure, Heading, Para, Table, chinese_date

TITLE, SONG, TEXT, BLACK, KAI = "方正小标宋简体", "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312"
STANDS_IN = {TITLE: "Noto Serif SC", SONG: "Noto Serif SC", TEXT: "FangSong", BLACK: "Noto Sans SC", KAI: "KaiTi"}
LEVELS = {1: BLACK, 2: KAI}

LINE = Pt(28.95)
"""The line pitch: 22 lines in 225 mm."""

RED = RGBColor(0xC8, 0x00, 0x0A)
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that an XML file can't contain."""

CENTRE, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT

WATERMARK = """
<w:r {namespaces} xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/></v:formulas><v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/>
</v:shapetype><v:shape id="Watermark{place}" o:spid="_x0000_s{place}" type="#_x0000_t136" alt="{text}"
style="position:absolute;margin-left:0;margin-top:0;width:380pt;height:170pt;rotation:320;z-index:-251658752;
mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;
mso-position-vertical-relative:margin" fillcolor="#d9d9d9" stroked="f">
<v:textpath style="font-family:&quot;{font}&quot;;font-size:1pt" string="{text}"/></v:shape></w:pict></w:r>
"""


def render(content: Content, *, mark: str = "") -> bytes:
    sheet = _Sheet(content)
    sheet.head()
    for block in content.body:
        sheet.block(block)
    sheet.foot()
    sheet.pages(mark)
    kept = BytesIO()
    sheet.file.save(kept)
    return kept.getvalue()


class _Sheet:
    """Builds the file from top to bottom; each method adds the next part."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.file: Any = Document()
        self.section = self.file.sections[0]
        self._measures()
        self._properties()
        style = self.file.styles["Normal"]
        style.font.size = Pt(16)
        _fonts(style.element.get_or_add_rPr(), TEXT)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = LINE
        # Without the office font, the substitute is used.
        table = next(
            part for part in self.file.part.package.iter_parts() if str(part.partname) == "/word/fontTable.xml"
        )
        fonts = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
            for name, other in STANDS_IN.items()
        )
        table._blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()
        for border in self.file.styles["Title"].element.iter(qn("w:pBdr")):
            border.getparent().remove(border)

    def _measures(self) -> None:
        section = self.section
        section.page_width, section.page_height = Mm(210), Mm(297)
        margins = {"top": 37, "right": 26, "bottom": 35, "left": 28}
        if self.content.is_wide:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Mm(297), Mm(210)
            margins = {"top": 28, "right": 35, "bottom": 26, "left": 37}
        for side, width in margins.items():
            setattr(section, f"{side}_margin", Mm(width))
        section.footer_distance = Mm(margins["bottom"] - 12)
        self.width = layout.block_of(self.content)
        for grid in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(grid)
        grid = OxmlElement("w:docGrid")
        for name, value in (("type", "linesAndChars"), ("linePitch", "579"), ("charSpace", "-849")):
            grid.set(qn(f"w:{name}"), value)
        section._sectPr.append(grid)

    def _properties(self) -> None:
        known = self.file.core_properties
        known.title = _clean(self.content.title)[:255]
        known.author = _clean(self.content.signed or self.content.issuer)[:255]
        known.subject = _clean(self.content.number)[:255]
        known.comments, known.language = "", "zh-CN"

    # The order of the parts

    def head(self) -> None:
        content = self.content
        is_letter = bool(content.issuer) and not content.is_form
        if is_letter:
            look, name = layout.head_of(content)
            head = self.line("\n".join(name), font=TITLE, size=look.size, align=CENTRE, colour=RED, exact=False)
            # Scale the width of the characters, in per cent.
            for run in head.runs:
                made = OxmlElement("w:w")
                made.set(qn("w:val"), str(look.scale))
                run._r.rPr.insert_element_before(made, "w:kern", "w:position", "w:sz", "w:szCs", "w:lang")
            number = self.line(content.number, align=CENTRE)
            _border(number, "bottom", "C8000A", 16)
            self.line("")
            self.line("")
        title = "\n".join(layout.title_lines(content))
        self.line(title, font=TITLE, size=layout.TITLE, align=CENTRE, exact=False, style="Title")
        if content.number and not is_letter:
            self.line(content.number, size=12, align=RIGHT)
        elif not content.is_form:
            self.line("")
        if content.to:
            self.line(html.to_line(content))

    def block(self, block: Any) -> None:
        if isinstance(block, Heading):
            made = self.line(block.text, font=LEVELS.get(block.level, TEXT), indent=2, style=f"Heading {block.level}")
            made.paragraph_format.keep_with_next = True
        elif isinstance(block, Table):
            self.table(block)
        elif isinstance(block, Figure):
            self.figure(block)
        elif isinstance(block, Para):
            self.line(block.text, indent=0 if block.flush else 2)

    def foot(self) -> None:
        content = self.content
        if content.attachments:
            self.line("")
        for label, name in html.attachment_lines(content):
            made = self.line(f"{label}{name}", indent=-3)
            made.paragraph_format.left_indent = Pt(16 * 5)
            if not label:
                made.paragraph_format.first_line_indent = Pt(0)
        self.end()
        for note in content.notes:
            self.line(note, indent=0 if content.is_form else 2, size=12 if content.is_form else 16)
        self.imprint()

    def end(self) -> None:
        """落款: the issuer centred over the date, the date four characters from the right margin."""
        content = self.content
        dated = chinese_date(content.dated) if content.dated else ""
        if not (content.signed or dated):
            return
        self.line("")
        wider = (layout.width_of(content.signed) - layout.width_of(dated)) / 2 if dated else 0
        insets = (2, 2 + wider) if html.is_long(content) else (max(4 - wider, 0), 4)
        for text, inset in zip((content.signed, dated), insets, strict=True):
            if text:
                made = self.line(text, align=RIGHT)
                made.paragraph_format.right_indent = Pt(16 * inset)
                made.paragraph_format.keep_with_next = text is content.signed

    def imprint(self) -> None:
        content = self.content
        lines = [html.copies_line(content), f"{content.printed}\t{html.printed_on(content)}" if content.printed else ""]
        if any(lines):
            self.line("")
        for text in filter(None, lines):
            made = self.line(text, size=14)
            made.paragraph_format.left_indent = made.paragraph_format.right_indent = Pt(14)
            made.paragraph_format.tab_stops.add_tab_stop(Mm(self.width) - Pt(14), 2)
            for side in ("top", "bottom"):
                _border(made, side, "000000", 6)

    # Parts

    def line(
        self, text: str, *, font: str = TEXT, size: float = 16, align: Any = LEFT, indent: float = 0,
        colour: RGBColor | None = None, exact: bool = True, style: str = "Normal",
    ) -> Any:  # fmt: skip
        """Add one paragraph. The format given here overrides that of its style."""
        made = self.file.add_paragraph(style=style)
        _plain(made, align, None if not exact else LINE)
        made.paragraph_format.first_line_indent = Pt(16 * indent)
        _run(made, text, font, size, colour)
        return made

    def table(self, block: Table) -> None:
        columns = max((sum(cell.span for cell in row) for row in block.rows), default=0)
        if not columns:
            return
        if block.caption:
            self.line(block.caption, font=BLACK, size=14, align=CENTRE).paragraph_format.keep_with_next = True
        made = self.file.add_table(rows=len(block.rows), cols=columns, style="Table Grid")
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        widths = self._widths(block, columns)
        for column, width in zip(made.columns, widths, strict=True):
            column.width = width
        size = layout.fit_of(block, self.content).size
        for place, (row, cells) in enumerate(zip(made.rows, block.rows, strict=True)):
            self._row(row, cells, widths, is_head=place < block.heads, size=size)
        self.line("").paragraph_format.line_spacing = Pt(8)

    def _row(self, row: Any, cells: Any, widths: list[Any], *, is_head: bool, size: float) -> None:
        kept = row._tr.get_or_add_trPr()
        kept.append(OxmlElement("w:cantSplit"))
        if is_head:
            kept.append(OxmlElement("w:tblHeader"))
        places, place = list(row.cells), 0
        for cell in cells:
            last = place + cell.span - 1
            target = places[place].merge(places[last]) if last > place else places[place]
            target.width = sum(widths[place : last + 1])
            is_label = is_head or cell.is_head
            target.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
            made = target.paragraphs[0]
            _plain(made, CENTRE if is_label else RIGHT if cell.is_number else LEFT, None)
            made.paragraph_format.space_before = made.paragraph_format.space_after = Pt(3)
            _run(made, cell.text, BLACK if is_label else TEXT, size, None)
            place = last + 1

    def _widths(self, block: Table, columns: int) -> list[Any]:
        """Divide the text block's width among the columns, in proportion to their content."""
        needs = [4.0] * columns
        for row in block.rows:
            place = 0
            for cell in row:
                if cell.span == 1:
                    needs[place] = max(needs[place], min(layout.width_of(cell.text), 16.0))
                place += cell.span
        return [Mm(self.width * need / sum(needs)) for need in needs]

    def figure(self, block: Figure) -> None:
        made = self.file.add_paragraph()
        _plain(made, CENTRE, None)
        made.paragraph_format.keep_with_next = True
        made.add_run().add_picture(BytesIO(pdf.picture(block.svg)), width=Mm(pdf.WIDE))
        self.line(block.caption, size=12, align=CENTRE)

    # Every page

    def pages(self, mark: str) -> None:
        """Add page numbers on the outside, as the standard requires (right on odd pages, left on even ones), and the
        mark, if there is one, across the page and at its head.
        """
        self.file.settings.odd_and_even_pages_header_footer = True
        section = self.section
        for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
            made = footer.paragraphs[0]
            _plain(made, align, None)
            made.paragraph_format.left_indent = made.paragraph_format.right_indent = Pt(14)
            _run(made, "— ", SONG, 14, None)
            _field(made, "PAGE")
            _run(made, " —", SONG, 14, None)
        for place, header in enumerate((section.header, section.even_page_header), start=2049):
            made = header.paragraphs[0]
            word, _line = marking.parted(mark)
            if since := marking.since(mark):
                _plain(made, CENTRE, None)
                _run(made, since, BLACK, 12, RED)
            if word:
                shape = WATERMARK.format(namespaces=nsdecls("w"), place=place, text=word, font=BLACK)
                made._p.append(parse_xml(shape))


def _plain(paragraph: Any, align: Any, spacing: Any) -> None:
    look = paragraph.paragraph_format
    look.alignment = align
    look.space_before = look.space_after = Pt(0)
    look.line_spacing_rule = WD_LINE_SPACING.EXACTLY if spacing else WD_LINE_SPACING.SINGLE
    if spacing:
        look.line_spacing = spacing
    if not spacing:
        off_grid = OxmlElement("w:snapToGrid")
        off_grid.set(qn("w:val"), "0")
        paragraph._p.get_or_add_pPr().insert_element_before(off_grid, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _run(paragraph: Any, text: str, font: str, size: float, colour: RGBColor | None) -> None:
    made = paragraph.add_run(_clean(text))
    made.font.size, made.font.bold, made.font.italic = Pt(size), False, False
    made.font.color.rgb = colour or RGBColor(0, 0, 0)
    _fonts(made._r.get_or_add_rPr(), font)


def _fonts(properties: Any, font: str) -> None:
    """Set the font for Chinese, for all other letters and for quotation marks, which both use. The theme's fonts are
    removed, because they would take precedence.
    """
    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()
    fonts.set(qn("w:hint"), "eastAsia")
    for which in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{which}"), font)


def _field(paragraph: Any, code: str) -> None:
    made = paragraph.add_run()
    made.font.size = Pt(14)
    _fonts(made._r.get_or_add_rPr(), SONG)
    for kind in ("begin", code, "end"):
        part = OxmlElement("w:instrText" if kind == code else "w:fldChar")
        if kind == code:
            part.text = code
        else:
            part.set(qn("w:fldCharType"), kind)
        made._r.append(part)


def _border(paragraph: Any, side: str, colour: str, eighths: int) -> None:
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = parse_xml(f"<w:pBdr {nsdecls('w')}/>")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "6"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("", text)
