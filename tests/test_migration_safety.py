"""What old processes don't survive is refused before it is released; what is to be done instead passes."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.migration_safety import faults, judged, main

INDEX = models.Index(fields=["name"], name="by_name")


def migration(*operations: Any, atomic: bool = True, contracts: str = "") -> Migration:
    said: dict[str, Any] = {"operations": operations, "atomic": atomic, "contracts": contracts}
    said["dependencies"] = [("accountability", "0001_initial")]
    made: Migration = type("Migration", (Migration,), said)("0002_next", "accountability")
    return made


pytestmark = pytest.mark.django_db


@pytest.fixture
def state() -> ProjectState:
    return ProjectState.from_apps(apps)


def fill_in(apps: Any, schema_editor: Any) -> None:
    from accountability.models import Unit

    Unit.objects.all()


def column(**options: Any) -> Any:
    return migrations.AddField("unit", name="note", field=models.CharField(max_length=9, **options))


def raw(statement: str) -> Any:
    return migration(migrations.RunSQL(statement, reverse_sql=migrations.RunSQL.noop))


UNSAFE = {
    "NOT_NULL: a column that old processes don't fill": migration(column(default="")),
    "DROP_COLUMN: a column that old processes read": migration(migrations.RemoveField("unit", name="name")),
    "RENAME_COLUMN": migration(migrations.RenameField("unit", old_name="name", new_name="title")),
    "RENAME_TABLE": migration(migrations.RenameModel("unit", "office")),
    "DROP_TABLE": migration(migrations.DeleteModel("heartbeat")),
    "ALTER_COLUMN": migration(migrations.AlterField("heartbeat", "name", models.TextField(unique=True))),
    "NOT_NULL: rows without it are there": migration(
        migrations.AlterField("unit", "head", models.BigIntegerField(null=True)),
        migrations.AlterField("unit", "head", models.BigIntegerField()),
    ),
    "ADD_UNIQUE": migration(migrations.AddConstraint("unit", models.UniqueConstraint(fields=["name"], name="one"))),
    "CREATE_INDEX: writers wait": migration(migrations.AddIndex("unit", INDEX)),
    "DROP_INDEX: everybody waits": migration(
        migrations.RunSQL("DROP INDEX deadline_open", reverse_sql=migrations.RunSQL.noop)
    ),
    "DROP_COLUMN: however it is written": raw('alter  table\n"accountability_unit" drop column "name"'),
    "DROP_COLUMN: behind a comment": raw(
        "-- no more used\nalter table accountability_unit drop /* don't */ column name;"
    ),
    "DROP_TABLE: behind another statement": raw("\n SET LOCAL lock_timeout = '2s'; drop table accountability_unit"),
    "NOT_SAFE: the word column is left out": raw("alter table accountability_unit drop name"),
    "NOT_SAFE: another type": raw("alter table accountability_unit alter name type text"),
    "NOT_SAFE: what isn't told apart": raw("do $$ begin drop table accountability_unit; end $$"),
    "NOT_SAFE: no row any more": raw("truncate accountability_unit"),
    "NOT_SAFE: an index, written small": raw("create index by_name on accountability_unit(name)"),
    "NOT_SAFE: rows that are there are read": migration(
        migrations.AddConstraint("unit", models.CheckConstraint(condition=models.Q(name__gt=""), name="named"))
    ),
    "NOT_SAFE: rows that refer are read": raw(
        'alter table "accountability_unit" add foreign key (head_id) references "accountability_employee" (id)'
    ),
    "NOT_SAFE: they are read behind what isn't valid at first": raw(
        "alter table accountability_unit add constraint a check (name > '') not valid, "
        "add constraint b check (name > 'NOT VALID')"
    ),
    "NOT_SAFE: a field brings a condition": migration(
        migrations.AddField("unit", "note", models.PositiveSmallIntegerField(null=True))
    ),
    "NOT_SAFE: the second index": migration(
        migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]),
        migrations.AddIndex("note", models.Index(fields=["name"], name="note_name")),
        migrations.AddIndex("unit", INDEX),
    ),
    "NOT_NULL: another column has a default": migration(
        column(default=""), migrations.AddField("unit", "more", models.CharField(max_length=9, db_default=""))
    ),
    "VALIDATE: with what isn't valid at first": migration(
        AddConstraintNotValid("unit", models.CheckConstraint(condition=models.Q(name__gt=""), name="named")),
        ValidateConstraint("unit", "named"),
    ),
    "RUNPYTHON_MODEL_IMPORT: of another time": migration(
        migrations.RunPython(fill_in, reverse_code=migrations.RunPython.noop)
    ),
}

SAFE = {
    "a condition that holds from now on": raw(
        "alter table accountability_unit add constraint named check (name > 'ADD CHECK') not valid"
    ),
    "the rows that were there have it": raw("ALTER TABLE accountability_unit VALIDATE CONSTRAINT named"),
    "a quoted word is no statement": raw("update x set note = 'create index i on x (y)', b = $$ drop table $$"),
    "a name is no statement": raw("alter table accountability_unit add column changed_at timestamptz"),
    "a new table in raw words": raw("create table if not exists note (id int); alter table note add check (id > 0)"),
    "a column that the database fills, in raw words": raw(
        "alter table accountability_unit add column n int default 0 not null"
    ),
    "a column that may be empty": migration(column(null=True)),
    "a column that the database fills": migration(column(db_default="")),
    "an index beside the traffic": migration(AddIndexConcurrently("unit", INDEX), atomic=False),
    "an index that goes beside the traffic": migration(
        RemoveIndexConcurrently("delivery", "delivery_recent"), atomic=False
    ),
    "a new table": migration(
        migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())])
    ),
    "an index that is a constraint, which an older release has used last": migration(
        migrations.RunSQL("DROP INDEX IF EXISTS deadline_open", reverse_sql=migrations.RunSQL.noop), contracts="0.0.1"
    ),
    "the program alone forgets it": migration(
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("unit", name="name")])
    ),
    "what an older release has used last": migration(
        migrations.RunSQL('ALTER TABLE "accountability_unit" DROP COLUMN "name"', reverse_sql=migrations.RunSQL.noop),
        contracts="0.9",
    ),
}


@pytest.mark.parametrize("why", UNSAFE)
def test_what_old_processes_dont_survive_is_refused(state: ProjectState, why: str) -> None:
    codes = {fault.split(":")[0] for fault in faults(UNSAFE[why], state)}
    assert why.split(":")[0] in codes


@pytest.mark.parametrize("what", SAFE)
def test_what_they_survive_passes(state: ProjectState, what: str) -> None:
    assert faults(SAFE[what], state) == []


@pytest.mark.parametrize("named", ["99.0", "1.0.0", "soon"])
def test_only_what_a_release_before_this_one_has_used_last_is_taken_away(state: ProjectState, named: str) -> None:
    contracting = migration(migrations.RemoveField("unit", name="name"), contracts=named)
    assert faults(contracting, state) == [f"contracts = {named!r}: names no release before this one"]


def test_who_takes_away_does_nothing_else_that_is_refused(state: ProjectState) -> None:
    both = migration(migrations.RemoveField("unit", name="name"), column(default=""), contracts="0.9")
    assert [fault.split(":")[0] for fault in faults(both, state)] == ["NOT_NULL"]


@pytest.fixture
def with_migrations(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The tests' own process knows none."""
    settings.MIGRATION_MODULES = {}


