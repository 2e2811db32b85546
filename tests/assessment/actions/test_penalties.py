"""Penalties: who owes one, of how many months, recorded by whom (R47, R50, R51)."""

# mypy: disable-error-code=union-attr

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accountability.gate.sweeper import sweep
from accountability.gate.verbs import available
from accountability.models import LedgerEntry
from assessment.cases.candidates import with_a_part
from assessment.models import Case, Penalty
from assessment.models.owing import Owed, _is_paid
from complaints.dossier.customer import texts_of
from complaints.models import Complaint
from tests.assessment.docket import (
    ADMITS,
    OBJECTS,
    OWED,
    PAID,
    PAID_AS_FOUND,
    WAY,
    Docket,
    holder,
    penalties,
)
from tests.looking import deadline


def owing(docket: Docket, case: Case) -> list[tuple[str, str | None]]:
    """Ground and person; None where one of several owes."""
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


def found_of(docket: Docket, *complaints: Complaint, unit: str = "WH") -> Case:
    """The panel finds a violation in a case that rests on these complaints."""
    sweep(docket.now.at)
    case = docket("open_case", "sc.officer", unit=unit, complaints=[docket.number(each) for each in complaints])
    head = f"{unit.lower()}.head"
    case = docket("notify_unit", "sc.officer", case)
    case = docket("file_report", head, case, **OBJECTS | {"signer": head})
    return docket.go(case, *WAY["violation"][len(WAY["disputed"]) :])


HEAD = ("unit_head", "wh.head")


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_of_a_late_hand_over_the_contact_and_the_head_owe(docket: Docket) -> None:
    """R22: the handler, who got it late, owes nothing."""
    case = docket.upto("violation")
    assert owing(docket, case) == [HEAD, ("contact", "wh.contact")]
    case = docket.go(case, PAID_AS_FOUND[0])
    assert owing(docket, case) == [HEAD]
    case = docket.go(case, PAID_AS_FOUND[1])
    assert (owing(docket, case), deadline(case, "discipline").status) == ([], "met")


@pytest.mark.rule("R19")
@pytest.mark.rule("R50")
def test_the_contact_who_owed_it_pays_whoever_came_after(docket: Docket) -> None:
    complaint = docket.play.upto("delivered")
    docket.now.forward(minutes=31)
    sweep(docket.now.at)
    docket.play("hand_off", "wh.deputy", complaint, to="wh.zhang")
    docket.gone("wh.contact")
    assert owing(docket, found_of(docket, complaint)) == [HEAD, ("contact", "wh.contact")]


@pytest.mark.rule("R50")
def test_of_a_late_handling_first_and_joint_person_of_that_round_owe(docket: Docket) -> None:
    """Of the other linked complaint, which was in time, nobody does."""
    late = docket.play.upto("handed_off", priority="P1")
    docket.now.forward(hours=9)
    kept = docket.play.upto("delivered", phone="13900000555")
    kept = docket.play("hand_off", "wh.contact", kept, to="wh.li")
    case = found_of(docket, late, kept)
    assert owing(docket, case) == [("handler", "wh.zhang"), ("leader", "wh.leader"), HEAD]
    assert docket.refused("penalise", "sc.officer", case, person="wh.wang").code == "condition"


@pytest.mark.rule("R50")
def test_with_nothing_taken_up_all_rounds_of_the_case_count(docket: Docket) -> None:
    """A sheet over two complaints makes the handlers of both owe, not the last one's alone."""
    one = docket.play.upto("handed_off")
    two = docket.play("hand_off", "wh.contact", docket.play.upto("delivered", phone="13900000556"), to="wh.li")
    assert owing(docket, found_of(docket, one, two)) == [
        ("handler", "wh.zhang"), ("handler", "wh.li"), ("leader", "wh.leader"), HEAD,
    ]  # fmt: skip


@pytest.mark.rule("R50")
def test_without_a_round_one_person_of_the_unit_and_their_leader_owe(docket: Docket) -> None:
    """Never one person for all of it, and never the head as the handler."""
    case = found_of(docket)
    assert owing(docket, case) == [("handler", None), ("leader", None), HEAD]
    for person, ground in (("wh.head", "handler"), ("yc.chen", "handler"), ("wh.zhang", "leader")):
        refusal = docket.refused("penalise", "sc.officer", case, person=person, ground=ground)
        assert list(refusal.fields) == ["ground"]
    case = docket("penalise", "sc.officer", case, person="wh.wang")
    assert owing(docket, case) == [("leader", "wh.head"), HEAD], (
        "wh.wang has no supervisor on file: the head leads them"
    )
    case = docket("penalise", "sc.officer", case, person="wh.leader", ground="leader")
    assert owing(docket, case) == [("leader", "wh.head"), HEAD]
    case = docket("penalise", "sc.officer", case, person="wh.head", ground="leader")
    assert owing(docket, case) == [HEAD]


