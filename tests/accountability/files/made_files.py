"""Files for tests, made on the spot: good ones of every kind, and the parts that bad ones are made of."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

OFFICER, LEADER, PLAIN = "sc.officer", "sc.leader", "sj.plain"
"""Two who may run the verbs of these tests, and one who may not."""

OOXML = "application/vnd.openxmlformats-officedocument."
WORD = f"{OOXML}wordprocessingml.document.main+xml"
SHEET = f"{OOXML}spreadsheetml.sheet.main+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(
    inside: bytes = b"", *objects: bytes, head: bytes = b"%PDF-1.7\n", trailer: bytes = b"", last: bytes = b""
) -> bytes:
    """A page of nothing: `inside` is the catalogue's, `objects` are numbered from 4, `last` stands before the list."""
    written = [*_page_of_nothing(inside), *objects]
    content, places = head, []
    for number, one in enumerate(written, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    content += last
    listed = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(places) + 1, listed)
    end = b"trailer\n<< /Size %d /Root 1 0 R %b>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, len(content))
    return content + table + end


def packed_pdf(
    inside: bytes, *objects: bytes, filters: bytes = b"/FlateDecode", kind: bytes = b"/ObjStm",
    pack: Callable[[bytes], bytes] = zlib.compress,
) -> bytes:  # fmt: skip
    """The same with its objects packed in a stream, as programs of today write them. Its number and the list's come
    behind those of the objects.
    """
    written = [*_page_of_nothing(inside), *objects]
    count = len(written)
    begins = [sum(len(one) + 1 for one in written[:place]) for place in range(count)]
    index = b"".join(b"%d %d " % (number, begin) for number, begin in enumerate(begins, 1))
    packed = pack(index + b" ".join(written))
    content = b"%PDF-1.7\n"
    place = len(content)
    content += b"%d 0 obj\n<< /Type %b /N %d /First %d /Filter %b /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (
        count + 1, kind, count, len(index), filters, len(packed), packed,
    )  # fmt: skip
    rows = [(0, 0, 65535), *((2, count + 1, place) for place in range(count)), (1, place, 0), (1, len(content), 0)]
    listed = b"".join(struct.pack(">BIH", *row) for row in rows)
    head = b"<< /Type /XRef /W [1 4 2] /Size %d /Root 1 0 R /Length %d >>" % (len(rows), len(listed))
    end = b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (count + 2, head, listed)
    return content + end + b"startxref\n%d\n%%%%EOF\n" % len(content)


def _page_of_nothing(inside: bytes) -> tuple[bytes, bytes, bytes]:
    return (
        b"<< /Type /Catalog /Pages 2 0 R " + inside + b">>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    )


def stream(content: bytes, head: bytes = b"") -> bytes:
    return b"<< /Length %d %b>>\nstream\n%b\nendstream" % (len(content), head, content)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 1, height: int = 1) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = _chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + pixels + _chunk(b"IEND", b"")


def jpeg(width: int = 16, height: int = 16) -> bytes:
    app = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + app + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"


def wav() -> bytes:
    return b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + b"\x10\x00\x00\x00" + bytes(16) + b"data" + bytes(4)


def mp3(*, tagged: bool = True) -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s, 44.1 kHz: 417 bytes
    return (b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(10) if tagged else b"") + frame * 3


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def m4a(*, handler: bytes = b"soun") -> bytes:
    head = _box(b"moov", _box(b"hdlr", bytes(8) + handler + bytes(12)))
    return _box(b"ftyp", b"M4A \x00\x00\x00\x00M4A isom") + head + _box(b"mdat", bytes(32))


def amr() -> bytes:
    return b"#!AMR\n" + bytes(32)


def office(parts: dict[str, bytes], types: str, *, compressed: bool = True) -> bytes:
    """A package: its list of contents made of `types`, and the parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as package:
        listed = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>'
        package.writestr("[Content_Types].xml", listed)
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def overridden(part: str, media_type: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{media_type}"/>'


def docx(parts: dict[str, bytes] | None = None, types: str = "") -> bytes:
    given = {"word/document.xml": b"<w:document xmlns:w='w'/>"} | (parts or {})
    return office(given, overridden("word/document.xml", WORD) + types)


def xlsx(parts: dict[str, bytes] | None = None) -> bytes:
    return office({"xl/workbook.xml": b"<workbook/>"} | (parts or {}), overridden("xl/workbook.xml", SHEET))


def relation(kind: str, target: str, *, mode: str = "External") -> bytes:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{RELATION}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    ).encode()


GOOD = {
    "自查报告.pdf": pdf(),
    "packed.pdf": packed_pdf(b""),
    "截图.png": png(),
    "现场.JPG": jpeg(),
    "现场.jpeg": jpeg() + b"SEFT of a phone",
    "说明.docx": docx(),
    "明细.xlsx": xlsx(),
    "通话.wav": wav(),
    "通话.mp3": mp3(),
    "无标签.mp3": mp3(tagged=False),
    "通话.m4a": m4a(),
    "通话.amr": amr(),
    "记录.txt": "客户称五月多扣两笔。".encode(),
    "gbk.txt": "客户称五月多扣两笔。".encode("gb18030"),
    "记录.csv": "\ufeff时间,内容\r\n2026-11-24,来电\r\n".encode(),
}


def on_disk(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
