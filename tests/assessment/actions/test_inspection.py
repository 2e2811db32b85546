"""The unit's self-inspection report: in time or not, signed by whom, with what (R43–R47)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate.sweeper import PATIENCE, sweep
from accountability.models import LedgerEntry
from assessment.cases.candidates import signers
from assessment.models import Case, Report
from tests.assessment.docket import ADMITS, OBJECTS, PAID_AS_FOUND, Docket, circulars, holder, told
from tests.looking import deadline


def reports(case: Case) -> list[tuple[str, str, bool, bool, bool]]:
    """Conclusion, signer, whether signed, whether replaced, whether late; oldest first."""
    rows = Report.objects.filter(case=case).select_related("signer").order_by("pk")
    return [
        (row.conclusion, row.signer.username, row.signed_at is not None, row.replaced_at is not None, row.late)
        for row in rows
    ]


@pytest.mark.rule("R43")
def test_the_report_is_due_in_five_working_days(docket: Docket) -> None:
    """S38."""
    case = docket("open_case", "sc.officer", at="2026-09-30 09:00")
    case = docket("notify_unit", "sc.officer", case, at="2026-09-30 10:00")
    report = deadline(case, "report")
    assert (report.due_at, report.unit_id) == (read_instant("2026-10-13 24:00"), docket.cast.unit("WH").pk)


@pytest.mark.rule("R43")
@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("signed", "state", "late"),
    [("2026-12-01 24:00", "admitted", False), ("2026-12-02 00:00", "deemed_violation", True)],
)
def test_it_counts_from_the_instant_of_its_signature(docket: Docket, signed: str, state: str, late: bool) -> None:
    """S45: filed long before, it waits for its signer; what counts is their own act."""
    case = docket("sign_report", "wh.head", docket.upto("report waits"), at=signed)
    assert (case.state, reports(case)) == (state, [("admitted", "wh.head", True, False, late)])
    assert deadline(case, "report").status == ("missed" if late else "met")


@pytest.mark.rule("R45")
def test_a_report_that_waits_for_its_signer_at_the_due_instant_is_none(docket: Docket) -> None:
    case = docket.upto("report waits")
    sweep(docket.now.set("2026-12-02 09:00"))
    case = docket.again(case)
    assert (case.state, case.determined_at, circulars(case)) == (
        "deemed_violation", read_instant("2026-12-01 24:00"), [(None, False)],
    )  # fmt: skip
    case = docket("sign_report", "wh.head", case)
    assert (case.state, reports(case), case.panel) == (
        "deemed_violation",
        [("admitted", "wh.head", True, False, True)],
        None,
    )
    assert told(case, "late_report") == {"sc.officer"}
    assert docket.refused("appoint_panel", "sc.officer", case).code == "state"
    assert docket.refused("file_report", "wh.head", case, **ADMITS).code == "state"


@pytest.mark.rule("R45")
def test_a_late_file_is_kept_in_a_closed_case_too(docket: Docket) -> None:
    case = docket.upto("deemed_violation")
    case = docket.go(case, *PAID_AS_FOUND)
    case = docket("sign_circular", "sc.leader", docket("issue_circular", "sc.officer", case))
    case = docket("close_case", "sc.officer", case)
    case = docket("file_report", "wh.head", case, **OBJECTS)
    assert (case.state, reports(case)) == ("closed", [("disputed", "wh.head", True, False, True)])
    assert LedgerEntry.objects.get(matter_id=case.pk, verb="file_report").facts["late"] is True


@pytest.mark.rule("R45")
def test_a_report_that_arrived_in_time_is_waited_for(docket: Docket) -> None:
    """Nothing takes back that the unit was deemed to have violated, so the sweep waits for what is under way."""
    case = docket.upto("notified")
    due = deadline(case, "report").due_at
    assert due is not None
    sweep(due + PATIENCE)
    case = docket("file_report", "wh.head", Case.of_matter(case.pk), at=due, **ADMITS)
    assert (case.state, deadline(case, "report").status) == ("admitted", "met")


@pytest.mark.rule("R45")
def test_what_is_deemed_is_dated_at_the_due_instant(docket: Docket) -> None:
    case = docket.upto("deemed_violation")
    due = read_instant("2026-12-01 24:00")
    assert (deadline(case, "report").missed_at, deadline(case, "discipline").started_at) == (due, due)
    assert told(case, "deemed") == {"wh.contact", "wh.deputy", "wh.head", "sc.officer"}
    entry = LedgerEntry.objects.get(matter_id=case.pk, verb="deemed_violation")
    assert (entry.actor.username, entry.at, entry.recorded_at) == ("system", due, docket.now.at)


# Who signs


@pytest.mark.rule("R43")
@pytest.mark.parametrize("signer", ["wh.head", "wh.contact", "wh.deputy"])
def test_the_signer_is_told_and_holds_it(docket: Docket, signer: str) -> None:
    """Also where they held it before: the deputy files what the contact is to sign."""
    by = "wh.contact" if signer == "wh.deputy" else "wh.deputy"
    case = docket("file_report", by, docket.upto("notified"), **ADMITS | {"signer": signer})
    assert (case.state, case.matter.awaits, holder(case)) == ("notified", "sign_report", signer)
    assert told(case, "to_do", verb="sign_report") == {signer}


@pytest.mark.rule("R43")
def test_nobody_but_the_signer_signs(docket: Docket) -> None:
    case = docket.upto("report waits")
    for by in ("wh.contact", "wh.deputy", "wh.zhang", "wh.leader", "yc.head", "sc.officer", "sc.leader", "kf.agent"):
        assert docket.refused("sign_report", by, case).code == "forbidden"
    assert docket("sign_report", "wh.head", case).state == "admitted"


@pytest.mark.rule("R43")
@pytest.mark.parametrize("signer", ["wh.zhang", "wh.leader", "yc.head", "yc.contact", "sc.leader", "kf.agent"])
def test_the_signer_is_the_units_head_contact_or_deputy(docket: Docket, signer: str) -> None:
    case = docket.upto("notified")
    assert list(docket.refused("file_report", "wh.contact", case, **ADMITS | {"signer": signer}).fields) == ["signer"]


@pytest.mark.rule("R43")
def test_who_signs_does_so_only_while_they_may(docket: Docket) -> None:
    case = docket("file_report", "wh.contact", docket.upto("notified"), **ADMITS | {"signer": "wh.deputy"})
    docket.play("end_appointment", "sc.officer", employee="wh.deputy", role="deputy_contact", ends_on="2026-11-24")
    docket.now.forward(days=1)
    assert docket.refused("sign_report", "wh.deputy", case).code == "forbidden"
    case = docket("file_report", "wh.contact", case, **ADMITS)
    assert docket("sign_report", "wh.head", case).state == "admitted"


@pytest.mark.rule("R43")
def test_a_page_offers_who_may_sign(docket: Docket) -> None:
    offered = signers(docket.upto("notified"), docket.actor("wh.contact"))
    assert {person.username for person in offered} == {"wh.contact", "wh.deputy", "wh.head"}


@pytest.mark.rule("R43")
def test_a_report_written_anew_replaces_the_one_that_waits(docket: Docket) -> None:
    case = docket.upto("report waits")
    seen = case.shown_for("sign_report")
    case = docket("file_report", "wh.deputy", case, **OBJECTS)
    assert reports(case) == [("admitted", "wh.head", False, True, False), ("disputed", "wh.head", False, False, False)]
    assert docket.refused("sign_report", "wh.head", case, seen=seen).code == "stale"
    case = docket.outcome("sign_report", "wh.head", case, seen=case.shown_for("sign_report")).subject
    assert (case.state, case.report.conclusion) == ("disputed", "disputed")
    assert docket.refused("sign_report", "wh.head", case).code == "forbidden"
    assert docket.refused("file_report", "wh.head", case, **ADMITS).code == "state"


@pytest.mark.rule("R43")
@pytest.mark.parametrize(
    "by", ["wh.zhang", "wh.leader", "yc.contact", "yc.head", "kf.agent", "sc.officer", "sj.auditor"]
)
def test_others_file_nothing(docket: Docket, by: str) -> None:
    assert docket.refused("file_report", by, docket.upto("notified"), **ADMITS).code == "forbidden"


# What it must hold


@pytest.mark.rule("R44")
@pytest.mark.parametrize(("field", "blank"), [("facts", " "), ("persons", []), ("conclusion", ""), ("signer", "")])
def test_an_admission_wants_facts_and_a_named_person(docket: Docket, field: str, blank: Any) -> None:
    """S49."""
    refusal = docket.refused("file_report", "wh.contact", docket.upto("notified"), **ADMITS | {field: blank})
    assert list(refusal.fields) == [field]


@pytest.mark.rule("R46")
@pytest.mark.parametrize(("field", "blank"), [("statement", " "), ("evidence", [])])
def test_an_objection_wants_a_statement_and_evidence(docket: Docket, field: str, blank: Any) -> None:
    """S47: refused, and the clock runs on."""
    case = docket.upto("notified")
    refusal = docket.refused("file_report", "wh.contact", case, **OBJECTS | {field: blank})
    assert list(refusal.fields) == [field]
    assert deadline(case, "report").status == "open"


@pytest.mark.rule("R46")
def test_evidence_is_ones_own_and_stands_for_one_report(docket: Docket) -> None:
    case = docket.upto("notified")
    another = docket.files("wh.deputy", "别人的.txt")
    refusal = docket.refused("file_report", "wh.contact", case, **OBJECTS | {"evidence": another})
    assert (refusal.code, str(refusal)) == ("condition", "所附文件已失效，请重新选择文件。")
    mine = docket.files("wh.contact", "录音.txt", "截图.txt")
    case = docket("file_report", "wh.contact", case, **OBJECTS | {"evidence": mine})
    assert [row.file.name for row in case.waiting_report.evidence.order_by("pk")] == ["录音.txt", "截图.txt"]
    again = docket.refused("file_report", "wh.contact", case, **OBJECTS | {"evidence": mine})
    assert list(again.fields) == ["evidence"]


@pytest.mark.rule("R44")
def test_a_leaver_or_mover_is_named_like_anybody(docket: Docket) -> None:
    """The mover was stamped on the unit's round."""
    case = docket.upto("notified")
    docket.gone("wh.li")
    docket.play("update_employee", "sc.officer", employee="wh.zhang", unit="YC", reason="调动。")
    case = docket("file_report", "wh.head", case, **ADMITS | {"persons": ["wh.li", "wh.zhang"]})
    named = {docket.cast["wh.li"].pk, docket.cast["wh.zhang"].pk}
    assert (case.state, set(case.report.named)) == ("admitted", named)
    assert {owed["person"] for owed in case.owed if owed["ground"] == "handler"} == named


