"""Checks a file's type by its content and its name; unlisted types and files where the two disagree are refused.

Libraries identify a file by its first bytes, which doesn't stop somebody who wants to deceive
(docs/adr/0023-libraries-tried.md). Here each format has its own, closer check, which only answers whether the file is
what its name says.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.files.office import FETCHING_FORMULA, PIECE, Unfit, check_docx, check_xlsx

LONGEST_NAME = 120
MOST_PIXELS = 50_000_000
MOST_CHUNKS = 100_000
MOST_UNPACKED = 32 * 1024 * 1024

OOXML = "application/vnd.openxmlformats-officedocument."

EXTENSIONS: dict[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": f"{OOXML}wordprocessingml.document",
    "xlsx": f"{OOXML}spreadsheetml.sheet",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "amr": "audio/amr",
    "txt": "text/plain",
    "csv": "text/csv",
}
"""The accepted extensions. A file is only ever served with the media type given here."""

NOT_WHAT_IT_SAYS = gettext_lazy("内容与扩展名不符")
PAGE_INSIDE = gettext_lazy("文件中夹有网页或脚本")


class BadFile(Exception):
    """A file that isn't accepted; `str()` gives the message for the user, with the file's name."""


def judge(name: str, content: bytes) -> tuple[str, str]:
    """Check a file and return its sanitised name and its media type. Raises BadFile."""
    name = safe_name(name)
    extension = extension_of(name)
    try:
        size = len(content)
        if size == 0:
            raise Unfit(_("文件是空的"))
        if size > settings.ATTACHMENT_MOST_BYTES:
            raise Unfit(_("文件超过 %(most)s MB") % {"most": settings.ATTACHMENT_MOST_BYTES // 1024 // 1024})
        if extension not in EXTENSIONS:
            raise Unfit(_("不接受这种文件，可用：%(kinds)s") % {"kinds": " ".join(EXTENSIONS)})
        CHECKS[extension](content)
    except Unfit as unfit:
        raise BadFile(_("“%(name)s”未收下：%(why)s。") % {"name": name, "why": unfit}) from None
    return name, EXTENSIONS[extension]


def _demand(condition: object, why: object = NOT_WHAT_IT_SAYS) -> None:
    if not condition:
        raise Unfit(str(why))


# Names

_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def safe_name(name: str) -> str:
    """The last part of the path without invisible characters (controls, direction marks) and without characters and
    names that are special in a file system; at most 120 characters, with the extension kept.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    stem = _RESERVED.sub(r"_\g<0>", stem.strip(" .")) or _("文件")
    return (
        f"{stem[: LONGEST_NAME - len(extension) - 1]}{dot}{extension}" if len(extension) < 20 else stem[:LONGEST_NAME]
    )


def extension_of(name: str) -> str:
    """The extension in lower case; empty if there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


_PAGE = re.compile(rb"(?i)<(?:\?php|script|html|iframe|!doctype)")
_LIST_OF_A_PACKAGE = b"PK\x05\x06"


def _check_single(content: bytes, *, page_in: int | None = None) -> None:
    """Check that other programs can't take the file for a web page, a script or a ZIP package as well."""
    _demand(not _PAGE.search(content[:page_in]), PAGE_INSIDE)
    _demand(_LIST_OF_A_PACKAGE not in content[-70_000:], PAGE_INSIDE)


# PDF

_HIDDEN_LETTER = re.compile(rb"#([0-9A-Fa-f]{2})")
_BEGINS = re.compile(rb"stream\r?\n")
_ACTIVE = (
    b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/SubmitForm", b"/ImportData", b"/GoToR", b"/GoToE",
)  # fmt: skip
_SHORT = re.compile(rb"/(?:JS|XFA)(?![A-Za-z0-9])")
_TOO_COMPLEX = gettext_lazy("PDF 过于复杂，无法检查")


