"""What becomes of the misses that a case rests on: its annulment frees them, and marketing hears of one that falls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.gate.act import Batch
from accountability.gate.sweeper import sweep
from accountability.models import Alarm, Notification
from accountability.monitoring.reminders import remind
from assessment.cases.leads import in_order
from assessment.models import Case, LeadMark, open_leads
from tests.assessment.actions.test_leads import excuse, leads
from tests.assessment.docket import ADMITS, Docket
from tests.assessment.test_admin import do
from tests.factories import Play
from tests.looking import deadline

WARNED = "纳入的超时有已不成立或已免责的"


def annulled(docket: Docket, case: Case) -> Case:
    return docket("approve", "sc.leader", docket("annul_case", "sc.officer", case))


def linked(case: Case) -> list[str]:
    return [str(link.complaint) for link in case.complaint_links.select_related("complaint__matter")]


@pytest.mark.rule("R38")
@pytest.mark.rule("R52")
def test_an_annulled_case_frees_its_misses_for_who_really_owed_them(docket: Docket) -> None:
    """Annulled for a wrong finding, the miss itself stands: the next case takes it up, so the contact who missed the
    hand-over pays, not the handler for want of a miss.
    """
    case = docket.upto("admitted")
    assert leads(docket) == []
    numbers = linked(case)
    case = annulled(docket, case)
    assert (leads(docket), [mark.restored_at for mark in case.leads.all()]) == (["handoff#1"], [docket.now.at])
    anew = docket("issue_sheet", "kf.agent", complaints=numbers)
    assert [mark.deadline.kind for mark in anew.leads.select_related("deadline")] == ["handoff"]
    assert leads(docket) == []


@pytest.mark.rule("R38")
def test_one_that_is_free_again_can_be_set_aside(docket: Docket) -> None:
    case = docket.upto("admitted")
    complaint = case.complaint_links.get().complaint
    annulled(docket, case)
    docket.play("set_aside_lead", "kf.supervisor", complaint, leads=["handoff#1"], reason="不构成违反。")
    assert leads(docket) == []


def admitted(docket: Docket, number: str) -> Case:
    """A case that marketing opened by itself."""
    case = docket("notify_unit", "sc.officer", docket("open_case", "sc.officer", complaints=[number]))
    return docket("file_report", "wh.head", case, **ADMITS)


@pytest.mark.rule("R38")
@pytest.mark.rule("R41")
def test_another_case_on_the_same_miss_has_it_from_then_on(docket: Docket) -> None:
    """Nobody answers twice for one miss, and the centre, which has judged it by its sheet, isn't asked again."""
    number = docket.number(docket.complaint())
    first = admitted(docket, number)
    docket.now.forward(hours=1)
    sheet = docket("issue_sheet", "kf.agent", complaints=[number])
    docket.now.forward(hours=1)
    later = docket("open_case", "sc.officer", complaints=[number])
    docket("open_case", "sc.officer", complaints=[number], unit="YC")
    assert [case.leads.count() for case in (first, sheet, later)] == [1, 0, 0]
    annulled(docket, first)
    assert [case.leads.count() for case in (first, sheet, later)] == [0, 1, 0]
    assert (leads(docket), open_leads(to_centre=True).count()) == ([], 0)
    assert LeadMark.objects.get().restored_at is None


def waiting_since() -> list[Any]:
    """From when the centre's leads wait."""
    return [getattr(lead, "since") for lead in in_order(open_leads(to_centre=True))]  # noqa: B009  annotated


@pytest.mark.rule("R38")
@pytest.mark.rule("R41")
def test_the_centre_notices_nothing_of_a_case_that_marketing_opened_and_annulled(docket: Docket) -> None:
    number = docket.number(docket.complaint())
    docket.now.set("2026-12-02 09:00")
    remind(docket.now.at)
    before = list(Alarm.objects.filter(kind="lead").values_list("since", "cleared_at"))
    since = waiting_since()
    annulled(docket, admitted(docket, number))
    for days in (1, 10, 1):
        remind(docket.now.forward(days=days))
    assert list(Alarm.objects.filter(kind="lead").values_list("since", "cleared_at")) == before
    assert [cleared for _since, cleared in before] == [None]
    assert (waiting_since(), len(since)) == (since, 1)
    assert Notification.objects.filter(kind="leads_wait").count() == len(Batch(docket.now.at).csc_supervisor_ids)


