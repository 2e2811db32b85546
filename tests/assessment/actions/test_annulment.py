"""A determination that was wrong is annulled by two people (R52)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest

from accountability.deadlines.limits import read_instant
from assessment.models import Penalty
from tests.assessment.docket import Docket, circulars, holder, penalties, told
from tests.looking import deadline, deadlines


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    "position", ["admitted", "violation", "deemed_violation", "penalised", "closed", "contact at fault"]
)
def test_one_asks_and_another_approves(docket: Docket, position: str) -> None:
    case = docket.upto(position)
    state = case.state
    case = docket("annul_case", "sc.officer", case)
    assert (case.state, holder(case), told(case, "approval_asked", verb="annul_case")) == (
        state, "sc.leader", {"sc.leader"},
    )  # fmt: skip
    for by in ("sc.officer", "sc.officer2", "wh.head", "kf.supervisor"):
        assert docket.refused("approve", by, case).code == "forbidden"
    case = docket("approve", "sc.leader", case)
    assert (case.state, penalties(case), told(case, "annulled")) == (
        "annulled",
        [],
        {"wh.contact", "wh.deputy", "wh.head"},
    )


@pytest.mark.rule("R52")
def test_nobody_asks_themselves(docket: Docket) -> None:
    refusal = docket.refused("annul_case", "sc.leader", docket.upto("closed"))
    assert list(refusal.fields) == ["approved_by"]


@pytest.mark.rule("R52")
def test_penalties_and_duties_go_with_it(docket: Docket) -> None:
    case = docket("penalise", "sc.officer", docket.upto("admitted"))
    docket.now.set("2026-12-10 09:00")
    case = docket.swept(case)
    assert deadline(case, "discipline").missed_at == read_instant("2026-12-08 24:00")
    case = docket("approve", "sc.leader", docket("annul_case", "sc.officer", case))
    assert (deadline(case, "discipline").status, Penalty.objects.get(case=case).annulled_at) == ("void", docket.now.at)
    assert (holder(case), case.matter.alarm_at, case.matter.closed_at) == (None, None, docket.now.at)


@pytest.mark.rule("R52")
@pytest.mark.rule("R54")
def test_no_slip_is_owed_any_more(docket: Docket) -> None:
    case = docket.upto("annulled")
    assert [found.status for found in deadlines(case, "slip")] == ["void"]
    assert docket.refused("file_slip", "wh.head", case).code == "state"
    docket.now.set("2026-12-30 09:00")
    assert told(docket.swept(case), "slip_chased") == set()


@pytest.mark.rule("R52")
def test_an_issued_circular_awaits_its_withdrawal(docket: Docket) -> None:
    case = docket.upto("annulled")
    assert (case.matter.awaits, holder(case), case.circular_in_force.number) == (
        "withdraw_circular", "sc.officer", "鄂移通报〔2026〕1号",
    )  # fmt: skip
    assert (case.matter.closed_at, case.matter.alarm_at is not None) == (None, True)
    case = docket("sign_circular", "sc.leader", docket("withdraw_circular", "sc.officer", case))
    assert (circulars(case), holder(case), case.matter.closed_at) == (
        [("鄂移通报〔2026〕1号", False), ("鄂移通报〔2026〕2号", True)], None, docket.now.at,
    )  # fmt: skip


@pytest.mark.rule("R52")
def test_a_draft_is_dropped_and_never_signed(docket: Docket) -> None:
    case = docket("annul_case", "sc.officer", docket.upto("circular laid before"))
    case = docket("approve", "sc.leader", case)
    assert (case.circular_to_sign, case.draft, holder(case)) == (None, None, None)
    assert docket.refused("sign_circular", "sc.leader", case).code == "forbidden"


@pytest.mark.rule("R52")
def test_a_withdrawal_that_waits_is_still_signed(docket: Docket) -> None:
    case = docket("annul_case", "sc.officer", docket.upto("withdrawal of a closed case"))
    case = docket("approve", "sc.leader", case)
    assert (case.matter.awaits, holder(case)) == ("sign_circular", "sc.leader")
    case = docket("withdraw_circular", "sc.officer", case, reason="另行撤回。")
    case = docket("sign_circular", "sc.leader", case)
    assert (len(circulars(case)), case.circular_in_force) == (2, None)


@pytest.mark.rule("R52")
def test_a_request_not_approved_leaves_everything(docket: Docket) -> None:
    case = docket("disapprove", "sc.leader", docket.upto("annulling asked"))
    assert (case.state, case.approval, len(penalties(case)), holder(case)) == ("closed", "", 3, None)
    assert told(case, "disapproved", verb="annul_case") == {"sc.officer"}


@pytest.mark.rule("R52")
def test_closing_drops_the_request(docket: Docket) -> None:
    case = docket("annul_case", "sc.officer", docket.upto("circular issued"))
    case = docket("close_case", "sc.officer2", case)
    assert (case.state, docket.refused("approve", "sc.leader", case).code) == ("closed", "forbidden")


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    "position", ["sheet_issued", "notified", "disputed", "no_violation", "cleared and closed", "annulled"]
)
def test_only_a_violation_is_annulled(docket: Docket, position: str) -> None:
    assert docket.refused("annul_case", "sc.officer", docket.upto(position)).code == "state"


@pytest.mark.rule("R52")
def test_once_annulled_nothing_but_the_withdrawal_is_left(docket: Docket) -> None:
    case = docket.upto("withdrawn")
    for verb, by in (
        ("penalise", "sc.officer"), ("issue_circular", "sc.officer"), ("withdraw_circular", "sc.officer"),
        ("close_case", "sc.officer"), ("annul_case", "sc.officer"), ("assign_case", "sc.officer"),
    ):  # fmt: skip
        assert docket.refused(verb, by, case).code == "state"
