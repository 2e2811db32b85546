"""Cases brought to where tests of pages begin, each by the hands that do it in the office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.files.attachments import take
from accountability.gate.perform import perform
from accountability.models import Employee
from assessment.models import Case
from complaints.models import Complaint
from tests.accountability.files.made_files import pdf
from tests.assessment.docket import Docket
from tests.factories import Play

SECRET = "互动单金丝雀"
"""Stands in every text of the sheet: nobody of the unit may ever read it."""

ADMITTED: dict[str, Any] = {
    "conclusion": "admitted", "facts": "接单后未及时交办，属实。", "persons": ["wh.zhang"], "signer": "wh.head",
}  # fmt: skip


class Stage:
    """`stage.notified()`, `stage.disputed()` …: a case against WH about a complaint that wh.zhang handles."""

    def __init__(self, play: Play) -> None:
        self.play = play

    def do(self, verb: str, by: str, case: Case | None, **facts: Any) -> Case:
        cast, at = self.play.cast, self.play.now.at
        return perform(case or Case(), verb, by=cast[by], at=at, **facts).subject

    again = staticmethod(Docket.again)

    def sheet(self, complaint: Complaint | None = None, **intake: Any) -> Case:
        """The complaint was handed over forty minutes late."""
        if complaint is None:
            complaint = self.play.upto("delivered", **intake)
            self.play.now.forward(minutes=40)
            complaint = self.play("hand_off", "wh.contact", complaint)
        return self.do(
            "issue_sheet", "kf.agent", None, unit="WH", complaints=[complaint.matter.number], person="wh.zhang",
            description=f"{SECRET}：接单四十分钟后才交办", evidence=f"{SECRET}时限记录",
        )  # fmt: skip

    def notified(self, **intake: Any) -> Case:
        case = self.sheet(**intake)
        number = 8 + Case.objects.exclude(document_number="").count()
        return self.do(
            "notify_unit", "sc.officer", case, check="请核查交办是否及时。", document_number=f"市通〔2026〕{number}号"
        )

    def admitted(self, **intake: Any) -> Case:
        return self.do("file_report", "wh.head", self.notified(**intake), **ADMITTED)

    def waiting(self, **intake: Any) -> Case:
        """Filed by the contact, not yet signed by the head."""
        return self.do("file_report", "wh.contact", self.notified(**intake), **ADMITTED)

    def disputed(self, **intake: Any) -> Case:
        case, wh_head = self.notified(**intake), self.play.cast["wh.head"]
        file = take("交办记录.pdf", pdf(), by=wh_head, at=self.play.now.at, kind="evidence")
        return self.do(
            "file_report", "wh.head", case, conclusion="disputed", facts="已当面交办。", statement="系统登记晚于交办。",
            evidence=[file.token], signer="wh.head",
        )  # fmt: skip

    def judged(self, **intake: Any) -> Case:
        """The material lies before the members; none has spoken."""
        due = day_of(self.play.now.at) + timedelta(days=7)
        members = ["sc.leader", "yc.head"]
        return self.do("appoint_panel", "sc.officer", self.disputed(**intake), members=members, due=due)

    def decided(self, conclusion: str = "violated", **intake: Any) -> Case:
        case = self.judged(**intake)
        for member in ("sc.leader", "yc.head"):
            case = self.do("give_opinion", member, case, opinion=conclusion)
        return self.do("record_panel", "sc.officer", case, conclusion=conclusion, reasons="登记时间为准。")

    def fault(self, **intake: Any) -> Case:
        complaint = self.play.upto("handed_off", **intake)
        return self.do(
            "open_fault", "kf.agent", None, round=f"{complaint.matter.number}#1", description="接单后一小时才交办。"
        )

    def penalised(self, case: Case | None = None) -> Case:
        case = case or self.admitted()
        for person, ground in (("wh.zhang", "handler"), ("wh.leader", "leader")):
            case = self.do("penalise", "wh.head", case, person=person, ground=ground, months=1, reason="首次。")
        return self.do("penalise", "sc.officer", case, person="wh.head", ground="unit_head", months=1, reason="管理。")

    def issued(self, case: Case | None = None) -> Case:
        case = self.do("issue_circular", "sc.officer", case or self.penalised(), signed_by="sc.leader")
        return self.do("sign_circular", "sc.leader", case)

    def closed(self) -> Case:
        return self.do("close_case", "sc.officer", self.issued())


def staff(stage: Stage) -> list[Employee]:
    """Everybody who can sign in."""
    return [person for person in stage.play.cast if person.is_active]


def page_of(case: Case) -> str:
    return f"/cases/{case.matter.number}/"


def form_of(case: Case, verb: str) -> str:
    return f"{page_of(case)}do/{verb}/"
