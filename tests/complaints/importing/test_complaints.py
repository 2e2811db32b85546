"""`manage.py import_complaints`: from the file to the ledger, with small files made here."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accountability.deadlines.limits import read_instant
from accountability.gate.act import Refused
from accountability.gate.perform import Outcome
from accountability.models import AccessLog, Alarm, Deadline, LedgerEntry, Notification
from complaints.dossier.customer import customer_of, texts_of
from complaints.importing import running
from complaints.models import Complaint, ImportMapping, Origin
from tests.factories import Cast, Now, Play
from tests.looking import writes

PAIRS = "编号=source_key,内容=content,日期=received,地市=region,状态=closed"
HEADER = "编号,内容,日期,地市,状态"
GOOD = (
    "T1,账单不符,2026-11-20 10:00,武汉,已办结",
    "T2,网速慢,2026-11-23 10:00,宜昌,处理中",
    "T3,无法上网,2015-04-22 15:53:50,武汉,open",
)


class Desk:
    """A folder with one file, and the command run on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "old.csv"

    def write(self, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Desk:
        self.path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
        return self

    def run(self, *options: str, pairs: str = PAIRS, by: str = "kf.supervisor", source: str = "旧系统") -> list[str]:
        """The lines it says."""
        said = StringIO()
        named = ["--source", source] if source else []
        call_command("import_complaints", str(self.path), "--by", by, "--map", pairs, *named, *options, stdout=said)
        return said.getvalue().splitlines()

    def fails(self, *options: str, **how: Any) -> str:
        with pytest.raises(CommandError) as caught:
            self.run(*options, **how)
        return str(caught.value)

    @property
    def rejects(self) -> Path:
        return self.path.with_name("old.rejected.csv")

    def rejected(self) -> list[str]:
        return self.rejects.read_text(encoding="utf-8-sig").splitlines()


@pytest.fixture
def desk(tmp_path: Path, cast: Cast, now: Now) -> Desk:
    return Desk(tmp_path).write(*GOOD)


def keys() -> list[str]:
    return list(Origin.objects.order_by("pk").values_list("source_key", flat=True))


def counted(lines: list[str]) -> str:
    return next(line for line in lines if line.startswith("共 "))


def test_good_rows_go_in(desk: Desk) -> None:
    said = desk.run()
    assert said == [
        "导入完成。", "编码：utf-8", "日期 received 按 ymd 读取",
        "共 3 行：导入 3（已办结 1，未办结 2），已有 0，拒收 0", "受理时间 2015-04-22 15:53:50 至 2026-11-23 10:00",
    ]  # fmt: skip
    assert list(Complaint.objects.order_by("pk").values_list("state", "region", "registered_at")) == [
        ("archived", "武汉", read_instant("2026-11-20 10:00")),
        ("registered", "宜昌", read_instant("2026-11-23 10:00")),
        ("registered", "武汉", read_instant("2015-04-22 15:53:50")),
    ]
    assert not desk.rejects.exists()


@pytest.mark.rule("R6")
def test_nothing_in_the_past_and_no_word_to_anybody(desk: Desk, now: Now) -> None:
    desk.run()
    due = Deadline.objects.order_by("due_at").values_list("matter__complaint__origin__source_key", "kind")
    assert list(due) == [("T2", "first_reply"), ("T2", "legal")]
    assert Deadline.objects.filter(due_at__lte=now.at).count() == 0
    assert (Notification.objects.count(), Alarm.objects.count()) == (0, 0)


def test_a_second_run_adds_nothing(desk: Desk) -> None:
    desk.run()
    before = writes()
    assert counted(desk.run(by="kf.agent")) == "共 3 行：导入 0（已办结 0，未办结 0），已有 3，拒收 0"
    assert writes() == before


def test_the_same_numbers_of_another_source_are_others(desk: Desk) -> None:
    desk.run()
    desk.run(source="另一系统")
    assert keys() == ["T1", "T2", "T3"] * 2


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk) -> None:
    desk.write(*GOOD, "T4,内容,2027-01-01 10:00,武汉,是", "T4,内容,2026-01-01 10:00,武汉,是")
    before = writes(without=())
    tried = desk.run("--dry-run", "--save-map", "旧")
    assert writes(without=()) == before
    assert (desk.rejects.exists(), ImportMapping.objects.count()) == (False, 0)
    done = desk.run()
    assert tried[0] == "试运行，未写入任何内容。"
    assert tried[1:] == done[1:-1]