@pytest.mark.rule("R45")
@pytest.mark.rule("R50")
def test_who_is_named_after_the_instant_of_a_deemed_violation_owes_nothing_by_name(docket: Docket) -> None:
    """The sweep deems it a little later, as of the instant at which the report was due."""
    complaint = docket.play.upto("delivered", priority="P1")
    sweep(docket.now.forward(hours=9))
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)], person="wh.contact")
    case = docket("notify_unit", "sc.officer", case)
    due = deadline(case, "report").due_at
    assert due is not None
    docket.now.at = due + timedelta(seconds=30)
    docket.play("hand_off", "wh.contact", complaint, to="wh.li")
    docket.now.forward(minutes=5)
    case = docket.swept(case)
    assert case.state == "deemed_violation"
    assert owing(docket, case) == [("handler", None), ("leader", None), HEAD, ("contact", "wh.contact")]


@pytest.mark.rule("R50")
def test_where_nobody_leads_the_chosen_handler_no_leader_owes(docket: Docket) -> None:
    """wh.wang has no supervisor, and the unit no head: another person's leader doesn't answer with them."""
    case = docket("notify_unit", "sc.officer", docket("open_case", "sc.officer"))
    docket.gone("wh.head")
    docket.now.forward(days=30)
    case = docket.swept(case)
    grounds = [ground for ground, _person in owing(docket, case)]
    assert grounds[:2] == ["handler", "leader"]
    case = docket("penalise", "sc.officer", case, person="wh.wang")
    assert [ground for ground, _person in owing(docket, case)] == grounds[2:]
    other = docket("penalise", "sc.officer", case, person="wh.zhang")
    assert [ground for ground, _person in owing(docket, other)] == grounds[2:]


@pytest.mark.rule("R50")
@pytest.mark.parametrize(
    ("leads", "is_owed"), [([(1, None), (2, 8)], False), ([(1, None), (1, 9), (2, 8)], True), ([(1, 9), (2, 8)], True)]
)
def test_a_handler_with_a_leader_in_one_of_their_rounds_brings_that_one(leads: Any, is_owed: bool) -> None:
    owed = Owed(ground="leader", person=None, among=[], leads=leads)
    assert _is_paid(owed, {1: {"handler"}}) is not is_owed
    assert _is_paid(owed, {1: {"handler"}, 9: {"leader"}})


@pytest.mark.rule("R50")
def test_a_late_handling_that_nobody_handled_is_one_person_s(docket: Docket) -> None:
    complaint = docket.play("report_to_leader", "wh.contact", docket.play.upto("delivered", priority="P1"))
    docket.now.forward(hours=9)
    case = found_of(docket, complaint)
    assert owing(docket, case) == [("handler", None), ("leader", None), HEAD]


def cooperated(docket: Docket, *, finished_by: str = "") -> Complaint:
    """YC was to do something within three hours."""
    play = docket.play
    complaint = play("convene", "wh.zhang", play.upto("accepted"))
    due = docket.now.at + timedelta(hours=3)
    tasks = [{"unit": "YC", "task": "提供合约原件。", "due": due}]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks, attendees=["wh.zhang"])
    complaint = play("confirm_task", "yc.contact", complaint, unit="YC")
    complaint = play("conclude_coordination", "wh.zhang", complaint)
    docket.now.forward(hours=4)
    sweep(docket.now.at)
    return play("finish_task", finished_by, complaint, unit="YC") if finished_by else complaint


@pytest.mark.rule("R32")
def test_of_a_missed_task_one_of_those_who_had_it_owes(docket: Docket) -> None:
    case = found_of(docket, cooperated(docket, finished_by="yc.chen"), unit="YC")
    assert owing(docket, case) == [("unit_head", "yc.head"), ("cooperating", None)]
    assert docket.refused("penalise", "sc.officer", case, person="yc.leader", ground="cooperating").code == "condition"
    case = docket("penalise", "sc.officer", case, person="yc.chen", ground="cooperating")
    assert owing(docket, case) == [("unit_head", "yc.head")]


