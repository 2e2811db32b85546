"""What a connection has prepared belongs to it: nobody relies on it where it is gone."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accountability.db.sql import Recurring, fetched_again
from tests.postgres.test_prepared import there

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

TWO = Recurring("SELECT %s::bigint + 1, %s::text || '%%'")


@pytest.fixture(autouse=True)
def _a_connection_of_its_own() -> None:
    connection.close()


def test_what_somebody_else_ended_is_asked_plainly_and_prepared_again() -> None:
    for _once in range(2):
        fetched_again((TWO, (1, "a")))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert fetched_again((TWO, (4, "a"))) == [(5, "a%")]
    assert there() == []
    assert fetched_again((TWO, (5, "a"))) == [(6, "a%")]
    assert len(there()) == 1


def test_another_connection_prepares_anew() -> None:
    fetched_again((TWO, (1, "a")))
    connection.close()
    assert fetched_again((TWO, (2, "a"))) == [(3, "a%")]
    assert len(there()) == 1


def test_inside_a_transaction_it_fails_and_the_next_one_is_whole() -> None:
    fetched_again((TWO, (1, "a")))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(DatabaseError), transaction.atomic():
        fetched_again((TWO, (4, "a")))
    with transaction.atomic():
        assert fetched_again((TWO, (5, "a"))) == [(6, "a%")]
    assert len(there()) == 1


def test_a_table_that_got_another_column_meanwhile_is_read_anew() -> None:
    asked = Recurring("SELECT * FROM meanwhile WHERE a = %s")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE meanwhile AS SELECT 1 AS a")
        assert [fetched_again((asked, (1,))) for _twice in range(2)] == [[(1,)]] * 2
        cursor.execute("ALTER TABLE meanwhile ADD COLUMN b integer DEFAULT 2")
    assert fetched_again((asked, (1,))) == [(1, 2)]
    with transaction.atomic():
        assert fetched_again((asked, (1,))) == [(1, 2)]
    assert len(there()) == 1
