"""Leads: what points to a violation, who takes it up and who sets it aside (R38)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.gate.sweeper import sweep
from accountability.models import actor_for
from assessment.cases.leads import Lead, in_order, leads_against, leads_of, put_aside
from assessment.models import LeadMark, open_leads
from complaints.actions.phone_handover import TOO_LATE_TO_CONFIRM, TOO_LATE_TO_RECORD
from complaints.dossier.dossier import story_of
from complaints.models import Complaint
from tests.assessment.docket import Docket
from tests.factories import Play, instant_of
from tests.looking import deadline


def leads(docket: Docket, unit: str = "WH") -> list[str]:
    return [deadline.name for deadline in leads_against(docket.cast.unit(unit)).order_by("pk")]


@pytest.mark.rule("R38")
def test_a_missed_duty_is_a_lead_of_the_unit_that_owed_it(docket: Docket) -> None:
    docket.complaint()
    assert (leads(docket), leads(docket, "YC")) == (["handoff#1"], [])
    sweep(docket.now.forward(days=3))
    assert leads(docket) == ["handoff#1", "handling#1"]


@pytest.mark.rule("R38")
def test_a_lead_that_two_sheets_name_is_taken_once(docket: Docket) -> None:
    number = docket.number(docket.complaint())
    first, second = (docket("issue_sheet", "kf.agent", complaints=[number]) for _ in range(2))
    assert list(LeadMark.objects.values_list("case", "deadline__kind")) == [(first.pk, "handoff")]
    assert [first.leads.count(), second.leads.count(), leads(docket)] == [1, 0, []]


@pytest.mark.rule("R38", "R40")
def test_the_centre_has_judged_by_its_sheet_what_marketing_had_taken_up_before(docket: Docket) -> None:
    """Marketing's own case isn't known to the centre, so the lead waits there until the centre judges it, too."""
    number = docket.number(docket.complaint())
    own = docket("open_case", "sc.officer", unit="WH", complaints=[number])
    assert (own.leads.count(), open_leads(to_centre=True).count()) == (1, 1)
    docket("issue_sheet", "kf.agent", complaints=[number])
    assert (own.leads.count(), open_leads(to_centre=True).count()) == (1, 0)


@pytest.mark.rule("R38")
def test_a_case_takes_up_the_leads_of_its_unit_alone(docket: Docket) -> None:
    first = docket.complaint()
    docket.play("request_return", "wh.zhang", first)
    docket.play("rule_on_return", "kf.agent", first)
    docket.play("dispatch", "kf.agent", first, unit="YC")
    docket.now.forward(minutes=31)
    docket.play("hand_off", "yc.contact", first, to="yc.chen")
    case = docket("issue_sheet", "kf.agent", unit="YC", person="yc.chen", complaints=[docket.number(first)])
    assert [mark.deadline.unit.code for mark in case.leads.all()] == ["YC"]
    assert leads(docket) == ["handoff#1"]


@pytest.mark.rule("R38")
def test_a_supervisor_sets_a_lead_aside_with_a_reason_and_takes_it_back(docket: Docket) -> None:
    complaint = docket.complaint()
    docket.play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="系统故障，已核实。")
    assert leads(docket) == []
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    assert case.leads.count() == 0
    docket.play("restore_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="核实有误。")
    assert leads(docket) == ["handoff#1"]
    docket.play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="再次核实。")
    marks = [(mark.case_id, mark.restored_at) for mark in LeadMark.objects.order_by("pk")]
    assert marks == [(None, docket.now.at), (None, None)]


@pytest.mark.rule("R38")
@pytest.mark.parametrize("by", ["kf.agent", "kf.head", "sc.officer", "sc.leader", "wh.head", "wh.contact"])
def test_nobody_but_a_supervisor_of_the_centre_sets_a_lead_aside(docket: Docket, play: Play, by: str) -> None:
    complaint = docket.complaint()
    told: dict[str, Any] = {"leads": ["handoff#1"], "reason": "理由。"}
    assert docket.refused("set_aside_lead", by, complaint, **told).code == "forbidden"
    play("set_aside_lead", "kf.supervisor", complaint, **told)
    assert docket.refused("restore_lead", by, complaint, **told).code == "forbidden"


@pytest.mark.rule("R38")
def test_what_is_no_open_lead_is_neither_set_aside_nor_restored(docket: Docket) -> None:
    complaint = docket.complaint()
    told: dict[str, Any] = {"leads": ["handling#1"], "reason": "理由。"}
    assert list(docket.refused("set_aside_lead", "kf.supervisor", complaint, **told).fields) == ["leads"]
    assert list(docket.refused("restore_lead", "kf.supervisor", complaint, **told).fields) == ["leads"]
    docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    taken = told | {"leads": ["handoff#1"]}
    assert list(docket.refused("set_aside_lead", "kf.supervisor", complaint, **taken).fields) == ["leads"]


@pytest.mark.rule("R38")
@pytest.mark.parametrize("blank", ["", "  "])
def test_it_is_not_set_aside_without_a_reason(docket: Docket, blank: str) -> None:
    complaint = docket.complaint()
    refusal = docket.refused("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason=blank)
    assert list(refusal.fields) == ["reason"]


def excuse(docket: Docket, complaint: object) -> None:
    docket.play("propose_excuse", "kf.supervisor", complaint, deadlines=["handoff#1"], reason="系统故障。")
    docket.play("confirm_excuse", "sc.leader", complaint, deadlines=["handoff#1"])


@pytest.mark.rule("R38")
def test_an_excused_miss_is_no_lead(docket: Docket) -> None:
    complaint = docket.complaint()
    excuse(docket, complaint)
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    assert (leads(docket), case.leads.count()) == ([], 0)


@pytest.mark.rule("R38")
def test_a_miss_excused_after_it_was_taken_up_stays_the_cases(docket: Docket) -> None:
    """The case stands; who judges it reads the excuse."""
    complaint = docket.complaint()
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    excuse(docket, complaint)
    assert [case.leads.count(), docket.again(case).state, leads(docket)] == [1, "sheet_issued", []]


@pytest.mark.rule("R38")
def test_a_declined_case_gives_no_lead_back(docket: Docket) -> None:
    case = docket.upto("declined")
    assert [case.leads.count(), leads(docket)] == [1, []]


# Who owed it


def owing(docket: Docket) -> dict[str, list[tuple[str, str]]]:
    return named(leads_of(list(in_order(open_leads()).order_by("pk")), docket.now.at))


def named(found: list[Lead]) -> dict[str, list[tuple[str, str]]]:
    return {lead.deadline.name: [(str(o.ground), o.person.username) for o in lead.owing] for lead in found}


@pytest.mark.rule("R22", "R38")
def test_a_late_hand_over_was_owed_by_the_contact_whoever_handles_it_later(docket: Docket) -> None:
    docket.complaint()
    sweep(docket.now.forward(hours=37))
    assert owing(docket) == {
        "handoff#1": [("contact", "wh.contact")],
        "handling#1": [("handler", "wh.zhang"), ("leader", "wh.leader")],
    }


@pytest.mark.rule("R22", "R38")
def test_a_missed_hand_over_stays_the_former_contacts(docket: Docket) -> None:
    docket.play.upto("delivered")
    sweep(docket.now.forward(minutes=31))
    docket.gone("wh.contact")
    assert owing(docket) == {"handoff#1": [("contact", "wh.contact")]}


@pytest.mark.rule("R38")
@pytest.mark.parametrize(
    ("state", "who"), [("delivered", ("contact", "wh.contact")), ("reported", ("leader", "wh.leader"))]
)
def test_where_nobody_handled_it_was_with_the_contact_or_the_leader_reported_to(
    docket: Docket, state: str, who: tuple[str, str]
) -> None:
    docket.play.upto(state)
    sweep(docket.now.forward(hours=37))
    assert owing(docket)["handling#1"] == [who]


@pytest.mark.rule("R32", "R38")
def test_a_missed_cooperation_was_owed_by_who_confirmed_it(docket: Docket) -> None:
    docket.play.upto("concluded")
    sweep(docket.now.set("2026-11-24 15:30"))
    assert owing(docket) == {"cooperation#1:YC": [("cooperating", "yc.contact")]}


@pytest.mark.rule("R32", "R38")
def test_of_a_silent_unit_it_was_owed_by_who_did_it_or_else_by_the_head(docket: Docket) -> None:
    """As in a case that takes it up; whoever only heads the unit isn't named by that."""
    play = docket.play
    complaint = play("convene", "wh.zhang", play.upto("accepted"))
    tasks = [{"unit": "YC", "task": "提供合约原件。", "due": docket.now.at + timedelta(hours=5)}]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang"])
    sweep(docket.now.forward(hours=3))
    complaint = play("conclude_coordination", "wh.zhang", complaint)
    sweep(docket.now.forward(hours=4))
    assert owing(docket)["cooperation#1:YC"] == [("cooperating", "yc.head")]
    play("finish_task", "yc.chen", complaint, unit="YC")
    assert owing(docket)["cooperation#1:YC"] == [("cooperating", "yc.chen")]