BAD = {
    "T5,,2026-11-20 10:00,武汉,是": "投诉内容：此项必填。",
    "T6,内容,2026-11-31 10:00,武汉,是": "“2026-11-31 10:00”不是日期，或与所用的日期写法不符。",
    "T7,内容,2026-11-30 10:00,武汉,是": "受理时间晚于现在。",
    "T8,内容,2026-11-20 10:00,武汉,也许": (
        "“已办结”中的“也许”看不出是或否，请用 --value closed:也许=yes 或 =no 说明。"
    ),
    "T1,内容,2026-11-20 10:00,武汉,是": "来源编号与本文件中前面的某一行相同。",
    ",内容,2026-11-20 10:00,武汉,是": "来源编号：此项必填。",
    "T9,内容,,武汉,是": "受理时间：此项必填。",
    "T10,内容,2026-11-20 25:00,武汉,是": "“2026-11-20 25:00”不是日期，或与所用的日期写法不符。",
    f"T11,{'长' * 4001},2026-11-20 10:00,武汉,是": "投诉内容：最多 4000 个字，现有 4001 个。",
    "T12,内容,2026-11-20 10:00,武汉": "应有 5 列，实有 4 列。",
    f"{'9' * 65},内容,2026-11-20 10:00,武汉,是": "来源编号：最多 64 个字，现有 65 个。",
}


def test_bad_rows_go_to_the_reject_file_with_a_sentence(desk: Desk) -> None:
    said = desk.write(GOOD[0], *BAD, GOOD[1]).run()
    assert keys() == ["T1", "T2"]
    assert counted(said) == f"共 13 行：导入 2（已办结 1，未办结 1），已有 0，拒收 {len(BAD)}"
    header, *rows = desk.rejected()
    assert header == f"{HEADER},原行号,拒收原因"
    assert [row.rsplit(",", 2)[1] for row in rows] == [str(line) for line in range(3, 3 + len(BAD))]
    sentences = ["应如 15:53 或 3:53:50 PM" if "25:00" in row else BAD[row] for row in BAD]
    for row, sentence in zip(rows, sentences, strict=True):
        assert sentence in row
    assert AccessLog.objects.count() == 0


def test_a_reject_file_put_right_is_imported_by_itself(desk: Desk) -> None:
    desk.write(*GOOD, 'T4,"=cmd|1",2026-11-31,武汉,是').run()
    assert "'=cmd|1" in desk.rejected()[1]
    right = Desk(desk.path.parent)
    right.path = desk.rejects
    right.path.write_text(right.path.read_text(encoding="utf-8-sig").replace("11-31", "11-20"), encoding="utf-8")
    assert counted(right.run()) == "共 1 行：导入 1（已办结 1，未办结 0），已有 0，拒收 0"
    assert customer_of(Complaint.objects.latest("pk")).content == "=cmd|1"


def test_a_declared_order_and_one_asked_for(desk: Desk) -> None:
    desk.write("T1,内容,4/8/2015,武汉,是", "T2,内容,5/6/2015,武汉,是")
    asked = desk.fails()
    assert "列“日期”的日期写法有歧义" in asked
    assert "2 行：可读出 dmy 2、mdy 2；其中 2 行因写法而异" in asked
    assert Complaint.objects.count() == 0
    desk.run("--date-format", "dmy")
    assert [c.registered_at for c in Complaint.objects.order_by("pk")] == [
        read_instant("2015-08-04 00:00"), read_instant("2015-06-05 00:00"),
    ]  # fmt: skip


def test_date_and_time_apart_and_a_second_date_to_compare(desk: Desk) -> None:
    desk.write(
        "1,x,22-Apr-15,3:53:50 PM,22-04-15,Closed", "2,y,04-Aug-15,10:22:56 AM,2015-04-08,Solved",
        "3,z,05-May-15,12:00:01 AM,2015-05-06,Open",
        header="Ticket #,What,Date_month_year,Time,Date,Status",
    )  # fmt: skip
    pairs = "Ticket #=source_key,What=content,Date_month_year=date,Time=time,Date=check_date,Status=closed"
    said = desk.run(pairs=pairs)
    assert [c.registered_at for c in Complaint.objects.order_by("pk")] == [
        read_instant("2015-04-22 15:53:50"), read_instant("2015-08-04 10:22:56"), read_instant("2015-05-05 00:00:01"),
    ]  # fmt: skip
    assert said[-2:] == [
        "核对日期列：与受理日期一致的行（按写法）：dmy 1、ydm 1；不一致 1 行，无法读取 0 行",
        "注意：其中 1 行日在月前（年日月），按通常的年月日会读成另一天。",
    ]


