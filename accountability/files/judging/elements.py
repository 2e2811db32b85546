"""Reads the elements of an XML part with expat, piece by piece: a part of any size takes the same memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from accountability.files.judging.packages import Allowance
from accountability.files.judging.reasons import Reason, Unfit, demand

PIECE = 64 * 1024
LONGEST_TAG = 1024 * 1024
"""Bytes of one tag. Older versions of expat read a tag from its beginning again for each piece of it."""

LONGEST_NAME = 32
"""Bytes of a name that `holds` is asked for, at most."""

ENCODINGS = (None, "utf-8", "us-ascii", "iso-8859-1")


class Reader:
    """Calls `on_start` with the local name of each element, whatever its prefix, and with its attributes.

    In it `collect(done)` may be called: `done` gets the element's text at its end. A document type, an encoding in
    which words could hide, and damaged XML are refused.
    """

    def __init__(self, on_start: Callable[[str, dict[str, str]], None] | None) -> None:
        """Without `on_start` it is only checked that the part is sound XML, which is many times as fast."""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        if on_start is not None:
            self.on_start = on_start
            self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.XmlDeclHandler = _check_declaration
        self._collected: list[tuple[int, Callable[[str], None], list[str]]] = []
        self._deep = 0

    def read(self, part: IO[bytes], allowance: Allowance) -> None:
        piece, read = part.read(PIECE), 0
        demand(b"\x00" not in piece[:64] and piece[:2] not in (b"\xfe\xff", b"\xff\xfe"), Reason.DAMAGED)
        while piece:
            if self.parser.StartElementHandler:
                allowance.count_tags(piece)
            self.parser.Parse(piece, False)
            read += len(piece)
            demand(read - self.parser.CurrentByteIndex <= LONGEST_TAG, Reason.DAMAGED)
            piece = part.read(PIECE)
        self.parser.Parse(b"", True)

    def collect(self, done: Callable[[str], None]) -> None:
        """Ends of elements and texts are only listened to inside such an element: most parts have few."""
        if not self._collected:
            self._deep = 0
            self.parser.CharacterDataHandler, self.parser.EndElementHandler = self._hear, self._end
        self._collected.append((self._deep, done, []))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._deep += 1
        self.on_start(local(name), attributes)

    def _hear(self, words: str) -> None:
        self._collected[-1][2].append(words)

    def _end(self, _name: str) -> None:
        if self._collected[-1][0] == self._deep:
            done, texts = self._collected.pop()[1:]
            done("".join(texts))
        self._deep -= 1
        if not self._collected:
            self.parser.CharacterDataHandler = self.parser.EndElementHandler = None


def holds(part: IO[bytes], names: re.Pattern[bytes]) -> bool:
    """Whether one of the names is in the part. A name can't be written in another way in the encodings we take."""
    before = b""
    while piece := part.read(PIECE):
        if names.search(before + piece):
            return True
        before = piece[-LONGEST_NAME:]
    return False


def local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_said: object) -> None:
    raise Unfit(Reason.DAMAGED)


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    demand((encoding and encoding.lower()) in ENCODINGS, Reason.DAMAGED)