@pytest.mark.rule("R32", "R38")
def test_a_complaints_page_names_them_by_the_tasks_that_it_has_read(docket: Docket) -> None:
    """The coordination before was called off."""
    play = docket.play
    complaint = play("call_off_coordination", "wh.zhang", play.upto("recorded"))
    complaint = play("convene", "wh.zhang", complaint)
    tasks = [{"unit": "YC", "task": "再提供一次。", "due": docket.now.at + timedelta(hours=3)}]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang"])
    complaint = play("confirm_task", "yc.contact", complaint, unit="YC")
    complaint = play("conclude_coordination", "wh.zhang", complaint)
    sweep(docket.now.set("2026-11-24 15:30"))
    supervisor = actor_for(docket.cast["kf.supervisor"].pk, docket.now.at)
    assert supervisor is not None
    story = story_of(Complaint.objects.for_page().get(pk=complaint.pk), supervisor)
    assert [part.coordination.called_off_at is None for part in story.parts] == [False, True]
    missed = [each for each in story.deadlines if each.missed_at]
    assert named(leads_of(missed, docket.now.at, story.rounds, story.parts)) == owing(docket)
    assert owing(docket) == {"cooperation#1:YC": [("cooperating", "yc.contact")]}


# Taken up once


@pytest.mark.rule("R22", "R38")
@pytest.mark.parametrize("by", ["kf.agent", "sc.officer"])
def test_no_fault_where_a_case_has_taken_the_missed_hand_over_up(docket: Docket, by: str) -> None:
    """Whichever case and whatever became of it; what it is isn't told."""
    complaint = docket.complaint()
    case = docket("open_case", "sc.officer", complaints=[docket.number(complaint)])
    assert list(docket.refused("open_fault", by, round=f"{docket.number(complaint)}#1").fields) == ["round"]
    docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    assert list(docket.refused("open_fault", by, round=f"{docket.number(complaint)}#1").fields) == ["round"]


