"""Leads: what points to a violation, who takes it up and who sets it aside (R38)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from typing import Any

import pytest

from accountability.sweeping import sweep
from assessment.leads import leads_against
from assessment.models import LeadMark
from tests.assessment.docket import Docket
from tests.factories import Play


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
