"""Checks recordings by their headers."""

from __future__ import annotations

import re

from accountability.files.judging.reasons import Reason, demand
from accountability.files.judging.single import check_single

MOST_BOXES = 100_000


def check_wav(content: bytes) -> None:
    check_single(content)
    demand(content[:4] == b"RIFF" and content[8:12] == b"WAVE" and b"fmt " in content[12:4096])


def check_amr(content: bytes) -> None:
    check_single(content)
    demand(content.startswith((b"#!AMR\n", b"#!AMR-WB\n")))
    demand(content.partition(b"\n")[2][:1] and not content.partition(b"\n")[2][0] & 0x83)


def check_mp3(content: bytes) -> None:
    """Check two consecutive frames, because the header of a single frame occurs by chance in any data."""
    check_single(content)
    place = 0
    if content.startswith(b"ID3"):
        demand(len(content) > 10 and all(byte < 0x80 for byte in content[6:10]))
        place = 10 + sum(byte << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    place = len(content) - len(content[place:].lstrip(b"\x00"))
    first = _frame_length(content[place : place + 4])
    demand(first)
    after = content[place + first : place + first + 4]
    demand(len(after) < 4 or _frame_length(after))


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


def check_m4a(content: bytes) -> None:
    """Check that the boxes end exactly where the file ends, that it has a header, and that it has no video."""
    check_single(content)
    boxes: dict[bytes, bytes] = {}
    place = 0
    for _box in range(MOST_BOXES):
        if place + 8 > len(content):
            break
        size = int.from_bytes(content[place : place + 4])
        head = 16 if size == 1 else 8
        size = int.from_bytes(content[place + 8 : place + 16]) if size == 1 else size or len(content) - place
        demand(size >= head)
        boxes.setdefault(content[place + 4 : place + 8], content[place + head : place + size])
        place += size
    demand(content[4:8] == b"ftyp" and b"moov" in boxes and place == len(content))
    demand(not re.search(rb"hdlr.{8}vide", boxes[b"moov"], re.DOTALL), Reason.VIDEO)
