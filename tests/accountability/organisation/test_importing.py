"""Importing the organisation: compared row by row, shown, done through verbs once it is confirmed, and never twice."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.audit.chains import broken
from accountability.gate.subjects import Organisation
from accountability.models import Appointment, DutyRoster, Employee, LedgerEntry, Preferences, Unit, contacts_of
from accountability.organisation.importing.apply import apply
from accountability.organisation.importing.making import make_plan
from accountability.organisation.importing.plan import Change, Plan, Status
from accountability.organisation.importing.tables import BadFile, read
from tests.factories import Cast, Now, Play
from tests.looking import writes

UNITS = "单位代码,单位名称,单位类别,负责人\n"
IN_ENGLISH = "单位代码,单位名称,单位类别,英文名称\n"
PEOPLE = "工号,姓名,单位,分管领导,在职状态\n"
CALLED = "工号,姓名,单位,办公电话\n"
CONTACTS = "单位,工号,角色,开始日期,结束日期\n"
DUTY = "单位,工号,值班开始,值班结束,班次\n"

DIRECTORY_OF_PEOPLE = next(
    line
    for line in (Path(settings.BASE_DIR) / "docs/integration.md").read_text().splitlines()
    if "`people.csv`:" in line
)

Planned = Callable[..., Plan]


@pytest.fixture
def plan(cast: Cast, now: Now) -> Planned:
    def make(*texts: str, by: str = "sc.officer", complete: bool = False) -> Plan:
        tables = [table for text in texts for table in read("x.csv", text.encode())]
        return make_plan(tables, by=cast[by], at=now.at, complete=complete)

    return make


def seen(found: Plan) -> list[tuple[int, str, str]]:
    return [(line.row, line.status.value, line.error) for line in found.lines]


def steps(found: Plan) -> list[tuple[str, dict[str, str]]]:
    return [(step.verb, step.facts) for _line, step in found.steps]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


# Reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_whatever_its_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = "工号,姓名,单位\r\nwh.new, 𠮷田 ,WH\r\n,,\r\n\r\nwh.more,王,WH\r\n".replace(",", delimiter)
    (table,) = read("x.csv", text.encode(encoding))
    assert (table.header, table.rows) == (
        ["工号", "姓名", "单位"], [(2, ["wh.new", "𠮷田", "WH"]), (5, ["wh.more", "王", "WH"])],
    )  # fmt: skip


def test_a_workbook_is_read_as_its_cells_are_shown() -> None:
    begins = datetime(2026, 12, 1, 17, 30)  # noqa: DTZ001 - a workbook knows no time zones
    ends = begins.replace(day=2, hour=0, minute=0)
    duty: list[list[Any]] = [["单位", "工号", "开始时间", "结束时间"], ["WH", 1001, begins, ends]]
    tables = read("x.xlsx", workbook(值班=duty, 空=[], 员工=[["工号", "姓名", "单位"], [1002.0, "王", None]]))
    assert [(table.name, table.rows) for table in tables] == [
        ("值班", [(2, ["WH", "1001", "2026-12-01 17:30", "2026-12-02"])]), ("员工", [(2, ["1002", "王"])]),
    ]  # fmt: skip


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s<sheetData>%s</sheetData></worksheet>'


def packed(sheet: str, folder: str = "xl/worksheets/") -> bytes:
    """A workbook whose sheet was written by another program."""
    whole, file = zipfile.ZipFile(BytesIO(workbook(甲=[["x"]]))), BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in whole.namelist():
            made.writestr(name, sheet if name.startswith(folder) else whole.read(name))
    return file.getvalue()


def row_of(number: int, *cells: str) -> str:
    texts = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{texts}</row>'


def test_a_workbook_that_is_wrong_about_its_size_is_read_whole() -> None:
    """Read by what it says of itself, all but one cell would be missing: of a complete list everybody would leave."""
    rows = row_of(1, "工号", "姓名", "单位") + row_of(2, "wh.li", "李建国", "WH")
    (table,) = read("x.xlsx", packed(SHEET % ('<dimension ref="A1"/>', rows)))
    assert (table.header, table.rows) == (["工号", "姓名", "单位"], [(2, ["wh.li", "李建国", "WH"])])


@pytest.mark.parametrize(
    "sheet",
    [
        "no xml",
        SHEET % ("", "<row>"),
        SHEET % ("", '<row r="x"/>'),
        SHEET % ("", '<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
        SHEET % ("<sheetFormatPr strange='1'/>", ""),
    ],
)
def test_a_damaged_workbook_is_refused_in_a_sentence(sheet: str) -> None:
    for content in (packed(sheet), packed(sheet, "xl/workbook.xml"), packed(sheet, "[Content_Types].xml")):
        with pytest.raises(BadFile, match=r"^(文件不是完好的 Excel 工作簿（\.xlsx）。|文件里没有数据。)$"):
            read("x.xlsx", content)


def test_a_workbook_whose_packing_is_damaged_is_refused() -> None:
    content = bytearray(packed(SHEET % ("", row_of(1, *"甲" * 40))))
    at = content.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    content[at : at + 8] = b"\xff" * 8
    with pytest.raises(BadFile, match=r"^文件不是完好的 Excel 工作簿（\.xlsx）。$"):
        read("x.xlsx", bytes(content))


def test_a_small_workbook_of_endless_empty_rows_ends() -> None:
    with pytest.raises(BadFile, match=r"^工作簿中空行、空列过多，请删去后再导入。$"):
        read("x.xlsx", packed(SHEET % ("", row_of(1, "工号") + row_of(10**10, "x"))))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件里没有数据。"),
        (b"PK\x03\x04 no zip", "文件不是完好的 Excel 工作簿（.xlsx）。"),
        (b"\xff\xfe\x80", "文件编码应为 UTF-8 或 GB18030。"),
        (b"a,b\n\x00,1", "第 2 行不是文字表格。"),
        (b'a,b\n"open,1', "不是完整的 CSV 文件：引号没有配对。"),
        (b"a" * 1001, "第 1 行不是文字表格。"),
        (b"a,b\n" + b"," * 60 + b"x", "第 2 行超过 50 列。"),
        (b"x" * (5 * 1024 * 1024 + 1), "文件超过 5 MB。"),
        (b"a\n" * 20_002, "超过 20000 行，请分成几个文件。"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(BadFile) as caught:
        read("x.csv", content)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("甲,乙\n1,2\n", "“x.csv”的表头不是可识别的表（单位、员工、接口人、值班）。"),
        ("工号,姓名,单位,年龄\na,b,WH,3\n", "“x.csv”有不认识的列：年龄。"),
        ("工号,姓名,单位,员工\na,b,WH,3\n", "“x.csv”有重复的列。"),
    ],
)
def test_a_table_of_another_kind_is_refused(plan: Planned, text: str, sentence: str) -> None:
    with pytest.raises(BadFile) as caught:
        plan(text)
    assert str(caught.value) == sentence


def test_english_headers_will_do(plan: Planned) -> None:
    assert seen(plan("username,name,unit,supervisor\nwh.li,李,WH,wh.leader\n")) == [(2, "changed", "")]


# Comparing


def test_the_same_again_changes_nothing(plan: Planned, cast: Cast) -> None:
    """What an export of the standing organisation would hold."""
    people = "".join(
        f"{p.username},{p.name},{p.unit.code},{p.supervisor.username if p.supervisor else ''},在职\n"
        for p in Employee.objects.select_related("unit", "supervisor") if p.unit
    )  # fmt: skip
    heads = {u.code: u.head.username for u in Unit.objects.select_related("head") if u.head}
    units = "".join(f"{u.code},{u.name},{u.kind},{heads[u.code]}\n" for u in cast.units.values())
    found = plan(UNITS + units, PEOPLE + people, CONTACTS + "WH,wh.contact,接口人,,\nWH,wh.deputy,副接口人,,\n")
    assert (steps(found), {line.status for line in found.lines}) == ([], {Status.UNCHANGED})
    assert steps(plan(PEOPLE + people, complete=True)) == []


def test_units_and_people_of_one_file_may_need_each_other(plan: Planned) -> None:
    found = plan(
        PEOPLE + "xn.head,新负责人,XN,,\nxn.li,小李,XN,xn.head,\n",
        UNITS + "XN,咸宁分公司,市州分公司,xn.head\n",
        CONTACTS + "XN,xn.li,接口人,2026/12/1,\n",
        DUTY + "XN,xn.li,2026-12-01 17:30,2026-12-02 08:30,夜班\n",
    )
    assert [line.status.value for line in found.lines] == ["added"] * 5
    assert steps(found) == [
        ("set_unit", {"code": "XN", "name": "咸宁分公司", "kind": "branch"}),
        ("admit", {"username": "xn.head", "name": "新负责人", "unit": "XN"}),
        ("admit", {"username": "xn.li", "name": "小李", "unit": "XN"}),
        ("set_supervisor", {"employee": "xn.li", "supervisor": "xn.head"}),
        ("set_head", {"unit": "XN", "head": "xn.head"}),
        ("appoint", {"employee": "xn.li", "role": "contact", "starts_on": "2026-12-01"}),
        ("roster", {"unit": "XN", "employee": "xn.li", "starts_at": "2026-12-01 17:30",
                    "ends_at": "2026-12-02 08:30", "note": "夜班"}),
    ]  # fmt: skip


def test_a_move_unties_leader_and_led_and_shows_who_has_nobody_else(plan: Planned, cast: Cast, now: Now) -> None:
    """A file that moves both says again who leads whom, in whichever order of the rows (R4)."""
    leader, zhang = cast["wh.leader"].name, cast["wh.zhang"].name
    led, moves = plan(PEOPLE + f"wh.zhang,{zhang},WH,,\nwh.leader,{leader},YC,,\n").shown
    assert (led.status.value, led.changes) == ("changed", [Change("分管领导", f"wh.leader · {leader}", "")])
    assert moves.notes == ["2 名员工将没有分管领导：wh.li、wh.zhang。"]
    found = plan(PEOPLE + "wh.zhang,张伟,YC,wh.leader,\nwh.leader,周领导,YC,,\nwh.li,李思琪,YC,wh.leader,\n")
    assert apply(found, by=cast["sc.officer"], at=now.at, key="k") == []
    assert Employee.objects.filter(supervisor=cast["wh.leader"], unit__code="YC").count() == 2


def test_a_difference_is_shown_field_by_field(plan: Planned) -> None:
    found = plan(PEOPLE + "wh.li,李改名,YC,yc.leader,\n", UNITS + "ZD,终端,direct_unit,zd.zhou\n")
    shown = {line.title: [(str(c.label), c.old, c.new) for c in line.changes] for line in found.shown}
    assert shown == {
        "wh.li · 李改名": [
            ("姓名", "李思琪", "李改名"),
            ("单位", "WH · 武汉分公司", "YC · 宜昌分公司"),
            ("分管领导", "wh.leader · 刘建勋", "yc.leader · 谭振江"),
        ],
        "ZD": [("名称", "终端公司", "终端"), ("负责人", "zd.head · 潘宏图", "zd.zhou · 周子涵")],
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PEOPLE + "wh.x,,WH,,\n", "未填写：姓名。"),
        (PEOPLE + "wh x,名,WH,,\n", "“wh x”含有不能使用的字符。"),
        (PEOPLE + "wh.x,名,NIX,,\n", "没有单位“NIX”。"),
        (PEOPLE + "wh.x,名,WH,nobody,\n", "没有工号为“nobody”的在职员工。"),
        (PEOPLE + "wh.x,名,WH,wh.x,\n", "分管领导不能是本人。"),
        (PEOPLE + "wh.x,名,WH,,也许\n", "在职状态应为“在职”或“离职”。"),
        (CALLED + "wh.x,名,WH,八八\n", "办公电话：号码应为 5 到 15 位数字。"),
        (PEOPLE + "system,名,WH,,\n", "这一工号由系统保留。"),
        (PEOPLE + "sc.officer,名,SC,,离职\n", "不能登记本人离职。"),
        (PEOPLE + f"wh.x,{'名' * 61},WH,,\n", "最多 60 个字，现有 61 个。"),
        (UNITS + "XX,名,公司,\n", "没有单位类别“公司”。"),
        (UNITS + "X X,名,branch,\n", "“X X”含有不能使用的字符。"),
        (IN_ENGLISH + f"XX,名,branch,{'n' * 61}\n", "最多 60 个字，现有 61 个。"),
        (UNITS + "WH,WH,branch,yc.head\n", "负责人应是本单位员工。"),
        (UNITS + "WH,WH,branch,nobody\n", "没有工号为“nobody”的在职员工。"),
        (PEOPLE + "wh.li,#N/A,WH,,\n", "单元格中是公式错误。"),
        (CONTACTS + "WH,wh.li,主任,,\n", "角色应为“接口人”或“副接口人”。"),
        (CONTACTS + "YC,wh.li,接口人,,\n", "该员工不在单位 YC。"),
        (CONTACTS + "WH,wh.li,接口人,12/01,\n", "“12/01”不是日期，应如 2027-01-01。"),
        (CONTACTS + "WH,wh.li,接口人,2026-02-30,\n", "“2026-02-30”不是日期，应如 2027-01-01。"),
        (CONTACTS + "WH,wh.li,接口人,2026-12-02,2026-12-01\n", "结束日期不能早于开始日期。"),
        (CONTACTS + "SC,sc.officer,接口人,,\n", "不能任命本人。"),
        (DUTY + "WH,wh.li,2026-12-01 25:00,2026-12-02,\n", "“2026-12-01 25:00”不是时刻，应如 2026-11-24 17:30。"),
        (DUTY + "WH,wh.li,2026-12-02 08:00,2026-12-01 08:00,\n", "值班结束应晚于开始。"),
    ],
)
def test_a_wrong_row_says_why_and_is_left_out(plan: Planned, text: str, sentence: str) -> None:
    found = plan(text)
    assert (seen(found), found.steps) == ([(2, "error", sentence)], [])


def test_office_telephones_are_set_and_only_those_that_differ(plan: Planned, cast: Cast, now: Now) -> None:
    """Of a colleague and of somebody who joins; what the person keeps to themselves stays."""
    mine = Preferences(employee=cast["wh.zhang"])
    mine.addresses = {"email": "zhang@wh.example", "office": "027600"}
    mine.save()
    same = f"wh.zhang,{cast['wh.zhang'].name},WH,"
    found = plan(CALLED + f"{same}027-601\nwh.new,新人,WH,(027) 8765 4321\n")
    assert steps(found) == [
        ("admit", {"username": "wh.new", "name": "新人", "unit": "WH"}),
        ("update_employee", {"employee": "wh.zhang", "office": "027601"}),
        ("update_employee", {"employee": "wh.new", "office": "02787654321"}),
    ]
    assert apply(found, by=cast["sc.officer"], at=now.at, key="k") == []
    known = {one.employee.username: one.addresses for one in Preferences.objects.select_related("employee")}
    assert known == {
        "wh.zhang": {"email": "zhang@wh.example", "office": "027601"}, "wh.new": {"office": "02787654321"},
    }  # fmt: skip
    assert "027601" not in str(list(LedgerEntry.objects.values_list("facts", flat=True)))
    assert steps(plan(CALLED + f"{same}027601\n{same.replace('wh.zhang', 'wh.x')}\n"))[1:] == []


@pytest.mark.parametrize("header", re.findall("`([^`]*,[^`]*)`", DIRECTORY_OF_PEOPLE))
def test_the_directory_of_people_is_taken_as_its_document_says(
    plan: Planned, cast: Cast, now: Now, header: str
) -> None:
    """Who they are, where they work, whom they answer to and by which telephone they are reached, in one file."""
    told = {"工号": "wh.new", "姓名": "新人", "单位": "WH", "分管领导": "wh.leader", "办公电话": "027-87654321"}
    english = ["username", "name", "unit", "supervisor", "office", "status"]
    known = told | {"在职状态": "在职"} | dict(zip(english, [*told.values(), "active"], strict=True))
    found = plan(f"{header}\n{','.join(known[name] for name in header.split(','))}\n")
    assert apply(found, by=cast["sc.officer"], at=now.at, key="k") == []
    person = Employee.objects.get(username="wh.new")
    assert (person.unit, person.supervisor, person.preferences.addresses) == (
        cast["wh.leader"].unit, cast["wh.leader"], {"office": "02787654321"},
    )  # fmt: skip


def test_english_names_of_units_are_set_where_they_differ(plan: Planned, cast: Cast, now: Now) -> None:
    """An empty cell changes none, neither does a table without the column."""
    Unit.objects.filter(code="ZD").update(name_en="Devices")
    rows = "YC,宜昌分公司,branch,Yichang branch\nZD,终端公司,direct_unit,\nXN,咸宁分公司,branch,Xianning branch\n"
    found = plan(IN_ENGLISH + rows)
    shown = {line.title: [(str(c.label), c.old, c.new) for c in line.changes] for line in found.shown}
    assert shown["YC"] == [("英文名称", "", "Yichang branch")]
    assert (shown["XN"][1], "ZD" in shown) == (("英文名称", "", "Xianning branch"), False)
    assert apply(found, by=cast["sc.officer"], at=now.at, key="k") == []
    named = dict(Unit.objects.filter(code__in=("YC", "ZD", "XN")).values_list("code", "name_en"))
    assert named == {"YC": "Yichang branch", "ZD": "Devices", "XN": "Xianning branch"}
    plan_again = plan(IN_ENGLISH + rows), plan("code,name,kind,English name\nYC,宜昌分公司,branch,Yichang branch\n")
    assert [found.steps for found in plan_again] == [[], []]
    assert apply(plan(UNITS + "YC,宜昌,branch,\n"), by=cast["sc.officer"], at=now.at, key="l") == []
    assert Unit.objects.get(code="YC").name_en == "Yichang branch"


def test_a_row_twice_is_an_error_of_the_second(plan: Planned) -> None:
    found = plan(PEOPLE + "wh.x,甲,WH,,\nwh.y,乙,WH,,\nwh.x,丙,WH,,\n")
    assert seen(found) == [(2, "added", ""), (3, "added", ""), (4, "error", "与第 2 行重复。")]


def test_terms_of_service_are_ended_and_lengthened(plan: Planned, play: Play) -> None:
    play("appoint", "sc.officer", employee="wh.li", role="contact", starts_on="2026-11-01", ends_on="2026-11-30")
    rows = ["WH,wh.contact,接口人,2026-11-24,2026-12-31\n", "WH,wh.li,接口人,2026-11-24,2026-12-31\n"]
    assert steps(plan(CONTACTS + "".join(rows))) == [
        ("end_appointment", {"employee": "wh.contact", "role": "contact", "ends_on": "2026-12-31"}),
        ("appoint", {"employee": "wh.li", "role": "contact", "starts_on": "2026-12-01", "ends_on": "2026-12-31"}),
    ]
    unchanged = CONTACTS + "WH,wh.li,接口人,,2026年11月30日\n"
    assert steps(plan(unchanged)) == []


def test_turns_of_duty_are_compared_by_their_beginning(plan: Planned, play: Play, now: Now) -> None:
    for day in (24, 25, 26):
        span = {"starts_at": f"2026-11-{day} 17:30", "ends_at": f"2026-11-{day} 24:00"}
        play("roster", "wh.head", unit="WH", employee="wh.li", **span)
    file = DUTY + (
        "WH,wh.li,2026-11-24 17:30,2026-11-24 24:00,\n"
        "WH,wh.li,2026/11/25 17:30,2026-11-25 23:00,夜班\n"
        "WH,wh.wang,2026-11-20 17:30,2026-11-21 08:00,过去\n"
        "WH,wh.li,2026-11-26 18:00,2026-11-26 24:00,\n"
    )
    found = plan(file)
    assert seen(found) == [
        (2, "unchanged", ""), (3, "changed", ""), (4, "unchanged", ""), (5, "error", "该员工在此期间已有值班。"),
    ]  # fmt: skip
    whole = plan(file.rsplit("WH,", 1)[0], complete=True)
    assert steps(whole) == [
        ("cancel_roster", {"unit": "WH", "employee": "wh.li", "starts_at": "2026-11-26 17:30"}),
        ("roster", {"unit": "WH", "employee": "wh.li", "starts_at": "2026-11-25 17:30", "ends_at": "2026-11-25 23:00",
                    "note": "夜班"}),
    ]  # fmt: skip


# Leavers


def test_leavers_are_shown_with_what_they_leave(plan: Planned, play: Play) -> None:
    handled = play.upto("accepted")
    found = plan(PEOPLE + "wh.zhang,张,WH,,离职\nwh.leader,刘,WH,,离职\nzd.head,潘,ZD,,离职\n")
    assert [(line.title, line.status.value) for line in found.lines] == [
        ("wh.zhang · 张", "leaver"), ("wh.leader · 刘", "leaver"), ("zd.head · 潘", "leaver"),
    ]  # fmt: skip
    number = handled.matter.number
    assert [[(one.number, str(one.role)) for one in line.work] for line in found.lines] == [
        [(number, "办理人")], [(number, "分管领导")], [],
    ]  # fmt: skip
    assert [line.notes for line in found.lines] == [
        [], ["1 名员工将没有分管领导：wh.li。"], ["单位 ZD 将没有负责人。", "1 名员工将没有分管领导：zd.zhou。"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "username", "role"),
    [
        ("delivered", "wh.contact", "接口人，待交办"), ("reported", "wh.leader", "协调的分管领导"),
        ("handed_off", "wh.zhang", "办理人"), ("answered", "wh.zhang", "办理人"), ("answered", "wh.contact", None),
        ("archived", "wh.zhang", None), ("concluded", "yc.contact", "配合处理人"),
        ("concluded", "yc.head", "配合单位分管领导"), ("finished", "yc.contact", None),
        ("recorded", "yc.contact", None),
    ],
)  # fmt: skip
def test_open_work_is_what_somebody_still_has_to_do(
    plan: Planned, play: Play, state: str, username: str, role: str | None
) -> None:
    play.upto(state)
    (line,) = plan(PEOPLE + f"{username},名,WH,,离职\n").lines
    assert [str(one.role) for one in line.work] == ([role] if role else [])


def test_a_complete_list_names_who_is_gone_from_its_units_only(plan: Planned, cast: Cast) -> None:
    stay = ("wh.contact", "wh.zhang", "wh.head", "wh.leader")
    kept = "".join(f"{username},{cast[username].name},WH,,\n" for username in stay)
    found = plan(PEOPLE + kept, complete=True)
    assert steps(found) == [("dismiss", {"employee": f"wh.{name}"}) for name in ("deputy", "li", "wang")]
    assert [(line.row, line.status.value) for line in found.shown] == [(0, "leaver")] * 3
    assert steps(plan(PEOPLE + kept)) == []


def test_a_row_that_cannot_be_done_sends_nobody_of_its_unit_away(plan: Planned, cast: Cast, play: Play) -> None:
    """The row of whoever seems to be missing may be just the one that is wrong; an empty unit is nobody's."""
    Employee.objects.create_user("nobodys", "x" * 12, name="没有单位")
    play("roster", "wh.head", unit="WH", employee="wh.li", starts_at="2026-12-01 17:30", ends_at="2026-12-02 08:30")
    zhou = f"zd.head,{cast['zd.head'].name},ZD,,\n"
    people = plan(f"{PEOPLE}wh.zhang,张,,,\n{zhou}wh.l!,李建国,WH,,\n", complete=True)
    assert steps(people) == [("dismiss", {"employee": "zd.zhou"})]
    contacts = plan(f"{CONTACTS}WH,wh.contact,接口员,,\nYC,yc.contact,接口人,,\n", complete=True)
    turns = plan(f"{DUTY}WH,wh.li,12月1日,2026-12-02 08:30,\n", complete=True)
    assert (steps(contacts), steps(turns)) == ([], [])