@pytest.mark.rule("R44")
@pytest.mark.rule("R47")
def test_who_did_a_task_of_another_unit_is_named_by_it_alone(docket: Docket) -> None:
    """R32: the only ground for a person of another unit."""
    docket.now.forward(minutes=31)
    complaint = cooperated(docket, finished_by="yc.chen")
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    case = docket("notify_unit", "sc.officer", case)
    refusal = docket.refused("file_report", "wh.head", case, **ADMITS | {"persons": ["yc.leader"]})
    assert list(refusal.fields) == ["persons"]
    case = docket("file_report", "wh.head", case, **ADMITS | {"persons": ["yc.chen"]})
    assert owing(docket, case) == [HEAD, ("cooperating", "yc.chen")]
    for ground in ("handler", "leader", "unit_head", "contact"):
        refusal = docket.refused("penalise", "sc.officer", case, person="yc.chen", ground=ground)
        assert list(refusal.fields) == ["ground"]


@pytest.mark.rule("R47")
def test_what_is_admitted_is_owed_by_whom_the_report_names(docket: Docket) -> None:
    """S50. Handler and leader of the round have their parts; wh.li has none, so is a handler under a supervisor."""
    told = {"persons": ["wh.zhang", "wh.li", "wh.leader"]}
    case = docket("file_report", "wh.head", docket.upto("notified"), **ADMITS | told)
    assert owing(docket, case) == [("handler", "wh.zhang"), ("handler", "wh.li"), ("leader", "wh.leader"), HEAD]
    case = docket("file_report", "wh.head", docket.upto("notified"), **ADMITS | {"persons": ["wh.contact"]})
    assert owing(docket, case) == [HEAD, ("contact", "wh.contact")]


@pytest.mark.rule("R47")
def test_who_supervises_another_of_the_named_is_a_leader_only(docket: Docket) -> None:
    case = docket("notify_unit", "sc.officer", docket.upto("opened"))
    case = docket("file_report", "wh.head", case, **ADMITS | {"persons": ["wh.li", "wh.leader"]})
    assert owing(docket, case) == [("handler", "wh.li"), ("leader", "wh.leader"), HEAD]
    case = docket("notify_unit", "sc.officer", docket.upto("opened"))
    case = docket("file_report", "wh.head", case, **ADMITS | {"persons": ["wh.wang"]})
    assert owing(docket, case) == [("handler", "wh.wang"), ("leader", "wh.head"), HEAD]


@pytest.mark.rule("R22")
def test_in_a_fault_case_who_owed_the_hand_off_pays_alone(docket: Docket) -> None:
    case = docket.upto("contact at fault")
    assert owing(docket, case) == [("contact", "wh.contact")]
    for person, ground in (("wh.zhang", "handler"), ("wh.head", "unit_head"), ("wh.deputy", "contact")):
        refusal = docket.refused("penalise", "sc.officer", case, person=person, ground=ground)
        assert list(refusal.fields) == ["ground"]
    assert owing(docket, docket("penalise", "wh.head", case, person="wh.contact", ground="contact")) == []


@pytest.mark.rule("R51")
def test_the_head_is_who_was_head_at_the_dispatch_or_at_the_notice(docket: Docket) -> None:
    with_round, without = docket.upto("notified"), docket("notify_unit", "sc.officer", docket.upto("opened"))
    docket.play("set_head", "sc.officer", unit="WH", head="wh.li")
    for case in (with_round, without):
        case = docket("file_report", "wh.li", case, **ADMITS | {"signer": "wh.li"})
        assert ("unit_head", "wh.head") in owing(docket, case)


# All at once


def rows(*people: str, **more: Any) -> list[dict[str, Any]]:
    return [{"person": person, "months": 1, "reason": f"{person}：情节较轻。"} | more for person in people]


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_one_form_records_everybody_who_owes(docket: Docket) -> None:
    """Each with months and a reason of their own, by what they owe."""
    given = rows("wh.zhang", months="3") + rows("wh.leader", "wh.head")
    case = docket("penalise_all", "sc.officer", docket.upto("admitted"), penalties=given)
    assert penalties(case) == [
        ("wh.zhang", ["handler"], 3), ("wh.leader", ["leader"], 1), ("wh.head", ["unit_head"], 1),
    ]  # fmt: skip
    assert (owing(docket, case), deadline(case, "discipline").status) == ([], "met")
    reasons = [texts_of(row.texts)["reason"] for row in Penalty.objects.filter(case=case).order_by("pk")]
    assert reasons == ["wh.zhang：情节较轻。", "wh.leader：情节较轻。", "wh.head：情节较轻。"]
    entry = LedgerEntry.objects.get(matter_id=case.pk, verb="penalise_all")
    assert [row["months"] for row in entry.facts["penalties"]] == [3, 1, 1]
    assert "情节" not in str(entry.facts)


