"""PostgreSQL clears the tables that change before lists read many rows that are no longer true."""

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accountability.db import vacuum
from accountability.db.insert_only import insert_only_tables
from accountability.models import Deadline, LedgerEntry, Matter
from complaints.models import Complaint, Round

pytestmark = pytest.mark.django_db


def test_what_is_only_added_to_is_left_alone() -> None:
    changing = {model._meta.db_table for model in (Matter, Deadline, Complaint, Round)}
    assert changing <= set(vacuum.changing_tables())
    assert LedgerEntry._meta.db_table in insert_only_tables()
    assert not set(vacuum.changing_tables()) & set(insert_only_tables())


def told() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, coalesce(reloptions, '{}') FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)"
        )
        return {table: set(options) for table, options in cursor.fetchall()}


@pytest.mark.postgresql
def test_every_table_that_changes_is_cleared_after_few_changes(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    wanted = {f"{name}={value}" for name, value in vacuum.SETTINGS.items()}
    found = told()
    assert {table for table in vacuum.changing_tables() if not found[table] >= wanted} == set()
    assert {table for table in insert_only_tables() if found[table] & wanted} == set()
    with django_assert_num_queries(1):  # nothing is left to set, so no table is locked
        vacuum.set_up(connection)


@pytest.mark.postgresql
def test_a_table_that_lost_its_settings_gets_them_again() -> None:
    table = Matter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_threshold)")
    vacuum.set_up(connection)
    assert told()[table] >= {f"{name}={value}" for name, value in vacuum.SETTINGS.items()}