def test_a_complete_list_of_contacts_ends_the_others_today(plan: Planned) -> None:
    found = plan(CONTACTS + "WH,wh.contact,接口人,,\n", complete=True)
    assert steps(found) == [
        ("end_appointment", {"employee": "wh.deputy", "role": "deputy_contact", "ends_on": "2026-11-24"})
    ]


# Doing


def test_what_was_planned_is_done_and_a_second_time_there_is_nothing_to_do(
    plan: Planned, cast: Cast, now: Now, play: Play
) -> None:
    delivered = play.upto("delivered")
    texts = (
        UNITS + "XN,咸宁分公司,分公司,xn.head\n",
        PEOPLE + "xn.head,新负责人,XN,,\nwh.li,李思琪,XN,xn.head,\nwh.contact,陈,WH,,离职\nwh.bad,,WH,,\n",
        CONTACTS + "XN,wh.li,接口人,,\n",
        DUTY + "WH,wh.wang,2026-11-24 17:30,2026-11-25 08:30,夜班\n",
    )
    found = plan(*texts)
    assert apply(found, by=cast["sc.officer"], at=now.at, key="k") == []
    moved = Employee.objects.get(username="wh.li")
    assert (moved.unit, moved.name, moved.supervisor) == (
        Unit.objects.get(code="XN"), "李思琪", Employee.objects.get(username="xn.head"),
    )  # fmt: skip
    assert contacts_of(Unit.objects.get(code="XN").pk, now.at) == [moved]
    assert (Employee.objects.get(username="wh.contact").is_active, DutyRoster.objects.count()) == (False, 1)
    assert play.again(delivered).matter.holder == cast["wh.deputy"]
    entries = LedgerEntry.objects.filter(matter=Organisation.standing().matter).order_by("seq")
    assert list(entries.values_list("verb", flat=True)) == [
        "set_unit", "admit", "update_employee", "set_supervisor", "set_head", "appoint", "roster", "dismiss",
    ]  # fmt: skip
    assert {entry.actor for entry in entries} == {cast["sc.officer"]}
    assert broken(Organisation.standing().matter) is None

    again = plan(*texts)
    assert (again.steps, [line.status.value for line in again.shown]) == ([], ["error"])
    before = writes()
    assert apply(found, by=cast["sc.officer"], at=now.at, key="k") == []
    assert writes() == before


