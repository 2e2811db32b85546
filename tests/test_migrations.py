"""A new database is made at once, one in use goes on step by step: both end at the same tables."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FIRST_STEPS = """
import django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
executor.loader.replace_migrations = False
executor.loader.build_graph()
executor.migrate([("accountability", "0017_work_by_clock"), ("complaints", "0006_desk")])
"""
"""What a database of an earlier checkout had."""


def tables(database: Path) -> dict[tuple[str, str], list[str]]:
    """Everything by kind and name; the columns of a table in any order, since steps add theirs at the end."""
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    return {(kind, name): parts(sql or "") if kind == "table" else [sql or ""] for kind, name, sql in made}


def parts(sql: str) -> list[str]:
    """What stands between the outermost brackets, comma by comma."""
    found, depth = [""], 0
    for sign in sql[sql.index("(") + 1 : sql.rindex(")")] if "(" in sql else sql:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return sorted(part.strip() for part in found)


def run(database: Path, *words: str) -> None:
    environment = {**os.environ, "DEVELOPMENT": "1", "DATABASE_URL": f"sqlite:///{database}"}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300)


@pytest.mark.slow
def test_step_by_step_and_at_once_end_at_the_same_tables(tmp_path: Path) -> None:
    new, used = tmp_path / "new.sqlite3", tmp_path / "used.sqlite3"
    run(new, "manage.py", "migrate", "-v0")
    run(used, "-c", FIRST_STEPS)
    begun = set(tables(used))
    run(used, "manage.py", "migrate", "-v0")
    assert 0 < len(begun) < len(tables(new))
    assert tables(used) == tables(new)
