"""What a verb may be told: every field takes what is meant and refuses everything else with a sentence."""

from datetime import date
from typing import Any

import pytest

from accountability.deadlines.limits import LAST_DAY, read_instant
from accountability.gate.act import Batch
from accountability.gate.fields import (
    BadFact,
    Choice,
    Choices,
    Day,
    DayNames,
    Days,
    DutySpans,
    Fact,
    InCategory,
    InRegion,
    Instant,
    InUnit,
    LimitsByPriority,
    Line,
    OneLimit,
    Person,
    Phone,
    Text,
    Whole,
    YesNo,
    clean_all,
)
from accountability.security.telephone import OnPage
from tests.factories import Cast, Now

COLOURS = (("red", "红"), ("blue", "蓝"))


@pytest.fixture
def batch(cast: Cast, now: Now) -> Batch:
    return Batch(now.at)


TAKEN: list[tuple[Fact, Any, Any]] = [
    (Text(name="x"), "  已退费。\r\n第二行 ", "已退费。\n第二行"),
    (Text(name="x"), "a\x00b", "ab"),
    (Text(name="x", max_length=3), "三个字", "三个字"),
    (Text(name="x"), "\u200b\u2060\ufeff \u3164\u2800\u3000", ""),
    (Text(name="x"), "\ue863\u200b", "\ue863\u200b"),
    (Day(name="x"), "9999-12-31", date(9999, 12, 31)),
    (Day(name="x"), "1990-01-01", date(1990, 1, 1)),
    (Day(name="x", latest=LAST_DAY), date(2100, 12, 31), date(2100, 12, 31)),
    (Phone(name="x"), "+86 138-7123-4567", "13871234567"),
    (Phone(name="x"), "\uff11\uff13\uff18 71234567", "13871234567"),
    (Phone(name="x"), "013871234567", "13871234567"),
    (Phone(name="x"), "15400000000", "15400000000"),
    (Phone(name="x"), "027-8765 4321", "02787654321"),
    (Phone(name="x"), "+86 27 8765 4321", "02787654321"),
    (Phone(name="x"), "400-810-0000", "4008100000"),
    (Phone(name="x"), "+852 2123 4567", "85221234567"),
    (Phone(name="x"), "00852 2123 4567", "85221234567"),
    (Phone(name="x"), "87654321", "87654321"),
    (Phone(name="x"), "12345678901", "12345678901"),
    (Phone(name="x"), "10086", "10086"),
    (Phone(name="x"), OnPage("027-8765 4321"), "02787654321"),
    (Phone(name="x"), OnPage("+852 2123 4567"), "85221234567"),
    (Phone(name="x"), OnPage("10648 1234 5678"), "1064812345678"),
    (Phone(name="x"), OnPage("1440012345678"), "1440012345678"),
    (Phone(name="x", as_recorded=True), "10086", "10086"),
    (Phone(name="x", as_recorded=True), "8765 4321", "87654321"),
    (Choice(name="x", choices=COLOURS), "red", "red"),
    (Choices(name="x", choices=COLOURS), ["blue", "red", "blue"], ["blue", "red"]),
    (Choices(name="x", choices=COLOURS), "red, blue", ["red", "blue"]),
    (YesNo(name="x"), "true", True),
    (YesNo(name="x"), False, False),
    (Whole(name="x", least=1, most=3), "3", 3),
    (Whole(name="x", least=-2, most=3), "-2", -2),
    (Whole(name="x"), 7, 7),
    (Day(name="x"), "2027-01-01", date(2027, 1, 1)),
    (Days(name="x"), "2027-01-02\n2027-01-01", [date(2027, 1, 1), date(2027, 1, 2)]),
    (Days(name="x"), "2027-01-01\uff0c2027-01-02\u30012027-01-01,", [date(2027, 1, 1), date(2027, 1, 2)]),
    (Instant(name="x"), "2026-11-24 09:00", read_instant("2026-11-24 09:00")),
    (LimitsByPriority(name="x"), {"P1": "6h", "P2": ""}, {"P1": "6h"}),
    (LimitsByPriority(name="x", workdays=True), {"P3": "2wd"}, {"P3": "2wd"}),
    (OneLimit(name="x", unit="h"), " 24h ", "24h"),
    (OneLimit(name="x", unit="h"), "24小时", "24h"),
    (OneLimit(name="x", unit="wd"), "1000wd", "1000wd"),
    (OneLimit(name="x", unit="wd"), "3 个工作日", "3wd"),
    (OneLimit(name="x", unit="wd"), "3 working days", "3wd"),
    (OneLimit(name="x", unit="d"), "15天", "15d"),
    (OneLimit(name="x", unit="d"), "15d", "15d"),
    (DayNames(name="x"), "2027-01-01 元旦", {date(2027, 1, 1): "元旦"}),
    (DayNames(name="x"), {"2027-01-01": "元旦"}, {date(2027, 1, 1): "元旦"}),
    (DayNames(name="x"), "2027-01-01至2027-01-02  元旦\n\n", {date(2027, 1, 1): "元旦", date(2027, 1, 2): "元旦"}),
    (DutySpans(name="x"), " 09:00-18:00", "09:00-18:00"),
    (DutySpans(name="x"), "08:30\uff5e12:00\uff0c14\uff1a00\u201317:30", "08:30-12:00 14:00-17:30"),
    (DutySpans(name="x"), "08:00-10:00\n10:30-12:00\n14:00-23:59", "08:00-10:00 10:30-12:00 14:00-23:59"),
]


