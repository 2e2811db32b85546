"""Which encoding a text file is in: declared, or found out without guessing."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from complaints.importing.problems import BadFile

BLOCK = 1 << 16
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "utf_8": "utf-8-sig"}
"""What is declared is read by the encoding that contains it (a mark at the beginning included)."""


def encoding_of(path: Path, declared: str = "") -> str:
    """The encoding to read by. Raises BadFile for an unknown name, and where neither UTF-8 nor GB18030 fits."""
    if declared:
        return _known(declared)
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if _reads(path, "utf-8"):
        return "utf-8"
    if _reads(path, "gb18030"):
        return "gb18030"
    raise BadFile(_("文件既不是 UTF-8，也不像 GB18030 编码。请用 --encoding 声明编码，例如 --encoding latin-1。"))


def _known(declared: str) -> str:
    try:
        found = codecs.lookup(declared)
    except LookupError:
        raise BadFile(_("没有名为“%(name)s”的编码。") % {"name": declared}) from None
    if not found._is_text_encoding:
        raise BadFile(_("没有名为“%(name)s”的编码。") % {"name": declared})
    canonical = found.name.replace("-", "_")
    return WIDER.get(canonical, found.name)


def _reads(path: Path, encoding: str) -> bool:
    """Whether the whole file can be read so; of GB18030 also whether what comes out is mostly everyday Chinese.

    Latin text with accents happens to be valid GB18030 now and then, and would come out as rare characters.
    """
    everyday = strange = 0
    try:
        for text in _decoded(path, encoding):
            foreign = "".join(char for char in text if ord(char) > 0x7F)
            known = len(foreign.encode("gb2312", "ignore")) // 2
            everyday, strange = everyday + known, strange + len(foreign) - known
    except UnicodeDecodeError:
        return False
    return encoding == "utf-8" or everyday > strange


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)
