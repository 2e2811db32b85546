"""What somebody isn't told any more, or not yet, of a case that they may read."""

from __future__ import annotations

import pytest

from accountability.gate.verbs import find
from accountability.models import Appointment
from assessment.cases.dossier import dossier_of, report_for, whole
from assessment.cases.forms import case_form
from tests.assessment.docket import Docket
from tests.factories import Play


def test_a_case_shows_the_unit_no_round_of_the_unit_that_took_over(play: Play) -> None:
    docket = Docket(play)
    found = play("request_return", "wh.zhang", docket.complaint())
    found = play("dispatch", "kf.agent", play("rule_on_return", "kf.agent", found), unit="YC")
    case = docket("notify_unit", "sc.officer", docket("issue_sheet", "kf.agent", complaints=[docket.number(found)]))
    people = ("wh.contact", "wh.head", "kf.agent", "sc.officer")
    told = {name: [each.unit.code for each in dossier_of(whole(case), docket.actor(name)).rounds] for name in people}
    assert told == {"wh.contact": ["WH"], "wh.head": ["WH"], "kf.agent": ["WH", "YC"], "sc.officer": ["WH", "YC"]}


def test_a_member_who_was_replaced_reads_the_report_no_longer(play: Play) -> None:
    docket = Docket(play)
    case = docket("replace_member", "sc.officer", docket.upto("panel sits"))
    gone, successor = docket.actor("kf.head"), docket.actor("yc.head")
    assert (report_for(case, gone), report_for(case, successor)) == (None, case.report)


@pytest.mark.rule("R52")
def test_the_only_leader_who_may_sign_is_chosen_beforehand(play: Play) -> None:
    docket = Docket(play)
    case, officer = docket.upto("penalised"), docket.actor("sc.officer")

    def chosen() -> str | None:
        return case_form(find(case, "issue_circular"), case, officer).initial.get("signed_by")

    assert chosen() == "sc.leader"
    other = {"employee": play.cast["sc.officer2"], "role": "marketing_leader", "starts_on": "2026-01-01"}
    Appointment.objects.create(**other)
    assert chosen() is None
