"""Exports for tests: asked for by kf.supervisor, decided on by sc.leader, made by the worker, fetched by who asked."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from openpyxl import load_workbook

from accountability.gate.perform import perform
from assessment.actions import export_files
from assessment.exports.keeping import pieces_of
from assessment.models import Export
from tests.factories import Play

WAYS: dict[str, dict[str, Any]] = {
    "request_export": {
        "what": "complaints", "format": "csv", "since": "2026-11-01", "until": "2026-11-30", "reason": "月度分析。",
    },
    "decline_export": {"remark": "范围过大。"},
}  # fmt: skip


class Exports:
    """`exports("approve_export", "sc.leader", export)`: a verb through the gate at the clock's present."""

    def __init__(self, play: Play) -> None:
        self.play = play

    def __call__(self, verb: str, by: str, export: Export | None = None, **facts: Any) -> Export:
        told = WAYS.get(verb, {}) | facts
        subject = export if export is not None else Export(what=told["what"])
        return perform(subject, verb, by=self.play.cast[by], at=self.play.now.at, **told).subject

    def requested(self, by: str = "kf.supervisor", **facts: Any) -> Export:
        return self("request_export", by, **facts)

    def approved(self, by: str = "kf.supervisor", **facts: Any) -> Export:
        return self("approve_export", "sc.leader", self.requested(by, **facts))

    def made(self, by: str = "kf.supervisor", **facts: Any) -> Export:
        export = self.approved(by, **facts)
        export_files.make_pending(self.play.now.at)
        return self.again(export)

    @staticmethod
    def again(export: Export) -> Export:
        return Export.of_matter(export.matter_id)


def content(export: Export) -> bytes:
    return b"".join(pieces_of(export))


def table(export: Export) -> list[list[Any]]:
    """The file's rows, whichever its format: watermark, heads, lines."""
    if export.format == "csv":
        text = content(export).decode()
        assert text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    sheet = load_workbook(io.BytesIO(content(export))).active
    assert sheet is not None
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def files() -> set[str]:
    """What stands in the vault."""
    return {path.name for path in Path(settings.ATTACHMENTS_DIR).glob("*/*/*")}
