"""The interface contact's fault: the unit's opinion first, then the provincial side decides (R22)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.models import Employee, Paper
from accountability.organisation import succession
from assessment.lists.worklists import asks_of
from assessment.models import Case, open_leads
from tests.assessment.docket import Docket, circulars, holder, penalties, told
from tests.factories import Now
from tests.looking import deadline

FIFTH_DAY = read_instant("2026-12-01 24:00")


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
@pytest.mark.parametrize("round_name", ["TS20261124999999#1", "#1", "nonsense", "", "#²"])
def test_the_round_must_be_one(docket: Docket, round_name: str) -> None:
    assert list(docket.refused("open_fault", "kf.agent", round=round_name).fields) == ["round"]
    number = docket.number(docket.complaint())
    for place in ("2", "²", "１", "-1", "9" * 30):
        assert list(docket.refused("open_fault", "kf.agent", round=f"{number}#{place}").fields) == ["round"]


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


# The opinion's limit


@pytest.mark.rule("R22")
def test_the_opinion_is_owed_within_five_working_days_by_the_unit(docket: Docket, now: Now) -> None:
    case = docket.upto("fault_opened")
    owed = deadline(case, "opinion")
    assert (owed.unit, owed.due_at, owed.limit_text, owed.status) == (case.unit, FIFTH_DAY, "5wd", "open")
    assert case.matter.work_due_at == owed.due_at
    case = docket("file_opinion", "wh.leader", case)
    assert (deadline(case, "opinion").status, deadline(case, "opinion").met_at) == ("met", now.at)


@pytest.mark.rule("R22")
def test_a_unit_that_is_silent_is_decided_upon_without_its_opinion(docket: Docket, now: Now) -> None:
    case = docket.upto("fault_opened")
    now.set("2026-12-01 24:00")
    assert docket.refused("decide_fault", "sc.officer", case).code == "state"
    sweeper.sweep(now.set("2026-12-02 09:00"))
    case = docket.again(case)
    assert (case.state, case.opinion_lapsed_at, case.matter.awaits) == ("fault_opened", FIFTH_DAY, "decide_fault")
    assert holder(case) == "sc.leader"
    assert told(case, "opinion_lapsed") == {"sc.officer", "sc.officer2", "sc.leader"}
    assert told(case, "missed") == {"wh.head"}
    case = docket("decide_fault", "sc.officer", case)
    assert (case.state, deadline(case, "opinion").status) == ("violation", "missed")
    assert docket.refused("file_opinion", "wh.head", case).code == "state"
    paper = Paper.objects.get(matter=case.matter, kind="fault_opinion")
    assert "逾期未提交（期限至2026年12月1日24时）。" in str(paper.text)


@pytest.mark.rule("R22")
def test_a_late_opinion_is_heard_as_long_as_nothing_is_decided(docket: Docket, now: Now) -> None:
    case = docket.upto("fault_opened")
    now.set("2026-12-02 09:00")
    case = docket("file_opinion", "wh.head", case)
    assert (case.state, deadline(case, "opinion").status, deadline(case, "opinion").met_at) == (
        "opinion_filed", "missed", now.at,
    )  # fmt: skip


@pytest.mark.rule("R22")
def test_nobody_gives_the_opinion_on_their_own_fault(docket: Docket) -> None:
    """ZD has no contact, so its head owed the hand-off, and nobody else could speak for it."""
    case = docket("open_fault", "kf.agent", round=_round_of(docket, "ZD"))
    assert (case.matter.awaits, case.lacks_opinion, holder(case)) == ("decide_fault", False, "sc.leader")
    assert docket.refused("file_opinion", "zd.head", case).code == "forbidden"
    case = docket("decide_fault", "sc.officer", case)
    assert (case.state, deadline(case, "opinion").status) == ("violation", "void")
    paper = Paper.objects.get(matter=case.matter, kind="fault_opinion")
    assert "除应交办人外，该单位无人可提出意见。" in str(paper.text)


@pytest.mark.rule("R19")
@pytest.mark.rule("R22")
def test_who_owed_the_hand_off_says_nothing_of_it_though_it_waits_with_another_now(docket: Docket) -> None:
    """ZD's head let it pass; then the unit gets a contact, to whom the round passes on."""
    named = _round_of(docket, "ZD")
    sweeper.sweep(docket.now.forward(minutes=31))
    docket.play("appoint", "sc.officer", employee="zd.zhou", role="contact", starts_on=docket.now.at.date())
    succession.sweep(docket.now.at)
    Employee.objects.filter(username="kf.agent2").update(unit=docket.cast.unit("ZD"), supervisor=docket.cast["zd.zhou"])
    case = docket("open_fault", "kf.agent", round=named)
    assert case.round.contact.username == "zd.zhou"
    assert docket.refused("file_opinion", "zd.head", case).code == "forbidden"
    asked = {who: [ask.name for ask in asks_of(docket.actor(who))] for who in ("zd.head", "zd.zhou")}
    assert ("fault" in asked["zd.head"], "fault" in asked["zd.zhou"]) == (False, True)
    case = docket("decide_fault", "sc.officer", docket("file_opinion", "zd.zhou", case))
    written = str(Paper.objects.get(matter=case.matter, kind="fault_opinion").text)
    assert (str(docket.cast["zd.head"]) in written, penalties(case)) == (True, [])
    assert docket.refused("penalise", "sc.officer", case, person="zd.zhou", ground="contact").code == "condition"


