"""The return slip: the unit proves that a penalty was carried out; it may follow and is chased (R54)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.deadlines.limits import read_instant
from accountability.gate import sweeper
from accountability.models import LedgerEntry, Notification
from assessment.cases.candidates import without_slip
from assessment.models import Case, Penalty
from tests.assessment.docket import OWED, PAID, Docket, holder, penalties, told
from tests.looking import deadline, deadlines


def slips(docket: Docket, case: Case, *people: str) -> Case:
    for person in people or [person for person, _ground in OWED]:
        by = "wh.head" if person != "wh.head" else "wh.contact"
        case = docket("file_slip", by, case, person=person)
    return case


@pytest.mark.rule("R54")
def test_it_is_owed_from_the_last_owed_penalty_on(docket: Docket) -> None:
    case = docket.go(docket.upto("admitted"), *PAID[:2])
    assert deadlines(case, "slip") == []
    docket.now.forward(hours=1)
    case = docket.go(case, PAID[2])
    slip = deadline(case, "slip")
    assert (slip.started_at, slip.limit_text, slip.due_at, slip.unit_id) == (
        docket.now.at, "10wd", read_instant("2026-12-08 24:00"), docket.cast.unit("WH").pk,
    )  # fmt: skip


@pytest.mark.rule("R54")
def test_it_is_met_by_the_last_slip(docket: Docket) -> None:
    case = slips(docket, docket.upto("penalised"), "wh.zhang", "wh.leader")
    assert deadline(case, "slip").status == "open"
    case = slips(docket, case, "wh.head")
    assert (deadline(case, "slip").status, told(case, "slip_filed")) == ("met", {"sc.officer"})


@pytest.mark.rule("R54")
def test_slips_filed_before_the_last_penalty_count(docket: Docket) -> None:
    case = docket.go(docket.upto("admitted"), *PAID[:2])
    case = slips(docket, case, "wh.zhang", "wh.leader")
    assert deadlines(case, "slip") == []
    case = slips(docket, docket.go(case, PAID[2]), "wh.head")
    assert [found.status for found in deadlines(case, "slip")] == ["met"]


@pytest.mark.rule("R54")
def test_a_further_penalty_is_to_be_proved_too(docket: Docket) -> None:
    case = slips(docket, docket.upto("penalised"))
    case = docket("penalise", "sc.officer", case, person="wh.contact", ground="contact")
    assert [found.status for found in deadlines(case, "slip")] == ["met", "open"]
    case = docket("file_slip", "wh.head", case, person="wh.contact")
    assert [found.status for found in deadlines(case, "slip")] == ["met", "met"]


@pytest.mark.rule("R54")
def test_it_may_follow_after_the_case_is_closed(docket: Docket) -> None:
    case = docket.upto("closed")
    assert (deadline(case, "slip").status, holder(case)) == ("open", None)
    case = slips(docket, case)
    assert (case.state, deadline(case, "slip").status) == ("closed", "met")
    assert docket.refused("file_slip", "wh.head", case).code == "state"


@pytest.mark.rule("R54")
def test_it_is_chased_weekly_also_when_the_case_is_closed(docket: Docket) -> None:
    case = docket.upto("closed")
    sweeper.sweep_until(read_instant("2026-12-09 00:00:01"))
    due = read_instant("2026-12-08 24:00")
    assert (deadline(case, "slip").missed_at, deadline(case, "slip").chased) == (due, 1)
    sweeper.sweep(read_instant("2026-12-24 09:00"))
    entries = LedgerEntry.objects.filter(matter_id=case.pk, verb="chase_slip").order_by("seq")
    assert [(entry.at, entry.facts["times"]) for entry in entries] == [
        (due + week * timedelta(days=7), week + 1) for week in range(3)
    ]
    assert told(case, "slip_chased") == {"wh.contact", "wh.deputy", "wh.head", "sc.officer"}
    docket.now.set("2026-12-24 10:00")
    slips(docket, case)
    sweeper.sweep(read_instant("2026-12-31 24:00"))
    assert deadline(case, "slip").chased == 3
    assert (
        Notification.objects.filter(matter_id=case.pk, kind="slip_chased", recipient=docket.cast["wh.head"]).count()
        >= 1
    )


@pytest.mark.rule("R54")
def test_months_stand_once_they_were_executed(docket: Docket) -> None:
    case = slips(docket, docket.upto("penalised"), "wh.zhang")
    assert list(docket.refused("penalise", "sc.officer", case, months=2).fields) == ["months"]
    case = docket("penalise", "sc.officer", case, months=1)
    assert penalties(case)[0] == ("wh.zhang", ["handler"], 1)
    assert docket("penalise", "sc.officer", case, person="wh.leader", ground="leader", months=3) is not None


@pytest.mark.rule("R51")
@pytest.mark.rule("R54")
def test_a_slip_before_the_second_ground_does_not_block_the_case(docket: Docket) -> None:
    """Leader and head are one person; the first ground's slip came before the second was recorded."""
    number = docket.number(docket.complaint("WL", "wl.contact", "wl.zhao"))
    case = docket("issue_sheet", "kf.agent", unit="WL", person="wl.zhao", complaints=[number])
    case = docket("notify_unit", "sc.officer", case)
    told_of: dict[str, Any] = {
        "conclusion": "admitted",
        "facts": "属实。",
        "persons": ["wl.zhao"],
        "signer": "wl.leader",
    }
    case = docket("file_report", "wl.leader", case, **told_of)
    case = docket("penalise", "sc.officer", case, person="wl.zhao")
    case = docket("penalise", "sc.officer", case, person="wl.leader", ground="leader")
    case = docket("file_slip", "wl.contact", case, person="wl.leader")
    case = docket("penalise", "sc.officer", case, person="wl.leader", ground="unit_head")
    assert (case.unpaid, penalties(case)[1]) == ([], ("wl.leader", ["leader", "unit_head"], 1))


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("executed_on", "2026-11-25"), ("executed_on", "2026-11-23"), ("executed_on", ""), ("executed_on", "昨天"),
        ("voucher", ""), ("person", "wh.li"), ("person", ""),
    ],
)  # fmt: skip
def test_a_slip_has_person_voucher_and_a_day_that_can_be(docket: Docket, field: str, value: Any) -> None:
    refusal = docket.refused("file_slip", "wh.head", docket.upto("penalised"), **{field: value})
    assert list(refusal.fields) == [field]


