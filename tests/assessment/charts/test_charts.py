"""Charts: what is drawn is exactly what was given, in text, width and shape; nothing is told by colour alone."""

from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest

from assessment.charts import Series, bars, lines
from assessment.charts.series import per_cent
from assessment.charts.trend import ticks_to

SVG = "{http://www.w3.org/2000/svg}"
UNITS = ["武汉分公司", "宜昌分公司", "黄石分公司"]


def read(chart: str) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314 - our own text


def texts(root: ET.Element) -> list[str]:
    return [found.text or "" for found in root.iter(f"{SVG}text")]


def of_class(root: ET.Element, *names: str) -> list[ET.Element]:
    wanted = {f"chart__{name}" for name in names}
    return [found for found in root.iter() if wanted <= set(found.get("class", "").split())]


def told(root: ET.Element) -> tuple[str | None, str | None]:
    return root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")


ALL = {
    "bars": lambda: bars("b", "各单位", UNITS, [Series("派单", [4, 2, 0]), Series("超时", [1, None, 0])], desc="两组"),
    "lines": lambda: lines("l", "趋势", ["10-01", "10-02"], [Series("派单", [4, 2]), Series("超时", [1, None])]),
    "nothing": lambda: bars("n", "空", [], []),
}


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_an_image_with_a_name_and_nothing_inline(name):
    root = read(ALL[name]())
    assert (root.get("role"), root.get("viewBox", "").split()[:2]) == ("img", ["0", "0"])
    named = [found.get("id") for found in root if found.tag in (f"{SVG}title", f"{SVG}desc")]
    assert root.get("aria-labelledby", "").split() == named
    assert [found.tag for found in root.iter() if "style" in found.attrib or found.tag == f"{SVG}style"] == []
    assert [found.tag for found in root.iter() if found.tag in (f"{SVG}script", f"{SVG}a")] == []
    assert [key for found in root.iter() for key in found.attrib if key.startswith("on")] == []
    assert ALL[name]() == ALL[name]()


def test_bars_are_as_long_as_their_values_and_labelled_with_them():
    root = read(bars("b", "派单量", UNITS, [Series("派单", [40, 10, 0])], desc="最长者为40"))
    widths = [float(bar.get("width", "")) for bar in of_class(root, "bar")]
    # 640 wide; 75 for five characters of 13 with 10 beside them, 2*0.58*13+10 for "40".
    assert widths == [539.92, 134.98]
    assert [bar.findtext(f"{SVG}title") for bar in of_class(root, "bar")] == [
        "武汉分公司 派单 40",
        "宜昌分公司 派单 10",
    ]
    assert texts(root) == ["武汉分公司", "40", "宜昌分公司", "10", "黄石分公司", "0"]
    assert told(root) == ("派单量", "最长者为40")


def test_series_differ_by_hatch_and_the_legend_shows_it():
    series = [Series(label, [2]) for label in ("派单", "超时", "退回", "重复")]
    root = read(bars("by-unit", "各单位", ["武汉"], series))
    fills = [bar.get("fill") for bar in of_class(root, "bar")]
    hatches = ["#000", "url(#by-unit-hatch-1)", "url(#by-unit-hatch-2)", "url(#by-unit-hatch-3)"]
    assert fills == hatches * 2  # the swatches first, then the bars
    assert texts(root)[:4] == ["派单", "超时", "退回", "重复"]
    patterns = [ET.tostring(found) for found in root.iter(f"{SVG}pattern")]
    assert [found.get("id") for found in root.iter(f"{SVG}pattern")] == [url[5:-1] for url in hatches[1:]]
    assert len(set(patterns)) == 3


def test_shares_are_measured_against_the_whole_and_a_missing_one_is_no_nought():
    root = read(bars("b", "及时率", UNITS, [Series("及时率", [Fraction(1, 3), None, Fraction(0)], share=True)]))
    left, right = 75, 5 * 0.58 * 13 + 10
    assert [bar.get("width") for bar in of_class(root, "bar")] == [f"{(640 - left - right) / 3:.2f}"]
    assert texts(root) == ["武汉分公司", "33.3%", "宜昌分公司", "—", "黄石分公司", "0.0%"]


def test_the_words_of_the_caller_are_kept():
    root = read(bars("b", "解决率", ["武汉"], [Series("解决率", [Fraction(1, 3)], share=True, shown=["1/3"])]))
    assert texts(root) == ["武汉", "1/3"]


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        ((1, 1), "100.0%"), ((0, 1), "0.0%"), ((1, 3), "33.3%"), ((2, 3), "66.7%"), ((1, 2000), "0.1%"),
        ((9999, 10000), "99.9%"), ((1, 100000), "0.1%"), ((1, 800), "0.1%"), ((7, 8), "87.5%"), ((1, 16), "6.3%"),
    ],
)  # fmt: skip
def test_per_cent_is_exact_and_never_rounds_to_all_or_nothing(share, shown):
    assert per_cent(Fraction(*share)) == shown


