"""Dates as files write them: read when they can mean one thing, asked for when they can't."""

from __future__ import annotations

from datetime import date, time, timedelta, timezone

import pytest

from complaints.importing.dates import (
    Comparison,
    DateColumn,
    certain,
    declared,
    instant,
    is_format,
    read_time,
    readings,
    split,
)
from complaints.importing.problems import BadRow

APRIL = date(2015, 4, 22)


@pytest.mark.parametrize(
    "text",
    ["22-Apr-15", "22-Apr-2015", "22 April 2015", "Apr 22, 2015", "April 22 2015", "2015年4月22日", "20150422"],
)  # fmt: skip
def test_a_writing_that_means_one_thing(text: str) -> None:
    assert certain(text) == APRIL


@pytest.mark.parametrize("text", ["31-Feb-15", "22-Foo-15", "2015年13月1日", "", "今天", "20151322", "1", "22-04-15"])
def test_a_writing_that_means_nothing_by_itself(text: str) -> None:
    assert certain(text) is None


def test_every_reading_of_three_numbers() -> None:
    assert readings("2015-04-08") == {"ymd": date(2015, 4, 8), "ydm": date(2015, 8, 4)}
    assert readings("2015-04-22") == {"ymd": APRIL}
    assert readings("4/8/2015") == {"dmy": date(2015, 8, 4), "mdy": date(2015, 4, 8)}
    assert readings("22-04-15") == {"ymd": date(2022, 4, 15), "dmy": APRIL}
    assert readings("01.02.70") == {"dmy": date(1970, 2, 1), "mdy": date(1970, 1, 2)}
    assert readings("2015-02-30") == readings("30/30/2015") == readings("2015-4-222") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3:53:50 PM", time(15, 53, 50)), ("12:05 AM", time(0, 5)), ("12:05 p.m.", time(12, 5)),
        ("15:53", time(15, 53)), ("下午3:53", time(15, 53)), ("上午 12:01", time(0, 1)), ("00:00:00.000", time()),
    ],
)  # fmt: skip
def test_a_time(text: str, expected: time) -> None:
    assert read_time(text) == (expected, None)


@pytest.mark.parametrize("text", ["25:00", "13:00 PM", "12:60", "noon", "1530", ""])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(BadRow):
        read_time(text)


def test_a_time_behind_the_date_and_its_zone() -> None:
    assert split("2015-04-22T15:53:50+02:00") == ("2015-04-22", "15:53:50+02:00")
    assert split("22-Apr-15 3:53:50 PM") == ("22-Apr-15", "3:53:50 PM")
    assert split("2015年4月22日15:53") == ("2015年4月22日", "15:53")
    assert split("2015-04-22") == ("2015-04-22", "")
    assert read_time("15:53+02:00") == (time(15, 53), timezone(timedelta(hours=2)))
    assert instant(APRIL, read_time("15:53Z")).isoformat() == "2015-04-22T15:53:00+00:00"
    assert instant(APRIL).isoformat() == "2015-04-22T00:00:00+08:00"


def column(*cells: str) -> DateColumn:
    found = DateColumn("日期")
    for cell in cells:
        found.add(cell)
    return found


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (("2015-04-08", "2015-04-22 10:00"), "ymd"),
        (("4/8/2015", "22/4/2015"), "dmy"),
        (("4/8/2015", "4/22/2015"), "mdy"),
        (("4/4/2015", "5/5/2015"), "dmy"),
        (("2015-22-04", "2015-08-04"), "ydm"),
        (("22-Apr-15", "2015年4月22日"), "ymd"),
        (("4/22/2015", "rubbish", "31/31/2015", ""), "mdy"),
        (("04-22-70", "04-08-70"), "mdy"),
        # what must be asked for
        (("4/8/2015", "5/8/2015"), None),
        (("4/22/2015", "22/4/2015"), None),
        (("22-04-15", "23-04-15"), None),
        (("22-04-15", "2015-04-08"), None),
        (("2015-22-04", "2015-04-22"), None),
    ],
)
def test_the_order_follows_from_the_whole_column_or_is_asked_for(cells: tuple[str, ...], order: str | None) -> None:
    assert column(*cells).order == order


def test_the_doubt_says_how_many_rows_depend_on_it() -> None:
    doubt = column("4/8/2015", "5/8/2015", "6/6/2015", "22/4/2015", "4/22/2015").doubt
    assert "5 行：可读出 dmy 4、mdy 4；其中 2 行因写法而异" in doubt
    assert "--date-format" in doubt


def test_declared_formats_are_tried_in_their_order() -> None:
    read = declared(["dmy", "ydm"])
    assert (read("22-04-15"), read("2015-04-08"), read("22-Apr-15")) == (APRIL, date(2015, 8, 4), APRIL)
    assert declared(["%d.%m.%y"])("22.04.15") == APRIL
    assert declared(["%d.%m.%y"])("2015-04-22") is None
    with_time = declared(["%d/%m/%Y %H:%M"])("22/04/2015 15:53")
    assert with_time is not None
    assert instant(with_time).isoformat() == "2015-04-22T15:53:00+08:00"


@pytest.mark.parametrize(
    ("text", "known"), [("dmy", True), ("%d-%b-%y", True), ("%x", True), ("%d-%m", False), ("abc", False)]
)
def test_what_can_be_declared(text: str, known: bool) -> None:
    assert is_format(text) == known


def test_a_second_column_agrees_or_doesnt() -> None:
    found = Comparison()
    for cell, day in (
        ("22-04-15", APRIL), ("2015-04-08", date(2015, 8, 4)), ("2015-05-05", date(2015, 5, 5)),
        ("2015-04-22", date(2015, 4, 21)), ("22-Apr-15", APRIL), ("?", APRIL), ("", APRIL), (APRIL, APRIL),
    ):  # fmt: skip
        found.add(cell, day)
    assert found.agree == {"dmy": 1, "ydm": 1, "ymd": 1, "=": 2}
    assert (found.contradict, found.unread, found.is_clean) == (1, 1, False)
