"""Whoever is away or gone, a case goes on: who holds it then, who can act, and how."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.deadlines.limits import read_instant
from accountability.gate.act import Batch
from accountability.models import Appointment, Notification
from accountability.organisation import succession
from assessment.actions.succession import _stuck
from assessment.models import Case
from tests.assessment.actions.test_opening import second_leader
from tests.assessment.docket import ADMITS, PAID, SIGNED, Docket, circulars, holder, told
from tests.looking import deadline


def without(docket: Docket, username: str, case: Case) -> Case:
    """The case once they are dismissed and the sweep came round."""
    docket.gone(username)
    return docket.swept(case)


@pytest.mark.rule("R42")
@pytest.mark.parametrize(
    "position", ["opened", "disputed", "panel has spoken", "no_violation", "penalised", "annulled"]
)
def test_the_officer_is_gone(docket: Docket, position: str) -> None:
    """It passes to the leader at once; any of the department can act, or be given it."""
    case = docket.upto(position)
    assert holder(case) == "sc.officer"
    docket.play("dismiss", "sc.leader", employee="sc.officer")
    case = docket.swept(case)
    assert (holder(case), "sc.leader" in told(case, "to_do", verb=case.matter.awaits)) == ("sc.leader", True)
    if position != "annulled":
        assert holder(docket("assign_case", "sc.leader", case)) == "sc.officer2"


@pytest.mark.rule("R42")
def test_the_officer_moved_to_another_department(docket: Docket) -> None:
    case = docket.upto("opened")
    docket.now.forward(days=1)
    docket.play("update_employee", "sc.leader", employee="sc.officer", unit="YC", reason="调动。")
    case = docket.swept(case)
    assert (holder(case), docket.refused("notify_unit", "sc.officer", case).code) == ("sc.leader", "forbidden")
    case = docket("notify_unit", "sc.officer2", case)
    assert (case.state, case.officer.username) == ("notified", "sc.officer2")


@pytest.mark.rule("R40")
def test_an_officer_who_moved_hears_no_more_of_the_case(docket: Docket) -> None:
    """Not of what the unit misses, nor of what follows: the department hears instead."""
    case = docket.upto("notified")
    docket.now.forward(days=1)
    docket.play("update_employee", "sc.leader", employee="sc.officer", unit="YC", reason="调动。")
    before = told_all(case, "sc.officer")
    docket.now.forward(days=30)
    case = docket.swept(case)
    assert "wh.head" in told(case, "missed")
    assert (told_all(case, "sc.officer"), told(case, "deemed") >= {"sc.leader", "sc.officer2"}) == (before, True)


def told_all(case: Case, username: str) -> int:
    return Notification.objects.filter(matter=case.matter, recipient__username=username).count()


@pytest.mark.rule("R42")
def test_the_leader_named_as_approver_is_gone(docket: Docket) -> None:
    second_leader(docket)
    case = without(docket, "sc.leader", docket.upto("declining asked"))
    assert (case.matter.awaits, holder(case)) == ("approve", "sc.officer2")
    assert docket.refused("approve", "sc.officer2", case).code == "forbidden"
    case = docket("decline_case", "sc.officer", case, approved_by="sc.officer2")
    assert docket("approve", "sc.officer2", case).state == "declined"


@pytest.mark.rule("R42")
def test_without_any_leader_the_notice_is_the_way(docket: Docket) -> None:
    case = docket.upto("declining asked")
    Appointment.objects.filter(role="marketing_leader").update(ends_on="2026-11-23")
    docket.play("dismiss", "sc.officer2", employee="sc.leader")
    case = docket.swept(case)
    assert (holder(case), docket("notify_unit", "sc.officer", case).state) == ("sc.officer", "notified")


@pytest.mark.rule("R52")
def test_the_leader_asked_to_sign_the_circular_is_gone(docket: Docket) -> None:
    second_leader(docket)
    case = without(docket, "sc.leader", docket.upto("circular laid before"))
    assert (case.matter.awaits, holder(case)) == ("sign_circular", "sc.officer")
    case = docket("issue_circular", "sc.officer", case, signed_by="sc.officer2")
    assert (holder(case), circulars(docket("sign_circular", "sc.officer2", case))) == (
        "sc.officer2", [("鄂移通报〔2026〕1号", False)],
    )  # fmt: skip


@pytest.mark.rule("R52")
def test_the_leader_asked_to_sign_a_withdrawal_is_gone(docket: Docket) -> None:
    second_leader(docket)
    case = without(docket, "sc.leader", docket.upto("withdrawal of a closed case"))
    assert holder(case) == "sc.officer"
    case = docket("withdraw_circular", "sc.officer", case, signed_by="sc.officer2")
    assert circulars(docket("sign_circular", "sc.officer2", case))[1] == ("鄂移通报〔2026〕2号", True)


@pytest.mark.rule("R43")
def test_the_signer_is_gone(docket: Docket) -> None:
    """The contact holds it again and has another sign."""
    case = without(docket, "wh.head", docket.upto("report waits"))
    assert (case.matter.awaits, holder(case)) == ("sign_report", "wh.contact")
    case = docket("file_report", "wh.contact", case, **ADMITS | {"signer": "wh.deputy"})
    assert (holder(case), docket("sign_report", "wh.deputy", case).state) == ("wh.deputy", "admitted")


@pytest.mark.rule("R43")
def test_the_signer_is_away(docket: Docket) -> None:
    case = docket("file_report", "wh.deputy", docket.upto("notified"), **ADMITS | {"signer": "wh.contact"})
    assert holder(case) == "wh.contact"
    docket.play("record_absence", "wh.head", employee="wh.contact", starts_at=docket.now.at, reason="病假。")
    assert holder(docket.swept(case)) == "wh.deputy"
    docket.play("end_absence", "wh.head", employee="wh.contact")
    assert docket("sign_report", "wh.contact", case).state == "admitted"


@pytest.mark.rule("R43")
def test_the_contact_is_gone_then_the_deputy_then_the_head(docket: Docket) -> None:
    """With nobody left marketing holds it, which appoints; the report's limit runs on."""
    case = docket.upto("notified")
    found = [holder(without(docket, who, case)) for who in ("wh.contact", "wh.deputy", "wh.head")]
    assert found == ["wh.deputy", "wh.head", "sc.officer"]
    assert deadline(case, "report").status == "open"
    docket.play("appoint", "sc.officer", employee="wh.li", role="contact", starts_on=docket.now.at.date())
    case = docket.swept(case)
    assert holder(case) == "wh.li"
    case = docket("file_report", "wh.li", case, **ADMITS | {"signer": "wh.li"})
    assert case.state == "admitted"


