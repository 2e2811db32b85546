"""Packages (ZIP) that are packed to do harm: too large, too many, lying about themselves."""

from __future__ import annotations

import io
import struct
import zipfile

from tests.accountability.files import made_files


def zipped(parts: dict[str, bytes], *, comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        for name, content in parts.items():
            package.writestr(name, content)
        package.comment = comment
    return file.getvalue()


def nested(levels: int = 5, each: int = 16) -> bytes:
    """Like 42.zip: packages full of packages."""
    inner = zipped({"0": bytes(4_000_000)})
    for _level in range(levels):
        inner = zipped({str(number): inner for number in range(each)})
    return inner


def bomb(megabytes: int, part: str = "word/media/a.bmp") -> bytes:
    """A document with a part of nothing, many times as large as the file."""
    file = io.BytesIO(made_files.docx())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package, package.open(part, "w") as opened:
        for _megabyte in range(megabytes):
            opened.write(bytes(1024 * 1024))
    return file.getvalue()


def lying(content: bytes) -> bytes:
    """A package whose list says that its largest part is small."""
    size = max(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())
    return content.replace(struct.pack("<I", size), struct.pack("<I", 9))


def many_parts() -> bytes:
    return made_files.docx({f"word/{number}.xml": b"" for number in range(5001)})


def locked(content: bytes) -> bytes:
    """Its first part marked as encrypted, in its head and in the list."""
    found = bytearray(content)
    found[6] |= 1
    listed = content.index(b"PK\x01\x02")
    found[listed + 8] |= 1
    return bytes(found)


def deep_bombs() -> bytes:
    """Each embedded workbook within the bounds, all together far beyond."""
    file = io.BytesIO(made_files.xlsx())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/a.bmp", bytes(9_000_000))
    return made_files.docx({f"word/embeddings/{number}.xlsx": file.getvalue() for number in range(9)})