@pytest.mark.parametrize(("fact", "raw", "value"), TAKEN)
def test_taken(batch: Batch, fact: Fact, raw: Any, value: Any) -> None:
    assert fact.clean(raw, batch) == value


REFUSED: list[tuple[Fact, Any]] = [
    (Text(name="x"), 7),
    (Text(name="x"), ["a"]),
    (Text(name="x", max_length=3), "四个字了"),
    (Phone(name="x"), "1234"),
    (Phone(name="x"), OnPage("1234")),
    (Phone(name="x"), OnPage("106481234567")),
    (Phone(name="x"), OnPage("1064012345678")),
    (Phone(name="x"), "1234567890123456"),
    (Phone(name="x"), "not a number"),
    (Phone(name="x"), "火星"),
    (Phone(name="x"), OnPage("13871")),
    (Phone(name="x"), OnPage("10086")),
    (Phone(name="x"), OnPage("95588")),
    (Phone(name="x"), OnPage("87654321")),
    (Phone(name="x"), OnPage("1387123456")),
    (Phone(name="x"), OnPage("138712345678")),
    (Phone(name="x"), OnPage("027-876543")),
    (Phone(name="x"), OnPage("12345678901")),
    (Phone(name="x", as_recorded=True), "1234"),
    (Phone(name="x", as_recorded=True), "12345678901234567"),
    (Phone(name="x"), "until 2020-01-01"),
    (Choice(name="x", choices=COLOURS), "green"),
    (Choice(name="x", choices=COLOURS), ["red"]),
    (Choice(name="x", choices=COLOURS), {"red": 1}),
    (Choices(name="x", choices=COLOURS), ["red", "green"]),
    (Choices(name="x", choices=COLOURS), [["red"]]),
    (YesNo(name="x"), "maybe"),
    *((YesNo(name="x"), each) for each in (1, 0, 1.0, 0.0)),
    (Whole(name="x", least=1, most=3), "0"),
    (Whole(name="x", least=1, most=3), "4"),
    (Whole(name="x"), "1.5"),
    (Whole(name="x"), 1.5),
    (Whole(name="x"), True),
    (Whole(name="x"), "--5"),
    (Whole(name="x"), "-"),
    (Whole(name="x"), "two"),
    (Whole(name="x"), "\uff13"),
    (Whole(name="x", most=10**6), "9" * 5000),
    (Day(name="x"), "2027-02-30"),
    (Day(name="x"), "0026-11-24"),
    (Day(name="x", latest=LAST_DAY), date(2101, 1, 1)),
    (Days(name="x"), "2027-01-01 tomorrow"),
    (Days(name="x"), 20270101),
    (DayNames(name="x"), "元旦"),
    (DayNames(name="x"), "2027-02-30 元旦"),
    (DayNames(name="x"), "2027-01-01 <b>"),
    (Instant(name="x"), "24 November"),
    (LimitsByPriority(name="x"), "8h"),
    (LimitsByPriority(name="x"), {"P4": "8h"}),
    (LimitsByPriority(name="x"), {"P1": "2wd"}),
    (LimitsByPriority(name="x"), {"P1": "eight"}),
    (LimitsByPriority(name="x"), {"P1": "0h"}),
    (LimitsByPriority(name="x"), {"P1": "1001h"}),
    (LimitsByPriority(name="x", workdays=True), {"P1": "30m"}),
    (LimitsByPriority(name="x", workdays=True), {"P1": "1wd 17:30"}),
    *(
        (OneLimit(name="x", unit="h"), raw)
        for raw in ("3wd", "24", "24 h", "024h", "0h", "1001h", "24H", "\uff12h", 24, ["24h"])
    ),
    *((OneLimit(name="x", unit="wd"), raw) for raw in ("24小时", "3天", "3个", "24h", "5d", "5wd 17:30", "-1wd")),
    *((OneLimit(name="x", unit="d"), raw) for raw in ("15wd", "15m", "until 2026-11-24T00:00:00+08:00")),
    *(
        (DutySpans(name="x"), raw)
        for raw in (
            "18:00-09:00",
            "09:00",
            "9:00-18:00",
            "09:00-24:00",
            "09:00-12:00 11:00-17:00",
            "14:00-17:30 08:30-12:00",
            "09:00-09:00",
            "08:00-09:00 09:30-10:00 10:30-11:00 14:00-15:00",
            "整天",
            7,
        )
    ),
    (Person(name="x"), "nobody"),
    (Person(name="x"), "system"),
    (InUnit(name="x"), "XX"),
    (InCategory(name="x"), "网络质量/没有这一项"),
    *((InRegion(name="x"), raw) for raw in ("长沙", "张三13912345678", "市", "武 汉", ["武汉"], 7)),
]