@pytest.mark.rule("R17")
@pytest.mark.rule("R43")
def test_a_unit_without_a_contact_reports_by_its_head(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket("open_case", "sc.officer", unit="ZD"))
    assert (holder(case), told(case, "self_inspection")) == ("zd.head", {"zd.head"})
    case = docket("file_report", "zd.head", case, **ADMITS | {"signer": "zd.head", "persons": ["zd.zhou"]})
    assert case.state == "admitted"


@pytest.mark.rule("R43")
@pytest.mark.rule("R45")
def test_a_unit_without_anybody_is_deemed_at_the_instant(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket("open_case", "sc.officer", unit="ZD"))
    assert holder(without(docket, "zd.head", case)) == "sc.officer"
    docket.now.set("2026-12-03 09:00")
    case = docket.swept(case)
    assert (case.state, holder(case), case.determined_at) == (
        "deemed_violation", "sc.officer", read_instant("2026-12-01 24:00"),
    )  # fmt: skip
    assert case.matter.awaits == "issue_circular"
    case = docket.go(case, *SIGNED)
    assert case.matter.awaits == "penalise"
    for person, ground in (("zd.zhou", "handler"), ("zd.head", "unit_head")):
        case = docket("penalise", "sc.officer", case, person=person, ground=ground)
    assert case.matter.awaits == "issue_circular"


