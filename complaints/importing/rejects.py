"""The file of rows that couldn't be imported, to be corrected and imported again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from accountability.spreadsheets.cells import csv_line, is_risky
from complaints.importing.problems import BadFile

LINE, REASON = "原行号", "拒收原因"
"""The two added columns. A file with the latter is one of ours: its formula guards are removed on reading."""


def unguarded(cells: Iterable[Any]) -> list[Any]:
    return [cell[1:] if isinstance(cell, str) and _is_guarded(cell) else cell for cell in cells]


def _is_guarded(cell: str) -> bool:
    return cell.startswith("'") and (is_risky(cell[1:]) or cell.startswith("''"))


class RejectFile:
    """Created with the first rejected row and readable by its owner only, because it holds customers' words."""

    def __init__(self, path: Path, header: list[str]) -> None:
        self.path, self.header = path, [name for name in header if name not in (LINE, REASON)]
        self._kept = [place for place, name in enumerate(header) if name not in (LINE, REASON)]
        self._file: TextIO | None = None

    def check(self, source: Path) -> None:
        """Raises BadFile if the file can't be written, before anything is imported."""
        if self.path.resolve() == source.resolve():
            raise BadFile(_("拒收文件不能就是导入的文件本身。"))
        folder = self.path.resolve().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise BadFile(_("不能在“%(folder)s”写入拒收文件，请用 --rejects 指定别处。") % {"folder": folder})

    def add(self, line: int, cells: list[Any], reason: str) -> None:
        if self._file is None:
            # With a byte order mark, or spreadsheet programs would garble the Chinese.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.fchmod(descriptor, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")
            self._write([*self.header, LINE, REASON])
        own = [cells[place] for place in self._kept if place < len(cells)] or cells
        padded = [*map(str, own), *[""] * (len(self.header) - len(own))]
        self._write([*padded[: len(self.header)], *map(str, own[len(self.header) :]), str(line), reason])

    def _write(self, cells: list[str]) -> None:
        assert self._file is not None
        self._file.write(csv_line(cells))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
