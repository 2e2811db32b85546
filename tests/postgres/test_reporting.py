"""The schema `reporting`: its role reads each view and nothing else; nothing personal and no text is in any column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test.utils import CaptureQueriesContext
from psycopg2 import sql

from accountability.models import SYSTEM_USERNAME, Employee
from accountability.security.encryption import digest
from config.docs.reporting import reporting
from config.reporting import schema
from config.reporting.views import KEY, READ, SCHEMA, VIEWS
from tests.assessment.docket import Docket
from tests.factories import Play
from tests.planted import AT_THE_TABLE, FORWARDED, SECRETS, planted, raw_in

pytestmark = [pytest.mark.compliance(14), pytest.mark.asvs("8.2.2", "14.2.6")]

ROLE = "a_reporter"
CODED = {"state", "channel", "tier", "priority", "kind", "method", "source", "ended_as", "dissatisfied_by", "group"}


def asked(statement: str, *names: str) -> list[tuple[Any, ...]]:
    """What the statement finds, with these names written into it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
        return list(cursor.fetchall())


def done(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def role(db: None) -> str:
    done("CREATE ROLE {} NOLOGIN", ROLE)
    return ROLE


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    done("GRANT {} TO CURRENT_USER", role)
    done("SET ROLE {}", role)
    try:
        yield
    finally:
        done("RESET ROLE")


def may(statement: str, *names: str) -> bool:
    """Whether the database lets it run; anything else that goes wrong is raised."""
    try:
        with transaction.atomic():
            done(statement, *names)
    except ProgrammingError as refused:
        if "permission denied" not in str(refused):
            raise
        return False
    return True


@pytest.fixture
def lived_in(play: Play) -> None:
    planted(play)
    Docket(play).upto("penalised")


@pytest.mark.postgresql
def test_the_role_reads_each_view_and_nothing_else(role: str, lived_in: None) -> None:
    """Every relation of the database is tried; none may be written, those of the server among them."""
    call_command("reporting", role=role)
    relations = asked(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " AND n.nspname !~ '^pg_toast'"
    )
    assert len(relations) > 100
    with acting_as(role):
        reads = {name for name in relations if may("SELECT 1 FROM {}.{} LIMIT 1", *name)}
        created = [may("CREATE TABLE {}.mine (a int)", place) for place in ("public", SCHEMA)]
    assert reads == {(SCHEMA, view.name) for view in VIEWS}
    assert created == [False, False]
    written = asked(
        "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND"
        " has_table_privilege('a_reporter', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    )
    assert written == [("pg_settings",)], "which everybody may write, for their own session"


@pytest.mark.postgresql
def test_nothing_personal_and_no_text_is_in_any_column(role: str, lived_in: None) -> None:
    call_command("reporting", role=role)
    with acting_as(role):
        rows = {view.name: asked("SELECT * FROM {}.{}", SCHEMA, view.name) for view in VIEWS}
    empty = [name for name, found in rows.items() if not found]
    assert empty == ["rankings"]
    named = Employee.objects.exclude(username=SYSTEM_USERNAME).values_list("name", "username")
    people = {said for row in named for said in row}
    for name, found in rows.items():
        for cell in {str(cell) for row in found for cell in row}:
            assert raw_in(cell) == [], name
            assert [word for word in SECRETS | AT_THE_TABLE | FORWARDED if word in cell] == [], (name, cell)
            assert cell not in people, (name, cell)


@pytest.mark.postgresql
def test_a_code_is_one_of_its_choices(role: str, lived_in: None) -> None:
    call_command("reporting", role=role)
    for view in VIEWS:
        for column in view.columns:
            assert column.name not in CODED or column.choices, (view.name, column.name)
            if column.choices:
                found = {row[0] for row in asked("SELECT DISTINCT {} FROM {}.{}", column.name, SCHEMA, view.name)}
                known = {value for value, _label in column.choices} | {None, ""}
                assert found <= known, (view.name, column.name, found)


@pytest.mark.postgresql
def test_a_person_is_one_pseudonym_in_every_view(role: str, lived_in: None) -> None:
    call_command("reporting", role=role)
    handlers = {row[0] for row in asked("SELECT handler FROM reporting.rounds WHERE handler IS NOT NULL")}
    penalised = {row[0] for row in asked("SELECT person FROM reporting.penalties")}
    assert penalised & handlers
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in handlers | penalised)
    call_command("reporting", role=role)
    assert {row[0] for row in asked("SELECT person FROM reporting.penalties")} == penalised
    ((key,),) = [map(bytes, row) for row in asked("SELECT key FROM reporting.pseudonym_key")]
    assert key == bytes.fromhex(digest("reporting", SCHEMA))
    assert settings.BLIND_INDEX_KEY.encode() not in (key, key.hex().encode())


@pytest.mark.postgresql
def test_every_column_is_documented(role: str) -> None:
    """In the database and on the page: the columns that there are, and no others."""
    call_command("reporting", role=role)
    page = (Path(settings.BASE_DIR) / "docs/reporting.md").read_text()
    there = asked(
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum), c.reloptions FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'v'"
    )
    assert {(view, column, says) for view, column, says, _options in there} == {
        (view.name, column.name, column.says) for view in VIEWS for column in view.columns
    }
    assert {tuple(options) for *_names, options in there} == {("security_barrier=true",)}
    for view in VIEWS:
        part = page.split(f"## `{SCHEMA}.{view.name}`")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \| \S", part, re.M) == [column.name for column in view.columns]


