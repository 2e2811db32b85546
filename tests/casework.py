"""A case of WH played by many hands, told in steps, with a word of its own planted in every text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from accountability.deadlines.limits import day_of
from accountability.files.attachments import take
from accountability.gate.sweeper import sweep
from accountability.models import Attachment
from accountability.monitoring.reminders import remind
from assessment.models import Case
from complaints.models import Complaint
from tests.assessment.docket import Docket
from tests.factories import Play

SHEET = {"夜莺描述", "夜莺依据"}
DECLINING = {"夜莺不立", "夜莺不准"}
REFLECTED = {"夜莺反映"}
ASKED = {"夜莺核查", "夜莺文号"}
REPORTED = {"夜莺事实", "夜莺异议"}
ANOTHERS = {"夜莺他报"}
JUDGED = {"夜莺评判"}
SPOKEN = {"夜莺领导说", "夜莺宜昌说"}
PENALISED = {"夜莺情节"}
ANNULLING = {"夜莺撤销", "夜莺撤回"}
CIRCULATED = {"夜莺通报"}
SENT_BACK = {"夜莺退回"}
FAULT = {"夜莺接口"}
OPINION = {"夜莺意见"}
DECISION = {"夜莺决定"}
EVIDENCE = "夜莺证据"
"""In the file itself, and in its name."""

WORDS = (
    SHEET | DECLINING | REFLECTED | ASKED | REPORTED | ANOTHERS | JUDGED | SPOKEN | PENALISED | ANNULLING | CIRCULATED
    | SENT_BACK | FAULT | OPINION | DECISION | {EVIDENCE}
)  # fmt: skip

ISSUED = "2026-11-25 04:37"
"""When the sheet is issued: at an hour of which nothing else tells."""


def missed(play: Play, *, unit: str = "WH", **of_intake: Any) -> Complaint:
    """Handed over a minute too late: a lead against the unit."""
    handler = {"WH": "wh.zhang", "YC": "yc.chen"}[unit]
    return Docket(play).complaint(unit, f"{unit.lower()}.contact", handler, **of_intake)


def issue(play: Play, complaint: Complaint, *, unit: str = "WH", by: str = "kf.agent2", **facts: Any) -> Case:
    usual: dict[str, Any] = {
        "unit": unit, "complaints": [str(complaint.matter)], "person": "wh.zhang" if unit == "WH" else "yc.chen",
        "description": "夜莺描述：交办超时。", "evidence": "夜莺依据：通知单。",
    }  # fmt: skip
    return play("issue_sheet", by, Case(), **(usual | facts))


def notify(play: Play, case: Case, by: str = "sc.officer") -> Case:
    number = 1 + Case.objects.exclude(document_number="").count()
    return play("notify_unit", by, case, check="夜莺核查：请核查十一月的交办。", document_number=f"夜莺文号{number}号")


def evidence(play: Play, by: str) -> Attachment:
    content = f"{EVIDENCE}：值班表。".encode()
    return take(f"{EVIDENCE}.txt", content, by=play.cast[by], at=play.now.at, kind="evidence")


def dispute(play: Play, case: Case, by: str = "wh.head") -> Case:
    """The unit's report, signed by whoever files it, with a file."""
    return play(
        "file_report", by, case, conclusion="disputed", facts="夜莺事实：已按时交办。", persons=[],
        statement="夜莺异议：系统延迟。", evidence=[evidence(play, by)], signer=by,
    )  # fmt: skip


def admit(play: Play, case: Case, by: str = "wh.head") -> Case:
    return play(
        "file_report", by, case, conclusion="admitted", facts="夜莺事实：未按时交办。", persons=["wh.zhang"], signer=by
    )


def convene(play: Play, case: Case, members: tuple[str, ...] = ("sc.leader", "yc.head")) -> Case:
    due = day_of(play.now.at) + timedelta(days=7)
    return play("appoint_panel", "sc.officer", case, members=list(members), due=due)


