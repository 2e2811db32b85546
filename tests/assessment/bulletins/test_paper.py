"""The bulletin as a paper (R54): its whole text, its PDF, DOCX and XLSX kept as issued, and nothing of sheets in it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import docx
import openpyxl
import pypdf
import pytest
from django.utils.translation import override

from accountability.documents import keeping
from accountability.documents.content import Cell, Content, Table
from accountability.documents.making import make
from accountability.gate.act import Refused
from accountability.models import Paper, PaperFile, Unit
from accountability.security.masking import mask_text
from assessment.actions.bulletins import draft_missing
from assessment.bulletins.drawing import charts
from assessment.bulletins.paper import _figures
from assessment.models import Bulletin, Case
from tests.assessment.bulletins.made_bulletins import FIRST, Bulletins
from tests.factories import Now

pytestmark = pytest.mark.rule("R54")

EXPECTED = Path(__file__).parents[1] / "letters" / "bulletin.txt"


def content_of(bulletin: Bulletin) -> Content:
    text = Paper.objects.get(kind="bulletin", matter=bulletin.matter, issued_at__isnull=False).text
    assert text is not None
    return Content.from_text(text)


def test_the_whole_text(bulletins: Bulletins) -> None:
    content = content_of(bulletins.sent())
    assert "\n".join(content.as_lines()) + "\n" == EXPECTED.read_text()
    assert (content.is_wide, content.is_form, content.kind) == (True, False, "bulletin")


def test_the_numbers_of_customers_in_the_remarks_are_masked(bulletins: Bulletins) -> None:
    remark = "客户13871234567的投诉已办结。"
    content = content_of(bulletins.sent(remarks=remark))
    assert [line for line in content.as_lines() if "投诉已办结" in line] == [mask_text(remark)]
    assert "13871234567" not in content.as_text()


def test_a_draft_from_before_the_bulletin_of_the_month_before_is_drafted_again(bulletins: Bulletins, now: Now) -> None:
    """Else it would say that there is none to compare with, after that one went to everybody."""
    bulletins.october()
    now.set(FIRST)
    october = bulletins.drafts()
    now.set("2026-12-01 00:11")
    draft_missing(now.at)
    november = Bulletin.objects.get(month="2026-11-01")
    bulletins("send_bulletin", "kf.supervisor", october)
    with pytest.raises(Refused, match="上期通报在拟稿之后已发送"):
        bulletins("send_bulletin", "kf.supervisor", november)
    again = bulletins("draft_bulletin", "kf.supervisor", Bulletin.objects.get(month="2026-11-01"))
    sent = bulletins("send_bulletin", "kf.supervisor", again)
    assert any("相比" in line for line in content_of(sent).as_lines())


def test_a_draft_compares_with_no_withdrawn_bulletin(bulletins: Bulletins, now: Now) -> None:
    """Nor with one whose place another took since."""
    withdrawn = bulletins.sent()
    now.set("2026-12-01 00:11")
    draft_missing(now.at)
    november = Bulletin.objects.get(month="2026-11-01")
    bulletins("withdraw_bulletin", "kf.supervisor", Bulletins.again(withdrawn))
    with pytest.raises(Refused, match="请先重新拟稿"):
        bulletins("send_bulletin", "kf.supervisor", november)
    now.forward(minutes=1)
    draft_missing(now.at)
    october = Bulletin.objects.get(month="2026-10-01", state="drafted")
    october = bulletins("send_bulletin", "kf.supervisor", october)
    with pytest.raises(Refused, match="请先重新拟稿"):
        bulletins("send_bulletin", "kf.supervisor", Bulletins.again(november))
    now.forward(minutes=1)
    again = bulletins("draft_bulletin", "kf.supervisor", Bulletins.again(november))
    sent = bulletins("send_bulletin", "kf.supervisor", again)
    assert sent.figures["before"]["number"] == october.number != withdrawn.number


def test_each_figure_is_told_against_the_bulletin_of_the_month_before(bulletins: Bulletins, now: Now) -> None:
    """As it was frozen and sent: that the other one is withdrawn later changes nothing."""
    first = bulletins.sent()
    now.set("2026-11-10 09:00")
    bulletins.play.upto("archived", phone="13800000009")
    now.set("2026-12-01 00:11")
    draft = bulletins.drafts()
    Unit.objects.update(name_en="Unit")
    with override("en"):
        draft = bulletins("draft_bulletin", "kf.supervisor", draft)
        sent = bulletins("send_bulletin", "kf.supervisor", draft)
        bulletins("withdraw_bulletin", "kf.supervisor", first)
        content = content_of(sent)
    lines = content.as_lines()
    assert lines[lines.index("二、各单位情况") - 1] == (
        "与上期（鄂移客通〔2026〕1号）相比：收到派单上期6，减少5；"
        "按时处理率上期50.0%，+50.0 个百分点，好于上期；交办及时率上期83.3%，+16.7 个百分点，好于上期；"
        "退回获准上期1，减少1；退回未获准上期1，减少1；处理超时上期2，减少2；"
        "重复投诉上期0，与上期持平；升级投诉上期0，与上期持平；"
        "满意率上期66.7%，+33.3 个百分点，好于上期；解决率上期33.3%，+66.7 个百分点，好于上期；"
        "认定违反上期0，与上期持平；处理人次上期0，与上期持平；已执行人次上期0，与上期持平。"
    )
    _shown, compared = (block for block in content.body if isinstance(block, Table))
    told = {row[0].text: [cell.text.replace("\n", " ") for cell in row[1:]] for row in compared.rows}
    assert told["武汉分公司"] == [
        "4 减3", "33.3% 升66.7", "75.0% 升25.0", "1 减1", "0 持平", "2 减2", "0 持平", "0 持平",
        "100.0% 持平", "50.0% 升50.0", "1 持平", "0 持平", "0 持平", "0 持平",
    ]  # fmt: skip
    assert (told["宜昌分公司"][1], told["宜昌分公司"][9:11], told["合计"][0]) == ("100.0%", ["0.0%", "2"], "6 减5")
    book = openpyxl.load_workbook(BytesIO(make(content, "xlsx", mark="")))
    assert book.sheetnames == ["执行情况", "计数", "图表", "与上期比较"]
    assert cells(book["与上期比较"])[4][:3] == ["武汉分公司", "4\n减3", "33.3%\n升66.7"]


def test_the_files_are_made_once_and_kept(bulletins: Bulletins, now: Now) -> None:
    bulletin = bulletins.sent()
    asked = PaperFile.objects.filter(made_at=None).count()  # those of the month's cases as well
    assert keeping.make_pending(now.forward(seconds=2)) == asked
    files = {row.form: row for row in PaperFile.objects.filter(paper__matter=bulletin.matter)}
    assert set(files) == {"pdf", "docx", "xlsx"}
    kept = {form: keeping.bytes_of(row) for form, row in files.items()}
    assert {form: hashlib.sha256(data).hexdigest() for form, data in kept.items()} == {
        form: row.sha256 for form, row in files.items()
    }
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(kept["pdf"])).pages]
    assert "鄂移客通〔2026〕1号" in pages[0]
    words = [paragraph.text for paragraph in docx.Document(BytesIO(kept["docx"])).paragraphs]
    assert "关于2026年10月首问责任制执行情况的通报" in words
    assert openpyxl.load_workbook(BytesIO(kept["xlsx"])).sheetnames == ["执行情况", "计数", "图表"]
    assert keeping.make_pending(now.forward(hours=1)) == 0


def cells(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_workbook_read_back(bulletins: Bulletins) -> None:
    content = content_of(bulletins.sent())
    book = openpyxl.load_workbook(BytesIO(make(content, "xlsx", mark="")))
    shown, counts, drawn = (cast(Any, book[name]) for name in ("执行情况", "计数", "图表"))
    assert [row[0] for row in cells(shown)[:2]] == [content.title, content.number]
    assert cells(shown)[3:] == [
        ["单位", "收到派单", "按时处理率", "交办及时率", "退回获准", "退回未获准", "处理超时", "重复投诉", "升级投诉",
         "满意率", "解决率", "排名", "认定违反", "处理人次", "已执行人次"],
        ["武汉分公司", 4, 1 / 3, 3 / 4, 1, 0, 2, 0, 0, 1, 1 / 2, 1, 0, 0, 0],
        ["宜昌分公司", 2, 1, 1, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0],
        *[[name, 0, None, None, 0, 0, 0, 0, 0, None, None, None, 0, 0, 0] for name in ("内审部", "网络部", "终端公司")],
        ["合计", 6, 2 / 4, 5 / 6, 1, 1, 2, 0, 0, 2 / 3, 1 / 3, None, 0, 0, 0],
    ]  # fmt: skip
    assert [shown.cell(5, column).number_format for column in (2, 3, 4, 10, 11, 12)] == [
        "General", "0.0%", "0.0%", "0.0%", "0.0%", "General",
    ]  # fmt: skip
    assert cells(counts)[3:6] == [
        ["单位", "按时处理率：件数", "按时处理率：总数", "交办及时率：件数", "交办及时率：总数", "满意率：件数",
         "满意率：总数", "解决率：件数", "解决率：总数"],
        ["武汉分公司", 1, 3, 3, 4, 2, 2, 1, 2],
        ["宜昌分公司", 1, 1, 2, 2, 0, 1, 0, 1],
    ]  # fmt: skip
    assert [
        [(series.val.numRef.f, series.cat.numRef.f) for series in chart.series] for chart in drawn._charts
    ] == [
        [("'执行情况'!$K$5:$K$9", "'执行情况'!$A$5:$A$9")],
        [("'执行情况'!$C$5:$C$9", "'执行情况'!$A$5:$A$9"), ("'执行情况'!$D$5:$D$9", "'执行情况'!$A$5:$A$9")],
    ]  # fmt: skip


def test_a_text_that_begins_like_a_formula_stays_a_text(bulletins: Bulletins) -> None:
    content = content_of(bulletins.sent())
    (table,) = (block for block in content.body if isinstance(block, Table))
    hostile = '=HYPERLINK("http://x","武汉")'
    rows = tuple((Cell(hostile), *row[1:]) if place == 1 else row for place, row in enumerate(table.rows))
    changed = replace(content, body=tuple(replace(b, rows=rows) if b is table else b for b in content.body))
    book = openpyxl.load_workbook(BytesIO(make(changed, "xlsx", mark="草稿")))
    cell = book["执行情况"].cell(5, 1)
    assert (cell.value, cell.data_type, book["执行情况"].cell(1, 1).value) == (hostile, "s", f"草稿　{content.title}")
    assert [c.data_type for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"] == []


def test_a_draft_has_neither_number_nor_date(bulletins: Bulletins, now: Now) -> None:
    bulletin = bulletins.drafted()
    by = bulletins.play.cast["kf.supervisor"]
    draft = keeping.freeze_draft("bulletin", bulletin, bulletin.matter, part=0, by=by, at=now.at)
    assert (draft.number, draft.is_draft, Content.from_text(draft.text or "").dated) == ("", True, None)


def test_nothing_of_sheets_is_in_it(bulletins: Bulletins, now: Now) -> None:
    """R40: a declined sheet is a number for those who may read sheets, in no line and on no paper."""
    made = bulletins.october()
    play = bulletins.play
    now.set("2026-10-20 09:00")
    number = str(made["late"].matter.number)
    told: dict[str, Any] = {"unit": "WH", "person": "wh.zhang", "description": "夜莺描述", "evidence": ["夜莺依据"]}
    case = play("issue_sheet", "kf.supervisor", Case(), complaints=[number], **told)
    case = play("decline_case", "sc.officer", case, reason="夜莺理由", approved_by="sc.leader")
    case = play("approve", "sc.leader", case)
    now.set(FIRST)
    bulletins.drafts()
    bulletin = bulletins("send_bulletin", "kf.supervisor", Bulletin.objects.get())
    without = {"declined": 0} | {name: bulletin.figures[name] for name in ("lines", "total")} | {"before": None}
    assert (case.state, bulletin.figures) == ("declined", without | {"declined": 1})
    text = content_of(bulletin).as_text()
    assert [word for word in ("夜莺", "互动单", "不予立案", str(case)) if word in text] == []
    assert content_of(bulletin).as_lines()[:5] == EXPECTED.read_text().splitlines()[:5]


def test_charts_fit_a_page_and_name_every_unit_once(bulletins: Bulletins) -> None:
    figures = bulletins.drafted().figures
    few = [block.caption for block in _figures(figures)]
    busy = next(line for line in figures["lines"] if line["unit"] == "WH")
    figures["lines"] += [busy | {"unit": f"U{place}", "name": f"第{place:02d}分公司"} for place in range(28)]
    drawn = list(_figures(figures))
    assert (few, [block.caption for block in drawn]) == (
        ["图1 各单位解决率", "图2 各单位按时处理率和交办及时率"],
        ["图1 各单位解决率（1/2）", "图1 各单位解决率（2/2）", "图2 各单位按时处理率和交办及时率（1/3）",
         "图2 各单位按时处理率和交办及时率（2/3）", "图2 各单位按时处理率和交办及时率（3/3）"],
    )  # fmt: skip
    named = [sum(f">第{place:02d}分公司<" in block.svg for place in range(28)) for block in drawn]
    assert (named, len({block.svg for block in drawn})) == ([20, 8, 12, 12, 4], 5)
    assert [chart.name for chart in charts(figures)] == ["rate", "kept"]


def test_without_any_round_the_charts_say_so(bulletins: Bulletins) -> None:
    figures = bulletins.drafted().figures
    empty = figures | {"lines": [line for line in figures["lines"] if line["unit"] == "ZD"]}
    assert ([*_figures(empty)], ["没有数据" in chart.svg for chart in charts(empty)]) == ([], [True, True])
