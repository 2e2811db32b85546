"""Checks pictures by their headers; no picture is decoded."""

from __future__ import annotations

from accountability.files.judging.reasons import Reason, Unfit, demand
from accountability.files.judging.single import check_single

MOST_PIXELS = 50_000_000
MOST_CHUNKS = 100_000


def _check_pixels(width: int, height: int) -> None:
    demand(width and height)
    demand(width * height <= MOST_PIXELS, Reason.PIXELS)


def check_png(content: bytes) -> None:
    """Read chunk by chunk to the last byte, so that data appended to the picture is refused."""
    demand(content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
    _check_pixels(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))
    names: list[bytes] = []
    place = 8
    while place + 12 <= len(content) and len(names) < MOST_CHUNKS and names[-1:] != [b"IEND"]:
        names.append(content[place + 4 : place + 8])
        place += 12 + int.from_bytes(content[place : place + 4])
    demand(b"IDAT" in names and names[-1] == b"IEND", Reason.CUT)
    demand(place == len(content), Reason.APPENDED)
    check_single(content)


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def check_jpeg(content: bytes) -> None:
    """Read segment by segment up to the frame. Data after the picture is allowed, because phones append their own."""
    demand(content.startswith(b"\xff\xd8\xff"))
    check_single(content)
    place = 2
    for _segment in range(MOST_CHUNKS):
        if place + 9 > len(content):
            break
        marker = content[place + 1]
        demand(content[place] == 0xFF and (marker >= 0xC0 or marker in _ALONE))
        if marker in _FRAMES:
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return _check_pixels(int.from_bytes(width), int.from_bytes(height))
        demand(marker not in (0xD9, 0xDA), Reason.CUT)
        if marker == 0xFF:
            place += 1
        else:
            place += 2 if marker in _ALONE else 2 + max(int.from_bytes(content[place + 2 : place + 4]), 2)
    raise Unfit(Reason.CUT)
