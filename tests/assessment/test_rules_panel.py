"""The panel that judges an objection: who sits, each member's own opinion, and what is decided (R48, R49)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from typing import Any

import pytest

from assessment.dossier import report_for
from assessment.models import Case, Seat
from assessment.people import panel_members
from tests.assessment.docket import OBJECTS, Docket, holder, told
from tests.looking import deadline


def seats(case: Case) -> list[tuple[str, str, bool]]:
    """Member, opinion, and whether the record was written anew since; in order."""
    rows = Seat.objects.filter(panel__case=case).select_related("member", "panel").order_by("pk")
    return [(row.member.username, row.opinion, row.panel.replaced_at is not None) for row in rows]


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    "members",
    [
        [], ["sc.leader"], ["sc.leader", "sc.leader"], ["sc.officer", "kf.head"], ["sc.leader", "wh.head"],
        ["sc.leader", "wh.wang"],
    ],
)  # fmt: skip
def test_two_at_least_a_marketing_leader_and_nobody_of_the_unit(docket: Docket, members: list[str]) -> None:
    refusal = docket.refused("record_panel", "sc.officer", docket.upto("disputed"), members=members)
    assert list(refusal.fields) == ["members"]


@pytest.mark.rule("R48")
@pytest.mark.parametrize("field", ["conclusion", "reasons"])
def test_conclusion_and_reasons_are_wanted(docket: Docket, field: str) -> None:
    refusal = docket.refused("record_panel", "sc.officer", docket.upto("disputed"), **{field: ""})
    assert list(refusal.fields) == [field]


@pytest.mark.rule("R48")
def test_the_record_calls_the_members_and_decides_nothing(docket: Docket) -> None:
    case = docket.upto("panel sits")
    assert (case.state, case.violated, case.matter.awaits, holder(case)) == (
        "disputed", None, "give_opinion", "sc.officer",
    )  # fmt: skip
    assert told(case, "panel_called") == {"sc.leader", "kf.head"}


@pytest.mark.rule("R48")
def test_each_member_speaks_once_and_for_themselves(docket: Docket) -> None:
    case = docket.upto("panel sits")
    for by in ("sc.officer", "sc.officer2", "kf.supervisor", "wh.head", "yc.head"):
        assert docket.refused("give_opinion", by, case).code == "forbidden"
    case = docket("give_opinion", "kf.head", case)
    assert (case.state, docket.refused("give_opinion", "kf.head", case).code) == ("disputed", "forbidden")
    assert docket("give_opinion", "sc.leader", case).state == "violation"


@pytest.mark.rule("R49")
@pytest.mark.parametrize(
    ("conclusion", "state", "owes"), [("violated", "violation", 2), ("not_violated", "no_violation", 0)]
)
def test_with_the_last_opinion_it_is_decided_as_the_record_concludes(
    docket: Docket, conclusion: str, state: str, owes: int
) -> None:
    """Whatever a member thinks: by the leader's own act on the record its conclusion is confirmed."""
    case = docket("record_panel", "sc.officer", docket.upto("disputed"), conclusion=conclusion)
    other = {"violated": "not_violated", "not_violated": "violated"}[conclusion]
    case = docket("give_opinion", "kf.head", case, opinion=other)
    case = docket("give_opinion", "sc.leader", case, opinion=conclusion)
    assert (case.state, case.violated, len(case.owed)) == (state, conclusion == "violated", owes)
    assert seats(case) == [("sc.leader", conclusion, False), ("kf.head", other, False)]
    heard = {"violated": "found_violated", "not_violated": "found_not_violated"}[conclusion]
    assert told(case, heard) == {"wh.contact", "wh.deputy", "wh.head", "sc.officer"}


@pytest.mark.rule("R49")
def test_a_violation_orders_the_unit_to_act_in_ten_working_days(docket: Docket) -> None:
    case = docket.upto("violation")
    discipline = deadline(case, "discipline")
    assert (discipline.limit_text, discipline.unit_id, discipline.started_at, holder(case)) == (
        "10wd", docket.cast.unit("WH").pk, docket.now.at, "wh.head",
    )  # fmt: skip