@pytest.mark.rule("R54")
def test_the_units_contact_deputy_or_head_files_it_and_never_their_own(docket: Docket) -> None:
    case = docket.upto("penalised")
    for by in ("sc.officer", "sc.leader", "wh.zhang", "wh.leader", "yc.head", "kf.agent", "sj.auditor"):
        assert docket.refused("file_slip", by, case).code == "forbidden"
    assert list(docket.refused("file_slip", "wh.head", case, person="wh.head").fields) == ["person"]
    for by, person in zip(("wh.head", "wh.deputy", "wh.contact"), ("wh.zhang", "wh.leader", "wh.head"), strict=True):
        case = docket("file_slip", by, case, person=person)
    rows = Penalty.objects.filter(case=case).order_by("pk").values_list("slip_by__username", "voucher")
    assert list(rows) == [(by, "人〔2026〕88") for by in ("wh.head", "wh.deputy", "wh.contact")]
    assert docket.refused("file_slip", "wh.head", case).code == "state"


@pytest.mark.rule("R54")
def test_a_slip_is_filed_once_a_person(docket: Docket) -> None:
    case = slips(docket, docket.upto("penalised"), "wh.zhang")
    assert list(docket.refused("file_slip", "wh.head", case).fields) == ["person"]
    offered = [person.username for person in without_slip(case, docket.actor("wh.head"))]
    assert offered == ["wh.leader"]


@pytest.mark.rule("R54")
def test_a_leavers_penalty_is_proved_too(docket: Docket) -> None:
    case = docket.upto("penalised")
    docket.gone("wh.zhang")
    case = slips(docket, case)
    assert deadline(case, "slip").status == "met"
