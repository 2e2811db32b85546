"""Whatever file comes: read row by row, encodings found out, damage told in a sentence and never a traceback."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from accountability.spreadsheets import workbooks
from accountability.spreadsheets.cells import guarded
from accountability.spreadsheets.encodings import encoding_of
from accountability.spreadsheets.reader import Row
from complaints.importing import tables
from complaints.importing.problems import BadFile
from complaints.importing.rejects import REASON, RejectFile, unguarded
from complaints.importing.tables import opened


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows_of(path: Path, **how: Any) -> tuple[list[str], list[Row]]:
    with opened(path, **how) as table:
        return table.header, list(table.rows)


def cells_of(path: Path, **how: Any) -> list[list[Any]]:
    return [row.cells for row in rows_of(path, **how)[1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "编号,内容\r\n1,账单多出两笔扣费\r\n", encoding)
    assert encoding_of(BytesIO(path.read_bytes())) == encoding
    assert rows_of(path) == (["编号", "内容"], [Row(2, ["1", "账单多出两笔扣费"])])


def test_latin_text_isnt_taken_for_chinese(tmp_path: Path) -> None:
    """Two of its bytes happen to be valid GB18030; what would come out are characters nobody uses."""
    path = written(tmp_path, "id,text\n1,résumé déçu\n", "latin-1")
    with pytest.raises(BadFile, match="--encoding"):
        rows_of(path)
    assert cells_of(path, encoding="latin-1") == [["1", "résumé déçu"]]


@pytest.mark.parametrize(("declared", "used"), [("GBK", "gb18030"), ("gb2312", "gb18030"), ("UTF8", "utf-8-sig")])
def test_a_declared_encoding_is_read_by_the_one_that_contains_it(tmp_path: Path, declared: str, used: str) -> None:
    assert encoding_of(BytesIO(b"x"), declared) == used


@pytest.mark.parametrize("name", ["klingon", "base64"])
def test_an_encoding_that_isnt_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match=name):
        encoding_of(BytesIO(b"x"), name)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, f'"a,a;a|a"{delimiter}b\n1{delimiter}2\n')
    assert rows_of(path) == (["a,a;a|a", "b"], [Row(2, ["1", "2"])])


def test_quotes_lines_and_blanks(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n\n"1 ""x""","two\nlines"\n , \n3,say "so"\n')
    assert rows_of(path)[1] == [Row(3, ['1 "x"', "two\nlines"]), Row(6, ["3", 'say "so"'])]


def test_a_quote_never_closed_costs_one_row(tmp_path: Path) -> None:
    """The rows that it would have swallowed are read by themselves."""
    path = written(tmp_path, 'a,b\n1,x\n2,"y\n3,z\n4,w\n')
    found = rows_of(path)[1]
    assert [(row.line, row.cells, bool(row.fault)) for row in found] == [
        (2, ["1", "x"], False), (3, ['2,"y'], True), (4, ["3", "z"], False), (5, ["4", "w"], False),
    ]  # fmt: skip


def test_a_line_without_end_costs_one_row(tmp_path: Path) -> None:
    path = written(tmp_path, f"a,b\n1,{'x' * 1_000_000}\n2,y\n")
    first, second = rows_of(path)[1]
    assert (first.line, len(first.cells[0]), second) == (2, 1000, Row(3, ["2", "y"]))  # type: ignore[arg-type]
    assert first.fault == "该行过长，或引号没有成对。"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"1", "应有 2 列，实有 1 列。"),
        (b"1,2,3", "应有 2 列，实有 3 列。"),
        (b"1,\x00", "该行含有空字符（NUL），文件可能已损坏。"),
        (b"1,\xff", "该行含有无法解读的字节，编码可能不对。"),
    ],
)
def test_a_damaged_row(tmp_path: Path, line: bytes, fault: str) -> None:
    found = rows_of(written(tmp_path, b"a,b\n" + line + b"\n3,4,,\n"), encoding="utf-8")[1]
    assert [(row.line, row.fault) for row in found] == [(2, fault), (3, "")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的。"),
        (b"\n ,\n", "文件是空的。"),
        (b"a,b,a\n1,2,3\n", "标题行中有重名的列：a。"),
        (b'"a,b\n', "标题行无法读取：该行过长，或引号没有成对。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "这是旧版 Excel 文件（.xls），请另存为 .xlsx 或 CSV 后再导入。"),
        (b"PK\x03\x04 and no more", "文件不是完好的 Excel 工作簿（.xlsx）。"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(BadFile) as caught:
        rows_of(written(tmp_path, content))
    assert str(caught.value) == sentence


def test_a_file_that_isnt_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadFile, match="无法读取文件"):
            rows_of(path)


# Workbooks


def workbook(folder: Path, *rows: list[Any], second: str = "") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "投诉"
    for row in rows:
        page.append(row)
    if second:
        book.create_sheet(second).append(["z"])
    path = folder / "file.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/worksheets/sheet1.xml", "no xml"),
        (
            "xl/worksheets/sheet1.xml",
            '<worksheet><sheetData><row r="1"><c t="s"><v>99</v></c></row></sheetData></worksheet>',
        ),
        (
            "xl/workbook.xml",
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" strange="1"/>',
        ),
        (
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types" strange=""/>',
        ),
    ],
)
def test_a_damaged_workbook_is_refused_in_a_sentence(name: str, content: str, tmp_path: Path) -> None:
    whole, damaged = zipfile.ZipFile(workbook(tmp_path, ["a"])), tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(damaged, "w") as made:
        for part in whole.namelist():
            made.writestr(part, content if part == name else whole.read(part))
    with pytest.raises(BadFile, match=r"^文件(不是完好的 Excel 工作簿（\.xlsx）|是空的)。$"), opened(damaged) as table:
        list(table.rows)


