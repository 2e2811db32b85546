"""Checks PDF files: no scripts, launch actions or other files, as far as that can be seen without a full parser."""

from __future__ import annotations

import re
import zlib

from accountability.files.judging.reasons import Reason, demand
from accountability.files.judging.single import check_single

MOST_MARKS = 100_000
"""Streams and hex-coded letters in a file."""

MOST_UNPACKED = 32 * 1024 * 1024
PIECE = 1024 * 1024
FED = 64 * 1024
"""Bytes given to the unpacker at a time."""

_HIDDEN_LETTER = re.compile(rb"#([0-9A-Fa-f]{2})")
_BEGINS = re.compile(rb"stream\r?\n")
_ACTIVE = (
    b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/SubmitForm", b"/ImportData", b"/GoToR", b"/GoToE",
)  # fmt: skip
_SHORT = re.compile(rb"/(?:JS|XFA)(?![A-Za-z0-9])")


def check_pdf(content: bytes) -> None:
    """Names are also found if their letters are hex-coded or if they are in compressed object streams."""
    demand(re.match(rb"%PDF-[12]\.[0-9]", content) and b"%%EOF" in content[-2048:])
    check_single(content, page_in=1024)
    demand(b"/Encrypt" not in content, Reason.LOCKED)
    _check_names(content)
    heads, bodies = _parts(content)
    _check_names(b"\n".join(heads), hidden=True)
    left = MOST_UNPACKED
    for head, body in zip(heads, bodies, strict=True):
        if body and b"/ObjStm" in head:
            left = _check_packed(body, left)


def _parts(content: bytes) -> tuple[list[bytes], list[bytes]]:
    """The text before each stream, and each stream. Found by splitting, so that no file can make it slow."""
    demand(content.count(b"endstream") <= MOST_MARKS, Reason.COMPLEX_PDF)
    *pieces, rest = content.split(b"endstream")
    split = [_BEGINS.split(piece, maxsplit=1) for piece in pieces]
    return [*(parts[0] for parts in split), rest], [*(parts[-1] if parts[1:] else b"" for parts in split), b""]


def _check_names(text: bytes, *, hidden: bool = False) -> None:
    """Refuse active names. `hidden`: also names with hex-coded letters, and the short names, which occur by chance in
    the bytes of pictures.
    """
    if hidden:
        demand(text.count(b"#") <= MOST_MARKS, Reason.COMPLEX_PDF)
        text = _HIDDEN_LETTER.sub(lambda found: bytes([int(found[1], 16)]), text)
    active = any(name in text for name in _ACTIVE) or (hidden and _SHORT.search(text))
    demand(not active, Reason.ACTIVE_PDF)


def _check_packed(stream: bytes, left: int) -> int:
    """Check the names in a compressed stream, piece by piece. Returns how many bytes may still be unpacked."""
    unpacker, given, waiting, before, piece = zlib.decompressobj(), 0, b"", b"", b""
    while not unpacker.eof and (waiting or given < len(stream) or len(piece) == PIECE):
        if not waiting:
            waiting, given = stream[given : given + FED], given + FED
        try:
            piece = unpacker.decompress(waiting, PIECE)
        except zlib.error:
            break
        waiting = unpacker.unconsumed_tail
        left -= len(piece)
        demand(left > 0, Reason.COMPLEX_PDF)
        _check_names(before + piece, hidden=True)
        before = (before + piece)[-64:]
    return left