@pytest.mark.rule("R44")
@pytest.mark.parametrize("stranger", ["kf.agent", "yc.chen", "sc.officer", "kf.supervisor"])
def test_nobody_else_is_named_least_of_all_who_accuses(docket: Docket, stranger: str) -> None:
    """Nor in a late file, which counts for nothing; a unit's objection names none of them either."""
    for filed in (ADMITS, OBJECTS):
        case = docket.upto("notified")
        refusal = docket.refused("file_report", "wh.head", case, **filed | {"persons": ["wh.zhang", stranger]})
        assert list(refusal.fields) == ["persons"]
        assert str(docket.cast[stranger]) in str(refusal.fields["persons"])
    case = docket.upto("deemed_violation")
    refusal = docket.refused("file_report", "wh.head", case, **ADMITS | {"persons": [stranger]})
    assert list(refusal.fields) == ["persons"]


@pytest.mark.rule("R32")
@pytest.mark.rule("R44")
def test_who_did_a_task_is_named_though_they_issued_the_sheet(docket: Docket) -> None:
    """The contract knows no exception: the centre, too, can be invited, and its agent confirm."""
    play = docket.play
    complaint = play("convene", "wh.zhang", play.upto("accepted"), units=["KF"])
    tasks = [{"unit": "KF", "task": "提供录音。", "due": docket.now.at + timedelta(hours=3)}]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang"])
    complaint = play("confirm_task", "kf.agent", complaint, unit="KF")
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    case = docket("notify_unit", "sc.officer", case)
    case = docket("file_report", "wh.head", case, **ADMITS | {"persons": ["kf.agent"]})
    assert {(owed["ground"], owed["person"]) for owed in case.owed} == {
        ("unit_head", docket.cast["wh.head"].pk), ("cooperating", docket.cast["kf.agent"].pk),
    }  # fmt: skip


