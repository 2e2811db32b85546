"""The application's role can read and write, and can't rewrite what is only ever added to."""

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accountability.db.insert_only import insert_only_tables
from accountability.declarations.proofs import PROVED

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")


def rights(role: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT r FROM unnest(%s) r WHERE has_table_privilege(%s, %s, r)", [list(RIGHTS), role, table])
        return {row[0] for row in cursor.fetchall()}


@pytest.fixture
def role(db: None) -> str:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_app NOLOGIN")
    return "an_app"


@pytest.mark.postgresql
def test_insert_only_tables_can_only_be_read_and_added_to(role: str) -> None:
    call_command("database_roles", app=role)

    assert {table: rights(role, table) for table in insert_only_tables()} == {
        table: {"SELECT", "INSERT"} for table in insert_only_tables()
    }
    assert rights(role, "accountability_preferences") == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert rights(role, "accountability_employee") == {"SELECT", "INSERT", "UPDATE"}


@pytest.mark.postgresql
def test_no_temporary_table_can_hide_one_of_ours(role: str) -> None:
    call_command("database_roles", app=role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege(%s, current_database(), 'TEMPORARY')", [role])
        assert cursor.fetchone() == (False,)


@pytest.mark.postgresql
def test_no_table_of_ours_is_left_out(role: str) -> None:
    call_command("database_roles", app=role)

    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - set(insert_only_tables())
    used = {table: {"SELECT", "INSERT", "UPDATE", "DELETE"} - taken(table) for table in tables}
    assert {table: found for table in tables if (found := rights(role, table)) != used[table]} == {}


def taken(table: str) -> set[str]:
    """What nothing does to the rows of a table that the ledger proves."""
    proof = next((one for one in PROVED.values() if apps.get_model(one.name)._meta.db_table == table), None)
    if proof is None:
        return set()
    deleted = set() if proof.is_deleted else {"DELETE"}
    return deleted if proof.changes is None else deleted | {"UPDATE"}


@pytest.mark.postgresql
@pytest.mark.compliance(3)
def test_what_people_are_judged_by_cant_be_taken_away(role: str) -> None:
    call_command("database_roles", app=role)

    lasting = ("accountability_deadline", "assessment_penalty", "assessment_circular", "accountability_appointment")
    assert {table: rights(role, table) for table in lasting} == {
        table: {"SELECT", "INSERT", "UPDATE"} for table in lasting
    }
    settled = ("sheet", "casecomplaint", "evidence", "namedperson")
    tables = [*(f"assessment_{name}" for name in settled), "complaints_origin"]
    assert [table for table in tables if rights(role, table) != {"SELECT", "INSERT"}] == []


@pytest.mark.postgresql
@pytest.mark.compliance(3)
def test_of_some_rows_a_few_columns_change(role: str) -> None:
    call_command("database_roles", app=role)

    for proof in PROVED.values():
        if proof.changes is not None:
            model = apps.get_model(proof.name)
            assert columns(role, model._meta.db_table) == set(proof.changes), proof.name


def columns(role: str, table: str) -> set[str]:
    """Those that the role may change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')",
            [table, role],
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.postgresql
def test_tables_of_a_later_release_can_be_used_at_once(role: str) -> None:
    call_command("database_roles", app=role)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_later_release (id int)")

    assert rights(role, "of_a_later_release") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.mark.postgresql
def test_a_role_that_no_grant_binds_is_refused(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {connection.ops.quote_name(connection.settings_dict['USER'])} TO {role}")

    with pytest.raises(CommandError, match="no grant would bind it"):
        call_command("database_roles", app=role)


@pytest.mark.postgresql
@pytest.mark.django_db
def test_an_unknown_role_is_named() -> None:
    with pytest.raises(CommandError, match="no database role 'nobody_here'"):
        call_command("database_roles", app="nobody_here")


def test_sqlite_has_no_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(CommandError, match="PostgreSQL only"):
        call_command("database_roles", app="anybody")
