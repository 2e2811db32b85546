"""Search finds the sealed rows of a customer first, and the complaints by their keys."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.search import finders
from complaints.models import Complaint


@pytest.fixture
def found(play, client_for):
    for place in range(3):
        play.upto("delivered", phone=f"1380000{place}4321")
    play.upto("delivered", phone="13899998888")

    def ask(typed: str) -> tuple[list[str], list[str]]:
        with CaptureQueriesContext(connection) as queries:
            page = client_for("kf.agent").get("/search/", {"q": typed}).content.decode()
        shown = [number for number in sorted(map(str, Complaint.objects.all())) if f"/complaints/{number}/" in page]
        return shown, [query["sql"] for query in queries]

    return ask


@pytest.mark.usefixtures("sent_as_written")
def test_no_statement_over_complaints_asks_for_digests(found):
    shown, statements = found("4321")
    assert len(shown) == 3
    assert not [sql for sql in statements if '"last4_digest" IN' in sql and 'FROM "complaints_complaint"' in sql]


@pytest.mark.parametrize("typed", ["4321", "8888", "王建国", "TS202611", "ts 20261124000002"])
def test_of_many_the_database_is_asked_all_the_same(found, monkeypatch, typed):
    few, _statements = found(typed)
    monkeypatch.setattr(finders, "MOST_KEYS", 0)
    many, _statements = found(typed)
    assert few == many != []


@pytest.mark.parametrize("most_keys", [0, finders.MOST_KEYS])
def test_a_number_is_found_in_texts_of_others_too(play, client_for, monkeypatch, most_keys):
    monkeypatch.setattr(finders, "MOST_KEYS", most_keys)
    one, other = play.upto("delivered"), play.upto("delivered")
    play("supplement", "kf.agent", other, content=f"与 {one} 为同一事")
    page = client_for("kf.agent").get("/search/", {"q": str(one)})
    assert [(each.finder.name, [line.complaint for line in each.page.rows]) for each in page.context["groups"]] == [
        ("complaints", [one]),
        ("texts", [other]),
    ]


@pytest.mark.usefixtures("sent_as_written")
def test_who_may_read_texts_is_asked_only_where_a_number_stands_in_one(play, client_for):
    one, other = play.upto("delivered"), play.upto("delivered")
    contact = client_for("wh.contact")

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            contact.get("/search/", {"q": str(one)})
        return [query["sql"] for query in queries if 'FROM "accountability_searchtext"' in query["sql"]]

    assert all("complaints_round" not in sql for sql in asked())
    play("supplement", "kf.agent", other, content=f"与 {one} 为同一事")
    assert any("complaints_round" in sql for sql in asked())


def test_a_sheet_is_looked_for_by_what_may_be_its_number(play, client_for):
    complaint, officer = play.upto("delivered"), client_for("sc.officer")

    def asks_for_sheets(typed: str) -> bool:
        with CaptureQueriesContext(connection) as queries:
            officer.get("/search/", {"q": typed})
        return any('FROM "assessment_sheet"' in query["sql"] for query in queries)

    assert not asks_for_sheets(str(complaint))
    assert asks_for_sheets("HD2026-ABC")
