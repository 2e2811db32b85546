"""No cell of a file that we give out is read as a formula; there is one place that sees to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from openpyxl import Workbook

from accountability.cells import guarded, put_text
from complaints.importing.rejects import unguarded

BEFORE = ("", " ", "  ", "\u3000", "\u00a0", "\ufeff", "\x00")
RISKY = [
    *(f"{before}{sign}1" for sign in "=+-@＝＋－＠" for before in BEFORE),
    "\t1", "\r1", "\n1", " \t=1", "=", "'=1", "'1",
]  # fmt: skip
HARMLESS = ["", "武汉", "a=b", "1-2", "2026-11-24 09:00", " 武汉", "—", "12.5%", "（-1）"]


@pytest.mark.parametrize("text", RISKY)
def test_what_would_be_a_formula_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded([guarded(text)]) == [text]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_none_stays(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize("text", RISKY)
def test_a_workbooks_text_is_a_text(text: str) -> None:
    sheet = Workbook().active
    assert sheet is not None
    cell = put_text(sheet.cell(1, 1), text)
    assert (cell.data_type, cell.value) == ("s", text.replace("\x00", ""))


def test_whoever_writes_cells_does_it_by_these() -> None:
    """Each module that writes CSV, or makes a workbook, takes its cells from here."""
    root = Path(settings.BASE_DIR)
    apps = ("accountability", "complaints", "assessment")
    texts = {path: path.read_text(encoding="utf-8") for app in apps for path in (root / app).rglob("*.py")}
    writers = {path: text for path, text in texts.items() if re.search(r"csv\.writer|import Workbook\b", text)}
    careless = [str(path) for path, text in writers.items() if "from accountability.cells import" not in text]
    assert careless == []
    assert len(writers) >= 7