def speak(play: Play, case: Case) -> Case:
    """All of them, and what they hold is recorded."""
    for by, grounds in (("sc.leader", "夜莺领导说"), ("yc.head", "夜莺宜昌说")):
        case = play("give_opinion", by, case, opinion="violated", grounds=grounds)
    return play("record_panel", "sc.officer", case, conclusion="violated", reasons="夜莺评判：确有延误。")


def penalise(play: Play, case: Case) -> Case:
    """The people of the round and the head; the contact where they owe it."""
    people = [("wh.zhang", "handler"), ("wh.leader", "leader"), ("wh.head", "unit_head")]
    owes = any(owed["ground"] == "contact" for owed in case.unpaid)
    for person, ground in [*people, *([("wh.contact", "contact")] if owes else [])]:
        case = play("penalise", "sc.officer", case, person=person, ground=ground, months=1, reason="夜莺情节：轻。")
    return case


def circulate(play: Play, case: Case) -> Case:
    return play("issue_circular", "sc.officer", case, body="夜莺通报：予以通报。", signed_by="sc.leader")


Step = Callable[[Play, Case], Case]


def late(play: Play, case: Case) -> Case:
    """Marketing has missed its two working days: everything that is said by itself is said."""
    play.now.set("2026-11-28 09:00")
    remind(play.now.at)
    sweep(play.now.at)
    remind(play.now.at)
    return Case.of_matter(case.pk)


def ask_to_decline(play: Play, case: Case) -> Case:
    return play("decline_case", "sc.officer", case, reason="夜莺不立：证据不足。", approved_by="sc.leader")


def disapprove(play: Play, case: Case) -> Case:
    return play("disapprove", "sc.leader", case, reason="夜莺不准：应查。")


def approve(play: Play, case: Case) -> Case:
    return play("approve", "sc.leader", case)


def sign(play: Play, case: Case) -> Case:
    return play("sign_circular", "sc.leader", case)


def close(play: Play, case: Case) -> Case:
    return play("close_case", "sc.officer", case)


def ask_to_annul(play: Play, case: Case) -> Case:
    return play("annul_case", "sc.officer", case, reason="夜莺撤销：认定有误。", approved_by="sc.leader")


def withdraw(play: Play, case: Case) -> Case:
    return play("withdraw_circular", "sc.officer", case, reason="夜莺撤回：认定有误。", signed_by="sc.leader")


def send_back(play: Play, case: Case) -> Case:
    return play("return_circular", "sc.leader", case, remarks="夜莺退回：请写明撤回依据。")


def opened(play: Play, complaint: Complaint, *, unit: str = "WH") -> Case:
    """Route 2, by the marketing department alone."""
    return play(
        "open_case", "sc.officer", Case(), unit=unit, source="leader", description="夜莺反映：领导来电。",
        complaints=[str(complaint.matter)],
    )  # fmt: skip


def at_fault(play: Play, complaint: Complaint, by: str = "kf.agent2") -> Case:
    return play("open_fault", by, Case(), round=f"{complaint.matter}#1", description="夜莺接口：交办不当。")


def opine(play: Play, case: Case) -> Case:
    return play("file_opinion", "wh.leader", case, opinion="夜莺意见：接口人疏忽。")


def decide_fault(play: Play, case: Case) -> Case:
    return play("decide_fault", "sc.officer", case, conclusion="violated", reasons="夜莺决定：属实。")


BEFORE_THE_NOTICE: tuple[Step, ...] = (late, ask_to_decline, disapprove)
TO_DECLINED: tuple[Step, ...] = (ask_to_decline, approve)
TO_THE_END: tuple[Step, ...] = (
    notify, dispute, convene, speak, penalise, circulate, sign, close, ask_to_annul, approve, withdraw, send_back,
    withdraw, sign,
)  # fmt: skip


def played(play: Play, case: Case, steps: tuple[Step, ...]) -> Iterator[tuple[str, Case]]:
    """The case as it begins and after each step."""
    yield "begun", case
    for step in steps:
        case = step(play, case)
        yield step.__name__, case
