"""Files that units hand in as evidence: small but real, made here, so that a page of the demo can open them."""

import struct
import zlib
from collections.abc import Sequence

from accountability.documents.content import Content, Para
from accountability.documents.pdf import NoPango, render


def text_file(lines: Sequence[str]) -> bytes:
    """A log as systems export it."""
    return "\r\n".join(lines).encode()


def letter(title: str, lines: Sequence[str]) -> tuple[str, bytes]:
    """The file's extension and content: a PDF with embedded glyphs; where the machine can't make one, the plain
    text.
    """
    body = tuple(Para(line, flush=line.endswith("：")) for line in lines[:-1])
    try:
        return "pdf", render(Content("letter", title, body=body, signed=lines[-1]))
    except NoPango:
        return "txt", text_file([title, *lines])


PAPER, INK, RULE = 255, 96, 208
BAR, GAP, HEIGHT = 18, 6, 120


def chart(values: Sequence[int]) -> bytes:
    """A PNG of bars, as monitoring draws a cell's traffic by the hour; values up to 100."""
    bars = [[*[PAPER] * GAP, *[INK] * BAR] for _value in values]
    rows = [_row(bars, values, HEIGHT - 10 - row) if row % 30 else [RULE] for row in range(HEIGHT)]
    width = len(values) * (BAR + GAP) + GAP
    lines = b"".join(b"\x00" + bytes((row * width if len(row) == 1 else row)[:width]) for row in rows)
    header = struct.pack(">IIBBBBB", width, HEIGHT, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data) for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    )


def _row(bars: list[list[int]], values: Sequence[int], height: int) -> list[int]:
    shown = (bar if value >= height else [PAPER] * len(bar) for bar, value in zip(bars, values, strict=True))
    return [*(sign for bar in shown for sign in bar), *[PAPER] * GAP]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
