"""What pages ask again and again is planned once for a connection, and answers as it would if planned anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accountability.db import sql as prepared
from accountability.db.sql import OPEN, Recurring, fetched_again, recurring, with_constants, written_out
from accountability.models import Employee, Matter
from accountability.web.combined_queries import counted, keys_in_order
from accountability.web.standing_statements import standing_statements
from complaints.lists import desk, queue
from tests.assessment.docket import Docket
from tests.assessment.office import page_of
from tests.complaints.views.test_desk_numbers import PEOPLE, actor_of, stock
from tests.factories import Play
from tests.shared_world import shared

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

stage, own_copy, now, cast, play, client_for, _stock = shared(stock)

TWO = Recurring("SELECT %s::bigint + 1, %s::text || '%%'")


@pytest.fixture(autouse=True)
def _nothing_prepared() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    prepared._prepared.clear()


def there() -> list[tuple[str, int]]:
    """What the connection has prepared, and how often it was carried out by the plan for whichever values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans FROM pg_prepared_statements ORDER BY prepare_time, name")
        return cursor.fetchall()


def test_it_is_planned_once_for_whichever_values() -> None:
    assert [fetched_again((TWO, (n, "50%"))) for n in (1, 2, 7_000_000_000)] == [
        [(2, "50%%")], [(3, "50%%")], [(7_000_000_001, "50%%")],
    ]  # fmt: skip
    ((statement, plans),) = there()
    assert plans == 3
    assert statement.endswith("(bigint, unknown) AS SELECT $1::bigint + 1, $2::text || '%'")


def test_without_values_a_sign_for_them_is_one_sign() -> None:
    assert [fetched_again((Recurring("SELECT '100%%'"), ())) for _twice in range(2)] == [[("100%",)]] * 2


@pytest.mark.usefixtures("sent_as_written")
def test_where_a_test_reads_what_is_sent_nothing_is_prepared() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert fetched_again((TWO, (1, "a"))) == [(2, "a%")]
    assert [query["sql"] for query in queries] == ["SELECT 1::bigint + 1, 'a'::text || '%'"]
    assert there() == []


@pytest.mark.parametrize("username", PEOPLE)
def test_lists_and_counts_are_those_that_are_planned_anew(cast: Any, now: Any, username: str, settings: Any) -> None:
    for later in (timedelta(), timedelta(hours=9), timedelta(days=3)):
        actor = actor_of(cast[username], now)
        at = actor.at
        lists = standing_statements(queue._open_in_lists, actor, at, 100)
        first = standing_statements(desk._first_of_each, actor, at, False, 1000)
        answers = []
        for settings.DATABASE_POOLED in (False, False, True):
            answers.append((counted(lists), keys_in_order(first), [sorted(fetched_again(each)) for each in lists]))
        assert answers[0] == answers[1] == answers[2]
        now.forward(seconds=later.total_seconds())
    assert sum(plans for _statement, plans in there()) > 0


def test_a_page_has_nothing_prepared_but_what_pages_ask_again(client_for: Any) -> None:
    client = client_for("wh.contact")
    pages = [client.get(address) for address in ("/", "/complaints/?list=", "/", "/complaints/?list=")]
    assert {page.status_code for page in pages} == {200}
    statements = [statement for statement, _plans in there()]
    assert len(statements) >= 8
    assert all(plans >= 2 for statement, plans in there() if "bounded" in statement)


OFFICES = ("kf.agent", "kf.supervisor", "wh.contact", "wh.head", "wh.leader", "wh.zhang", "sc.officer", "sj.auditor")