def test_what_the_gate_refuses_ends_its_row_and_holds_up_no_other(plan: Planned, cast: Cast, now: Now) -> None:
    found = plan(PEOPLE + "wh.li,改名,YC,yc.leader,\nwh.wang,王改名,WH,,\n")
    Appointment.objects.create(employee=cast["wh.li"], role="contact", starts_on="2026-11-24")
    (failed,) = apply(found, by=cast["sc.officer"], at=now.at, key="k")
    assert (failed.title, failed.error) == ("wh.li · 改名", "该员工有今日起的任职，请先结束其任职。")
    names = Employee.objects.filter(username__in=["wh.li", "wh.wang"]).order_by("username")
    assert list(names.values_list("name", "supervisor__username")) == [("李思琪", "wh.leader"), ("王改名", None)]


def test_nobody_but_marketing_can_have_it_done(plan: Planned, cast: Cast, now: Now) -> None:
    found = plan(PEOPLE + "wh.li,改名,WH,,\n", by="kf.supervisor")
    before = writes()
    (failed,) = apply(found, by=cast["kf.supervisor"], at=now.at, key="k")
    assert (failed.error, writes()) == ("您没有“更正员工”的权限。", before)


def test_comparing_costs_the_same_however_long_the_list(plan: Planned, play: Play) -> None:
    def asked(rows: int) -> int:
        text = PEOPLE + "wh.zhang,张,WH,,离职\n" + "".join(f"n{i},名,WH,wh.leader,\n" for i in range(rows))
        with CaptureQueriesContext(connection) as queries:
            plan(text)
        return len(queries)

    play.upto("accepted")
    assert asked(1) == asked(40)
