"""Files for tests, made on the spot: good ones of every kind, and the parts that bad ones are made of."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

OFFICER, LEADER, PLAIN = "sc.officer", "sc.leader", "sj.plain"
"""Two who may run the verbs of these tests, and one who may not."""

OOXML = "application/vnd.openxmlformats-officedocument."
WORD = f"{OOXML}wordprocessingml.document.main+xml"
SHEET = f"{OOXML}spreadsheetml.sheet.main+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(inside: bytes = b"", *, head: bytes = b"%PDF-1.7\n") -> bytes:
    return head + b"1 0 obj\n<< /Type /Catalog " + inside + b">>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def packed_pdf(inside: bytes) -> bytes:
    """Its objects packed in a stream, as programs of today write them."""
    packed = zlib.compress(b"1 0 << /Type /Catalog " + inside + b">>")
    stream = b"<< /Type /ObjStm /Filter /FlateDecode /N 1 >>\nstream\n" + packed + b"\nendstream\nendobj\n"
    return b"%PDF-1.7\n2 0 obj\n" + stream + b"%%EOF\n"


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