@pytest.mark.postgresql
def test_no_view_is_made_of_people_or_sealed_texts(role: str) -> None:
    call_command("reporting", role=role)
    used = asked(
        "SELECT DISTINCT t.relname FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid"
        " JOIN pg_class v ON v.oid = r.ev_class JOIN pg_class t ON t.oid = d.refobjid"
        " WHERE v.relnamespace = 'reporting'::regnamespace AND t.oid <> v.oid"
    )
    assert {name for (name,) in used} == {model._meta.db_table for model in READ} | {KEY}


@pytest.mark.postgresql
def test_it_can_be_made_again_and_removed(role: str) -> None:
    call_command("reporting", role=role)
    call_command("reporting", role=role)
    call_command("reporting", remove=True)
    call_command("reporting", remove=True)
    assert asked("SELECT count(*) FROM pg_namespace WHERE nspname = 'reporting'") == [(0,)]


@pytest.mark.postgresql
def test_a_role_with_other_rights_is_refused(role: str) -> None:
    done("GRANT SELECT (name) ON accountability_employee TO {}", role)
    with pytest.raises(CommandError, match="accountability_employee"), transaction.atomic():
        call_command("reporting", role=role)
    assert asked("SELECT count(*) FROM pg_namespace WHERE nspname = 'reporting'") == [(0,)]
    done("REVOKE SELECT (name) ON accountability_employee FROM {}", role)
    done("CREATE ROLE another NOLOGIN")
    done("GRANT another TO {}", role)
    for name, said in (
        (role, "member of another"),
        (connection.settings_dict["USER"], "powerful"),
        ("none", "no data"),
    ):
        with pytest.raises(CommandError, match=said), transaction.atomic():
            call_command("reporting", role=name)


@pytest.mark.postgresql
def test_the_key_stands_in_no_statement(role: str) -> None:
    """The server may write each statement into its log."""
    with CaptureQueriesContext(connection) as sent:
        call_command("reporting", role=role)
    assert len(sent) > 50
    assert [one["sql"] for one in sent if digest("reporting", SCHEMA) in one["sql"]] == []


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("GRANT CREATE ON SCHEMA public TO {}", "CREATE in public"),
        ("CREATE SCHEMA theirs AUTHORIZATION CURRENT_USER; GRANT CREATE ON SCHEMA theirs TO {}", "CREATE in theirs"),
        ("DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || quote_ident(current_database()) || ' TO {}'; END $$",
         "CREATE in the database"),
        ("CREATE FUNCTION peep() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS"
         " 'SELECT count(*) FROM accountability_employee'", r"public\.peep\(\)"),
    ],
)  # fmt: skip
def test_a_role_that_may_make_something_or_act_as_another_is_refused(role: str, given: str, said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(given.format(role))
    with pytest.raises(CommandError, match=said), transaction.atomic():
        call_command("reporting", role=role)
    assert asked("SELECT count(*) FROM pg_namespace WHERE nspname = 'reporting'") == [(0,)]


@pytest.mark.postgresql
def test_a_role_that_copies_the_server_is_refused(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a superuser can give REPLICATION, so the catalogue is asked as if the role had it."""
    monkeypatch.setattr(CursorWrapper, "execute", as_if_replicating(CursorWrapper.execute))
    with pytest.raises(CommandError, match="powerful"), transaction.atomic():
        call_command("reporting", role=role)


def as_if_replicating(execute: Callable[..., Any]) -> Callable[..., Any]:
    def executed(self: CursorWrapper, statement: Any, *params: Any) -> Any:
        replaced = statement.replace("rolreplication", "true") if isinstance(statement, str) else statement
        return execute(self, replaced, *params)

    return executed


@pytest.mark.postgresql
def test_what_an_extension_shows_to_all_is_nothing_against_a_role(role: str) -> None:
    done("CREATE EXTENSION citext")
    done("CREATE TABLE counted (a int)")
    done("GRANT SELECT ON counted TO PUBLIC")
    with pytest.raises(CommandError, match="counted"), transaction.atomic():
        call_command("reporting", role=role)
    done("ALTER EXTENSION citext ADD TABLE counted")
    call_command("reporting", role=role)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "built",
    [
        "CREATE VIEW public.theirs AS SELECT * FROM reporting.units",
        "CREATE FUNCTION reporting.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_what_others_built_on_the_views_is_not_removed(role: str, built: str) -> None:
    call_command("reporting", role=role)
    done(built)
    for asked_for in ({"role": role}, {"remove": True}):
        with pytest.raises(CommandError, match="theirs"), transaction.atomic():
            call_command("reporting", **asked_for)
    assert asked("SELECT count(*) FROM reporting.units") == [(0,)]


@pytest.mark.postgresql
def test_somebody_elses_schema_is_left_alone(role: str) -> None:
    done("CREATE SCHEMA reporting")
    done("CREATE TABLE reporting.theirs (a int)")
    for asked_for in ({"role": role}, {"remove": True}):
        with pytest.raises(CommandError, match="didn't make"), transaction.atomic():
            call_command("reporting", **asked_for)
    assert asked("SELECT count(*) FROM reporting.theirs") == [(0,)]


def test_elsewhere_there_are_no_roles(db: None) -> None:
    if connection.vendor != "postgresql":
        with pytest.raises(CommandError, match="PostgreSQL only"):
            call_command("reporting", role=ROLE)


def test_the_page_is_written_from_the_views() -> None:
    text = reporting()
    assert all(f"`{SCHEMA}.{view.name}`" in text for view in VIEWS)
    names = [(view.name, column.name) for view in VIEWS for column in view.columns]
    assert len(names) == len(set(names))
    assert schema.MARK
