"""A case ends: at once where nothing was violated, else with circular and penalties (R47–R52)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

import pytest

from tests.assessment.docket import PAID, PAID_AS_FOUND, SIGNED, Docket, Step, holder, told
from tests.looking import deadlines


@pytest.mark.rule("R48")
def test_where_nothing_was_violated_it_closes_at_once(docket: Docket) -> None:
    """S48: no circular, no penalty."""
    case = docket("close_case", "sc.officer2", docket.upto("no_violation"))
    assert (case.state, case.violated, case.closed_at, case.circular_rows, case.penalty_rows) == (
        "closed", False, docket.now.at, [], [],
    )  # fmt: skip
    assert deadlines(case, "discipline") == []


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
@pytest.mark.parametrize(
    ("position", "owed", "left_out"),
    [("admitted", PAID, 0), ("admitted", PAID, 1), ("admitted", PAID, 2)]
    + [(position, PAID_AS_FOUND, n) for position in ("violation", "deemed_violation") for n in (0, 1)],
)
def test_not_while_who_owes_has_no_row(docket: Docket, position: str, owed: tuple[Step, ...], left_out: int) -> None:
    """Nor is the circular that names them laid before anybody until then."""
    first = SIGNED if position == "deemed_violation" else ()
    case = docket.go(docket.upto(position), *first, *owed[:left_out], *owed[left_out + 1 :])
    assert docket.refused("issue_circular", "sc.officer", case).code in ("condition", "state")
    assert docket.refused("close_case", "sc.officer", case).code == "condition"
    case = docket.go(case, owed[left_out])
    assert docket.refused("close_case", "sc.officer", case).code == "condition"
    case = docket("close_case", "sc.officer", docket.go(case, *SIGNED))
    assert (case.state, holder(case), told(case, "case_closed")) == (
        "closed", None, {"wh.contact", "wh.deputy", "wh.head"},
    )  # fmt: skip


@pytest.mark.rule("R52")
@pytest.mark.parametrize("position", ["penalised", "circular laid before"])
def test_not_before_the_circular_is_signed(docket: Docket, position: str) -> None:
    assert docket.refused("close_case", "sc.officer", docket.upto(position)).code == "condition"


@pytest.mark.rule("R51")
@pytest.mark.parametrize(
    "position", ["sheet_issued", "notified", "disputed", "panel sits", "declined", "closed", "annulled"]
)
def test_not_before_it_is_determined_and_not_twice(docket: Docket, position: str) -> None:
    assert docket.refused("close_case", "sc.officer", docket.upto(position)).code == "state"


@pytest.mark.rule("R51")
@pytest.mark.parametrize("by", ["wh.head", "wh.contact", "kf.supervisor", "sj.auditor"])
def test_marketing_closes_it(docket: Docket, by: str) -> None:
    assert docket.refused("close_case", by, docket.upto("circular issued")).code == "forbidden"
