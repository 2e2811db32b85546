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
