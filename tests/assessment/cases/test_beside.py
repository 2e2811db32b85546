"""Marketing reads which other cases of the unit rest on a complaint, so that nobody answers twice for one miss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.cases.dossier import dossier_of, whole
from assessment.models import Case
from tests.assessment.docket import Docket
from tests.assessment.test_admin import do


def beside(docket: Docket, case: Case, reader: str) -> list[str]:
    return [str(other) for other in dossier_of(whole(docket.again(case)), docket.actor(reader)).beside]


@pytest.mark.rule("R22")
@pytest.mark.rule("R42")
def test_marketing_reads_of_another_case_on_the_same_complaint(
    docket: Docket, client_for: Callable[[str], Client]
) -> None:
    """Before it notifies, judges and penalises; the unit, the centre and another unit's case hear nothing of it."""
    numbers = [docket.number(docket.complaint())]
    first = docket("open_case", "sc.officer", complaints=numbers)
    second = docket("issue_sheet", "kf.agent", complaints=numbers)
    docket("open_case", "sc.officer", complaints=numbers, unit="YC")
    docket("open_case", "sc.officer")
    assert (beside(docket, second, "sc.officer"), beside(docket, first, "sj.auditor")) == ([str(first)], [str(second)])
    pages = reverse("admin:assessment_case_change", args=[second.pk]), do(second, "notify_unit")
    for place in pages:
        page = client_for("sc.officer").get(place).content.decode()
        assert reverse("admin:assessment_case_change", args=[first.pk]) in page
    fault = docket("open_fault", "kf.agent", round=f"{docket.number(docket.complaint(phone='13900002222'))}#1")
    numbers = [str(link.complaint) for link in fault.complaint_links.select_related("complaint__matter")]
    other = docket("issue_sheet", "kf.agent", complaints=numbers)
    fault = docket("file_opinion", "wh.head", fault)
    assert str(other.matter.number) in client_for("sc.officer").get(do(fault, "decide_fault")).content.decode()
    assert [beside(docket, second, who) for who in ("wh.head", "kf.agent", "kf.head")] == [[], [], []]


@pytest.mark.rule("R42")
def test_one_declined_or_annulled_is_none(docket: Docket) -> None:
    declined = docket.upto("declined")
    numbers = [str(link.complaint) for link in declined.complaint_links.select_related("complaint__matter")]
    assert beside(docket, docket("issue_sheet", "kf.agent", complaints=numbers), "sc.officer") == []


def test_it_takes_no_statement_more(docket: Docket) -> None:
    numbers = [docket.number(docket.complaint())]
    case = docket("issue_sheet", "kf.agent", complaints=numbers)

    def asked() -> int:
        found = whole(docket.again(case))
        with CaptureQueriesContext(connection) as queries:
            dossier_of(found, docket.actor("sc.officer"))
        return len(queries)

    alone = asked()
    for _ in range(3):
        docket("open_case", "sc.officer", complaints=numbers)
    assert (asked(), len(beside(docket, case, "sc.officer"))) == (alone, 3)