@pytest.mark.rule("R22")
def test_where_another_can_speak_the_opinion_is_waited_for(docket: Docket) -> None:
    Employee.objects.filter(username="zd.zhou").update(supervisor=docket.cast["wl.leader"])
    case = docket("open_fault", "kf.agent", round=_round_of(docket, "ZD"))
    assert (case.matter.awaits, holder(case)) == ("file_opinion", "wl.leader")
    assert docket.refused("decide_fault", "sc.officer", case).code == "state"
    assert docket("file_opinion", "wl.leader", case).state == "opinion_filed"


@pytest.mark.rule("R22")
def test_a_declined_fault_is_owed_no_opinion(docket: Docket) -> None:
    case = docket("decline_case", "sc.officer", docket.upto("fault_opened"))
    assert deadline(case, "opinion").status == "open"
    case = docket("approve", "sc.leader", case)
    assert (case.state, deadline(case, "opinion").status) == ("declined", "void")


# Taken up once


def _round_of(docket: Docket, code: str) -> str:
    complaint = docket.play("register", "kf.agent", phone="13900002222")
    return f"{docket.number(docket.play('dispatch', 'kf.agent', complaint, unit=code))}#1"


@pytest.mark.rule("R22", "R38")
def test_a_hand_off_that_another_case_took_up_is_no_second_fault(docket: Docket) -> None:
    complaint = docket.complaint()
    number = docket.number(complaint)
    docket("open_case", "sc.officer", unit="WH", complaints=[number])
    for by in ("kf.agent", "sc.officer"):
        assert list(docket.refused("open_fault", by, round=f"{number}#1").fields) == ["round"]


@pytest.mark.rule("R22", "R38")
def test_a_hand_off_that_runs_is_taken_up_when_it_is_missed(docket: Docket, now: Now) -> None:
    case = docket("open_fault", "kf.agent", round=_round_of(docket, "YC"))
    assert case.leads.count() == 0
    sweeper.sweep(now.forward(minutes=31))
    (mark,) = case.leads.all()
    assert (mark.deadline.name, mark.marked_at, mark.marked_by.username) == (
        "handoff#1", mark.deadline.due_at, "system",
    )  # fmt: skip
    assert not open_leads(unit=case.unit).exists()


@pytest.mark.rule("R38")
def test_a_fault_that_was_declined_takes_up_nothing_any_more(docket: Docket, now: Now) -> None:
    case = docket("open_fault", "kf.agent", round=_round_of(docket, "YC"))
    docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    sweeper.sweep(now.forward(minutes=31))
    assert open_leads(unit=case.unit).count() == 1


@pytest.mark.rule("R38")
def test_many_hand_offs_missed_at_once_ask_for_their_faults_once(docket: Docket, now: Now) -> None:
    first = docket("open_fault", "kf.agent", round=_round_of(docket, "YC"))
    _round_of(docket, "WL")
    with CaptureQueriesContext(connection) as asked:
        sweeper.sweep(now.forward(minutes=31))
    assert sum('"assessment_case"."source"' in query["sql"] for query in asked) == 1
    assert first.leads.count() == 1