@pytest.mark.rule("R51")
def test_one_s_own_line_is_left_to_others(docket: Docket) -> None:
    case = docket.upto("admitted")
    refusal = docket.refused("penalise_all", "wh.head", case, penalties=rows("wh.zhang", "wh.leader", "wh.head"))
    assert list(refusal.fields) == ["penalties"]
    case = docket("penalise_all", "wh.head", case, penalties=rows("wh.zhang", "wh.leader"))
    assert (owing(docket, case), holder(case)) == ([HEAD], "sc.officer")
    offered = {who: {verb.name for verb in available(case, docket.actor(who))} for who in ("wh.head", "sc.officer")}
    assert [who for who, verbs in offered.items() if "penalise_all" in verbs] == ["sc.officer"]
    case = docket("penalise_all", "sc.officer", case, penalties=rows("wh.head"))
    assert owing(docket, case) == []


@pytest.mark.rule("R50")
@pytest.mark.parametrize(
    "given",
    [
        rows("wh.zhang", "wh.head"),
        rows("wh.zhang", "wh.leader", "wh.head", "wh.li"),
        rows("wh.zhang", "wh.leader") + rows("wh.head", months=4),
        rows("wh.zhang", "wh.leader") + rows("wh.head", months="３"),
        rows("wh.zhang", "wh.leader") + rows("wh.head", reason=" "),
        rows("wh.zhang", "wh.leader") + rows("wh.head", grounds=["contact"]),
        rows("wh.zhang", "wh.leader") + rows("wh.head", grounds=["driver"]),
        rows("wh.zhang", "wh.leader", "wh.head") + rows("wh.head", months=2),
        rows("wh.zhang", "wh.leader", "nobody"),
        rows("wh.zhang", "wh.leader", "wh.head", case_id=1),
        ["wh.zhang"], "wh.zhang", {"person": "wh.zhang"},
    ],
)  # fmt: skip
def test_all_or_nothing(docket: Docket, given: Any) -> None:
    """One missing, one who owes nothing, months or reason that can't be: nothing is recorded."""
    refusal = docket.refused("penalise_all", "sc.officer", docket.upto("admitted"), penalties=given)
    assert list(refusal.fields) == ["penalties"]


@pytest.mark.rule("R51")
def test_two_grounds_are_one_row_there_too(docket: Docket) -> None:
    """S53. Who is chosen as the handler is followed by their own leader."""
    case = found_of(docket)
    given = rows("wh.wang", grounds=["handler"]) + rows("wh.head")
    case = docket("penalise_all", "sc.officer", case, penalties=given)
    assert penalties(case) == [("wh.wang", ["handler"], 1), ("wh.head", ["leader", "unit_head"], 1)]
    assert owing(docket, case) == []


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_a_head_who_leads_the_chosen_handler_records_the_rest_and_holds_nothing_more(docket: Docket) -> None:
    """What is left is the head's own, so it is marketing's to record."""
    case = found_of(docket)
    refusal = docket.refused("penalise_all", "wh.head", case, penalties=rows("wh.zhang", grounds=["handler"]))
    assert str(docket.cast["wh.leader"]) in refusal.fields["penalties"]
    blank = {"person": "", "grounds": ["leader"], "months": "", "reason": ""}
    refusal = docket.refused("penalise_all", "wh.head", case, penalties=[blank])
    assert list(refusal.fields) == ["penalties"]
    case = docket("penalise_all", "wh.head", case, penalties=[*rows("wh.wang", grounds=["handler"]), blank])
    assert owing(docket, case) == [("leader", "wh.head"), HEAD]
    assert holder(case) == "sc.officer"
    case = docket("penalise_all", "sc.officer", case, penalties=rows("wh.head"))
    assert penalties(case)[-1] == ("wh.head", ["leader", "unit_head"], 1)
    assert docket.refused("penalise_all", "sc.officer", case, penalties=[blank]).fields


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


# Leavers and movers


@pytest.mark.rule("R50")
def test_leavers_and_movers_who_were_stamped_are_still_penalised(docket: Docket) -> None:
    late = docket.play.upto("handed_off", priority="P1")
    docket.now.forward(hours=9)
    docket.play("update_employee", "sc.officer", employee="wh.zhang", unit="YC", reason="调动。")
    docket.gone("wh.leader")
    case = found_of(docket, late)
    assert owing(docket, case) == [("handler", "wh.zhang"), ("leader", "wh.leader"), HEAD]
    offered = {person.username for person in with_a_part(case, docket.actor("sc.officer"))}
    assert offered == {"wh.zhang", "wh.leader", "wh.head"}
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
