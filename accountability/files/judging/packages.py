"""Opens the package (ZIP) of an office file within bounds: its list is read and measured before any part is."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass

from accountability.files.judging.reasons import Reason, demand

MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO, FREE_OF_RATIO = 100, 10 * 1024 * 1024
"""A package may unpack to so many times its size. Below `FREE_OF_RATIO` bytes the ratio doesn't matter."""

MOST_PARTS = 5000
MOST_TAGS = 2_000_000
"""Of parts whose elements are looked at one by one, which takes most of a microsecond each."""

MOST_OF_LISTS = 8 * 1024 * 1024
"""The limit for the list of content types and the lists of relationships together."""

LONGEST_EXTRA = 1024
"""Bytes of a part's additional fields. zipfile cuts them off one by one and copies the rest each time."""

_END, _END_64, _LOCATOR, _ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
_STORED_OR_DEFLATED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""The only methods of office files, and the only ones that zipfile unpacks piece by piece."""


@dataclass
class Allowance:
    """How many bytes, parts and tags may still be read: one for a file and everything embedded in it."""

    unpacked: int
    parts: int = MOST_PARTS
    tags: int = MOST_TAGS

    @classmethod
    def of(cls, content: bytes) -> Allowance:
        return cls(min(MOST_UNPACKED, max(FREE_OF_RATIO, MOST_RATIO * len(content))))

    def count_tags(self, piece: bytes) -> None:
        self.tags -= piece.count(b"<")
        demand(self.tags >= 0, Reason.CROWDED)


def opened(content: bytes, allowance: Allowance) -> zipfile.ZipFile:
    """The package, whose parts are within the allowance. Raises Unfit, or any exception for a damaged package."""
    _check_list(content, allowance)
    package = zipfile.ZipFile(io.BytesIO(content))
    parts = package.infolist()
    names = set(package.namelist())
    # Nothing may come before the first part, or it could be two files in one.
    demand(min((part.header_offset for part in parts), default=0) == 0, Reason.DAMAGED)
    lists = sum(part.file_size for part in parts if part.filename.lower().endswith((".rels", "content_types].xml")))
    allowance.unpacked -= sum(part.file_size for part in parts)
    demand(allowance.unpacked >= 0 and lists <= MOST_OF_LISTS, Reason.LARGE)
    demand(not any(part.flag_bits & 0x1 for part in parts), Reason.LOCKED)
    strange = any("\\" in name or name.startswith("/") or ".." in name.split("/") for name in names)
    demand(not strange and len({name.lower() for name in names}) == len(parts), Reason.DAMAGED)
    demand(all(part.compress_type in _STORED_OR_DEFLATED for part in parts), Reason.DAMAGED)
    return package


def _check_list(content: bytes, allowance: Allowance) -> None:
    """Walk over the list of parts once, before zipfile makes an object of each: it lies right before the end of the
    file, has an entry for each part, and nothing but entries.
    """
    end = content.rfind(_END)
    demand(end >= 0 and end + 22 == len(content), Reason.DAMAGED)
    size, begin = struct.unpack_from("<II", content, end + 12)
    if content[max(end - 20, 0) :].startswith(_LOCATOR):
        end -= 20 + 56
        demand(end >= 0 and content.startswith(_END_64, end), Reason.DAMAGED)
        size, begin = struct.unpack_from("<QQ", content, end + 40)
    demand(begin + size == end, Reason.DAMAGED)
    while begin < end:
        demand(content.startswith(_ENTRY, begin), Reason.DAMAGED)
        name, extra, comment = struct.unpack_from("<HHH", content, begin + 28)
        demand(extra <= LONGEST_EXTRA and comment <= LONGEST_EXTRA, Reason.DAMAGED)
        begin += 46 + name + extra + comment
        allowance.parts -= 1
        demand(allowance.parts >= 0, Reason.LARGE)
