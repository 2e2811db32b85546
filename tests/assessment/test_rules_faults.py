"""The interface contact's fault: the unit's opinion first, then the provincial side decides (R22)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest

from assessment.models import Case
from tests.assessment.docket import Docket, circulars, holder, penalties, told
from tests.looking import deadline


@pytest.mark.rule("R22")
@pytest.mark.parametrize(("by", "by_centre"), [("kf.agent", True), ("kf.supervisor", True), ("sc.officer", False)])
def test_agent_or_marketing_opens_it_against_the_rounds_unit(docket: Docket, by: str, by_centre: bool) -> None:
    case = docket("open_fault", by)
    assert (case.state, case.unit.code, case.by_centre, holder(case)) == ("fault_opened", "WH", by_centre, "wh.head")
    assert told(case, "fault_opened") == {"wh.contact", "wh.deputy", "wh.head"} | (
        {"sc.officer", "sc.officer2", "sc.leader"} if by_centre else set()
    )


@pytest.mark.rule("R22")
def test_it_takes_up_the_missed_hand_off_alone(docket: Docket) -> None:
    case = docket.upto("fault_opened")
    assert [mark.deadline.name for mark in case.leads.all()] == ["handoff#1"]


@pytest.mark.rule("R22")
@pytest.mark.parametrize("by", ["wh.head", "wh.contact", "yc.head", "kf.head", "sj.auditor", "sj.plain"])
def test_others_open_none(docket: Docket, by: str) -> None:
    assert docket.refused("open_fault", by).code == "forbidden"


@pytest.mark.rule("R22")
def test_a_second_fault_of_a_round_is_refused(docket: Docket) -> None:
    told_round = f"{docket.number(docket.complaint())}#1"
    case = docket("open_fault", "kf.agent", round=told_round)
    assert list(docket.refused("open_fault", "sc.officer", round=told_round).fields) == ["round"]
    case = docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    assert (case.state, list(docket.refused("open_fault", "kf.agent", round=told_round).fields)) == (
        "declined",
        ["round"],
    )


@pytest.mark.rule("R22")
@pytest.mark.parametrize("round_name", ["TS20261124999999#1", "#1", "nonsense", ""])
def test_the_round_must_be_one(docket: Docket, round_name: str) -> None:
    assert list(docket.refused("open_fault", "kf.agent", round=round_name).fields) == ["round"]
    number = docket.number(docket.complaint())
    assert list(docket.refused("open_fault", "kf.agent", round=f"{number}#2").fields) == ["round"]


@pytest.mark.rule("R22")
def test_nobody_judges_their_own_house(docket: Docket) -> None:
    """The centre's own round by marketing only; marketing's own by nobody here."""
    rounds = {}
    for code in ("KF", "SC"):
        complaint = docket.play("register", "kf.agent")
        rounds[code] = f"{docket.number(docket.play('dispatch', 'kf.agent', complaint, unit=code))}#1"
    for by in ("kf.agent", "kf.supervisor"):
        assert list(docket.refused("open_fault", by, round=rounds["KF"]).fields) == ["round"]
    for by in ("kf.agent", "sc.officer"):
        assert list(docket.refused("open_fault", by, round=rounds["SC"]).fields) == ["round"]
    case = docket("open_fault", "sc.officer", round=rounds["KF"])
    assert (case.unit.code, docket.sees("kf.agent", case), docket.sees("kf.head", case)) == ("KF", False, True)


@pytest.mark.rule("R22")
@pytest.mark.parametrize("by", ["wh.head", "wh.leader"])
def test_head_or_a_leader_of_the_unit_files_the_opinion(docket: Docket, by: str) -> None:
    case = docket("file_opinion", by, docket.upto("fault_opened"))
    assert (case.state, case.opinion_by.username, holder(case)) == ("opinion_filed", by, "sc.leader")
    assert docket.refused("file_opinion", "wh.head", case).code == "state"


@pytest.mark.rule("R22")
@pytest.mark.parametrize("by", ["wh.contact", "wh.deputy", "wh.zhang", "yc.head", "yc.leader", "kf.agent", "sc.leader"])
def test_nobody_else_files_it(docket: Docket, by: str) -> None:
    assert docket.refused("file_opinion", by, docket.upto("fault_opened")).code == "forbidden"


@pytest.mark.rule("R22")
def test_a_decision_before_the_opinion_is_refused(docket: Docket) -> None:
    assert docket.refused("decide_fault", "sc.officer", docket.upto("fault_opened")).code == "state"


@pytest.mark.rule("R22")
@pytest.mark.parametrize("by", ["kf.agent", "kf.supervisor", "wh.head", "wh.leader", "sj.auditor"])
def test_the_provincial_side_decides(docket: Docket, by: str) -> None:
    assert docket.refused("decide_fault", by, docket.upto("opinion_filed")).code == "forbidden"


@pytest.mark.rule("R22")
def test_a_fault_that_stands_owes_the_contacts_penalty_and_a_circular(docket: Docket) -> None:
    case = docket.upto("contact at fault")
    assert (case.state, [owed["ground"] for owed in case.unpaid], holder(case)) == ("violation", ["contact"], "wh.head")
    assert deadline(case, "discipline").status == "open"
    assert docket.refused("close_case", "sc.officer", case).code == "condition"
    case = docket("penalise", "wh.head", case, person="wh.contact", ground="contact")
    case = docket("sign_circular", "sc.leader", docket("issue_circular", "sc.officer", case))
    case = docket("close_case", "sc.officer", case)
    assert (case.state, penalties(case), len(circulars(case))) == ("closed", [("wh.contact", ["contact"], 1)], 1)


@pytest.mark.rule("R22")
def test_without_fault_it_closes_at_once(docket: Docket) -> None:
    case = docket("decide_fault", "sc.officer", docket.upto("opinion_filed"), conclusion="not_violated")
    assert (case.state, case.owed, holder(case)) == ("no_violation", [], "sc.officer")
    assert docket("close_case", "sc.officer", case).state == "closed"


@pytest.mark.rule("R22")
def test_no_report_is_asked_for_and_no_panel_sits(docket: Docket) -> None:
    case = docket.upto("fault_opened")
    assert [
        docket.refused(verb, by, case).code
        for verb, by in (("notify_unit", "sc.officer"), ("appoint_panel", "sc.officer"))
    ] == ["state"] * 2


@pytest.mark.rule("R22")
def test_the_unit_knows_of_it_from_the_start_and_after_it_was_declined(docket: Docket) -> None:
    case = docket.upto("fault_opened")
    knows = {who: docket.sees(who, case) for who in ("wh.contact", "wh.head", "wh.leader", "wh.zhang", "yc.head")}
    assert knows == {"wh.contact": True, "wh.head": True, "wh.leader": False, "wh.zhang": False, "yc.head": False}
    assert Case.objects.asked_of(docket.actor("wh.leader")).filter(pk=case.pk).exists()
    case = docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    assert told(case, "fault_declined") == {"wh.contact", "wh.deputy", "wh.head"}
    assert [docket.sees(who, case) for who in ("wh.contact", "wh.head", "yc.head")] == [True, True, False]


@pytest.mark.rule("R22")
def test_a_request_to_decline_lapses_with_the_opinion_and_the_decision(docket: Docket) -> None:
    case = docket("decline_case", "sc.officer", docket.upto("fault_opened"))
    case = docket("file_opinion", "wh.head", case)
    assert (case.approval, docket.refused("approve", "sc.leader", case).code) == ("", "forbidden")
    case = docket("decide_fault", "sc.officer", docket("decline_case", "sc.officer", case))
    assert (case.state, case.approval) == ("violation", "")