@pytest.mark.parametrize(("fact", "raw"), REFUSED)
def test_refused(batch: Batch, fact: Fact, raw: Any) -> None:
    with pytest.raises(BadFact):
        fact.clean(raw, batch)


def test_people_units_and_categories_are_found_by_their_names(batch: Batch, cast: Cast) -> None:
    assert Person(name="x").clean("wh.zhang", batch) == cast["wh.zhang"]
    assert InUnit(name="x").clean("WH", batch) == cast.unit("WH")
    assert InCategory(name="x").clean("网络质量", batch).path == "网络质量"
    assert [InRegion(name="x").clean(raw, batch) for raw in ("武汉", " 武汉市 ", "宜昌")] == ["武汉", "武汉", "宜昌"]


def test_somebody_who_left_cannot_be_named(batch: Batch, cast: Cast) -> None:
    cast["wh.zhang"].is_active = False
    cast["wh.zhang"].save()
    with pytest.raises(BadFact, match="没有这名在职员工"):
        Person(name="x").clean("wh.zhang", batch)


def test_all_fields_are_judged_at_once_and_what_is_optional_may_be_blank(batch: Batch) -> None:
    facts = (Text(name="a"), Whole(name="b"), Line(name="c", required=False), Line(name="d"))
    values, errors = clean_all(facts, {"a": "  ", "b": "x", "c": "", "d": "good"}, None, batch)

    assert values == {"d": "good"}
    assert errors == {"a": "此项必填。", "b": "请填写 0 到 1000000 的整数。"}


def test_false_and_zero_are_values_not_blanks(batch: Batch) -> None:
    values, errors = clean_all((YesNo(name="a"), Whole(name="b")), {"a": False, "b": 0}, None, batch)
    assert (values, errors) == ({"a": False, "b": 0}, {})


def test_an_unknown_field_is_the_callers_fault(batch: Batch) -> None:
    with pytest.raises(TypeError, match="unknown field: b, c"):
        clean_all((Text(name="a"),), {"a": "x", "c": 1, "b": 2}, None, batch)