def test_every_field(desk: Desk) -> None:
    """Choices by code or label, words translated, what has no field kept with its column's name."""
    header = "id,when,name,tel,text,cat,prio,level,by,done,until,a,b"
    row = "9,2026-11-20 10:00,王建国,138 7123 4567,掉线,网络质量/宽带故障,紧急,VIP,hotline,Y,2026-11-21 11:00,甲,乙"
    desk.write(row, header=header, encoding="gb18030")
    desk.run(
        "--value", "channel:Hotline=call", "--set", "region=武汉",
        pairs="id=source_key,when=received,name=customer,tel=phone,text=content,cat=category,prio=priority,level=tier,"
        "by=channel,done=closed,until=closed_at,a=note,b=note",
    )  # fmt: skip
    taken = Complaint.objects.get()
    assert taken.category is not None
    assert (taken.category.path, taken.priority, taken.tier, taken.channel, taken.region) == (
        "网络质量/宽带故障", "P2", "vip", "call", "武汉",
    )  # fmt: skip
    assert taken.archived_at == read_instant("2026-11-21 11:00")
    assert texts_of(taken.intake) == {
        "customer": "王建国", "phone": "13871234567", "content": "掉线", "note": "a：甲\nb：乙",
    }  # fmt: skip


def test_a_region_that_is_on_no_list_is_kept_in_the_sealed_note(desk: Desk) -> None:
    """Another system's entry may be anything: the row goes in, and nobody's number stands in the ledger."""
    desk.write(
        "T1,账单不符,2026-11-20 10:00,谢佳琪13912345678,已办结,旧档", "T2,掉线,2026-11-20 10:00,武汉市,已办结,",
        header=f"{HEADER},备注",
    )  # fmt: skip
    said = desk.run(pairs=f"{PAIRS},备注=note")
    assert "地市不在地区列表中的 1 行：地市留空，原文密存于来源备注" in said
    kept, listed = Complaint.objects.order_by("pk")
    assert (kept.region, listed.region) == ("", "武汉")
    assert texts_of(kept.intake)["note"] == "备注：旧档\n归属地市：谢佳琪13912345678"
    assert [entry.facts.get("region") for entry in LedgerEntry.objects.order_by("pk")] == [None, "武汉"]


def test_a_workbook(desk: Desk) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADER.split(","))
    page.append([250635, "账单不符", datetime(2026, 11, 20, 10, 0), "武汉", True])  # noqa: DTZ001
    page.append([250636.0, "账单不符", "2026-11-20", "武汉", 0])
    page.append([250637, "账单不符", 46000, "武汉", 0])
    desk.path = desk.path.with_suffix(".xlsx")
    book.save(desk.path)
    said = desk.run()
    assert counted(said) == "共 3 行：导入 2（已办结 1，未办结 1），已有 0，拒收 1"
    assert keys() == ["250635", "250636"]
    assert Complaint.objects.order_by("pk")[0].registered_at == read_instant("2026-11-20 10:00")
    assert "“46000”不是日期" in desk.rejected()[1]


