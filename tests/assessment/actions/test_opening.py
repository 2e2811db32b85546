"""How a case begins: the sheet, marketing's own judgement, the notice to the unit, and declining (R38–R42)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accountability.deadlines.limits import day_of, read_instant
from accountability.gate import sweeper
from accountability.models import Deadline, LedgerEntry, Notification
from assessment.cases.candidates import leaders_to_ask
from assessment.cases.dossier import dossier_of
from assessment.models import Case, LeadMark, Sheet, open_leads
from tests.assessment.docket import SHEET_LINE, Docket, holder, told
from tests.looking import deadline, writes

# The sheet


@pytest.mark.rule("R39")
def test_the_sheet_has_its_exact_title(docket: Docket) -> None:
    sheet = docket.upto("sheet_issued").sheet
    assert sheet.title == "关于武汉分公司涉嫌违反“首问责任制”的互动单"


@pytest.mark.rule("R39")
@pytest.mark.parametrize("field", ["unit", "complaints", "person", "description", "evidence"])
def test_every_field_of_the_sheet_is_wanted(docket: Docket, field: str) -> None:
    blank: Any = [] if field in ("complaints", "evidence") else ""
    assert list(docket.refused("issue_sheet", "kf.agent", **{field: blank}).fields) == [field]


@pytest.mark.rule("R38")
def test_it_rests_on_registered_complaints(docket: Docket) -> None:
    early = docket.play("forward", "yc.chen")
    refusal = docket.refused("issue_sheet", "kf.agent", complaints=[docket.number(early)])
    assert list(refusal.fields) == ["complaints"]
    refusal = docket.refused("issue_sheet", "kf.agent", complaints=["TS20261124999999"])
    assert list(refusal.fields) == ["complaints"]


@pytest.mark.rule("R38")
@pytest.mark.parametrize(("verb", "by"), [("issue_sheet", "kf.agent"), ("open_case", "sc.officer")])
@pytest.mark.parametrize("spelt", [str, str.lower, lambda number: f" {number} "])
def test_a_complaint_stands_in_it_once(docket: Docket, verb: str, by: str, spelt: Callable[[str], str]) -> None:
    number = docket.number(docket.complaint())
    refusal = docket.refused(verb, by, complaints=[number, spelt(number)])
    assert refusal.fields == {"complaints": f"每件只能填写一次：{number}。"}


@pytest.mark.rule("R39")
@pytest.mark.parametrize(("person", "done"), [("wh.li", True), ("yc.chen", False), ("sc.officer", False)])
def test_the_person_is_of_the_unit(docket: Docket, person: str, done: bool) -> None:
    if done:
        assert docket("issue_sheet", "kf.agent", person=person).sheet.person.username == person
    else:
        assert list(docket.refused("issue_sheet", "kf.agent", person=person).fields) == ["person"]


@pytest.mark.rule("R39")
def test_who_was_stamped_is_named_although_they_left_or_moved(docket: Docket) -> None:
    number = docket.number(docket.complaint())
    docket.play("update_employee", "sc.officer", employee="wh.zhang", unit="YC", reason="调动。")
    assert docket("issue_sheet", "kf.agent", complaints=[number]).sheet.person == docket.cast["wh.zhang"]
    docket.gone("wh.zhang")
    assert docket("issue_sheet", "kf.agent", complaints=[number]).sheet.person == docket.cast["wh.zhang"]


@pytest.mark.rule("R40")
def test_the_numbers_of_sheet_and_case_tell_nothing_of_each_other(docket: Docket) -> None:
    cases = [docket.upto("sheet_issued") for _ in range(3)]
    pairs = [(str(case.matter.number), case.sheet.number) for case in cases]
    assert [(case[:7], sheet[:7]) for case, sheet in pairs] == [("AJ2026-", "HD2026-")] * 3
    tails = {number[7:] for pair in pairs for number in pair}
    assert (len(tails), {len(tail) for tail in tails}) == (6, {8})


@pytest.mark.rule("R39")
@pytest.mark.parametrize(
    ("at", "year"), [("2026-12-31 24:00", 2026), ("2027-01-01 00:00", 2027), ("2027-01-01 07:59:59", 2027)]
)
def test_a_sheet_is_numbered_in_the_year_of_shanghai(docket: Docket, at: str, year: int) -> None:
    """As its case is: at eight in the morning of New Year's Day begins only the year of Greenwich."""
    number = docket.number(docket.complaint())
    case = docket("issue_sheet", "kf.agent", complaints=[number], at=docket.now.set(at))
    assert (case.sheet.number[:7], str(case.matter.number)[:7]) == (f"HD{year}-", f"AJ{year}-")


