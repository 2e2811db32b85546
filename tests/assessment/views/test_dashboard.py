"""The dashboard: whose numbers, of which time, and that a number on it is the number counted."""

# mypy: disable-error-code="union-attr"

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from openpyxl import load_workbook

from accountability.gate.sweeper import sweep
from accountability.models import AccessLog, Deadline, Unit, actor_for
from assessment.dashboards.asked import Asked
from assessment.dashboards.downloads import as_csv, as_xlsx
from assessment.dashboards.sections import TABLES
from assessment.dashboards.tables import Cell, Hours
from assessment.models import Case
from tests.factories import Cast, Now, Play

ClientFor = Callable[[str], Client]

pytestmark = pytest.mark.rule("R54")


def html(response: Any) -> str:
    """Without what differs from one request to the next."""
    body = response.content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    return re.sub(r'name="next" value="[^"]*"', "", body)


def tally(response: Any) -> dict[str, str]:
    return {str(one["label"]): f"{one['count']}" for one in response.context["tallies"]}


def rows(client: Client, table: str, query: str = "") -> dict[str, list[str]]:
    """The rows of a table as the page has them."""
    shown = client.get(f"/dashboard/{query}").context["sections"]
    found = next(section.table for section in shown if section.table.name == table)
    if isinstance(found, Hours):
        return {"": found.hours} | {name: [f"{number}" for number in row] for name, row in found.labelled}
    heads = next(found.sheet())[1:]
    return {"": [*map(str, heads)]} | {row.line.label: told(cells) for row, cells in found.for_page}


def told(cells: list[Cell]) -> list[str]:
    return [text for cell in cells for text in (*(f"{n.value}" for n in cell.numbers), cell.words) if text]


def in_file(client: Client, table: str, query: str = "") -> list[list[str]]:
    """The rows of a table as its file has them."""
    content = client.get(f"/dashboard/{table}.csv{query}").content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]