def test_a_mapping_saved_by_name(desk: Desk) -> None:
    """With its words, formats and encoding; the name is the source unless another is given."""
    desk.write("1,x,04.08.15,hm", header="n,t,d,s", encoding="gb18030")
    options = ("--value", "closed:hm=no", "--date-format", "dmy", "--encoding", "gbk", "--save-map", "老工单")
    desk.run(*options, pairs="n=source_key,t=content,d=date,s=closed", source="")
    assert counted(desk.run(pairs="老工单", source="")) == "共 1 行：导入 0（已办结 0，未办结 0），已有 1，拒收 0"
    assert Origin.objects.get().source == "老工单"
    saved = ImportMapping.objects.get()
    assert (saved.words, saved.date_formats, saved.encoding) == ({"closed": {"hm": "no"}}, ["dmy"], "gbk")


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"pairs": "无此名"}, "没有名为“无此名”的对应关系（已存：无）。"),
        ({"pairs": PAIRS.replace("编号", "工单")}, f"文件中没有列“工单”，只有：{HEADER.replace(',', '、')}。"),
        ({"pairs": PAIRS + ",地市=wrong"}, "没有字段“wrong”"),
        ({"pairs": "编号=source_key,内容=content,日期=received"}, "还须对应字段：closed（"),
        ({"pairs": "编号=source_key,内容=content,状态=closed"}, "还须对应字段：date（"),
        ({"pairs": PAIRS + ",日期=date"}, "不能混用"),
        ({"pairs": PAIRS + ",地市=content"}, "字段“content”只能对应一列。"),
        ({"pairs": "=x,编号"}, "没有字段“x”"),
        ({"source": ""}, "请用 --source 说明编号来自哪个系统"),
        ({"source": "长" * 41}, "来源名称（--source）应为 1 到 40 个字。"),
        ({"by": "wh.contact"}, "wh.contact 不是客服代表或客服中心主管，不能导入投诉。"),
        ({"by": "nobody"}, "没有在职员工“nobody”。"),
        ({"by": "system"}, "system"),
    ],
)
def test_what_must_be_put_right_first(desk: Desk, how: dict[str, str], sentence: str) -> None:
    assert sentence in desk.fails(**how)
    assert Complaint.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--set", "region"), "应写成"),
        (("--set", "source_key=1"), "来源编号（source_key）须来自文件中的列。"),
        (("--value", "closed=yes"), "应写成"),
        (("--date-format", "%d"), "“%d”不是日期格式"),
        (("--rejects", "/nowhere/r.csv"), "不能在“/nowhere”写入拒收文件，请用 --rejects 指定别处。"),
        (("--save-map", "a=b"), "对应关系的名称应为 1 到 40 个字，且不含等号。"),
    ],
)
def test_options_that_make_no_sense(desk: Desk, options: tuple[str, ...], sentence: str) -> None:
    assert sentence in desk.fails(*options)
    assert Complaint.objects.count() == 0


def test_the_file_itself_is_never_written_over(desk: Desk) -> None:
    assert desk.fails("--rejects", str(desk.path)) == "拒收文件不能就是导入的文件本身。"


def test_another_import_at_the_same_time(desk: Desk, monkeypatch: pytest.MonkeyPatch, play: Play) -> None:
    """The other one was faster with a ticket: it is found on the second look and not counted as ours."""
    real = running.perform_each
    raced: list[int] = []

    def race(told: Any, verb: str, **how: Any) -> list[Outcome]:
        if not raced:
            raced.append(1)
            play("import_complaint", "kf.agent", source_key="T1")
            raise IntegrityError
        return real(told, verb, **how)

    monkeypatch.setattr(running, "perform_each", race)
    assert counted(desk.run()) == "共 3 行：导入 2（已办结 0，未办结 2），已有 1，拒收 0"
    assert keys() == ["T1", "T2", "T3"]


def test_busy_stops_and_says_how_to_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(told: Any, verb: str, **how: Any) -> list[Outcome]:
        return [Outcome(subject, Refused("busy", "忙")) for subject, _facts in told]

    monkeypatch.setattr(running, "perform_each", busy)
    assert desk.fails() == "系统正忙，导入中途停止；请稍后再运行一次，已导入的不会重复。"


def test_what_the_gate_refuses_goes_to_the_rejects_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person was disabled on the way: no row is lost, each says why."""
    monkeypatch.setattr(running, "perform_each", lambda told, verb, **how: [
        Outcome(subject, Refused("forbidden", "您的账号已停用。")) for subject, _facts in told
    ])  # fmt: skip
    assert counted(desk.run()) == "共 3 行：导入 0（已办结 0，未办结 0），已有 0，拒收 3"
    assert [row.rsplit(",", 1)[1] for row in desk.rejected()[1:]] == ["您的账号已停用。"] * 3


def test_more_than_a_batch(desk: Desk) -> None:
    desk.write(*(f"N{number},内容,2026-11-20 10:00,武汉,是" for number in range(running.BATCH * 2 + 1)))
    assert counted(desk.run()) == "共 201 行：导入 201（已办结 201，未办结 0），已有 0，拒收 0"
