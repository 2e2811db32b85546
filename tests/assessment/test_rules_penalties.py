"""Penalties: who owes one, of how many months, recorded by whom (R47, R50, R51)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from typing import Any

import pytest

from assessment.models import Case, Penalty
from assessment.people import of_the_unit
from tests.assessment.docket import ADMITS, OWED, PAID, SPOKEN, Docket, penalties
from tests.looking import deadline


def owing(docket: Docket, case: Case) -> list[tuple[str, str | None]]:
    names: dict[int | None, str] = {person.pk: person.username for person in docket.cast}
    return [(owed["ground"], names.get(owed["person"])) for owed in case.unpaid]


# Months


@pytest.mark.rule("R50")
@pytest.mark.parametrize(
    "months", ["３", "0", 0, "4", 4, "1.5", 1.5, -1, "-1", "", " ", None, True, False, "two", "1e0", [1]]
)
def test_months_are_a_whole_number_from_one_to_three(docket: Docket, months: Any) -> None:
    """S51: a full-width digit is refused, not read as a three."""
    refusal = docket.refused("penalise", "sc.officer", docket.upto("admitted"), months=months)
    assert (refusal.code, list(refusal.fields)) == ("facts", ["months"])


@pytest.mark.rule("R50")
def test_one_two_and_three_months_are_taken(docket: Docket) -> None:
    case = docket.upto("admitted")
    for months, (person, ground) in enumerate(OWED, 1):
        case = docket("penalise", "sc.officer", case, person=person, ground=ground, months=str(months))
    assert penalties(case) == [
        ("wh.zhang", ["handler"], 1),
        ("wh.leader", ["leader"], 2),
        ("wh.head", ["unit_head"], 3),
    ]


@pytest.mark.rule("R50")
@pytest.mark.parametrize(("field", "blank"), [("person", ""), ("ground", ""), ("ground", "driver"), ("reason", " ")])
def test_person_ground_and_reason_are_wanted(docket: Docket, field: str, blank: str) -> None:
    assert list(docket.refused("penalise", "sc.officer", docket.upto("admitted"), **{field: blank}).fields) == [field]


# Who owes


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_handler_leader_and_head_owe(docket: Docket) -> None:
    case = docket.upto("violation")
    assert owing(docket, case) == [("handler", "wh.zhang"), ("leader", "wh.leader"), ("unit_head", "wh.head")]
    case = docket("penalise", "sc.officer", case)
    assert owing(docket, case) == [("leader", "wh.leader"), ("unit_head", "wh.head")]
    case = docket.go(case, *PAID[1:])
    assert (owing(docket, case), deadline(case, "discipline").status) == ([], "met")


@pytest.mark.rule("R50")
def test_two_handlers_and_a_leader_named(docket: Docket) -> None:
    """S50."""
    case = docket(
        "file_report", "wh.head", docket.upto("notified"), **ADMITS | {"persons": ["wh.zhang", "wh.li", "wh.leader"]}
    )
    assert owing(docket, case) == [
        ("handler", "wh.zhang"), ("leader", "wh.leader"), ("unit_head", "wh.head"), ("", "wh.li"),
    ]  # fmt: skip


@pytest.mark.rule("R51")
def test_two_grounds_stand_in_one_row_and_its_months_are_those_last_given(docket: Docket) -> None:
    """S53: wl.leader leads the handler and heads the unit."""
    number = docket.number(docket.complaint("WL", "wl.contact", "wl.zhao"))
    case = docket("issue_sheet", "kf.agent", unit="WL", person="wl.zhao", complaints=[number])
    case = docket("notify_unit", "sc.officer", case)
    case = docket("file_report", "wl.leader", case, **ADMITS | {"persons": ["wl.zhao"], "signer": "wl.leader"})
    case = docket("penalise", "sc.officer", case, person="wl.leader", ground="leader", months=3)
    assert owing(docket, case) == [("handler", "wl.zhao"), ("unit_head", "wl.leader")]
    case = docket("penalise", "sc.officer", case, person="wl.leader", ground="unit_head", months=2)
    assert penalties(case) == [("wl.leader", ["leader", "unit_head"], 2)]
    assert owing(docket, case) == [("handler", "wl.zhao")]
    case = docket("penalise", "sc.officer", case, person="wl.leader", ground="unit_head", months=1)
    assert penalties(case) == [("wl.leader", ["leader", "unit_head"], 1)]


@pytest.mark.rule("R50")
def test_a_ground_that_does_not_fit_pays_what_the_person_owes_and_nothing_of_others(docket: Docket) -> None:
    case = docket("penalise", "sc.officer", docket.upto("admitted"), ground="contact")
    assert owing(docket, case) == [("leader", "wh.leader"), ("unit_head", "wh.head")]
    case = docket("penalise", "sc.officer", case, person="wh.li", ground="leader")
    assert owing(docket, case) == [("leader", "wh.leader"), ("unit_head", "wh.head")]


@pytest.mark.rule("R50")
def test_without_a_complaint_any_person_of_the_unit_pays_a_ground(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket.upto("opened"))
    case = docket("file_report", "wh.head", case, **ADMITS)
    assert owing(docket, case) == [("handler", None), ("leader", None), ("unit_head", None), ("", "wh.zhang")]
    case = docket("penalise", "sc.officer", case, person="wh.wang", ground="handler")
    assert owing(docket, case) == [("leader", None), ("unit_head", None), ("", "wh.zhang")]


# Leavers and movers


@pytest.mark.rule("R50")
def test_leavers_and_movers_who_were_stamped_are_still_penalised(docket: Docket) -> None:
    case = docket.upto("disputed")
    docket.play("update_employee", "sc.officer", employee="wh.zhang", unit="YC", reason="调动。")
    docket.gone("wh.leader")
    case = docket.go(docket("appoint_panel", "sc.officer", case), *SPOKEN, ("record_panel", "sc.officer", {}))
    assert owing(docket, case) == [("handler", "wh.zhang"), ("leader", "wh.leader"), ("unit_head", "wh.head")]
    offered = {person.username for person in of_the_unit(case, docket.actor("sc.officer"))}
    assert {"wh.zhang", "wh.leader", "wh.head"} <= offered
    case = docket.go(case, *PAID)
    assert (owing(docket, case), [row[0] for row in penalties(case)]) == ([], ["wh.zhang", "wh.leader", "wh.head"])


@pytest.mark.rule("R50")
def test_what_is_owed_stands_once_determined(docket: Docket) -> None:
    case = docket.upto("admitted")
    docket.play("set_head", "sc.officer", unit="WH", head="wh.li")
    docket.play("set_supervisor", "sc.officer", employee="wh.zhang", supervisor="wh.li")
    assert owing(docket, docket.again(case)) == [
        ("handler", "wh.zhang"), ("leader", "wh.leader"), ("unit_head", "wh.head"),
    ]  # fmt: skip


# Who records


@pytest.mark.rule("R50")
def test_nobody_records_their_own(docket: Docket) -> None:
    case = docket.upto("admitted")
    refusal = docket.refused("penalise", "wh.head", case, person="wh.head", ground="unit_head")
    assert list(refusal.fields) == ["person"]
    assert penalties(docket("penalise", "sc.officer", case, person="wh.head", ground="unit_head")) == [
        ("wh.head", ["unit_head"], 1)
    ]


@pytest.mark.rule("R47")
@pytest.mark.parametrize("by", ["wh.contact", "wh.deputy", "wh.leader", "yc.head", "kf.supervisor", "sj.auditor"])
def test_others_record_none(docket: Docket, by: str) -> None:
    assert docket.refused("penalise", by, docket.upto("admitted")).code == "forbidden"


@pytest.mark.rule("R32")
@pytest.mark.rule("R50")
def test_a_person_of_another_unit_can_only_have_cooperated(docket: Docket) -> None:
    case = docket.upto("admitted")
    for ground in ("handler", "leader", "unit_head", "contact"):
        refusal = docket.refused("penalise", "sc.officer", case, person="yc.chen", ground=ground)
        assert list(refusal.fields) == ["ground"]
    case = docket("penalise", "sc.officer", case, person="yc.chen", ground="cooperating", months=2)
    assert penalties(case) == [("yc.chen", ["cooperating"], 2)]


@pytest.mark.rule("R32")
def test_a_person_of_another_unit_whom_the_report_names_has_only_cooperated_too(docket: Docket) -> None:
    case = docket("file_report", "wh.head", docket.upto("notified"), **ADMITS | {"persons": ["wh.zhang", "yc.chen"]})
    refusal = docket.refused("penalise", "sc.officer", case, person="yc.chen", ground="handler")
    assert list(refusal.fields) == ["ground"]
    case = docket("penalise", "sc.officer", case, person="yc.chen", ground="cooperating")
    assert ("", "yc.chen") not in owing(docket, case)


@pytest.mark.rule("R50")
@pytest.mark.parametrize("position", ["sheet_issued", "notified", "disputed", "no_violation", "closed", "annulled"])
def test_there_is_none_without_a_violation_that_stands(docket: Docket, position: str) -> None:
    assert docket.refused("penalise", "sc.officer", docket.upto(position)).code == "state"


@pytest.mark.rule("R50")
def test_a_page_that_saw_other_months_is_out_of_date(docket: Docket) -> None:
    """Two officers at once: one records, the other is told."""
    case = docket("penalise", "sc.officer", docket.upto("admitted"), months=1)
    seen = case.shown_for("penalise")
    case = docket("penalise", "sc.officer2", case, months=3)
    assert docket.refused("penalise", "sc.officer", case, seen=seen, months=2).code == "stale"
    assert Penalty.objects.get(case=case).months == 3