@pytest.mark.rule("R38")
def test_until_the_annulment_is_approved_they_are_the_cases(docket: Docket) -> None:
    case = docket("annul_case", "sc.officer", docket.upto("admitted"))
    assert leads(docket) == []
    docket("disapprove", "sc.leader", case)
    assert leads(docket) == []


@pytest.mark.rule("R22")
def test_an_annulled_fault_frees_the_missed_hand_over(docket: Docket) -> None:
    """A fault is opened once a round; what was missed is judged anew by a sheet, against who owed it."""
    case = docket.upto("contact at fault")
    assert case.round is not None
    name, numbers = f"{case.round.complaint}#{case.round.number}", linked(case)
    annulled(docket, case)
    assert list(docket.refused("open_fault", "kf.agent", round=name).fields) == ["round"]
    anew = docket("issue_sheet", "kf.agent", complaints=numbers)
    assert [mark.deadline.kind for mark in anew.leads.select_related("deadline")] == ["handoff"]


def fallen(case: Case) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(kind="lead_fallen", matter=case.pk).order_by("pk")
    return [(row.recipient.username, row.facts["case"]) for row in rows.select_related("recipient")]


@pytest.mark.rule("R38")
def test_marketing_hears_of_an_excuse_of_what_its_case_rests_on(
    docket: Docket, client_for: Callable[[str], Client]
) -> None:
    complaint = docket.complaint()
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    case = docket("notify_unit", "sc.officer", case)
    page = reverse("admin:assessment_case_change", args=[case.pk])
    assert WARNED not in client_for("sc.officer").get(page).content.decode()
    excuse(docket, complaint)
    assert fallen(case) == [("sc.officer", str(case))]
    assert WARNED in client_for("sc.officer").get(page).content.decode()


@pytest.mark.rule("R38")
def test_where_nobody_has_taken_the_case_all_of_marketing_hears(docket: Docket) -> None:
    complaint = docket.complaint()
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    excuse(docket, complaint)
    people = {who for who, _case in fallen(case)}
    assert people == {"sc.officer", "sc.officer2"}, "who approved the excuse knows"


@pytest.mark.rule("R38")
def test_who_decides_reads_it_beside_the_form(docket: Docket, client_for: Callable[[str], Client]) -> None:
    complaint = docket.complaint()
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    excuse(docket, complaint)
    assert WARNED in client_for("sc.officer").get(do(case, "notify_unit")).content.decode()


@pytest.mark.rule("R28")
@pytest.mark.rule("R38")
def test_a_return_that_voids_the_miss_is_told(docket: Docket, play: Play) -> None:
    """Asked for in time and granted after the limit: the miss goes, the case that took it up stands."""
    complaint = play.upto("accepted")
    due = deadline(complaint, "handling", 1).due_at
    assert due is not None
    docket.now.set(due - timedelta(minutes=30))
    complaint = play("request_return", "wh.zhang", complaint)
    sweep(docket.now.set(due + timedelta(minutes=30)))
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    taken = [mark.deadline.kind for mark in case.leads.select_related("deadline")]
    play("rule_on_return", "kf.agent", complaint, accepted=True)
    assert (taken, bool(fallen(case))) == (["handling"], True)


@pytest.mark.rule("R22")
@pytest.mark.rule("R38")
def test_a_miss_that_never_was_is_told(docket: Docket, play: Play) -> None:
    """The sweep came before a hand-over that had arrived in time: the fault rests on nothing late any more."""
    complaint = play.upto("delivered")
    due = deadline(complaint, "handoff", 1).due_at
    assert due is not None
    case = docket("open_fault", "kf.agent", round=f"{complaint}#1")
    sweep(due + timedelta(minutes=1))
    play("hand_off", "wh.contact", complaint, at=due)
    assert {who for who, _case in fallen(case)} == {"sc.officer", "sc.officer2", "sc.leader"}


@pytest.mark.rule("R38")
def test_of_a_case_that_charges_nobody_nothing_is_told(docket: Docket) -> None:
    complaint = docket.complaint()
    case = docket("issue_sheet", "kf.agent", complaints=[docket.number(complaint)])
    case = docket("approve", "sc.leader", docket("decline_case", "sc.officer", case))
    excuse(docket, complaint)
    assert fallen(case) == []
