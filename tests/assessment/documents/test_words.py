"""What each paper of a case says, whole: the files in papers/ are what the marketing department would sign."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import translation

from accountability.models import Paper
from assessment.models import Case
from tests.assessment.docket import ADMITS, OBJECTS, Docket
from tests.assessment.paper_trail import FOLDER, PLANTED, expected, issued, words

rule = pytest.mark.rule

FACTS = f"{PLANTED}十一月二十四日来电。\n接口人在途中，未携带终端。"


def sheet(docket: Docket) -> Case:
    evidence = ["派单与交办的记录。", f"{PLANTED}第二次来电的录音。"]
    description = f"{PLANTED}反映无人受理。\n接单后超过三十分钟仍未交办。"
    complaint = docket.complaint(content=f"五月账单多出两笔扣费，联系{PLANTED}。")
    numbers = [docket.number(complaint), docket.number(docket.complaint(phone="13900000002", customer="李四"))]
    return docket("issue_sheet", "kf.agent", complaints=numbers, description=description, evidence=evidence)


def notified(docket: Docket) -> Case:
    check = "请核查十一月二十四日投诉的交办过程，联系人13900000099。\n请核查接口人在岗情况。"
    return docket("notify_unit", "sc.officer", sheet(docket), check=check)


def declined(docket: Docket) -> Case:
    return docket("approve", "sc.leader", docket("decline_case", "sc.officer", sheet(docket)))


def from_above(docket: Docket) -> Case:
    """Without a complaint, nothing said of what to look into, the number typed by the officer."""
    return docket("notify_unit", "sc.officer2", docket.upto("opened"), document_number="鄂市通〔2026〕12号")


def without_calendar(docket: Docket) -> Case:
    docket.now.set("2026-12-30 10:00")
    return docket("notify_unit", "sc.officer", docket.upto("opened"))


def admitted(docket: Docket) -> Case:
    told = ADMITS | {"facts": FACTS, "persons": ["wh.zhang", "wh.leader", "wh.contact"]}
    return docket("sign_report", "wh.head", docket("file_report", "wh.contact", notified(docket), **told))


def disputed(docket: Docket) -> Case:
    names = ["通话录音.txt", f"{PLANTED}的回访.txt"]
    told = OBJECTS | {"facts": FACTS, "statement": f"已电话告知{PLANTED}。", "evidence": names}
    return docket("file_report", "wh.head", notified(docket), **told)


def late(docket: Docket) -> Case:
    case = docket.upto("notified")
    docket.now.set("2026-12-02 09:00")
    return docket("file_report", "wh.head", docket.swept(case), **ADMITS)


def judged(docket: Docket) -> Case:
    reasons = f"录音与答复不符，{PLANTED}所述属实。"
    case = docket("appoint_panel", "sc.officer", disputed(docket))
    docket.now.forward(hours=2)
    case = docket("give_opinion", "kf.head", case, opinion="not_violated", grounds=f"{PLANTED}已得到答复。")
    docket.now.forward(minutes=5)
    case = docket("give_opinion", "sc.leader", case)
    return docket("record_panel", "sc.officer", case, reasons=reasons)


def slips(docket: Docket) -> Case:
    case = docket.upto("penalised")
    docket.now.forward(days=2)
    for person, by in (("wh.zhang", "wh.contact"), ("wh.leader", "wh.contact"), ("wh.head", "wh.contact")):
        case = docket("file_slip", by, case, person=person)
    return case


def circular(docket: Docket) -> Case:
    case = docket.upto("penalised")
    body = "各单位：\n现通报如下。\n一、基本情况\n（一）经过\n1.十一月二十四日超时。\n二、性质认定\n属推诿。"
    return docket("sign_circular", "sc.leader", docket("issue_circular", "sc.officer", case, body=body))


def fault(docket: Docket) -> Case:
    case = docket("open_fault", "kf.agent", description=f"{PLANTED}的投诉超时交办，未说明原因。")
    case = docket("file_opinion", "wh.head", case, opinion=f"接口人当日值守，{PLANTED}已致歉。")
    docket.now.forward(days=1)
    return docket("decide_fault", "sc.officer", case, reasons=f"告警记录完整，{PLANTED}来电两次。")


PAPERS: list[tuple[str, Callable[[Docket], Case], str, int]] = [
    ("sheet", sheet, "sheet", 0),
    ("sheet-notified", notified, "sheet", 1),
    ("sheet-declined", declined, "sheet", 1),
    ("notice", notified, "notice", 0),
    ("notice-from-above", from_above, "notice", 0),
    ("notice-without-calendar", without_calendar, "notice", 0),
    ("report-admitted", admitted, "report", 0),
    ("report-disputed", disputed, "report", 0),
    ("report-late", late, "report", 0),
    ("panel-record", judged, "panel_record", 0),
    ("order-after-panel", judged, "order", 0),
    ("order-admitted", admitted, "order", 0),
    ("order-deemed", late, "order", 0),
    ("order-with-slips", slips, "order", 1),
    ("order-of-a-fault", fault, "order", 0),
    ("circular", lambda docket: docket.upto("closed"), "circular", 0),
    ("circular-as-written", circular, "circular", 0),
    ("circular-withdrawing", lambda docket: docket.upto("withdrawn"), "circular", 1),
    ("fault-opinion", fault, "fault_opinion", 0),
]
"""Expected file, how the case came there, the kind, and which of its papers of that kind."""

RULES = {
    "sheet": ("R39",), "notice": ("R42",), "report": ("R43", "R44", "R46"), "panel_record": ("R48",),
    "order": ("R49", "R50", "R51"), "circular": ("R52",), "fault_opinion": ("R22",),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "reach", "kind", "place"),
    [pytest.param(*row, id=row[0], marks=[rule(name) for name in RULES[row[2]]]) for row in PAPERS],
)
def test_the_paper_says(
    name: str, reach: Callable[[Docket], Case], kind: str, place: int, docket: Docket
) -> None:  # fmt: skip
    papers = issued(reach(docket), kind)
    assert words(papers[place]) == expected(name)
    assert place == len(papers) - 1


def test_every_expected_file_is_compared() -> None:
    names = sorted({"circular-draft", *(row[0] for row in PAPERS)})
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == names


def test_words_are_chinese_for_a_reader_of_english(docket: Docket) -> None:
    with translation.override("en"):
        case = admitted(docket)
    assert [words(paper) for paper in issued(case, "order")] == [expected("order-admitted")]


def test_what_marketing_edits_stands_in_the_next_paper_and_not_in_the_last(docket: Docket) -> None:
    before = notified(docket)
    phrases = {"notice_prefix": "鄂市函", "notice_consequence": "逾期不报的，从重处理。"}
    docket.play("set_papers", "sc.officer", phrases=phrases, reason="新公文办法")
    after = docket.upto("notified")
    found: list[Paper] = [*issued(before, "notice"), *issued(after, "notice")]
    assert [paper.number for paper in found] == ["鄂市通〔2026〕1号", "鄂市函〔2026〕1号"]
    assert ["从重处理" in words(paper) for paper in found] == [False, True]