def _pdf(content: bytes) -> None:
    """Refuse a PDF that contains scripts, launch actions or other files, as far as that can be seen without a full
    parser. Names are also found if their letters are written as hex codes or if they are in compressed object streams.
    """
    _demand(re.match(rb"%PDF-[12]\.[0-9]", content) and b"%%EOF" in content[-2048:])
    _check_single(content, page_in=1024)
    _demand(b"/Encrypt" not in content, _("文件加了密码，无法检查"))
    _check_names(content)
    heads, bodies = _pdf_parts(content)
    _check_names(b"\n".join(heads), hidden=True)
    left = MOST_UNPACKED
    for head, body in zip(heads, bodies, strict=True):
        if body and b"/ObjStm" in head:
            left = _check_packed(body, left)


def _pdf_parts(content: bytes) -> tuple[list[bytes], list[bytes]]:
    """The text before each stream, and each stream. Found by splitting, so that no file can make it slow."""
    _demand(content.count(b"endstream") <= MOST_CHUNKS, _TOO_COMPLEX)
    *pieces, rest = content.split(b"endstream")
    split = [_BEGINS.split(piece, maxsplit=1) for piece in pieces]
    return [*(parts[0] for parts in split), rest], [*(parts[-1] if parts[1:] else b"" for parts in split), b""]


def _check_names(text: bytes, *, hidden: bool = False) -> None:
    """Refuse active names. `hidden`: also names with hex-coded letters, and the short names, which occur by chance in
    the bytes of pictures.
    """
    if hidden:
        _demand(text.count(b"#") <= MOST_CHUNKS, _TOO_COMPLEX)
        text = _HIDDEN_LETTER.sub(lambda found: bytes([int(found[1], 16)]), text)
    active = any(name in text for name in _ACTIVE) or (hidden and _SHORT.search(text))
    _demand(not active, _("PDF 含有脚本、启动命令或内嵌文件"))


def _check_packed(stream: bytes, left: int) -> int:
    """Check the names in a compressed stream, piece by piece. Returns how many bytes may still be unpacked."""
    unpacker, rest, before = zlib.decompressobj(), stream, b""
    while rest and not unpacker.eof:
        try:
            piece = unpacker.decompress(rest, PIECE)
        except zlib.error:
            break
        if not piece:
            break
        left -= len(piece)
        _demand(left > 0, _TOO_COMPLEX)
        _check_names(before + piece, hidden=True)
        before, rest = piece[-64:], unpacker.unconsumed_tail
    return left


# Pictures: only the headers are read


def _check_pixels(width: int, height: int) -> None:
    _demand(width and height)
    _demand(width * height <= MOST_PIXELS, _("图片尺寸过大（超过 5000 万像素）"))


def _png(content: bytes) -> None:
    """Read chunk by chunk to the last byte, so that data appended to the picture is refused."""
    _demand(content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
    _check_pixels(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))
    names: list[bytes] = []
    place = 8
    while place + 12 <= len(content) and len(names) < MOST_CHUNKS and names[-1:] != [b"IEND"]:
        names.append(content[place + 4 : place + 8])
        place += 12 + int.from_bytes(content[place : place + 4])
    _demand(b"IDAT" in names and names[-1] == b"IEND", _("图片不完整"))
    _demand(place == len(content), _("图片后面附有别的内容"))
    _check_single(content)


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def _jpeg(content: bytes) -> None:
    """Read segment by segment up to the frame. Data after the picture is allowed, because phones append their own."""
    _demand(content.startswith(b"\xff\xd8\xff"))
    _check_single(content)
    place = 2
    for _segment in range(MOST_CHUNKS):
        if place + 9 > len(content):
            break
        marker = content[place + 1]
        _demand(content[place] == 0xFF and (marker >= 0xC0 or marker in _ALONE))
        if marker in _FRAMES:
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return _check_pixels(int.from_bytes(width), int.from_bytes(height))
        _demand(marker not in (0xD9, 0xDA), _("图片不完整"))
        if marker == 0xFF:
            place += 1
        else:
            place += 2 if marker in _ALONE else 2 + max(int.from_bytes(content[place + 2 : place + 4]), 2)
    raise Unfit(_("图片不完整"))