def at_risk(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/dashboard/{query}")
    assert page.status_code == 200
    return [row.line.complaint.matter.number for row in page.context["risk"]]


@pytest.fixture
def month(play: Play, now: Now) -> dict[str, str]:
    """WH: one in time to the satisfied end, one whose limits were both missed, one just accepted, one returned.
    YC: a network complaint of 宜昌, accepted. It is Thursday 2026-11-26, 09:00, since the sweep.
    """
    done = play.upto("archived", phone="13800000001")
    late = play.upto("delivered", phone="13800000002", category="网络质量", priority="P3")
    returned = play.upto("returned", phone="13800000003")
    now.set("2026-11-26 09:00")
    sweep(now.at)
    fresh = play.upto("accepted", phone="13800000004", priority="P1")
    other = play("register", "kf.agent", phone="13800000005", region="宜昌", category="营销宣传")
    other = play("hand_off", "yc.contact", play("dispatch", "kf.agent", other, unit="YC"), to="yc.chen")
    other = play("accept", "yc.chen", other)
    found = {"done": done, "late": late, "returned": returned, "fresh": fresh, "other": other}
    return {name: str(complaint.matter.number) for name, complaint in found.items()}


UNITS = "?from=2026-11-01&to=2026-11-30"


def test_the_page_tells_the_numbers_of_all_units(month, client_for: ClientFor):
    client = client_for("sc.officer")
    assert tally(client.get(f"/dashboard/{UNITS}")) == {
        "解决率": "100.0%", "按时处理率": "100.0%", "交办及时率": "80.0%", "现已超时": "1",
        "退回获准": "1", "重复投诉": "0", "客户满意率": "100.0%",
    }  # fmt: skip
    found = rows(client, "units", UNITS)
    named = dict(
        zip(found[""], zip(*(found[name] for name in ("武汉分公司", "宜昌分公司", "合计")), strict=True), strict=True)
    )
    assert named["收到派单"] == ("4", "1", "5")
    assert named["按时处理率"] == ("100.0%", "—", "100.0%")
    assert (named["30分钟内交办"], named["交办时限已有结果"]) == (("3", "1", "4"), ("4", "1", "5"))
    assert named["处理超时"] == ("0", "0", "0")
    assert named["退回获准"] == ("1", "0", "1")
    assert named["客户满意"] == ("1", "0", "1")


def test_by_category_region_time_and_hour(month, client_for: ClientFor):
    client = client_for("sj.auditor")
    received = {name: numbers[0] for name, numbers in rows(client, "categories", UNITS).items()}
    assert received == {"": "收到派单", "资费与收费争议": "3", "营销宣传": "1", "网络质量": "1", "合计": "5"}
    received = {name: numbers[0] for name, numbers in rows(client, "regions", UNITS).items()}
    assert received == {"": "收到派单", "宜昌": "1", "武汉": "4", "合计": "5"}
    trend = rows(client, "trend", UNITS)
    assert trend[""] == ["收到派单", "处理超时", "重复投诉", "客户满意"]
    assert {day: numbers for day, numbers in trend.items() if set(numbers) - {"0"}} == {
        "": trend[""], "2026-11-24": ["3", "0", "0", "1"], "2026-11-26": ["2", "0", "0", "0"],
    }  # fmt: skip
    assert len(trend) == 1 + 30
    hours = rows(client, "hours", UNITS)
    assert (hours["周二"][9], hours["周四"][9]) == ("3", "2")
    assert sum(int(number) for day, numbers in hours.items() if day for number in numbers) == 5


def test_what_is_drawn_is_what_the_tables_say(month, client_for: ClientFor):
    page = client_for("kf.agent").get(f"/dashboard/{UNITS}")
    sections = {section.table.name: section for section in page.context["sections"]}
    assert {name: (len(found.panes), len(found.charts)) for name, found in sections.items()} == {
        "units": (2, 0), "categories": (3, 0), "regions": (2, 0), "reasons": (0, 0), "reasons_by_category": (0, 0),
        "trend": (0, 1), "hours": (0, 0),
    }  # fmt: skip
    first, second = sections["units"].panes
    assert (first.label, first.received.numbers[0].value, first.shares[0].now) == ("武汉分公司", 4, "100.0")
    assert (second.label, second.received.numbers[0].value, second.shares[0].now) == ("宜昌分公司", 1, "")
    assert sections["units"].silent == ["内审部", "网络部", "终端公司"]
    body = page.content.decode()
    assert all(chart in body for found in sections.values() for chart in found.charts)
    assert 'class="num hours__3">3</td>' in body


@pytest.mark.parametrize(
    ("query", "received"),
    [
        ("", "5"),
        ("?preset=this_month", "5"),
        ("?preset=last_month", "0"),
        ("?preset=this_year", "5"),
        ("?from=2026-11-26&to=2026-11-26", "2"),
        ("?from=2026-11-24&to=2026-11-25", "3"),
        ("?from=2026-11-25&to=2026-11-25", "0"),
        ("?unit=WH", "4"),
        ("?unit=YC&preset=this_year", "1"),
        ("?head=资费与收费争议", "3"),
        ("?category=资费与收费争议", "3"),
        ("?category=资费与收费争议/退费", "0"),
        ("?from=2026-11-26", "2"),
        ("?region=宜昌", "1"),
        ("?region=宜昌&unit=WH", "0"),
    ],
)
def test_period_and_filters_narrow_every_number(month, client_for: ClientFor, query: str, received: str):
    client = client_for("sc.officer")
    for table in ("units", "categories", "regions"):
        assert rows(client, table, query).get("合计", ["0"])[0] == received
    assert str(sum(int(numbers[0]) for day, numbers in rows(client, "trend", query).items() if day)) == received
    hours = rows(client, "hours", query)
    assert str(sum(int(number) for day, numbers in hours.items() if day for number in numbers)) == received


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("?from=11月1日&to=2026-11-30", "from", "请按“2026-10-01”的样子填写日期。"),
        ("?from=2026-11-30&to=2026-11-01", "to", "结束日期不能早于开始日期。"),
        ("?from=0001-01-01&to=2026-11-01", "from", "日期不能早于1990-01-01。"),
        ("?from=2000-01-01&to=2026-11-01", "to", "期间最长五年，请缩短。"),
        ("?from=2026-01-01&to=2026-11-01&step=day", "step", "点数超过 100 个，请缩短期间，或改按周、按月。"),
        ("?preset=next_month", "from", "没有这种期间，请选择本月、上月、今年，或填写起止日期。"),
        ("?unit=NO", "unit", "没有这个单位，或者您不能查看它的数字。"),
        ("?category=NO", "category", "类别目录中没有这一项。"),
        (
            "?region=长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长",
            "region",
            "确保该变量包含不超过 30 字符 (目前字符数 31)。",
        ),
        ("?step=second", "step", "请选择按日、按周或按月。"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field_and_nothing_is_counted(
    client_for: ClientFor, query: str, field: str, said: str
):
    client = client_for("sc.officer")
    page = client.get(f"/dashboard/{query}")
    assert page.status_code == 200
    assert said in page.context["asked"].errors[field]
    assert (said in page.content.decode(), "chart__svg" in page.content.decode()) == (True, False)
    assert client.get(f"/dashboard/units.csv{query}").status_code == 404


def test_what_was_typed_stands(client_for: ClientFor):
    page = client_for("sc.officer").get("/dashboard/?from=2026-11-30&to=11月&region=武汉").content.decode()
    assert 'value="2026-11-30"' in page
    assert 'value="11月"' in page
    assert 'value="武汉"' in page


@pytest.mark.parametrize(
    ("days", "step", "points"),
    [
        ("from=2026-11-01&to=2026-11-30", "", 30),
        ("from=2026-11-01&to=2026-12-02", "", 6),
        ("from=2026-01-01&to=2026-11-30", "", 11),
        ("from=2026-11-01&to=2026-11-30", "&step=week", 6),
        ("from=2026-11-01&to=2026-11-30", "&step=month", 1),
    ],
)
def test_a_trend_has_as_many_points_as_can_be_told_apart(client_for: ClientFor, days: str, step: str, points: int):
    assert len(rows(client_for("sc.officer"), "trend", f"?{days}{step}")) == 1 + points


@pytest.mark.parametrize("query", ["", "?head=资费与收费争议", "?unit=WH&region=武汉&step=week"])
def test_every_number_leads_to_as_many(month, client_for: ClientFor, query: str):
    client = client_for("sc.officer")
    page = client.get(f"/dashboard/{query}")
    tables = [section.table for section in page.context["sections"] if section.table.name != "hours"]
    cells = [cell for table in tables for _row, cells in table.for_page for cell in cells]
    told = {number.url: number.value for cell in cells for number in cell.numbers if number.value}
    assert "" not in told
    assert {url: client.get(url).context["found"].number for url in told} == told
    more = "&" if query else "?"
    pages = [client.get(f"/dashboard/{query}{more}table={table.name}").content.decode() for table in tables]
    assert [url for url in told if not any(url.replace("&", "&amp;") in text for text in pages)] == []
    shown = {
        number.url: number.value
        for section in page.context["sections"]
        for pane in section.panes
        for cell in (pane.received, pane.overdue, *(share.cell for share in pane.shares))
        for number in cell.numbers
        if number.value
    }
    assert shown.items() <= told.items()
    assert [url for url in shown if url.replace("&", "&amp;") not in page.content.decode()] == []
    tallies = [one["url"] for one in page.context["tallies"] if one["url"].startswith("/figures/")]
    assert [url for url in tallies if url not in told] == []


# At risk


def test_at_risk_are_running_rounds_missed_or_half_run_the_urgent_first(month, play: Play, now: Now, client_for):
    client = client_for("sc.officer")
    assert at_risk(client) == [month["late"]]
    assert at_risk(client, "?risk=all") == [month["fresh"], month["late"], month["other"]]
    now.forward(hours=4)  # half of the eight hours of an urgent one
    assert at_risk(client) == [month["fresh"], month["late"]]
    now.forward(hours=4, seconds=1)
    sweep(now.at)
    assert at_risk(client, "?risk=late") == [month["fresh"], month["late"]]
    assert at_risk(client, "?risk=late&unit=YC") == []
    assert at_risk(client, "?head=网络质量") == [month["late"]]
    assert at_risk(client, "?risk=bogus&region=宜昌") == []
    assert tally(client.get("/dashboard/"))["现已超时"] == "2"


def test_a_line_at_risk_tells_unit_holder_clock_thirty_minutes_and_returns(month, play: Play, client_for):
    row = client_for("sc.officer").get("/dashboard/").context["risk"][0]
    assert (row.line.complaint.latest_round.unit.name, row.line.complaint.matter.holder.username) == (
        "武汉分公司", "wh.contact",
    )  # fmt: skip
    assert (row.line.clock.kind, row.handoff.kind, row.handoff.missed_at is not None) == ("handoff", "handoff", True)
    assert row.returns == 0
    page = html(client_for("sc.officer").get("/dashboard/?risk=all"))
    assert f'href="/complaints/{month["late"]}/"' in page
    assert "按时履行，余" in page


def test_the_list_is_paged_by_key(play: Play, client_for: ClientFor):
    made = [str(play.upto("delivered", phone=f"139000000{place:02d}").matter.number) for place in range(12)]
    client = client_for("kf.supervisor")
    first = client.get("/dashboard/", {"risk": "all"}).context["page"]
    second = client.get("/dashboard/", {"risk": "all", "after": first.after}).context["page"]
    assert [c.matter.number for c in [*first.rows, *second.rows]] == made
    assert (len(first.rows), second.after) == (10, None)


def test_nothing_to_show_says_what_to_do(client_for: ClientFor):
    page = client_for("sc.officer").get("/dashboard/?unit=ZD").content.decode()
    assert "时限过半或已超时的投诉会出现在这里；点“全部在办”查看其余的。" in page
    assert page.count("请选择其他期间，或放宽单位、类别、地区。") == 7


# Whose numbers

MAY = [
    "kf.agent", "kf.supervisor", "kf.head", "sc.officer", "sc.leader", "sj.auditor", "wh.contact", "wh.deputy",
    "wh.head", "wh.leader",
]  # fmt: skip


@pytest.mark.parametrize("username", [*MAY, "wh.zhang", "wh.li", "yc.chen", "sj.plain"])
def test_who_has_a_dashboard(client_for: ClientFor, username: str):
    client = client_for(username)
    status = 200 if username in MAY else 403
    assert client.get("/dashboard/").status_code == status
    assert client.get("/dashboard/units.csv").status_code == status
    assert ('href="/dashboard/"' in client.get("/inbox/").content.decode()) == (username in MAY)


@pytest.mark.parametrize("username", ["wh.head", "wh.contact", "wh.leader"])
def test_a_unit_sees_itself_alone(month, client_for: ClientFor, username: str):
    client = client_for(username)
    assert list(rows(client, "units")) == ["", "武汉分公司", "合计"]
    assert list(rows(client, "regions")) == ["", "武汉", "合计"]
    assert list(rows(client, "categories")) == ["", "资费与收费争议", "网络质量", "合计"]
    assert rows(client, "units")["合计"][0] == "4"
    others = list(Unit.objects.exclude(code="WH").values_list("name", flat=True))
    body = html(client.get("/dashboard/?risk=all"))
    main = body[body.index("<main") :]
    assert [name for name in others if name in main] == []
    assert [number for name, number in month.items() if number in main] == [
        month[name] for name in ({"wh.leader": ["fresh"]}.get(username, ["late", "fresh"]))
    ]  # fmt: skip


FILTERED = [
    "&".join(f"{name}={value}" for name, value in asked.items() if value)
    for unit in ("", "WH", "YC")
    for head in ("", "营销宣传", "网络质量", "-")
    for region in ("", "宜昌", "武汉", "-")
    if (asked := {"unit": unit, "head": head, "region": region})
] + [f"preset=this_year&category={category}&step=month" for category in ("营销宣传", "网络质量", "-")]


@pytest.mark.slow
@pytest.mark.parametrize("username", ["wh.head", "wh.leader"])
def test_what_others_do_changes_no_number_of_a_unit(play: Play, now: Now, username: str):
    """By whatever filters, in whatever table: of another unit nothing is counted or named."""
    play.upto("delivered", phone="13800000002", category="网络质量")
    returned = play.upto("returned", phone="13800000003")

    def told() -> dict[str, list[list[Any]]]:
        actor = actor_for(play.cast[username].pk, now.at)
        assert actor is not None
        asked = {query: Asked(QueryDict(query), actor, now.at) for query in FILTERED}
        valid = {query: one for query, one in asked.items() if one.is_valid()}
        assert set(FILTERED) - set(valid) == {query for query in FILTERED if "unit=YC" in query}
        return {
            f"{query} {name}": [list(row) for row in build(one, actor).sheet()]
            for query, one in valid.items()
            for name, build in TABLES.items()
        }

    before = told()
    other = play("register", "kf.agent", phone="13800000005", region="宜昌", category="营销宣传")
    for complaint in (other, returned):
        sent = play("dispatch", "kf.agent", complaint, unit="YC")
        play("accept", "yc.chen", play("hand_off", "yc.contact", sent, to="yc.chen"))
    assert told() == before


def test_a_filter_does_not_tell_a_forwarder_how_it_was_registered(play: Play, client_for: ClientFor):
    """They know that it runs, by the reply they owe; not in which category, nor where the customer turned out to be."""
    complaint = play("register", "kf.agent", play("forward", "wh.head"), region="宜昌", category="网络质量")
    number = str(play("dispatch", "kf.agent", complaint, unit="YC").matter.number)
    Deadline.objects.filter(kind="first_reply").update(person_id=play.cast["wh.head"].pk)
    head, centre = client_for("wh.head"), client_for("kf.supervisor")
    assert at_risk(head, "?risk=all") == [number]
    for query in ("head=网络质量", "category=网络质量", "region=宜昌", "head=营销宣传"):
        assert at_risk(head, f"?risk=all&{query}") == []
        assert at_risk(centre, f"?risk=all&{query}") == ([] if "营销" in query else [number])


@pytest.mark.parametrize("table", ["", "units.csv", "units.xlsx", "regions.csv", "trend.csv", "hours.csv"])
def test_anothers_unit_answers_like_one_that_is_not_there(month, client_for: ClientFor, table: str):
    client = client_for("wh.head")
    real, unreal = (client.get(f"/dashboard/{table}?unit={code}") for code in ("YC", "XX"))
    assert real.status_code == unreal.status_code == (404 if table else 200)
    assert html(real).replace("unit=YC", "unit=XX") == html(unreal)


@pytest.mark.rule("R40")
def test_a_sheet_and_a_case_change_nothing_on_a_page_of_the_unit(month, play: Play, client_for: ClientFor):
    readers = [client_for(username) for username in ("wh.head", "wh.contact", "wh.leader")]
    places = ["", "units.csv", "categories.csv", "regions.csv", "trend.csv", "hours.csv"]
    before = [html(client.get(f"/dashboard/{place}")) for client in readers for place in places]
    play(
        "issue_sheet", "kf.agent", Case(), unit="WH", complaints=[month["late"]], person="wh.zhang",
        description="超时未办。", evidence="交办时限已过。",
    )  # fmt: skip
    play(
        "open_case", "sc.officer", Case(), unit="WH", source="leader", description="领导反映。",
        complaints=[month["done"]],
    )  # fmt: skip
    assert [html(client.get(f"/dashboard/{place}")) for client in readers for place in places] == before


# Files


def test_a_workbook_holds_the_same_table(month, client_for: ClientFor):
    client = client_for("sc.officer")
    found = client.get(f"/dashboard/units.xlsx{UNITS}")
    sheet = load_workbook(io.BytesIO(found.content)).active
    lines = [[f"{value}" for value in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    shown = rows(client, "units", UNITS)
    assert lines == [["单位", *shown[""]], *([name, *numbers] for name, numbers in shown.items() if name)]
    assert lines == in_file(client, "units", UNITS)
    assert {type(row[1]) for row in sheet.iter_rows(min_row=3, values_only=True)} == {int}


def test_a_file_is_named_and_its_taking_is_noted(month, client_for: ClientFor):
    found = client_for("wh.head").get("/dashboard/hours.csv?from=2026-11-01&to=2026-11-30")
    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert found.headers["Content-Disposition"].startswith('attachment; filename="hours.csv"; filename*=UTF-8')
    log = AccessLog.objects.filter(action="export").get()
    assert (log.actor.username, log.detail) == ("wh.head", "dashboard hours 2026-11-01 – 2026-11-30")


def received_in_file(client: Client, table: str, query: str) -> dict[str, str]:
    return {name: first for name, first, *_more in in_file(client, table, query)[1:]}


@pytest.mark.compliance(16, 31)
def test_a_file_breaks_down_no_few_by_category_or_region(month, client_for: ClientFor):
    """Fewer than three rounds of a category or region are told together with others, so that the sum doesn't tell them,
    or not at all; the page tells each.
    """
    client = client_for("sc.officer")
    others = "其他（不足3轮的不单列）"
    assert received_in_file(client, "categories", UNITS) == {others: "5", "合计": "5"}
    assert received_in_file(client, "regions", UNITS) == {others: "5", "合计": "5"}
    assert received_in_file(client, "units", UNITS)["宜昌分公司"] == "1"
    narrowed = f"{UNITS}&region=武汉"
    found = received_in_file(client, "categories", narrowed)
    assert found == {others: "4", "合计": "4"}
    assert received_in_file(client, "units", f"{UNITS}&region=宜昌") == {}
    assert received_in_file(client, "categories", f"{UNITS}&region=宜昌") == {}
    days = received_in_file(client, "trend", narrowed)
    assert {day: number for day, number in days.items() if number != "0"} == {"2026-11-24": "3", "2026-11-26": "<3"}
    hours = in_file(client, "hours", narrowed)[1:]
    assert {cell for _day, *cells in hours for cell in cells} == {"0", "3", "<3"}


@pytest.mark.compliance(16, 31)
def test_a_file_holds_sums_alone(play: Play, client_for: ClientFor):
    """No number of a complaint or notice, no name, no instant and no typed text is in any table that leaves at once."""
    for number in range(3):
        play.upto("archived", phone=f"1380000000{number}", customer="欧阳建国", content="流量被盗用，要求退费。")
    client = client_for("sc.officer")
    people = {person.name for person in play.cast} | {person.username for person in play.cast} - {"system"}
    known = people | {"欧阳建国", "1380000000", "流量被盗用", "TS2026", "通知"}
    instant = re.compile(r"\d\d:\d\d|\d{4}-\d\d-\d\d[ T]\d")
    for table in TABLES:
        lines = in_file(client, table, UNITS)
        text = "\n".join(cell for line in lines for cell in line)
        assert ([word for word in known if word in text], instant.search(text)) == ([], None), table
        numbers = {cell for _label, *cells in lines[1:] for cell in cells}
        assert all(re.fullmatch(r"\d+|\d+\.\d%|—", cell) for cell in numbers), table


@pytest.mark.parametrize("place", ["nothing.csv", "units.pdf", "units.csv?unit=NO", "units.csv?from=x"])
def test_a_file_that_is_not_there(client_for: ClientFor, place: str):
    assert client_for("sc.officer").get(f"/dashboard/{place}").status_code == 404


def test_no_text_of_a_file_is_a_formula(cast: Cast, now: Now):
    who = (cast["sc.officer"], now.at)
    names = ["=1+1", " +1", "-1", "@SUM(A1)", "\t=1", "＝1", "武汉", "87.5%", "—"]
    told = list(csv.reader(io.StringIO(as_csv("x", [[name, -1] for name in names], *who).decode("utf-8-sig"))))
    assert told[1:] == [
        ["'=1+1", "-1"], ["'+1", "-1"], ["'-1", "-1"], ["'@SUM(A1)", "-1"], ["'=1", "-1"], ["'＝1", "-1"],
        ["武汉", "-1"], ["87.5%", "-1"], ["—", "-1"],
    ]  # fmt: skip
    sheet = load_workbook(io.BytesIO(as_xlsx("x", [[name, -1] for name in names], *who))).active
    assert [(cell.value, cell.data_type) for (cell,) in sheet.iter_rows(min_row=2, max_col=1)] == [
        (name.strip(), "s") for name in names
    ]