def test_ours_pass(with_migrations: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(), capsys.readouterr().out) == (0, "")


def test_each_after_an_apps_first_is_judged(
    with_migrations: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it says of itself."""
    unsafe = migration(migrations.RemoveField("unit", name="name"))
    setattr(unsafe, "initial", True)  # noqa: B010 mypy would have it set on the class
    build = MigrationLoader.build_graph

    def with_one_more(loader: MigrationLoader) -> None:
        build(loader)
        key = ("accountability", "0002_next")
        loader.graph.add_node(key, unsafe)
        loader.graph.add_dependency(unsafe, key, unsafe.dependencies[0])

    monkeypatch.setattr(MigrationLoader, "build_graph", with_one_more)
    assert main() == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("accountability 0002_next: DROP_COLUMN: ")
    assert "docs/upgrading.md" in told[-1]
    names = {found.name for found, _faults in judged(MigrationLoader(None).graph)}
    assert names == {"0001_initial", "0002_next"}


def test_several_operations_without_a_transaction_are_refused(state: ProjectState) -> None:
    """The first would stay when the second gives way."""
    two = (migrations.RunSQL("SELECT 1"), migrations.RunSQL("SELECT 2"))
    assert [found[:10] for found in faults(migration(*two, atomic=False), state.clone())] == ["NOT_ATOMIC"]
    assert not any("NOT_ATOMIC" in found for found in faults(migration(*two), state))
