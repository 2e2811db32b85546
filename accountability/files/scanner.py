"""A scanner for viruses, where the house has one: asked before a file is kept, and without its answer none is.

What is on the allow-list has been judged by `sniffing` then; a scanner knows what is bad about a file that is
otherwise as it should be.
"""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accountability.files.inspection import BadFile

log = logging.getLogger(__name__)

PIECE = 256 * 1024
PATIENCE = 30.0
"""Seconds for each step of the talk with the daemon."""


class Scanner(Protocol):
    """`UPLOAD_SCANNER` names a class of this shape."""

    def scan(self, name: str, content: bytes) -> str | None:
        """What was found, by name; None for a clean file. Raises whatever it likes where it can't tell."""


def demand_clean(name: str, content: bytes) -> None:
    """Raises BadFile for what the scanner finds, and where it gives no answer."""
    if not settings.UPLOAD_SCANNER:
        return
    try:
        scanner: Scanner = import_string(settings.UPLOAD_SCANNER)()
        found = scanner.scan(name, content)
    except Exception as error:  # whatever it is: nobody has looked at the file
        log.error("scanner: no answer: %s", type(error).__name__)
        raise BadFile(_("“%(name)s”未收下：查毒服务暂时没有应答，请稍后再传。") % {"name": name}) from None
    if found is not None:
        log.warning("scanner: %s found", found)
        raise BadFile(_("“%(name)s”未收下：查出有害内容。") % {"name": name})


class Clamd:
    """ClamAV's daemon, by INSTREAM: the file goes over in pieces, its name doesn't."""

    def scan(self, name: str, content: bytes) -> str | None:
        with closing(self._connected()) as line:
            line.sendall(b"zINSTREAM\0")
            for piece in pieces(content):
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
            answer = self._answer(line)
        verdict = answer.removeprefix("stream: ")
        if verdict == "OK":
            return None
        if verdict.endswith(" FOUND"):
            return verdict.removesuffix(" FOUND")
        raise ValueError(verdict)

    def _connected(self) -> socket.socket:
        host, colon, port = settings.CLAMD.rpartition(":")
        if colon and port.isdigit():
            return socket.create_connection((host, int(port)), timeout=PATIENCE)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(PATIENCE)
        try:
            line.connect(settings.CLAMD)
        except OSError:
            line.close()
            raise
        return line

    def _answer(self, line: socket.socket) -> str:
        said = b""
        while not said.endswith(b"\0") and len(said) < 4096 and (piece := line.recv(4096)):
            said += piece
        return said.rstrip(b"\0").decode(errors="replace").strip()


def pieces(content: bytes) -> Iterator[bytes]:
    yield from (content[place : place + PIECE] for place in range(0, len(content), PIECE))