# Sound


def _wav(content: bytes) -> None:
    _check_single(content)
    _demand(content[:4] == b"RIFF" and content[8:12] == b"WAVE" and b"fmt " in content[12:4096])


def _amr(content: bytes) -> None:
    _check_single(content)
    _demand(content.startswith((b"#!AMR\n", b"#!AMR-WB\n")))
    _demand(content.partition(b"\n")[2][:1] and not content.partition(b"\n")[2][0] & 0x83)


def _mp3(content: bytes) -> None:
    """Check two consecutive frames, because the header of a single frame occurs by chance in any data."""
    _check_single(content)
    place = 0
    if content.startswith(b"ID3"):
        _demand(len(content) > 10 and all(byte < 0x80 for byte in content[6:10]))
        place = 10 + sum(byte << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    place = len(content) - len(content[place:].lstrip(b"\x00"))
    first = _frame_length(content[place : place + 4])
    _demand(first)
    after = content[place + first : place + first + 4]
    _demand(len(after) < 4 or _frame_length(after))


_BIT_RATES = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _frame_length(head: bytes) -> int:
    """The length in bytes of a layer III frame with this header; 0 if these four bytes aren't one."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return 0
    is_first = version == 3
    bits = _BIT_RATES[is_first][rate - 1] * 1000
    return (144 if is_first else 72) * bits // _SAMPLE_RATES[version][sampling] + (head[2] >> 1 & 1)


def _m4a(content: bytes) -> None:
    """Check that the boxes end exactly where the file ends, that it has a header, and that it has no video."""
    _check_single(content)
    boxes: dict[bytes, bytes] = {}
    place = 0
    for _box in range(MOST_CHUNKS):
        if place + 8 > len(content):
            break
        size = int.from_bytes(content[place : place + 4])
        head = 16 if size == 1 else 8
        size = int.from_bytes(content[place + 8 : place + 16]) if size == 1 else size or len(content) - place
        _demand(size >= head)
        boxes.setdefault(content[place + 4 : place + 8], content[place + head : place + size])
        place += size
    _demand(content[4:8] == b"ftyp" and b"moov" in boxes and place == len(content))
    _demand(not re.search(rb"hdlr.{8}vide", boxes[b"moov"], re.DOTALL), _("文件含有视频，只接受录音"))


# Text

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"(?i)\s*(?:<[!?a-z]|#!|\{\\rtf|%PDF|%!PS|MZ[^ ,\w])")


def _text(content: bytes) -> None:
    """Check for UTF-8 or GB18030 text. A web page or script is refused, although it would only be served as text."""
    text = decoded(content)
    _demand(text is not None and not _UNSEEN.search(text), _("文字不是 UTF-8 或 GB18030 编码，请另存后再传"))
    _demand(text is not None and not _MARKUP.match(text))


_CELL = re.compile(r"(?m)(?:^|[,;\t\"])[ \t]*([=+@-][^\n\"]{0,1000})")


def _table(content: bytes) -> None:
    """Check a CSV file: it must be text, and no cell may start a program when a spreadsheet opens it."""
    _text(content)
    text = decoded(content) or ""
    starts = "|" in text or "(" in text
    found = starts and any(FETCHING_FORMULA.search(cell[1]) for cell in _CELL.finditer(text))
    _demand(not found, _("文件中的域或公式会启动程序或读取外部内容"))


def decoded(content: bytes) -> str | None:
    """The text of a file; None if it isn't UTF-8 or GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


CHECKS: dict[str, Callable[[bytes], None]] = {
    "pdf": _pdf,
    "png": _png,
    "jpg": _jpeg,
    "jpeg": _jpeg,
    "docx": check_docx,
    "xlsx": check_xlsx,
    "wav": _wav,
    "mp3": _mp3,
    "m4a": _m4a,
    "amr": _amr,
    "txt": _text,
    "csv": _table,
}