@pytest.mark.rule("R48")
def test_a_record_written_anew_voids_the_opinions(docket: Docket) -> None:
    case = docket("give_opinion", "kf.head", docket.upto("panel sits"))
    case = docket("record_panel", "sc.officer2", case, members=["sc.leader", "kf.head", "yc.head"])
    assert seats(case) == [
        ("sc.leader", "", True), ("kf.head", "violated", True),
        ("sc.leader", "", False), ("kf.head", "", False), ("yc.head", "", False),
    ]  # fmt: skip
    for member in ("sc.leader", "yc.head"):
        case = docket("give_opinion", member, case)
    assert case.state == "disputed"
    assert docket("give_opinion", "kf.head", case).state == "violation"


@pytest.mark.rule("R48")
def test_an_opinion_is_bound_to_the_record_that_was_read(docket: Docket) -> None:
    case = docket.upto("panel sits")
    seen = case.shown_for("give_opinion")
    case = docket("record_panel", "sc.officer", case, conclusion="not_violated")
    assert docket.refused("give_opinion", "sc.leader", case, seen=seen).code == "stale"
    case = docket.outcome("give_opinion", "sc.leader", case, seen=case.shown_for("give_opinion")).subject
    assert seats(case)[2:] == [("sc.leader", "violated", False), ("kf.head", "", False)]


@pytest.mark.rule("R48")
def test_who_joins_the_unit_after_being_called_is_excluded(docket: Docket) -> None:
    case = docket("record_panel", "sc.officer", docket.upto("disputed"), members=["sc.leader", "yc.leader"])
    docket.play("update_employee", "sc.officer", employee="yc.leader", unit="WH", reason="调动。")
    assert docket.refused("give_opinion", "yc.leader", case).code == "forbidden"
    assert docket.refused("record_panel", "sc.officer", case, members=["sc.leader", "yc.leader"]).code == "condition"
    assert docket.go(docket("record_panel", "sc.officer", case), *SPOKEN).state == "violation"


SPOKEN: Any = (("give_opinion", "sc.leader", {}), ("give_opinion", "kf.head", {}))


@pytest.mark.rule("R48")
def test_who_was_stamped_judges_nothing_wherever_they_are_now(docket: Docket) -> None:
    """wh.zhang handled it, moved to the marketing department and is neither a member nor decides."""
    case = docket.upto("disputed")
    docket.play("update_employee", "sc.officer", employee="wh.zhang", unit="SC", reason="调动。")
    docket.play("appoint", "sc.officer", employee="wh.zhang", role="marketing", starts_on=docket.now.at.date())
    refusal = docket.refused("record_panel", "sc.officer", case, members=["sc.leader", "wh.zhang"])
    assert list(refusal.fields) == ["members"]
    case = docket.go(docket("record_panel", "sc.officer", case), *SPOKEN)
    for verb in ("penalise", "issue_circular", "annul_case", "close_case", "assign_case"):
        assert docket.refused(verb, "wh.zhang", case).code == "forbidden"


@pytest.mark.rule("R48")
def test_the_centre_and_the_unit_record_no_panel(docket: Docket) -> None:
    case = docket.upto("disputed")
    for by in ("kf.agent", "kf.supervisor", "wh.head", "wh.contact", "yc.head", "sj.auditor"):
        assert docket.refused("record_panel", by, case).code == "forbidden"


@pytest.mark.rule("R48")
def test_a_member_from_elsewhere_reads_the_report_and_not_the_case(docket: Docket) -> None:
    case = docket.upto("panel sits")
    member, stranger = docket.actor("kf.head"), docket.actor("yc.head")
    assert (docket.sees("kf.head", case), report_for(case, member), report_for(case, stranger)) == (
        False, case.report, None,
    )  # fmt: skip
    asked = [Case.objects.asked_of(who).filter(pk=case.pk).exists() for who in (member, stranger)]
    assert asked == [True, False]


@pytest.mark.rule("R48")
def test_a_page_offers_marketing_and_heads_of_other_units(docket: Docket) -> None:
    offered = panel_members(docket.upto("disputed"), docket.actor("sc.officer"))
    assert {person.username for person in offered} == {
        "sc.officer", "sc.officer2", "sc.leader", "kf.head", "yc.head", "wl.leader", "zd.head", "sj.head",
    }  # fmt: skip


@pytest.mark.rule("R48")
def test_before_an_objection_there_is_no_panel(docket: Docket) -> None:
    case = docket.upto("notified")
    assert docket.refused("record_panel", "sc.officer", case).code == "state"
    case = docket("file_report", "wh.contact", case, **OBJECTS)
    assert docket.refused("record_panel", "sc.officer", case).code == "state"
    assert docket.refused("give_opinion", "sc.leader", docket("sign_report", "wh.head", case)).code == "forbidden"
