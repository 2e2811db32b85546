"""Tables of strangers: reading them takes work in proportion to their size, and a workbook is read apart from us."""

from __future__ import annotations

import gc
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest

from accountability.confined.running import Limits, Unfinished, lines_of
from accountability.spreadsheets import reader, unpacking, workbooks
from accountability.spreadsheets.reader import Row
from accountability.spreadsheets.workbooks import BadFile

TIGHT = Limits(cpu=1, memory=256 * 1024 * 1024, wall=3)


def rows_of(content: bytes) -> list[Row]:
    with reader.opened(io.BytesIO(content), unpacked=10**8, strings=10**8) as sheets:
        return [row for sheet in sheets for row in sheet.rows]


def work_of(content: bytes) -> int:
    """Calls that reading the table takes."""
    count = 0

    def step(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # what other tests left behind is cleared away at other times
    sys.setprofile(step)
    try:
        rows_of(content)
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


HOSTILE = {
    "short lines in a quotation": lambda n: b'"' + b"\n" * 10_000 * n,
    "lines that open and close": lambda n: b'a","\n' * 4_000 * n,
    "quotations": lambda n: b'"a\n' * 4_000 * n,
    "rows": lambda n: b"a,b\n" * 4_000 * n,
    "one line": lambda n: b"a," * 10_000 * n,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.asvs("15.2.2")
def test_the_work_grows_no_faster_than_the_table(what: str) -> None:
    """A line that was put back is read again a few times at most."""
    _sentences, once, twice, four_times = (work_of(HOSTILE[what](size)) for size in (1, 3, 6, 12))
    assert four_times - twice <= 2.2 * (twice - once) + 500, (once, twice, four_times)
    assert four_times < 20 * len(HOSTILE[what](12))


def test_rows_between_broken_ones_are_still_read() -> None:
    found = rows_of(b'a,b\n"1,x\n2,y\n"3,z\n4,w\n')
    assert [(row.line, bool(row.fault)) for row in found] == [(1, False), (2, True), (3, False), (4, True), (5, False)]


def test_no_line_is_lost_where_every_line_opens_a_quotation() -> None:
    found = rows_of(b'a","\n' * 6000)
    assert [row.line for row in found] == list(range(1, 6001))


# Workbooks


def told_of(content: bytes, *arguments: str) -> list[Any]:
    """What the confined program writes."""
    given = arguments or ("100000000", "100000000", "1000")
    with lines_of(workbooks.PROGRAM, given, content, Limits(30, 2**31, 60), longest=10**6) as lines:
        return [json.loads(line) for line in lines]


def saved(*rows: list[Any], second: list[Any] | None = None) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    if second:
        book.create_sheet("2").append(second)
    book.save(file)
    return file.getvalue()


def test_what_is_told_of_a_workbook() -> None:
    moments = [datetime(2026, 1, 2, 3, 4), date(2026, 1, 2), time(3, 4)]  # noqa: DTZ001
    content = saved(["a", 1.5, True], [], [None, "b"], moments, second=["c"])
    assert told_of(content) == [
        ["Sheet", "2"], [1, "a", 1.5, True], [3, None, "b"],
        [4, {"datetime": "2026-01-02T03:04:00"}, {"datetime": "2026-01-02T00:00:00"}, {"time": "03:04:00"}],
        None, [1, "c"], None,
    ]  # fmt: skip
    assert [row.line for row in rows_of(content)] == [1, 3, 4, 1]


def with_text(text: bytes) -> bytes:
    whole, made = saved(["here"]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b">here<", b">" + text + b"<"))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "unpacked", "said"),
    [
        (saved(["a"]), 10, unpacking.LARGE),
        (saved(["a"])[:-9], 10**8, unpacking.DAMAGED),
        (with_text(b"x" * 32_767), 10**8, None),
        (with_text(b"x" * 32_768), 10**8, unpacking.DAMAGED),
    ],
)
def test_what_is_wrong_is_one_word(content: bytes, unpacked: int, said: str | None) -> None:
    """Also of a text that is too long: it stands once in the file, and would be written for every cell."""
    assert told_of(content, str(unpacked), "100000000", "1000")[-1] == said


@pytest.mark.parametrize("way", ["hang", "spin", "eat", "die"])
def test_a_workbook_that_keeps_its_reader_busy_is_refused(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "PROGRAM", "tests.accountability.spreadsheets.busy")
    monkeypatch.setattr(workbooks, "Limits", lambda *_given: TIGHT)
    with pytest.raises(BadFile, match="工作簿过于复杂，未能在限定的时间和内存内读完"):
        rows_of(b"PK\x03\x04" + way.encode())


def test_a_reader_that_cant_start_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(BadFile, match="忙不过来"):
        rows_of(saved(["a"]))


def test_a_reader_nobody_listens_to_is_ended() -> None:
    with lines_of(workbooks.PROGRAM, ["100000000", "100000000", "9"], saved(["a"]), TIGHT, longest=100) as lines:
        first: Iterator[bytes] = lines
    with pytest.raises((Unfinished, ValueError)):
        list(first)