def test_all_noughts_are_drawn_as_noughts():
    root = read(bars("b", "超时", UNITS, [Series("超时", [0, 0, 0])]))
    assert (of_class(root, "bar"), texts(root)[1::2]) == ([], ["0", "0", "0"])
    root = read(lines("l", "超时", ["1日", "2日"], [Series("超时", [0, 0])]))
    assert texts(root) == ["0", "1", "1日", "2日", "超时 0"]


@pytest.mark.parametrize("labels", [[], UNITS])
@pytest.mark.parametrize("draw", [bars, lines])
def test_nothing_is_said_in_words(draw, labels):
    root = read(draw("b", "派单量", labels, [Series("派单", [None] * len(labels))], empty="本期没有派单"))
    assert (told(root)[0], texts(root)) == ("派单量", ["本期没有派单"])


def test_a_very_long_name_is_cut_and_whole_in_its_hint():
    name = "湖北省客户服务中心投诉处理与服务质量管理部（宜昌片区）"
    root = read(bars("b", "派单", [name], [Series("派单", [1])]))
    cut = next(root.iter(f"{SVG}text"))
    assert (cut.text, cut.findtext(f"{SVG}title")) == ("湖北省客户服务中心投诉处…", name)


def test_texts_are_escaped_and_cleaned():
    chart = bars("b", "<script>alert(1)</script>", ['甲&"乙"\x00\n<b>'], [Series("x", [1])])
    assert "<script>" not in chart
    assert "<b>" not in chart
    assert texts(read(chart)) == ['甲&"乙" <b>', "1"]
    assert told(read(chart)) == ("<script>alert(1)</script>", None)


def test_lines_differ_by_dash_and_marker_and_end_in_name_and_value():
    series = [Series("派单", [0, 4, 8]), Series("超时", [1, None, 2]), Series("退回", [8, 8, 8])]
    root = read(lines("l", "趋势", ["10-01", "10-02", "10-03"], series))
    assert [line.get("stroke-dasharray") for line in of_class(root, "line")] == ["none", "2 3"]
    assert [line.get("class") for line in of_class(root, "line")] == ["chart__line chart__s0", "chart__line chart__s2"]
    # Two values beside a gap are two markers without a line; each name has its marker again.
    marks = [[mark for group in of_class(root, "mark", f"s{index}") for mark in group] for index in range(3)]
    assert [len(of_line) for of_line in marks] == [4, 3, 4]
    shapes = {of_line[0].get("d", "").split("m", 1)[1] for of_line in marks}
    assert len(shapes) == 3
    assert texts(root) == ["0", "2", "4", "6", "8", "10-01", "10-02", "10-03", "派单 8", "退回 8", "超时 2"]
    ends = [float(found.get("y", "")) for found in root.iter(f"{SVG}text")][-3:]
    assert [ends[1] - ends[0] >= 18, ends[2] - ends[1] >= 18] == [True, True]


def test_points_stand_at_their_values():
    root = read(lines("l", "趋势", ["a", "b", "c"], [Series("派单", [0, 5, 10])]))
    points = [tuple(map(float, point.split(","))) for point in of_class(root, "line")[0].get("points", "").split()]
    assert [y for _x, y in points] == [220.0, 120.0, 20.0]
    assert points[1][0] - points[0][0] == pytest.approx(points[2][0] - points[1][0])


def test_one_point_is_drawn_without_a_line():
    root = read(lines("l", "及时率", ["10月"], [Series("及时率", [Fraction(2, 3)], share=True)]))
    assert (of_class(root, "line"), [len(group) for group in of_class(root, "mark")]) == ([], [1, 1])
    assert texts(root) == ["0%", "25%", "50%", "75%", "100%", "10月", "及时率 66.7%"]


def test_stamps_are_left_out_where_they_have_no_room():
    days = [f"10-{day:02}" for day in range(1, 32)]
    root = read(lines("l", "趋势", days, [Series("派单", [1] * 31)]))
    assert [text for text in texts(root) if text.startswith("10-")] == days[::3]


@pytest.mark.parametrize(
    ("top", "ticks"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (7, [0, 2, 4, 6, 8]), (40, [0, 10, 20, 30, 40]),
     (41, [0, 20, 40, 60]), (1999, [0, 500, 1000, 1500, 2000])],
)  # fmt: skip
def test_the_scale_is_of_round_numbers(top, ticks):
    assert ticks_to(top, share=False) == ticks


@pytest.mark.parametrize(
    ("draw", "why"),
    [
        (lambda: bars("b", "x", ["a"], [Series("s", [1, 2])]), "a value for each label"),
        (lambda: lines("b", "x", ["a"], [Series(f"{at}", [1]) for at in range(5)]), "at most 4 series"),
        (lambda: bars("b", "x", ["a"], [Series("s", [1]), Series("t", [Fraction(1)], share=True)]), "no scale"),
        (lambda: bars("Not an id", "x", ["a"], [Series("s", [1])]), "Not an id"),
    ],
)
def test_what_cannot_be_drawn_truly_is_refused(draw, why):
    with pytest.raises(ValueError, match=why):
        draw()