@pytest.mark.rule("R47")
def test_an_admission_needs_no_panel(docket: Docket) -> None:
    case = docket.upto("admitted")
    assert (case.state, case.violated, deadline(case, "discipline").status) == ("admitted", True, "open")
    assert docket.refused("appoint_panel", "sc.officer", case).code == "state"
    assert holder(case) == "wh.head"


@pytest.mark.rule("R47")
def test_the_unit_records_the_penalties_itself(docket: Docket) -> None:
    case = docket("penalise", "wh.head", docket.upto("admitted"), months=2)
    assert [(row.person.username, row.months, row.recorded_by.username) for row in case.penalty_rows] == [
        ("wh.zhang", 2, "wh.head")
    ]
    assert told(case, "penalised") == {"sc.officer"}


@pytest.mark.rule("R42")
@pytest.mark.rule("R45")
def test_nobody_is_judged_by_a_calendar_that_is_not_published(docket: Docket) -> None:
    """S44."""
    case = docket("open_case", "sc.officer", at="2026-12-28 09:00")
    case = docket("notify_unit", "sc.officer", case, at="2026-12-30 09:00")
    docket.now.set("2027-02-01 09:00")
    case = docket.swept(case)
    assert (case.state, deadline(case, "report").due_at, deadline(case, "report").status) == ("notified", None, "open")
    docket.play("publish_calendar", "sc.officer", year=2027, days_off=["2027-01-01"])
    assert deadline(case, "report").due_at == read_instant("2027-02-01 24:00")
