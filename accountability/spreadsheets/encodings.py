"""Determines the encoding of a text file: the declared one, or the one that fits its bytes."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from django.utils.translation import gettext as _

from accountability.spreadsheets.workbooks import BadFile

BLOCK = 1 << 16
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "utf_8": "utf-8-sig"}
"""A declared encoding is replaced by its superset, which also accepts a byte order mark."""


def encoding_of(file: BinaryIO, declared: str = "") -> str:
    """The encoding to read the file with; empty if UTF-8 and GB18030 don't fit. Raises BadFile for an unknown name."""
    if declared:
        return _known(declared)
    start = file.read(4)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    return next((name for name in ("utf-8", "gb18030") if _reads(file, name)), "")


def _known(declared: str) -> str:
    try:
        found = codecs.lookup(declared)
        "".encode(declared)  # refuses codecs that convert bytes to bytes
    except LookupError:
        raise BadFile(_("没有名为“%(name)s”的编码。") % {"name": declared}) from None
    return WIDER.get(found.name.replace("-", "_"), found.name)


def _reads(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file can be decoded. For GB18030 the result must also be mostly everyday Chinese.

    Latin text with accents is sometimes valid GB18030, but it decodes to rare characters.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    everyday = strange = 0
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            foreign = "".join(char for char in decoder.decode(block) if ord(char) > 0x7F)
            known = len(foreign.encode("gb2312", "ignore")) // 2
            everyday, strange = everyday + known, strange + len(foreign) - known
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return encoding == "utf-8" or everyday > strange
