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
import sqlparse
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter.migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import PostgresqlAnalyser, analyse_sql_statements
from psycopg2.extensions import adapt
from sqlparse.tokens import Comment, Literal, Name, String

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accountability", "complaints", "assessment")

CONTRACTING = {"DROP_COLUMN", "DROP_TABLE", "DROP_INDEX"}
"""What a migration with `contracts` may do: take away what the release that it names, and none since, has used."""

OLDEST_SERVER = 150000

SAFE = {
    "": (
        r"(BEGIN|COMMIT) ;",
        r"CREATE INDEX CONCURRENTLY ",
        r"(SELECT|INSERT|UPDATE|DELETE|COMMENT|GRANT|SET CONSTRAINTS|CREATE TABLE|CREATE SEQUENCE) ",
        r"CREATE (OR REPLACE )?(FUNCTION|TRIGGER|VIEW) ",
        r"DROP (TABLE|INDEX) ",
    ),
    "ALTER TABLE": (
        r"ADD COLUMN (?!.* (CHECK|UNIQUE|PRIMARY KEY|STORED)\b)",
        r"ADD CONSTRAINT (?!.* (UNIQUE|EXCLUDE|PRIMARY KEY)\b).* NOT VALID",
        r"VALIDATE CONSTRAINT ",
        r"ALTER COLUMN \S+ (DROP NOT NULL|DROP DEFAULT|SET DEFAULT)",
        r"DROP (CONSTRAINT|COLUMN) ",
    ),
}
"""What may be done to a table that is there, as `written` writes it: statements, and what may follow ALTER TABLE. The
linter judges what is dropped. It looks for what it knows to be unsafe, and a statement has many spellings.
"""


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
    collected = [one for line in editor.collected_sql for one in written(line)]
    return ["BEGIN ;", *collected, "COMMIT ;"] if migration.atomic else collected


def written(sql: str) -> Iterator[str]:
    """Each statement of the text in one spelling: words in capitals with a space between, every name in quotes, no
    comment, and nothing in a literal.
    """
    for statement in sqlparse.parse(sqlparse.format(sql, strip_comments=True)):
        words = [word for token in statement.flatten() if (word := _word(token))]
        if words:
            yield " ".join(words).replace(" . ", ".")


def _word(token: Any) -> str:
    if token.is_whitespace or token.ttype in Comment:
        return ""
    if token.ttype in String.Symbol:
        return str(token.value)
    if token.ttype in Literal and token.ttype not in Literal.Number:
        return "''"
    return f'"{token.value.lower()}"' if token.ttype is Name else re.sub(r"\s+", " ", token.value).upper()


def unknown(collected: Sequence[str], *, atomic: bool) -> Iterator[str]:
    """What is done to tables that are there and isn't known to be safe."""
    made, not_valid = set[str](), set[str]()
    for place, statement in enumerate(collected):
        if found := re.match(r"CREATE TABLE (?:IF NOT EXISTS )?(\S+)", statement):
            made.add(found[1])
        if found := re.match(
            r"(?:CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?.* ON|ALTER TABLE)(?: IF EXISTS| ONLY)* (\S+)", statement
        ):
            if found[1] in made:
                continue
            if not statement.startswith("ALTER TABLE"):
                yield from _unless_safe(statement, "")
                continue
            for action in _actions(statement[found.end() :]):
                yield from _unless_safe(action, "ALTER TABLE", found[1])
                not_valid |= {found[1]} if "NOT VALID" in action else set()
                if action.startswith("VALIDATE") and atomic and found[1] in not_valid:
                    yield f"VALIDATE: in a migration of its own, or else everybody waits as before ({found[1]})"
                if is_left_empty(action, collected[place:]):
                    yield f"NOT_NULL: old processes don't fill it ({found[1]})"
        else:
            yield from _unless_safe(statement, "")


def _actions(rest: str) -> list[str]:
    """What one ALTER TABLE does: parts between commas outside of brackets."""
    parts, depth = [""], 0
    for word in rest.strip(" ;").split(" "):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "," and not depth:
            parts.append("")
        else:
            parts[-1] += f"{word} "
    return parts


def _unless_safe(text: str, after: str, table: str = "") -> Iterator[str]:
    if not any(re.match(safe, text) for safe in SAFE[after]):
        yield f"NOT_SAFE: nobody knows that the release before survives {after} {table} {text[:60]}".replace("  ", " ")


def is_left_empty(action: str, later: Sequence[str]) -> bool:
    """Whether a column is added that the database doesn't fill for who doesn't know it."""
    found = re.match(r"ADD COLUMN (?:IF NOT EXISTS )?(\S+) .*NOT NULL", action)
    if found is None:
        return False
    return " DEFAULT " not in action or any(f"ALTER COLUMN {found[1]} DROP DEFAULT" in line for line in later)


def faults(migration: Migration, state: ProjectState) -> list[str]:
    """Why the migration is refused; empty if it isn't."""
    collected = statements(migration, state)
    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, collected)
    linter = MigrationLinter(no_cache=True, no_output=True, analyser_string="postgresql")
    more, _ignored, more_warnings = linter.analyse_data_migration(migration)
    if not migration.atomic and len(migration.operations) > 1:
        return ["NOT_ATOMIC: of several operations without a transaction the first would stay when another gives way"]
    found = [*errors, *more, *warnings, *more_warnings]
    if named := getattr(migration, "contracts", ""):
        if not is_older(named):
            return [f"contracts = {named!r}: names no release before this one"]
        found = [issue for issue in found if issue.code not in CONTRACTING]
    told = [f"{issue.code}: {issue.message}" + (f" ({issue.table})" if issue.table else "") for issue in found]
    codes = {issue.code for issue in found}
    return told + [one for one in unknown(collected, atomic=migration.atomic) if one.partition(":")[0] not in codes]


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
