"""`make check`: refuses migrations that processes of the release before don't survive (docs/upgrading.md).

django-migration-linter judges the statements that PostgreSQL would get. They are written without a server: `make check`
needs none, and its warnings count as faults. An app's first migration isn't judged: it meets neither rows nor
processes.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import django
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter.migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import PostgresqlAnalyser, analyse_sql_statements
from psycopg2.extensions import adapt

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accountability", "complaints", "assessment")

CONTRACTING = {"DROP_COLUMN", "DROP_TABLE", "DROP_INDEX"}
"""What a migration with `contracts` may do: take away what the release that it names, and none since, has used."""

OLDEST_SERVER = 150000

QUOTED = re.compile(r"""('(?:[^']|'')*'|"[^"]*"|\$(\w*)\$.*?\$\2\$)|([^'"$]+|\$)""", re.DOTALL)
"""What a statement quotes, or else what stands between."""


class Cursor:
    """It only puts values into a statement."""

    @staticmethod
    def mogrify(statement: str, values: Sequence[Any]) -> bytes:
        quoted = tuple(adapt(value).getquoted().decode() for value in values or ())
        return (statement % quoted if quoted else statement).encode()


def offline() -> Any:
    """A connection that writes PostgreSQL's statements and asks no server."""
    of_none = {**connections["default"].settings_dict, "NAME": "", "HOST": "", "OPTIONS": {}, "TIME_ZONE": None}
    made = DatabaseWrapper(of_none, "default")
    made.__dict__["pg_version"] = OLDEST_SERVER
    made.__dict__["cursor"] = lambda: nullcontext(Cursor)
    # How constraints of a column are called there, which are dropped before it: none is a matter here.
    made.introspection.__dict__["get_constraints"] = lambda *_: {}
    made.introspection.__dict__["get_sequences"] = lambda *_: []
    return made


def statements(migration: Migration, state: ProjectState) -> list[str]:
    """What PostgreSQL would get; `state` becomes that after the migration."""
    with offline().schema_editor(collect_sql=True, atomic=False) as editor:
        editor.atomic_migration = True  # so that no operation begins a transaction of its own, which asks the server
        try:
            migration.apply(state, editor, collect_sql=True)
        finally:
            editor.atomic_migration = False
    collected = [in_capitals(line) for line in editor.collected_sql if not line.startswith("--")]
    return ["BEGIN;", *collected, "COMMIT;"] if migration.atomic else collected


def in_capitals(statement: str) -> str:
    """Words and names as the linter looks for them, each on one line; what is quoted stays."""
    return re.sub(QUOTED, lambda found: found[1] or re.sub(r"\s+", " ", found[3]).upper(), statement)


def looks_through(written: list[str]) -> Iterator[str]:
    """A condition on rows that are there: all of them are read while everybody waits, unless it isn't valid at first.
    The linter has no check of that.
    """
    for place, statement in enumerate(written):
        found = re.match(
            r"\s*ALTER TABLE (?:ONLY )?(\S+) .*\bADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN KEY)\b", statement
        )
        is_new = found and any(line.startswith(f"CREATE TABLE {found[1]} ") for line in written[:place])
        if found and not is_new and "NOT VALID" not in statement:
            yield f"ADD_CHECK: all rows are read while everybody waits; first NOT VALID, then VALIDATE ({found[1]})"


def faults(migration: Migration, state: ProjectState) -> list[str]:
    """Why the migration is refused; empty if it isn't."""
    written = statements(migration, state)
    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, written)
    linter = MigrationLinter(no_cache=True, no_output=True, analyser_string="postgresql")
    more, _ignored, more_warnings = linter.analyse_data_migration(migration)
    if not migration.atomic and len(migration.operations) > 1:
        return ["NOT_ATOMIC: of several operations without a transaction the first would stay when another gives way"]
    found = [*errors, *more, *warnings, *more_warnings]
    if named := getattr(migration, "contracts", ""):
        if not is_older(named):
            return [f"contracts = {named!r}: names no release before this one"]
        found = [issue for issue in found if issue.code not in CONTRACTING]
    return [f"{issue.code}: {issue.message}" + (f" ({issue.table})" if issue.table else "") for issue in found] + [
        *looks_through(written)
    ]


def is_older(release: str) -> bool:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    try:
        return numbers(release) < numbers(ours)
    except ValueError:
        return False


def numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


def is_first(migration: Migration) -> bool:
    """Whatever its `initial` says: no other of its app comes before."""
    return all(app != migration.app_label for app, _name in migration.dependencies)


def judged(graph: MigrationGraph) -> Iterator[tuple[Migration, list[str]]]:
    """Each of our migrations with its faults, in their order."""
    state = ProjectState(real_apps=set())
    plan = list(dict.fromkeys(key for leaf in sorted(graph.leaf_nodes()) for key in graph.forwards_plan(leaf)))
    for key in plan:
        migration = graph.nodes[key]
        assert migration is not None
        if key[0] in APPS and not is_first(migration):
            yield migration, faults(migration, state)
        else:
            migration.mutate_state(state, preserve=False)
            if key[0] in APPS:
                yield migration, []


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    logging.getLogger("django_migration_linter").setLevel(logging.ERROR)
    refused = 0
    for migration, found in judged(MigrationLoader(None).graph):
        for fault in found:
            print(f"{migration.app_label} {migration.name}: {fault}")
        refused += bool(found)
    if refused:
        print("Processes of the release before wouldn't survive this: docs/upgrading.md says how it is done in steps.")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
