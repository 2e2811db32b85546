"""No cell of a file that we give out is read as a formula; there is one place that sees to it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from accountability.spreadsheets.cells import csv_lines, guarded, new_book, put, put_text
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
    cell = put_text(new_book().create_sheet("一").cell(1, 1), text)
    assert (cell.data_type, cell.value, bool(cell.quotePrefix)) == ("s", text.replace("\x00", ""), text[0] != "'")


def test_numbers_are_numbers_and_nothing_is_empty() -> None:
    sheet = new_book().create_sheet("一")
    made = [put(sheet.cell(1, place), value) for place, value in enumerate([-1, 0.5, None, True, "-1"], start=1)]
    assert [(cell.value, cell.data_type) for cell in made] == [
        (-1, "n"), (0.5, "n"), (None, "n"), ("True", "s"), ("-1", "s"),
    ]  # fmt: skip
    assert "".join(csv_lines([["武汉", -1, 0.5, "-1", "a,b"]])) == '\ufeff武汉,-1,0.5,\'-1,"a,b"\r\n'


# Nobody else writes any

APPS = ("accountability", "complaints", "assessment", "config")
CELLS = "accountability/spreadsheets/cells.py"
STREAMED = "assessment/exports/xlsx_stream.py"
"""Writes a workbook's parts itself: texts inline, numbers as numbers, and no formula, since it knows none."""


@cache
def texts() -> dict[str, str]:
    root = Path(settings.BASE_DIR)
    files = (path for app in APPS for path in (root / app).rglob("*.py") if "migrations" not in path.parts)
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in files}


@cache
def sources() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in texts().items()}


def imported(tree: ast.Module) -> set[str]:
    """What a module takes from libraries that write tables, wherever in it."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


FITTINGS = (
    "openpyxl.styles.", "openpyxl.utils.", "openpyxl.chart.", "openpyxl.worksheet.worksheet.Worksheet",
)  # fmt: skip
"""What dresses a sheet and puts nothing into a cell."""


@pytest.mark.lesson(14)
@pytest.mark.asvs("1.2.10")
def test_cells_are_written_in_one_place_only() -> None:
    """No other module may begin a workbook, make a cell or write CSV: what they call is read off their syntax."""
    found = set[str]()
    for name, tree in sources().items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if calls & {"csv.writer", "csv.DictWriter", "writer", "DictWriter"}:
            found.add(f"{name} writes CSV")
        library = {word for word in imported(tree) if word.startswith("openpyxl")}
        if reads := {word for word in library if word == "openpyxl"}:
            makers = {call for call in calls if call.startswith("openpyxl.")} - {"openpyxl.load_workbook"}
            found |= {f"{name} calls {call}" for call in makers}
            library -= reads
        if any(not word.startswith(FITTINGS) for word in library):
            found.add(f"{name} makes cells")
        if {word for word in imported(tree) if word.split(".")[0] in ("xlsxwriter", "xlwt", "pyexcel", "tablib")}:
            found.add(f"{name} uses another writer")
    assert found == {f"{CELLS} writes CSV", f"{CELLS} makes cells"}


@pytest.mark.lesson(14)
def test_no_cell_is_filled_past_them() -> None:
    """A module that dresses sheets never assigns a cell's value, type or formula itself."""
    found = set[str]()
    for name, tree in sources().items():
        told = " ".join(imported(tree))
        if name == CELLS or not ("openpyxl" in told or "accountability.spreadsheets.cells" in told):
            continue
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            flat = [part for target in targets for part in getattr(target, "elts", [target])]
            found |= {
                f"{name}:{part.lineno}"
                for part in flat
                if isinstance(part, ast.Attribute) and part.attr in ("value", "data_type")
            }
            if isinstance(node, ast.Call) and any(word.arg == "value" for word in node.keywords):
                found.add(f"{name}:{node.lineno}")
    assert found == set()


def test_nothing_but_the_streamed_workbook_writes_sheets_by_hand() -> None:
    writers = {name for name, text in texts().items() if "xl/worksheets" in text}
    assert writers <= {STREAMED, "accountability/files/inspection.py"}