@pytest.mark.rule("R51")
def test_the_head_who_records_the_penalties_is_gone(docket: Docket) -> None:
    case = without(docket, "wh.head", docket.upto("admitted"))
    assert holder(case) == "sc.officer"
    case = docket.go(case, *PAID)
    assert (case.unpaid, case.matter.awaits) == ([], "issue_circular")


@pytest.mark.rule("R51")
def test_what_the_head_owes_themselves_marketing_records(docket: Docket) -> None:
    case = docket.go(docket.upto("admitted"), *PAID[:2])
    assert ([owed["ground"] for owed in case.unpaid], holder(case)) == (["unit_head"], "sc.officer")


@pytest.mark.rule("R48")
def test_a_member_of_the_panel_is_gone(docket: Docket) -> None:
    """Another comes for them; what the others said stands."""
    case = docket("give_opinion", "sc.leader", docket.upto("panel sits"))
    case = without(docket, "kf.head", case)
    assert (case.matter.awaits, holder(case), docket.refused("give_opinion", "kf.head", case).code) == (
        "replace_member", "sc.officer", "forbidden",
    )  # fmt: skip
    case = docket("replace_member", "sc.officer", case)
    case = docket("record_panel", "sc.officer", docket("give_opinion", "yc.head", case))
    assert case.state == "violation"


@pytest.mark.rule("R22")
def test_a_unit_without_a_head_has_its_leaders_file_the_opinion(docket: Docket) -> None:
    case = without(docket, "wh.head", docket.upto("fault_opened"))
    assert holder(case) == "sc.leader"
    assert docket("file_opinion", "wh.leader", case).state == "opinion_filed"


@pytest.mark.rule("R22")
def test_a_unit_with_neither_head_nor_leader_gets_a_head(docket: Docket) -> None:
    case = docket.upto("fault_opened")
    for username in ("wh.head", "wh.leader"):
        docket.gone(username)
    docket.play("set_head", "sc.officer", unit="WH", head="wh.li")
    case = docket.swept(case)
    assert (holder(case), docket("file_opinion", "wh.li", case).state) == ("wh.li", "opinion_filed")


@pytest.mark.rule("R3")
def test_a_leavers_cases_are_among_their_open_work(docket: Docket) -> None:
    case, over = docket.upto("notified"), docket.upto("declined")
    people = {name: docket.play.cast[name].pk for name in ("sc.officer", "wh.contact", "wh.head", "wh.zhang")}
    found = succession.open_work(people.values())
    cases = {str(case.matter.number), str(over.matter.number)}
    told = {
        name: [(work.number, str(work.role)) for work in found.get(pk, []) if work.number in cases]
        for name, pk in people.items()
    }
    number = str(case.matter.number)
    assert told == {
        "sc.officer": [(number, "案件经办人")], "wh.contact": [(number, "案件待办人")], "wh.head": [], "wh.zhang": [],
    }  # fmt: skip


@pytest.mark.rule("R42")
def test_only_cases_that_are_stuck_are_read_by_the_sweep(docket: Docket) -> None:
    """However many are open: what waits for somebody able isn't fetched."""
    for position in ("notified", "opened", "admitted", "circular laid before", "declining asked", "fault_opened"):
        docket.upto(position)
    stuck = docket.upto("notified")
    assert _stuck(Batch(docket.now.at)) == []
    docket.gone("wh.contact")
    docket.gone("wh.deputy")
    assert set(_stuck(Batch(docket.now.at))) <= set(Case.objects.filter(unit=stuck.unit).values_list("pk", flat=True))
    assert stuck.pk in _stuck(Batch(docket.now.at))


@pytest.mark.rule("R42")
def test_passing_on_costs_the_same_for_one_and_for_many(docket: Docket) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert succession.sweep(docket.now.at) == 0
        return len(counted)

    every = ("notified", "opened", "admitted", "circular laid before", "declining asked", "fault_opened")
    counts = []
    for _ in range(2):
        for position in every:
            docket.upto(position)
        counts.append(queries())
    assert counts[0] == counts[1]