@pytest.mark.rule("R22", "R38")
def test_a_running_hand_over_is_the_faults_when_it_is_missed(docket: Docket) -> None:
    """Dated at the due instant whenever the sweep comes; a handling that is missed besides is a lead."""
    complaint = docket.play.upto("delivered")
    case = docket("open_fault", "kf.agent", round=f"{docket.number(complaint)}#1")
    assert case.leads.count() == 0
    sweep(docket.now.forward(hours=37))
    (mark,) = case.leads.select_related("deadline", "marked_by")
    assert (mark.deadline.name, mark.marked_at, mark.marked_by.username) == (
        "handoff#1", instant_of("2026-11-24 09:30"), "system",
    )  # fmt: skip
    assert leads(docket) == ["handling#1"]


@pytest.mark.rule("R22", "R38")
def test_of_a_round_resumed_after_a_return_the_fresh_hand_over_is_the_faults_too(docket: Docket) -> None:
    complaint = docket.play.upto("delivered")
    case = docket("open_fault", "kf.agent", round=f"{docket.number(complaint)}#1")
    docket.play("request_return", "wh.contact", complaint)
    sweep(docket.now.forward(hours=4))  # nobody rules: fresh minutes from 11:00, missed in the same run
    assert [mark.deadline.name for mark in case.leads.all()] == ["handoff#1/2"]
    assert leads(docket) == []


@pytest.mark.rule("R22", "R38")
def test_a_declined_fault_takes_nothing_more(docket: Docket) -> None:
    complaint = docket.play.upto("delivered")
    case = docket("open_fault", "kf.agent", round=f"{docket.number(complaint)}#1")
    docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    sweep(docket.now.forward(minutes=31))
    assert (case.leads.count(), leads(docket)) == (0, ["handoff#1"])


@pytest.mark.rule("R38")
def test_what_a_call_took_back_is_neither_open_nor_set_aside(docket: Docket) -> None:
    complaint = docket.play.upto("delivered")
    docket.play("record_told", "wh.contact", complaint, happened=docket.now.at)
    sweep(docket.now.forward(minutes=40))
    docket.play("set_aside_lead", "kf.supervisor", complaint)
    docket.play("confirm_told", "wh.zhang", complaint)
    assert (leads(docket), put_aside().count()) == ([], 0)
    assert docket.refused("restore_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="误。").fields


@pytest.mark.rule("R22", "R19")
def test_a_call_counts_for_nothing_once_a_case_has_taken_the_miss_up(docket: Docket) -> None:
    """The unit learns nothing of the case by it: the sentence is the same as for a record that came too late."""
    complaint = docket.play.upto("delivered")
    other = docket.play.upto("delivered", phone="13900001111")
    docket.play("record_told", "wh.contact", complaint, happened=docket.now.at)
    sweep(docket.now.forward(minutes=40))
    numbers = [docket.number(complaint), docket.number(other)]
    case = docket("issue_sheet", "kf.agent", complaints=numbers)
    assert docket.refused("confirm_told", "wh.zhang", complaint).message == TOO_LATE_TO_CONFIRM
    told = {"to": "wh.li", "happened": "2026-11-24 09:10"}
    assert docket.refused("record_told", "wh.contact", other, **told).message == TOO_LATE_TO_RECORD
    assert (case.leads.count(), deadline(complaint, "handoff", 1).status) == (2, "missed")
