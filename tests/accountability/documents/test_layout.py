"""What papers look like: measures of GB/T 9704, packaged fonts, 草稿 over a draft, and nothing fetched."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx as office
import openpyxl
import pypdf
import pypdfium2
import pytest
from django.conf import settings
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from PIL import Image

from accountability.documents import docx, html, layout, pdf, xlsx
from accountability.documents.content import Cell, Content, Figure, Para, Table
from accountability.documents.making import make
from accountability.documents.marking import DRAFT
from accountability.files.judging.office import check_docx, check_xlsx
from tests.accountability.papers import CHART, FIGURES, FORM, HOSTILE, LETTER, LONG

WIDE = replace(FORM, body=(FIGURES,), is_wide=True)
EVIL = replace(LETTER, title=HOSTILE, to=(HOSTILE,), body=(Para(HOSTILE), replace(FIGURES, caption=HOSTILE)))
POINTS = 72 / 25.4

OFFICE = "中国移动通信集团湖北有限公司"
TITLE = f"关于对{OFFICE}恩施土家族苗族自治州分公司涉嫌违反“首问责任制”问题开展内部自查并限期报送自查报告的通知"
MANY = Table(
    rows=(
        (Cell("单位", is_head=True), *(Cell(f"处理{n}率", is_head=True) for n in range(15))),
        *((Cell("法律与监管事务部", is_head=True), *[Cell("100.00%\n(12/34)", is_number=True)] * 15) for _ in range(9)),
    ),
    heads=1,
)


def pdf_of(content: Content, *, mark: str = "") -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf.render(content, mark=mark)))


def docx_of(content: Content, *, mark: str = "") -> Any:
    return office.Document(io.BytesIO(docx.render(content, mark=mark)))


def fonts_of(reader: pypdf.PdfReader) -> dict[str, bool]:
    """By name, without the mark of the subset: whether it is embedded."""
    found = {}
    for page in reader.pages:
        for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]
            font = reference.get_object()
            (inner,) = font["/DescendantFonts"]
            described = inner.get_object()["/FontDescriptor"].get_object()
            name = str(font["/BaseFont"])
            assert re.match(r"/[A-Z]{6}\+", name)
            found[name[8:]] = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


# HTML


def test_a_letter_says_its_parts_in_their_order() -> None:
    text = re.sub(r"<[^>]+>|\s", "", html.fragment(LETTER))
    parts = [
        "省公司市场部文件", "鄂市通〔2026〕12号", "关于对武汉分公司涉嫌违反“首问责任制”问题开展自查的通知",
        "武汉分公司、宜昌分公司：", "一、基本情况", "（一）事实", "1.交接", "各单位情况", "特此通知。",
        "附件：1.自查报告格式2.证据清单", "省公司市场部2026年10月9日", "（联系人：王某）",
        "抄送：省客户服务中心、网络部。", "省公司市场部2026年10月9日印发",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_one_attachment_has_no_number_and_no_full_stop() -> None:
    one = replace(LETTER, attachments=("自查报告格式。",))
    assert html.attachment_lines(one) == [("附件：", "自查报告格式")]


def test_a_form_has_no_head_line() -> None:
    text = html.fragment(FORM)
    assert "paper__issuer" not in text
    assert "paper__rule" not in text
    assert '<td colspan="3"' in text
    assert "第一行<br>第二行" in text


@pytest.mark.parametrize("make_html", [html.fragment, html.whole])
def test_texts_are_escaped(make_html: Any) -> None:
    text = make_html(EVIL)
    assert "<img" not in text
    assert "<link" not in text
    assert "<svg" not in text
    assert "&lt;img src=" in text


def test_a_chart_keeps_its_shapes_and_nothing_that_loads_or_runs() -> None:
    chart = CHART.replace("<rect", '<script>x()</script><image href="file:///etc/passwd"/><foreignObject/>'
                          '<a href="http://x/"><text>no</text></a><use href="#a"/><rect onload="x()" style="a:b"'
                          ' clip-path="url(#a)" mask="url(http://x/)" stroke="url(\'http://x/\')"')  # fmt: skip
    cleaned = html.clean_svg(chart)
    assert re.findall(r"<(\w+)", cleaned) == ["svg", "title", "rect", "text"]
    assert 'clip-path="url(#a)"' in cleaned
    assert not re.search(r"http://x|passwd|onload|style|mask", cleaned)
    assert html.clean_svg("<svg") == ""


def test_a_heading_stands_below_the_heading_of_its_page() -> None:
    assert re.findall(r"<(h\d)", html.fragment(LETTER)) == ["h2", "h3", "h4", "h5"]
    assert re.findall(r"<(h\d)", html.whole(LETTER)) == ["h1", "h2", "h3", "h4"]


# PDF


@pytest.mark.parametrize("content", [LETTER, FORM, WIDE], ids=["letter", "form", "wide"])
def test_all_glyphs_are_those_of_the_packaged_fonts(content: Content) -> None:
    assert fonts_of(pdf_of(content)) == {"Noto-Serif-SC": True, "Noto-Sans-SC": True}


def test_pages_are_a4_with_their_numbers_outside() -> None:
    made = pypdfium2.PdfDocument(pdf.render(LETTER))
    count = len(made)
    assert count > 2
    for place in range(count):
        page = made[place]
        assert [round(side / POINTS) for side in page.get_size()] == [210, 297]
        searcher = page.get_textpage().search(f"— {place + 1} —")
        found = searcher.get_next()
        assert found is not None
        left, *_rest = page.get_textpage().get_charbox(found[0])
        assert (left / POINTS > 105) == (place % 2 == 0)
    made.close()


def test_a_wide_form_lies_across() -> None:
    assert [round(float(side) / POINTS) for side in pdf_of(WIDE).pages[0].mediabox[2:]] == [297, 210]


def test_the_block_is_28_characters_wide_and_22_lines_high() -> None:
    text = Content(kind="letter", title="题", body=(Para("字" * 28 * 30, flush=True),))
    lines = pdf_of(text).pages[0].extract_text().splitlines()
    full = [line for line in lines if set(line) == {"字"}]
    assert {len(line) for line in full} == {28}
    assert len(pdf_of(text).pages[1].extract_text().splitlines()) > 8
    second = Content(kind="letter", title="题", body=(Para("字" * 28 * 60, flush=True),))
    assert sum(line == "字" * 28 for line in pdf_of(second).pages[1].extract_text().splitlines()) == 22


def test_the_head_of_a_table_stands_on_every_page_of_it() -> None:
    texts = [page.extract_text() for page in pdf_of(LETTER).pages]
    with_rows = [text for text in texts if re.search("第[0-9]+分公司 12", text)]
    assert len(with_rows) > 1
    assert all("单位 受理 及时率" in text for text in with_rows)


@pytest.mark.parametrize("content", [LETTER, FORM], ids=["letter", "form"])
def test_a_draft_says_so_on_every_page_and_what_was_issued_nowhere(content: Content) -> None:
    drafted = [re.sub(r"\s", "", page.extract_text()) for page in pdf_of(content, mark=DRAFT).pages]
    assert ["草稿" in text for text in drafted] == [True] * len(drafted)
    assert not any("草" in page.extract_text() for page in pdf_of(content).pages)
    assert ("paper__mark" in html.fragment(content, mark=DRAFT), "paper__mark" in html.fragment(content)) == (
        True, False,
    )  # fmt: skip


def test_the_title_is_of_22_points_and_the_text_of_16() -> None:
    page = pypdfium2.PdfDocument(pdf.render(LETTER))[0]
    sizes = {}
    text = page.get_textpage()
    for words in ("关于对武汉", "经查，客户", "省公司市场部文件", "鄂市通〔2026〕"):
        place, _count = text.search(words).get_next()
        left, _bottom, _right, _top = text.get_charbox(place, loose=True)
        next_left, *_rest = text.get_charbox(place + 1, loose=True)
        sizes[words] = round(next_left - left)
    assert sizes == {"关于对武汉": 22, "经查，客户": 16, "省公司市场部文件": 34, "鄂市通〔2026〕": 16}


def boxes_of(page: Any, words: str) -> list[tuple[float, float, float, float]]:
    """Where each letter of the words stands on the page, in millimetres: left, bottom, right, top."""
    text = page.get_textpage()
    place, count = text.search(words).get_next()
    letters = [text.get_charbox(at) for at in range(place, place + count)]
    return [(left / POINTS, bottom / POINTS, right / POINTS, top / POINTS) for left, bottom, right, top in letters]


@pytest.mark.parametrize("name", [f"{OFFICE}文件", f"{OFFICE}武汉分公司文件", f"{OFFICE}客户服务与市场经营部文件"])
def test_a_long_head_line_is_condensed_until_it_fits_its_line(name: str) -> None:
    page = pypdfium2.PdfDocument(pdf.render(replace(LETTER, issuer=name)))[0]
    boxes = boxes_of(page, name)
    assert max(top for *_sides, top in boxes) - min(bottom for _left, bottom, *_rest in boxes) < 13
    assert 28 <= boxes[0][0] < boxes[-1][2] <= 184
    assert round(boxes[0][0] - 28) == round(184 - boxes[-1][2])
    look, (line,) = layout.head_of(replace(LETTER, issuer=name))
    (head,) = [p for p in docx_of(replace(LETTER, issuer=name)).paragraphs if p.text == line]
    assert [(run.font.size, run._r.rPr.find(qn("w:w")).get(qn("w:val"))) for run in head.runs] == [
        (Pt(look.size), str(look.scale))
    ]


def test_a_head_line_longer_than_any_line_gets_several() -> None:
    content = replace(LETTER, issuer=f"{OFFICE}、{OFFICE}武汉分公司、{OFFICE}宜昌分公司文件")
    lines = layout.head_of(content)[1]
    assert lines == [f"{OFFICE}、", f"{OFFICE}武汉分公司、", f"{OFFICE}宜昌分公司文件"]
    page = pypdfium2.PdfDocument(pdf.render(content))[0]
    for line in lines:
        assert 28 <= boxes_of(page, line)[0][0] < boxes_of(page, line)[-1][2] <= 184


def test_a_long_title_ends_no_line_inside_a_word() -> None:
    assert layout.title_lines(replace(LETTER, title=TITLE)) == [
        "关于对中国移动通信集团湖北有限公司", "恩施土家族苗族自治州分公司涉嫌", "违反“首问责任制”问题开展内部",
        "自查并限期报送自查报告的通知",
    ]  # fmt: skip
    assert layout.title_lines(LETTER) == ["关于对武汉分公司涉嫌违反", "“首问责任制”问题开展自查的通知"]
    assert layout.title_lines(replace(LETTER, title="题" * 60 + "》")) == [
        "题" * 15,
        "题" * 15,
        "题" * 15,
        "题" * 15 + "》",
    ]


@pytest.mark.parametrize(("is_wide", "pages"), [(True, [297]), (False, [210, 297, 210])])
def test_a_wide_table_fits_its_page_and_breaks_no_number(is_wide: bool, pages: list[int]) -> None:
    content = replace(LETTER, body=(Para("如下。"), MANY, Para("特此通知。")), is_wide=is_wide, copies=(), printed="")
    made = pypdfium2.PdfDocument(pdf.render(content))
    widths = [round(made[place].get_size()[0] / POINTS) for place in range(len(made))]
    assert widths[: len(pages)] == pages
    across = [made[place].get_textpage() for place, width in enumerate(widths) if width == 297]
    for text in across:
        for place in range(text.count_chars()):
            left, _bottom, right, _top = text.get_charbox(place)
            assert 37 * POINTS - 1 <= left <= right <= 262 * POINTS + 1
    whole = "".join(text.get_text_range() for text in across)
    numbers = [whole.count(number) for number in ("(12/34)", "100.00%")]
    assert numbers == [9 * 15, 9 * 15]


def test_no_row_of_a_table_is_cut_by_the_end_of_a_page() -> None:
    tall = Table(rows=tuple((Cell(f"事项{n}"), Cell("\n".join(f"{n}之{m}" for m in range(9)))) for n in range(8)))
    pages = [page.extract_text() for page in pdf_of(replace(LETTER, body=(tall,))).pages]
    assert [sum(f"{n}之0" in page and f"{n}之8" in page for page in pages) for n in range(8)] == [1] * 8


@pytest.mark.lesson(11)
@pytest.mark.asvs("1.3.6")
@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_rendering_asks_for_no_network_and_no_file(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a text holds; and a paper whose markup slipped through would still fetch nothing."""

    def refused(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    made = make(EVIL, form, mark="")
    assert b"root:" not in made


@pytest.mark.lesson(11)
@pytest.mark.asvs("1.3.6")
def test_even_markup_fetches_nothing_but_the_fonts(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body { content: 'leaked' } @page { @top-left { content: 'leaked' } }")
    page = f'<html lang="zh"><link rel=stylesheet href="{secret.as_uri()}"><img src="{secret.as_uri()}">{HOSTILE}'
    asked: list[str] = []
    fetcher = pdf._fetcher()
    fetch = type(fetcher).fetch

    def noting(self: Any, url: str, headers: Any = None) -> Any:
        asked.append(url)
        return fetch(self, url)

    monkeypatch.setattr(type(fetcher), "fetch", noting)
    reader = pypdf.PdfReader(io.BytesIO(pdf.written(page)))
    assert "leaked" not in reader.pages[0].extract_text()
    assert not reader.attachments
    assert {url for url in asked if not url.startswith("font:")} == {
        secret.as_uri(), "file:///etc/passwd", "http://127.0.0.1:9/x", "http://127.0.0.1:9/y",
    }  # fmt: skip
    with pytest.raises(ValueError, match="nothing"):
        fetcher("file:///etc/passwd")


def test_without_pango_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_rest: Any) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(pdf.NoPango, match=r"apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"):
        pdf.render(FORM)


def test_pages_load_nothing_that_makes_files() -> None:
    """WeasyPrint takes a second and a half, openpyxl 12 MB: they are loaded where papers and workbooks are made, which
    the worker does for all but a few.
    """
    said = (
        "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns;"
        "import accountability.tasks; heavy = {'weasyprint', 'docx', 'pypdfium2', 'openpyxl'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.split() == []


def test_the_folder_of_unpacked_fonts_is_deleted_before_the_interpreter_ends() -> None:
    """What is left to its end finds the functions that it needs gone, and says so in the log."""
    said = """
import atexit, weakref
import django
django.setup()
from accountability.documents import pdf
atexit.register(lambda: print("left" if fonts() else "gone"))
fonts = weakref.ref(pdf._fonts())
"""
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout == "gone\n"


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DEVELOPMENT": "1"}


def test_a_chart_becomes_a_picture_of_its_own_shape() -> None:
    with Image.open(io.BytesIO(pdf.picture(CHART))) as image:
        wide, high = image.size
        assert (round(wide / high, 2), image.format) == (1.6, "PNG")
        # The bar: 10 to 110 of 320 across.
        line = [image.getpixel((x, high // 4))[0] < 200 for x in range(wide)]  # type: ignore[index]
        assert [round(place * 320 / wide) for place in (line.index(True), wide - line[::-1].index(True))] == [10, 110]
    tall = CHART.replace("0 0 320 200", "0 0 100 1000")
    with Image.open(io.BytesIO(pdf.picture(tall))) as image:
        assert round(image.size[1] / image.size[0], 2) == round(pdf.TALLEST / pdf.WIDE, 2)


# DOCX


def test_docx_measures() -> None:
    section = docx_of(LETTER).sections[0]
    measured = [section.page_width, section.page_height, section.top_margin, section.left_margin]
    assert [round(value.mm) for value in measured] == [210, 297, 37, 28]
    block = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    assert (abs(block - Mm(156)) < Mm(1), abs(height - Mm(225)) < Mm(1)) == (True, True)
    across = docx_of(WIDE).sections[0]
    assert (round(across.page_width.mm), round(across.page_height.mm)) == (297, 210)


def test_docx_says_what_the_pdf_says_in_the_offices_fonts() -> None:
    file = docx_of(LETTER)
    looks = {}
    for paragraph in file.paragraphs:
        for run in filter(lambda run: run.text, paragraph.runs):
            fonts = run._r.rPr.rFonts
            looks[run.text] = (fonts.get(qn("w:eastAsia")), run.font.size)
            assert fonts.get(qn("w:asciiTheme")) is None
    assert looks["省公司市场部文件"] == ("方正小标宋简体", Pt(34))
    assert looks["\n".join(layout.title_lines(LETTER))] == ("方正小标宋简体", Pt(22))
    assert looks["武汉分公司、宜昌分公司："] == looks[LONG] == ("仿宋_GB2312", Pt(16))
    assert looks["一、基本情况"] == ("黑体", Pt(16))
    assert looks["（一）事实"] == ("楷体_GB2312", Pt(16))
    assert looks["1. 交接"] == ("仿宋_GB2312", Pt(16))
    assert looks["附件：1. 自查报告格式"] == ("仿宋_GB2312", Pt(16))
    (dated,) = [p for p in file.paragraphs if p.text == "2026年10月9日"]
    assert dated.paragraph_format.right_indent == Pt(16 * 4)
    assert len(file.inline_shapes) == 1


def test_docx_repeats_the_head_of_a_table_and_joins_cells() -> None:
    (table,) = docx_of(LETTER).tables
    heads = [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert heads == [True, *[False] * 60]
    (form,) = docx_of(FORM).tables
    assert [cell.text for cell in form.rows[1].cells] == ["投诉内容", *["第一行\n第二行"] * 3]


def test_docx_numbers_its_pages_outside_and_marks_drafts() -> None:
    for mark in (DRAFT, ""):
        section = docx_of(LETTER, mark=mark).sections[0]
        for footer, align in ((section.footer, 2), (section.even_page_footer, 0)):
            said = "".join(node.text or "" for node in footer._element.iter(qn("w:t"), qn("w:instrText")))
            assert (said, footer.paragraphs[0].alignment) == ("— PAGE —", align)
        for header in (section.header, section.even_page_header):
            assert ('string="草稿"' in header._element.xml) == bool(mark)


def test_docx_takes_any_text_and_is_a_harmless_package() -> None:
    odd = replace(LETTER, title="题\x00\x0b目", body=(Para("a\x07b\ufffe\ud800c"), Figure(CHART, "图")))
    made = docx.render(odd)
    check_docx(made)
    file = office.Document(io.BytesIO(made))
    assert [p.text for p in file.paragraphs if p.text in ("题目", "abc")] == ["题目", "abc"]
    assert file.core_properties.author == "省公司市场部"


# Whether an office program opens it


@pytest.fixture(scope="module")
def office_program() -> str:
    """LibreOffice: as root on Debian it is installed; where it can't be had the test fails and says what is missing."""
    script = settings.BASE_DIR / ".ci" / "libreoffice"
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False, timeout=590)
    assert done.returncode == 0, done.stderr
    return "soffice"


@pytest.mark.slow
def test_libreoffice_opens_the_docx(office_program: str, tmp_path: Path, chinese_fonts: Path) -> None:
    for name, content, mark in (("letter", LETTER, ""), ("form", FORM, ""), ("draft", LETTER, DRAFT)):
        (tmp_path / f"{name}.docx").write_bytes(docx.render(content, mark=mark))
    command = [
        office_program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
        "--outdir", str(tmp_path), *sorted(map(str, tmp_path.glob("*.docx"))),
    ]  # fmt: skip
    environment = os.environ | {"FONTCONFIG_FILE": str(chinese_fonts), "HOME": str(tmp_path)}
    subprocess.run(command, check=True, capture_output=True, timeout=240, env=environment)
    texts = {}
    for name in ("letter", "form", "draft"):
        reader = pypdf.PdfReader(tmp_path / f"{name}.pdf")
        assert [round(float(side) / POINTS) for side in reader.pages[0].mediabox[2:]] == [210, 297]
        texts[name] = [re.sub(r"[\s“”]", "", page.extract_text()) for page in reader.pages]
    assert re.sub("[“”]", "", LETTER.title) in texts["letter"][0]
    assert "鄂市通〔2026〕12号" in texts["letter"][0]
    assert [f"—{place}—" in text for place, text in enumerate(texts["letter"], start=1)] == [True] * len(
        texts["letter"]
    )
    assert [("单位受理及时率" in text) for text in texts["letter"] if "分公司12" in text].count(False) == 0
    assert len(texts["form"]) == 1
    assert "138****1234" in texts["form"][0]


# XLSX


def test_xlsx_holds_the_tables_with_numbers_to_reckon_with() -> None:
    formula = replace(FIGURES.rows[1][0], text="=1+1")
    made = xlsx.render(
        replace(LETTER, body=(replace(FIGURES, rows=(FIGURES.rows[0], (formula, *FIGURES.rows[1][1:]))),))
    )
    check_xlsx(made)
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in rows[:3]] == [LETTER.title, LETTER.number, "各单位情况"]
    assert rows[3:5] == [["单位", "受理", "及时率"], ["=1+1", 12, 0.95]]
    assert (sheet.cell(5, 1).data_type, sheet.cell(5, 3).number_format) == ("s", "0.0%")
    assert sheet.freeze_panes == "A5"


def test_there_is_no_other_form() -> None:
    with pytest.raises(ValueError, match="no form 'exe'"):
        make(FORM, "exe", mark="")
