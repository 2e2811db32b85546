"""What an auditor reads leaves a row each time, before it is shown; where the row can't be written nothing is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accountability.audit import access_log
from accountability.models import AccessLog, LedgerEntry
from assessment.models import Case, Sheet
from complaints.models import Complaint
from tests.factories import Play
from tests.test_access_matrix import TABLE

pytestmark = [pytest.mark.compliance(2, 4), pytest.mark.asvs("16.3.2")]


@pytest.fixture
def complaint(play: Play) -> Complaint:
    return play.upto("accepted")


def rows(action: str = "read") -> list[tuple[Any, ...]]:
    told = AccessLog.objects.filter(action=action).order_by("pk")
    return [(row.actor.username if row.actor else None, row.detail, row.matter and row.matter.number) for row in told]


def test_an_auditors_reading_is_one_row_with_page_and_matter(
    complaint: Complaint, client_for: Callable[[str], Client], now: Any
) -> None:
    number = str(complaint.matter.number)
    client = client_for("sj.auditor")
    client.get(f"/complaints/{number}/")
    client.get("/complaints/", {"q": "扣费"})
    assert rows() == [("sj.auditor", "complaint", number), ("sj.auditor", "complaints", None)]
    row = AccessLog.objects.filter(action="read").earliest("pk")
    assert (row.at, row.result, row.address) == (now.at, "ok", "127.0.0.1")


def test_a_sheet_is_read_of_its_case_and_a_row_of_the_books_of_its_matter(
    play: Play, complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    play(
        "issue_sheet", "kf.agent", Case(), unit="WH", complaints=[str(complaint.matter)], person="wh.zhang",
        description="超时未办。", evidence="处理时限已过。",
    )  # fmt: skip
    sheet = Sheet.objects.get()
    case = str(sheet.case.matter.number)
    entry = LedgerEntry.objects.filter(matter=sheet.case.matter).earliest("pk")
    client = client_for("sj.auditor")
    client.get(reverse("sheet", args=[sheet.number]))
    client.get(reverse("admin:accountability_ledgerentry_change", args=[entry.pk]))
    client.get(reverse("admin:assessment_case_change", args=[sheet.case_id]))
    assert rows() == [
        ("sj.auditor", "sheet", case),
        ("sj.auditor", "admin:accountability_ledgerentry_change", case),
        ("sj.auditor", "admin:assessment_case_change", case),
    ]


def test_what_is_not_shown_and_what_says_nothing_leaves_none(client_for: Callable[[str], Client]) -> None:
    client = client_for("sj.auditor")
    for place in ("/complaints/TS20200101000001/", "/complaints/new/", "/calendar/", "/rules/", "/inbox/", "/pulse/"):
        client.get(place)
    assert rows() == []


def test_nobody_elses_reading_is_written(complaint: Complaint, client_for: Callable[[str], Client]) -> None:
    for username in ("kf.agent", "sc.officer", "wh.zhang"):
        assert client_for(username).get(f"/complaints/{complaint.matter.number}/").status_code == 200
    assert rows() == []


def test_who_reads_the_log_stands_in_it(client_for: Callable[[str], Client]) -> None:
    for username in ("sj.auditadmin", "sj.auditor"):
        client_for(username).get("/access-log/")
    assert rows() == [("sj.auditadmin", "access_log", None), ("sj.auditor", "access_log", None)]


def test_where_the_row_cant_be_written_nothing_is_shown(
    complaint: Complaint, client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(things: Any) -> None:
        raise OperationalError("database or disk is full")

    client = client_for("sj.auditor")
    client.raise_request_exception = False
    shown = client.get(f"/complaints/{complaint.matter.number}/")
    monkeypatch.setattr(access_log, "writing", SimpleNamespace(insert=full))
    answer = client.get(f"/complaints/{complaint.matter.number}/")
    told = str(complaint.category)
    assert (shown.status_code, told in shown.content.decode()) == (200, True)
    assert (answer.status_code, told in answer.content.decode()) == (503, False)


SAYS_NOTHING = {
    "livez", "readyz", "metrics", "sign_in", "sign_out", "set_language", "password", "inbox", "pulse", "stay",
    "preferences", "tour", "answer_tour", "units", "unit", "calendar", "calendar_year", "limits", "rules",
    "confirm_reading", "mark_read", "privacy_policy", "activate", "enrol", "my_sessions", "sign_in_policy",
    "second_factor", "own_penalties", "my_tokens", "my_calendar", "customer_progress", "api_docs", "api_schema",
    "company_sign_in", "company_return", "company_sign_out",
    "api_units", "api_people", "api_categories", "api_limits", "api_calendar", "webhooks",
}  # fmt: skip
"""Pages of the account, the organisation and the rules: none of them tells of a complaint."""


def plain_pages() -> Iterator[str]:
    """The pages without a matter in their address that an auditor may open."""
    for name, answers in TABLE.items():
        try:
            place = reverse(name)
        except Exception:  # noqa: S112  it takes something
            continue
        if "GET" in answers and answers["GET"]("auditor") == 200:
            yield place


def test_every_page_that_tells_of_complaints_leaves_one(
    complaint: Complaint, client_for: Callable[[str], Client]
) -> None:
    """Whatever page comes later: it leaves a row, unless it is declared to say nothing."""
    client, found = client_for("sj.auditor"), {}
    for place in plain_pages():
        before = AccessLog.objects.filter(action="read").count()
        answer = client.get(place)
        found[answer.resolver_match.view_name] = AccessLog.objects.filter(action="read").count() - before
    assert {name for name, count in found.items() if count != 1} - SAYS_NOTHING == set()
    assert {found[name] for name in ("home", "complaints", "leads", "sheets", "dashboard", "search")} == {1}