def test_there_is_room_for_what_the_people_of_eight_offices_ask(
    play: Play, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each makes room for the next, and everything is planned anew each time. The acts of a case are among it."""
    room = prepared.MOST_PREPARED
    monkeypatch.setattr(prepared, "MOST_PREPARED", 10 * room)
    docket = Docket(play)
    case = docket.upto("penalised")
    (complaint,) = case.complaint_ids
    pages = ("/", "/complaints/?list=", "/inbox/", f"/complaints/{Matter.objects.get(pk=complaint)}/", page_of(case))
    for username in OFFICES:
        client = client_for(username)
        met = [client.get(address, follow=True).status_code for address in pages]
        assert set(met) <= {200, 404}, (username, met)
    asked = [len(text) for text, *_types in prepared._prepared[connection.connection].names]
    assert room / 2 < sum(asked) < room


def test_behind_pgbouncer_nothing_is_prepared(settings: Any) -> None:
    settings.DATABASE_POOLED = True
    assert fetched_again((TWO, (1, "a"))) == [(2, "a%")]
    assert fetched_again((Recurring("SELECT '100%%'"), ())) == [("100%",)]
    assert there() == []


@pytest.mark.parametrize("value", [None, ["a"], [1, None], 1.5])
def test_for_values_of_other_types_nothing_is_prepared(value: Any) -> None:
    assert len(fetched_again((Recurring("SELECT %s"), (value,)))) == 1
    assert there() == []


@pytest.mark.parametrize("keys", [[], [1], [3, 2**40]])
def test_keys_are_prepared_as_an_array(keys: list[int]) -> None:
    text = Recurring("SELECT count(*) FROM generate_series(1, 5) AS n WHERE n = ANY(%s)")
    assert [fetched_again((text, (keys,))) for _twice in range(2)] == [[(len([k for k in keys if k < 6]),)]] * 2
    assert len(there()) == 1


def test_an_empty_statement_finds_nothing() -> None:
    """As Django has it for a query that can have no rows."""
    assert [fetched_again((text, ())) for text in ("", Recurring(""))] == [[], []]
    assert there() == []


def test_a_text_of_other_parts_is_not_prepared() -> None:
    assert isinstance(recurring("a b", [Recurring("a"), Recurring("b")]), Recurring)
    assert not isinstance(recurring("a b", [Recurring("a"), "b"]), Recurring)
    assert fetched_again(("SELECT 1", ())) == [(1,)]
    assert there() == []


def test_what_was_asked_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_PREPARED", 3 * len("SELECT 0 + %s"))
    asked = [Recurring(f"SELECT {n} + %s") for n in range(5)]
    for n in (0, 1, 2, 0, 3, 4, 0):
        assert fetched_again((asked[n], (10,))) == [(n + 10,)]
    assert sorted(statement.partition("SELECT ")[2][0] for statement, _plans in there()) == ["0", "3", "4"]


def test_what_was_prepared_outlives_a_transaction_that_is_undone() -> None:
    with transaction.atomic():
        fetched_again((TWO, (1, "a")))
        transaction.set_rollback(True)
    assert fetched_again((TWO, (2, "b"))) == [(3, "b%")]
    assert [plans for _statement, plans in there()] == [2]


def test_a_first_use_that_fails_leaves_the_next_one_whole() -> None:
    asked = Recurring("SELECT 1 / %s")
    for _twice in range(2):
        with pytest.raises(Exception, match="division by zero"), transaction.atomic():
            fetched_again((asked, (0,)))
    assert fetched_again((asked, (1,))) == [(1,)]
    assert len(there()) == 1  # each failure would else leave a plan behind that nobody ends


def test_too_long_a_first_use_leaves_the_next_one_whole() -> None:
    asked = Recurring("SELECT pg_sleep(%s::double precision / 10) IS NULL")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
    with pytest.raises(OperationalError), transaction.atomic():
        fetched_again((asked, (9,)))
    assert fetched_again((asked, (0,))) == [(False,)]
    assert len(there()) == 1


def test_in_a_transaction_that_has_failed_nothing_is_taken_for_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_PREPARED", len(TWO))
    fetched_again((TWO, (1, "a")))
    with transaction.atomic(), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="zero"):
            cursor.execute("SELECT 1 / 0")
        with pytest.raises(DatabaseError, match="aborted"):
            fetched_again((Recurring("SELECT %s + 41"), (1,)))
        transaction.set_rollback(True)
    assert fetched_again((Recurring("SELECT %s + 41"), (1,))) == [(42,)]
    assert len(there()) == 1


@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), max_size=3))
def test_constants_in_the_text_are_those_that_were_given(texts: list[str]) -> None:
    """Signs of percent, quotes, backslashes, and what looks like a place for a value."""
    columns = ", ".join(["%s::text"] * len(texts))
    asked = with_constants(f"SELECT 'a%%b', {columns or '1'}, %s::bigint", [*texts, OPEN])
    assert fetched_again((asked, (7,))) == [("a%b", *texts, *([] if texts else [1]), 7)]


def test_a_statement_may_be_written_out_whole(cast: Any) -> None:
    found = Employee.objects.filter(username__in=["kf.agent", "a'b%s"], is_active=True).values_list("username")
    text, values = written_out(*found.query.sql_with_params())
    assert (values, fetched_again((text, values))) == ((), [("kf.agent",)])