@pytest.mark.rule("R40")
@pytest.mark.parametrize("position", ["sheet_issued", "notified", "closed"])
def test_who_reads_the_sheet(docket: Docket, position: str) -> None:
    case = docket.upto(position)
    actors = [docket.actor(person.username) for person in docket.cast if person.unit_id]
    readers = {"kf.agent", "kf.agent2", "kf.supervisor", "sc.officer", "sc.officer2", "sc.leader", "sj.auditor"}
    found = {who.username for who in actors if Sheet.objects.visible_to(who).filter(case=case).exists()}
    assert (found, {who.username for who in actors if dossier_of(case, who).sheet}) == (readers, readers)


@pytest.mark.rule("R40")
def test_marketing_alone_hears_of_the_sheet(docket: Docket) -> None:
    case = docket.upto("sheet_issued")
    heard = set(Notification.objects.filter(matter_id=case.pk).values_list("recipient__username", flat=True))
    assert heard == {"sc.officer", "sc.officer2", "sc.leader"}


@pytest.mark.rule("R40")
@pytest.mark.parametrize("by", ["kf.agent", "kf.agent2"])
def test_against_the_centre_itself_only_marketing_opens_a_case(docket: Docket, by: str) -> None:
    refusal = docket.refused("issue_sheet", by, unit="KF", person="kf.agent")
    assert list(refusal.fields) == ["unit"]
    case = docket("open_case", "sc.officer", unit="KF")
    assert [docket.sees(who, case) for who in ("kf.agent", "kf.supervisor", "kf.head")] == [False, False, False]
    case = docket("notify_unit", "sc.officer", case)
    assert [docket.sees(who, case) for who in ("kf.agent", "kf.supervisor", "kf.head")] == [False, False, True]


@pytest.mark.rule("R41")
def test_nobody_opens_a_case_against_the_department_that_judges(docket: Docket) -> None:
    assert list(docket.refused("open_case", "sc.officer", unit="SC").fields) == ["unit"]
    refusal = docket.refused("issue_sheet", "kf.agent", unit="SC", person="sc.officer")
    assert list(refusal.fields) == ["unit"]


@pytest.mark.rule("R39")
def test_a_double_click_makes_one_sheet(docket: Docket) -> None:
    told = docket.facts("issue_sheet", "kf.agent")
    first = docket.outcome("issue_sheet", "kf.agent", key="form-1", **told)
    before = writes()
    second = docket.outcome("issue_sheet", "kf.agent", key="form-1", **told)
    assert writes() == before
    assert (second.subject.pk, first.repeated, second.repeated) == (first.subject.pk, False, True)
    assert (Case.objects.count(), Sheet.objects.count()) == (1, 1)
    assert Notification.objects.filter(kind="sheet_received").count() == 3
    assert docket.outcome("issue_sheet", "kf.agent", key="form-2", **told).subject.pk != first.subject.pk


@pytest.mark.rule("R38")
@pytest.mark.parametrize("verb", ["issue_sheet", "open_case"])
def test_a_case_takes_up_what_was_missed_before_it_though_judged_after(docket: Docket, verb: str) -> None:
    """The sweep comes round a few seconds later, or days later if nobody was served; the case rests on that miss."""
    complaint = docket.play.upto("delivered")
    other = docket.play("dispatch", "kf.agent", docket.play("register", "kf.agent", phone="13900000777"), unit="YC")
    docket.now.forward(minutes=30, seconds=2)
    numbers = [docket.number(complaint), docket.number(other)]
    by = "kf.agent" if verb == "issue_sheet" else "sc.officer"
    case = docket(verb, by, complaints=numbers)
    docket(verb, by, complaints=numbers)
    assert not case.leads.exists()
    docket.now.forward(minutes=5)
    case = docket.swept(case)
    handoff = deadline(complaint, "handoff", 1)
    assert (handoff.missed_at, handoff.noticed_at) == (handoff.due_at, docket.now.at)
    assert [(mark.deadline, mark.case_id, mark.marked_at) for mark in LeadMark.objects.all()] == [
        (handoff, case.pk, case.opened_at)
    ]


@pytest.mark.rule("R38")
def test_what_is_missed_after_it_began_is_a_new_lead(docket: Docket) -> None:
    complaint = docket.play.upto("delivered")
    docket.now.forward(minutes=29)
    docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    sweeper.sweep(docket.now.forward(minutes=5))
    assert open_leads(matter=complaint.matter).get().kind == "handoff"


# Route 2