def test_a_workbook_whose_packing_is_damaged_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a", "b"], ["1", "2"])
    content = bytearray(path.read_bytes())
    at = content.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(BadFile, match=r"^文件不是完好的 Excel 工作簿（\.xlsx）。$"), opened(path) as table:
        list(table.rows)


def test_the_cells_of_a_workbook(tmp_path: Path) -> None:
    noon = datetime(2015, 4, 22, 12)  # noqa: DTZ001  a spreadsheet knows no zones
    path = workbook(
        tmp_path, ["a", "b", "c", None], [250635.0, " x ", noon], [1.5, True, time(15, 53)], [None, None, None]
    )
    assert rows_of(path) == (
        ["a", "b", "c"], [Row(2, ["250635", "x", noon]), Row(3, ["1.5", "true", time(15, 53)])],
    )  # fmt: skip


def test_a_formula_that_failed_costs_its_row(tmp_path: Path) -> None:
    found = rows_of(workbook(tmp_path, ["a"], ["#REF!"], ["1"]))[1]
    assert [row.fault for row in found] == ["单元格中是公式错误。", ""]
    with pytest.raises(BadFile, match="单元格中是公式错误"):
        rows_of(workbook(tmp_path, ["a", "#REF!"], ["1", "2"]))


def test_what_somebody_wrote_in_a_text_file_is_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("a,b\n1,#N/A\n", encoding="utf-8")
    assert [(row.cells, row.fault) for row in rows_of(path)[1]] == [(["1", "#N/A"], "")]


def test_the_sheet_is_the_first_unless_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["a"], ["1"], second="另一页")
    with opened(path) as table:
        assert (table.header, table.notes) == (["a"], ["只读取了工作表“投诉”，另有：另一页。"])
    assert rows_of(path, sheet="另一页")[0] == ["z"]
    with pytest.raises(BadFile, match="没有工作表“无”，只有：投诉、另一页"):
        rows_of(path, sheet="无")


@pytest.mark.parametrize("limit", ["MOST_STRINGS", "MOST_UNPACKED"])
def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    path = workbook(tmp_path, ["a"], ["text"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", "x" * 100)
    monkeypatch.setattr(tables, limit, 10)
    with pytest.raises(BadFile, match="工作簿过大"):
        rows_of(path)


def test_a_small_workbook_of_endless_empty_rows_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_EMPTY", 100)
    few = workbook(tmp_path, ["a", "b"], *[["1", None]] * 300)
    assert len(rows_of(few)[1]) == 300
    with pytest.raises(BadFile, match=r"^工作簿中空行、空列过多，请删去后再导入。$"):
        rows_of(workbook(tmp_path, ["a", "b"], *[[None, None]] * 300))


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(BadFile, match="不是完好的"):
        rows_of(path)


# Rejected rows


@pytest.mark.parametrize("cell", ["=1+1", "+86138", "-5", "@x", "＝1", "＋86138", "'=1", "plain", "", "'quoted'", "''"])
def test_a_guard_can_be_taken_off(cell: str) -> None:
    assert unguarded([guarded(cell)]) == [cell]
    assert not guarded(cell).startswith(("=", "+", "-", "@", "＝", "＋"))


def test_a_reject_file_is_read_as_the_rows_it_came_from(tmp_path: Path) -> None:
    rejects = RejectFile(tmp_path / "r.csv", ["编号", "内容"])
    rejects.add(7, ["1", "=HYPERLINK(1)"], "理由。")
    rejects.add(9, ['2,"y'], "理由。")
    rejects.close()
    assert rejects.path.stat().st_mode & 0o777 == 0o600
    assert rejects.path.read_bytes().startswith(b"\xef\xbb\xbf")
    header, found = rows_of(rejects.path)
    assert header == ["编号", "内容", "原行号", REASON]
    assert [row.cells for row in found] == [["1", "=HYPERLINK(1)", "7", "理由。"], ['2,"y', "", "9", "理由。"]]
    again = RejectFile(tmp_path / "again.csv", header)
    again.add(2, found[0].cells, "仍然。")
    again.close()
    assert cells_of(again.path) == [["1", "=HYPERLINK(1)", "2", "仍然。"]]


def peak_of(path: Path, rows: int) -> int:
    """Bytes in use at most while so many rows are read."""
    with path.open("w", encoding="gb18030") as file:
        file.write("编号,内容\n")
        file.writelines(f"{number},{'投诉内容' * 25}\n" for number in range(rows))
    tracemalloc.start()
    with opened(path) as table:
        count = sum(1 for _row in table.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == rows
    return peak


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Six times as long a file needs as much."""
    short, long = (peak_of(tmp_path / "big.csv", rows) for rows in (1000, 6000))
    assert long < short * 1.1
