"""Cases for tests, brought to where a test needs them by the real verbs and the usual hands: against WH."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.files.attachments import take
from accountability.gate.sweeper import sweep
from accountability.models import Deadline
from assessment.models import Case
from complaints.models import Complaint
from tests.factories import Now, Play

EVIDENCE = "录音显示时限内已回复客户。".encode()

SHEET: dict[str, Any] = {
    "unit": "WH", "person": "wh.zhang", "description": "八小时内未处理亦未答复客户。", "evidence": ["处理时限记录"],
}  # fmt: skip
REPORT: dict[str, Any] = {"facts": "经查情况属实。", "signer": "wh.head"}
ADMITTED: dict[str, Any] = REPORT | {"conclusion": "admitted", "persons": ["wh.zhang", "wh.leader"]}


def linked(play: Play, **of_intake: Any) -> Complaint:
    """A complaint that WH handed over and left lying."""
    return play.upto("handed_off", priority="P1", **of_intake)


def by_sheet(play: Play, complaint: Complaint | None = None) -> Case:
    complaint = complaint or linked(play)
    play.now.forward(hours=9)
    sweep(play.now.at)
    return play("issue_sheet", "kf.supervisor", Case(), complaints=[str(complaint.matter)], **SHEET)


def fault(play: Play, complaint: Complaint | None = None) -> Case:
    complaint = complaint or linked(play)
    number = f"{complaint.matter}#1"
    return play("open_fault", "kf.agent", Case(), round=number, description="接单后未及时交办。")


def notified(play: Play, case: Case | None = None) -> Case:
    return play("notify_unit", "sc.officer", case or by_sheet(play), check="请核查处理时限。")


def admitted(play: Play) -> Case:
    return play("file_report", "wh.head", notified(play), **ADMITTED)


def disputed(play: Play) -> Case:
    by = play.cast["wh.head"]
    file = take("回复录音.txt", EVIDENCE, by=by, at=play.now.at, kind="evidence")
    told = REPORT | {"conclusion": "disputed", "statement": "时限内已回复。", "evidence": [file]}
    return play("file_report", "wh.head", notified(play), **told)


def deemed(play: Play, now: Now) -> Case:
    case = notified(play)
    due = Deadline.objects.get(matter=case.matter, kind="report").due_at
    assert due is not None
    now.set(due)
    now.forward(minutes=2)
    sweep(now.at)
    return again(case)


PENALTIES = (
    ("wh.zhang", "handler", "wh.head"), ("wh.leader", "leader", "wh.head"), ("wh.head", "unit_head", "sc.officer"),
)  # fmt: skip


def penalised(play: Play, case: Case) -> Case:
    for person, ground, by in PENALTIES:
        case = play("penalise", by, case, person=person, ground=ground, months=1, reason="情节一般。")
    return case


def again(case: Case) -> Case:
    return Case.of_matter(case.matter_id)


def disputed_and_violated(play: Play) -> Case:
    case = appointed(play, disputed(play))
    for member in MEMBERS:
        case = play("give_opinion", member, case, opinion="violated")
    return play("record_panel", "sc.officer", case, conclusion="violated", reasons="录音不足为证。")


MEMBERS = ["sc.officer", "sc.leader"]


def appointed(play: Play, case: Case, members: list[str] | None = None) -> Case:
    due = day_of(play.now.at) + timedelta(days=7)
    return play("appoint_panel", "sc.officer", case, members=members or MEMBERS, due=due)