@pytest.mark.rule("R41")
@pytest.mark.parametrize("source", ["superior", "leader", "important_customer"])
def test_marketing_judges_by_itself_and_names_the_source(docket: Docket, source: str) -> None:
    case = docket("open_case", "sc.officer", source=source)
    assert (case.source, case.by_centre, case.officer, hasattr(case, "sheet")) == (
        source, False, docket.cast["sc.officer"], False,
    )  # fmt: skip


@pytest.mark.rule("R41")
@pytest.mark.parametrize("source", ["", "sheet", "fault", "newspaper"])
def test_the_source_is_one_of_three(docket: Docket, source: str) -> None:
    assert list(docket.refused("open_case", "sc.officer", source=source).fields) == ["source"]


@pytest.mark.rule("R41")
@pytest.mark.parametrize("by", ["kf.agent", "kf.supervisor", "wh.head", "sj.auditor", "sj.plain"])
def test_others_open_no_case(docket: Docket, by: str) -> None:
    assert docket.refused("open_case", by).code == "forbidden"


# The notice


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    ("begun", "due"),
    [
        ("2026-09-30 16:00", "2026-10-09 24:00"),
        ("2026-10-03 11:00", "2026-10-09 24:00"),
        ("2026-11-26 10:00", "2026-11-30 24:00"),
    ],
)
def test_the_notice_is_due_in_two_working_days(docket: Docket, begun: str, due: str) -> None:
    """S34, S35, S59."""
    case = docket("open_case", "sc.officer", at=begun)
    notice = deadline(case, "notice")
    assert (notice.due_at, notice.unit_id) == (read_instant(due), docket.cast.unit("SC").pk)


@pytest.mark.rule("R42")
def test_the_notice_stamps_and_starts_the_report(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer2", docket.upto("sheet_issued"), document_number="鄂市通〔2026〕12号")
    assert (case.state, case.document_number, case.officer.username) == (
        "notified",
        "鄂市通〔2026〕12号",
        "sc.officer2",
    )
    assert (deadline(case, "notice").status, deadline(case, "report").status) == ("met", "open")
    assert told(case, "self_inspection") == {"wh.contact", "wh.deputy", "wh.head"}


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    "check",
    [
        f"请核查：{SHEET_LINE}", "请核查：接单后超过 三十分钟仍未向\n首问责任人交办。", "派单与交办的记录。",
    ],
)  # fmt: skip
def test_the_notice_quotes_nothing_of_the_sheet(docket: Docket, check: str) -> None:
    case = docket.upto("sheet_issued")
    assert list(docket.refused("notify_unit", "sc.officer", case, check=check).fields) == ["check"]
    assert docket("notify_unit", "sc.officer", case, check="请核查该投诉的交办情况。").state == "notified"


@pytest.mark.rule("R40")
def test_the_unit_reads_the_notice_and_nothing_of_the_sheet(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket.upto("sheet_issued"), check="请核查交办情况。")
    dossier = dossier_of(case, docket.actor("wh.head"))
    assert (dossier.to_check, dossier.sheet) == ("请核查交办情况。", None)
    assert [entry.verb for entry in dossier.entries] == ["notify_unit"]
    assert [found.kind for found in dossier.deadlines] == ["report"]


# Declining


@pytest.mark.rule("R42")
def test_declining_takes_the_leaders_own_approval(docket: Docket) -> None:
    case = docket("decline_case", "sc.officer", docket.upto("sheet_issued"))
    assert (case.state, holder(case), told(case, "approval_asked")) == ("sheet_issued", "sc.leader", {"sc.leader"})
    assert deadline(case, "notice").status == "open"
    case = docket("approve", "sc.leader", case)
    assert (case.state, deadline(case, "notice").status, holder(case)) == ("declined", "void", None)
    assert told(case, "approved") == {"sc.officer"}
    assert [docket.sees(who, case) for who in ("wh.head", "kf.agent", "sc.officer2")] == [False, True, True]


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    ("by", "approver"),
    [("sc.officer", "sc.officer2"), ("sc.officer", "wh.head"), ("sc.officer", "kf.supervisor"),
     ("sc.leader", "sc.leader")],
)  # fmt: skip
def test_only_another_marketing_leader_is_asked(docket: Docket, by: str, approver: str) -> None:
    case = docket.upto("sheet_issued")
    assert list(docket.refused("decline_case", by, case, approved_by=approver).fields) == ["approved_by"]


def second_leader(docket: Docket) -> None:
    told = {"employee": "sc.officer2", "role": "marketing_leader", "starts_on": day_of(docket.now.at)}
    docket.play.by_two("appoint", "sc.leader", "sc.officer", **told)


