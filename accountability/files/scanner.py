"""Calls the virus scanner, if one is configured, before a file is stored. Without its answer no file is accepted.

`inspection` has already checked that the file is of an accepted type; the scanner finds malware in valid files.
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
"""Timeout in seconds for each exchange with the daemon."""


class Scanner(Protocol):
    """The interface of the class that `settings.UPLOAD_SCANNER` names."""

    def scan(self, name: str, content: bytes) -> str | None:
        """The name of the malware found; None for a clean file. May raise any exception if it can't scan."""


def demand_clean(name: str, content: bytes) -> None:
    """Raise BadFile if the scanner finds something or doesn't answer."""
    if not settings.UPLOAD_SCANNER:
        return
    try:
        scanner: Scanner = import_string(settings.UPLOAD_SCANNER)()
        found = scanner.scan(name, content)
    except Exception as error:  # after any error the file hasn't been scanned
        log.error("scanner: no answer: %s", type(error).__name__)
        raise BadFile(_("“%(name)s”未收下：查毒服务暂时没有应答，请稍后再传。") % {"name": name}) from None
    if found is not None:
        log.warning("scanner: %s found", found)
        raise BadFile(_("“%(name)s”未收下：查出有害内容。") % {"name": name})


class Clamd:
    """Asks ClamAV's daemon with INSTREAM: the content is sent in pieces, the name isn't sent."""

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
