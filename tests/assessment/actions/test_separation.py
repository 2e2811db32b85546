"""Who judges doesn't determine, nobody sits over their own unit, nobody records their own penalty (compliance 10)."""

from __future__ import annotations

import pytest

from accountability.gate.act import Refused
from accountability.permissions import CENTRE_ROLES, MARKETING_ROLES
from tests.assessment.docket import Docket
from tests.factories import Play

pytestmark = [pytest.mark.compliance(10), pytest.mark.asvs("8.2.1", "8.3.1")]

DETERMINES = {
    "sheet_issued": ("notify_unit", "decline_case"),
    "opinion_filed": ("decide_fault",),
    "disputed": ("appoint_panel",),
    "panel has spoken": ("record_panel",),
    "admitted": ("penalise", "issue_circular"),
    "circular laid before": ("sign_circular", "return_circular"),
    "circular issued": ("close_case", "annul_case"),
}
"""What decides about a unit, by the position in which it can be done."""


@pytest.mark.parametrize("position", DETERMINES)
@pytest.mark.parametrize("by", ["kf.agent", "kf.supervisor", "kf.head"])
def test_the_centre_that_judges_answers_determines_no_violation(docket: Docket, position: str, by: str) -> None:
    case = docket.upto(position)
    found = {verb: docket.refused(verb, by, case).code for verb in DETERMINES[position]}
    assert found == dict.fromkeys(DETERMINES[position], "forbidden")


@pytest.mark.parametrize(
    ("state", "verb"),
    [("answered", "judge_complete"), ("return_requested", "rule_on_return"), ("completed", "reply")],
)
@pytest.mark.parametrize("by", ["sc.officer", "sc.leader"])
def test_marketing_that_determines_judges_no_answer(play: Play, state: str, verb: str, by: str) -> None:
    with pytest.raises(Refused) as caught:
        play(verb, by, play.upto(state))
    assert caught.value.code == "forbidden"


@pytest.mark.parametrize(("employee", "role"), [("kf.agent", "marketing"), ("sc.officer", "agent")])
def test_nobody_serves_in_both(play: Play, employee: str, role: str) -> None:
    with pytest.raises(Refused) as caught:
        play("appoint", "sc.leader", employee=employee, role=role, starts_on="2026-12-01")
    assert list(caught.value.fields) == ["role"]
    assert set() == CENTRE_ROLES & MARKETING_ROLES


@pytest.mark.parametrize("member", ["wh.head", "wh.contact", "wh.zhang", "wh.leader"])
def test_nobody_of_the_unit_concerned_sits_on_its_panel(docket: Docket, member: str) -> None:
    case = docket.upto("disputed")
    refusal = docket.refused("appoint_panel", "sc.officer", case, members=["sc.leader", "kf.head", member])
    assert list(refusal.fields) == ["members"]


@pytest.mark.parametrize(("by", "person", "ground"), [("wh.head", "wh.head", "unit_head")])
def test_nobody_records_their_own_penalty(docket: Docket, by: str, person: str, ground: str) -> None:
    refusal = docket.refused("penalise", by, docket.upto("admitted"), person=person, ground=ground)
    assert refusal.code in ("condition", "forbidden")


@pytest.mark.parametrize(
    ("verb", "position"), [("sign_circular", "circular laid before"), ("approve", "declining asked")]
)
def test_who_asks_for_a_signature_or_an_approval_doesnt_give_it(docket: Docket, verb: str, position: str) -> None:
    assert docket.refused(verb, "sc.officer", docket.upto(position)).code == "forbidden"