@pytest.mark.rule("R42")
@pytest.mark.parametrize("verb", ["approve", "disapprove"])
def test_nobody_but_the_leader_named_approves_or_disapproves(docket: Docket, verb: str) -> None:
    second_leader(docket)
    case = docket.upto("declining asked")
    for by in ("sc.officer", "sc.officer2", "kf.supervisor", "wh.head", "sj.auditor"):
        assert docket.refused(verb, by, case).code == "forbidden"
    assert docket(verb, "sc.leader", case).approval == ""


@pytest.mark.rule("R42")
def test_a_leader_never_approves_what_they_asked_for(docket: Docket) -> None:
    second_leader(docket)
    case = docket("decline_case", "sc.leader", docket.upto("sheet_issued"), approved_by="sc.officer2")
    assert docket.refused("approve", "sc.leader", case).code == "forbidden"
    assert docket("approve", "sc.officer2", case).state == "declined"


@pytest.mark.rule("R42")
def test_a_request_laid_before_another_replaces_the_first(docket: Docket) -> None:
    second_leader(docket)
    case = docket("decline_case", "sc.officer", docket.upto("declining asked"), approved_by="sc.officer2")
    assert (holder(case), docket.refused("approve", "sc.leader", case).code) == ("sc.officer2", "forbidden")
    assert docket("approve", "sc.officer2", case).state == "declined"


@pytest.mark.rule("R42")
def test_an_approval_is_bound_to_the_reason_that_was_read(docket: Docket) -> None:
    case = docket.upto("declining asked")
    seen = case.shown_for("approve")
    case = docket("decline_case", "sc.officer", case, reason="另一个理由。")
    assert case.position == docket.again(case).position
    assert docket.refused("approve", "sc.leader", case, seen=seen).code == "stale"
    assert docket.refused("disapprove", "sc.leader", case, seen=seen).code == "stale"
    assert docket.outcome("approve", "sc.leader", case, seen=case.shown_for("approve")).subject.state == "declined"


@pytest.mark.rule("R42")
def test_what_is_not_approved_goes_on(docket: Docket) -> None:
    case = docket("disapprove", "sc.leader", docket.upto("declining asked"))
    assert (case.state, case.matter.awaits, told(case, "disapproved")) == (
        "sheet_issued",
        "notify_unit",
        {"sc.officer"},
    )
    assert docket.refused("approve", "sc.leader", case).code == "forbidden"
    assert docket("notify_unit", "sc.officer", case).state == "notified"


@pytest.mark.rule("R42")
def test_a_request_lapses_with_the_notice(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer2", docket.upto("declining asked"))
    assert (case.state, case.approval, case.approver) == ("notified", "", None)
    assert docket.refused("approve", "sc.leader", case).code == "forbidden"
    assert docket.refused("decline_case", "sc.officer", case).code == "state"


@pytest.mark.rule("R42")
@pytest.mark.parametrize("field", ["reason", "approved_by"])
def test_declining_wants_reason_and_leader(docket: Docket, field: str) -> None:
    case = docket.upto("sheet_issued")
    assert list(docket.refused("decline_case", "sc.officer", case, **{field: ""}).fields) == [field]


@pytest.mark.rule("R42")
def test_a_page_offers_the_leaders_but_oneself(docket: Docket) -> None:
    case = docket.upto("sheet_issued")
    offered = [
        [person.username for person in leaders_to_ask(case, docket.actor(by))] for by in ("sc.officer", "sc.leader")
    ]
    assert offered == [["sc.leader"], []]


@pytest.mark.rule("R42")
def test_another_answers_for_the_case(docket: Docket) -> None:
    case = docket("assign_case", "sc.leader", docket.upto("opened"))
    assert (case.officer.username, holder(case), told(case, "case_assigned")) == (
        "sc.officer2", "sc.officer2", {"sc.officer2"},
    )  # fmt: skip
    assert list(docket.refused("assign_case", "sc.leader", case).fields) == ["to"]
    assert list(docket.refused("assign_case", "sc.leader", case, to="kf.agent").fields) == ["to"]


@pytest.mark.rule("R40")
def test_texts_of_the_sheet_stand_in_no_ledger_entry_nor_notice(docket: Docket) -> None:
    case = docket.upto("closed")
    facts = [str(row) for row in LedgerEntry.objects.filter(matter_id=case.pk).values_list("facts", flat=True)]
    facts += [str(row) for row in Notification.objects.filter(matter_id=case.pk).values_list("facts", flat=True)]
    assert [text for text in facts if SHEET_LINE[:8] in text or case.sheet.number in text] == []
    assert Deadline.objects.filter(matter_id=case.pk, kind="notice").count() == 1
