"""The throw-away database of a run: made once, copied for each file, deleted at the end. Never the live one."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accountability.security import file_store

Copies = Any
"""A context manager function: inside it the default connection uses a fresh copy of the database that was made."""


@contextmanager
def throw_away() -> Iterator[Copies]:
    """Everything inside uses another database than the configured one; afterwards the connection is as it was."""
    with _elsewhere(), (_on_postgresql if connection.vendor == "postgresql" else _on_sqlite)() as copies:
        yield copies


@contextmanager
def throw_away_empty() -> Iterator[Path]:
    """The same with a database that has no tables, for what brings its own. Yields the folder of the files."""
    with _elsewhere() as folder:
        if connection.vendor == "postgresql":
            _sign_in_as_owner()
            with _database() as name:
                _point_to(name)
                yield folder
        else:
            with tempfile.TemporaryDirectory(prefix="shouwen-restored-") as beside:
                _point_to(str(Path(beside, "db.sqlite3")))
                yield folder
                connection.close()


@contextmanager
def _elsewhere() -> Iterator[Path]:
    """Files go to a folder that is deleted, which is yielded; the connection is as it was afterwards."""
    kept = dict(connection.settings_dict)
    connection.close()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="shouwen-files-") as folder,
            file_store.elsewhere(Path(folder)),
        ):
            yield Path(folder)
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def _point_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def _make(name: str) -> None:
    """With the tables of the models: the migrations make the same (a test compares them), in ten times the time."""
    _point_to(name)
    with _no_migrations():
        call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    connection.close()


@contextmanager
def _no_migrations() -> Iterator[None]:
    kept = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    try:
        yield
    finally:
        settings.MIGRATION_MODULES = kept


# SQLite: a file in a temporary folder


@contextmanager
def _on_sqlite() -> Iterator[Copies]:
    with tempfile.TemporaryDirectory(prefix="shouwen-replay-") as folder:
        template = Path(folder, "template.sqlite3")
        _make(str(template))

        @contextmanager
        def copies() -> Iterator[None]:
            copy = template.with_name(f"{secrets.token_hex(4)}.sqlite3")
            shutil.copyfile(template, copy)
            _point_to(str(copy))
            try:
                yield
            finally:
                connection.close()
                for file in copy.parent.glob(f"{copy.name}*"):
                    file.unlink()

        yield copies


# PostgreSQL: databases with random names, made and dropped by the owner


@contextmanager
def _on_postgresql() -> Iterator[Copies]:
    _sign_in_as_owner()
    with _database() as template:
        _make(template)

        @contextmanager
        def copies() -> Iterator[None]:
            with _database(template) as copy:
                _point_to(copy)
                yield

        yield copies


def _sign_in_as_owner() -> None:
    """The application's role may not make databases: DATABASE_OWNER_URL names the owner where DATABASE_URL names that
    role.
    """
    owner = os.environ.get("DATABASE_OWNER_URL")
    if owner:
        parts = environ.Env.db_url_config(owner)
        connection.settings_dict.update({key: parts[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")})


@contextmanager
def _database(template: str = "template0") -> Iterator[str]:
    name = f"shouwen_replay_{secrets.token_hex(6)}"
    _run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        connection.close()
        _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _run(statement: str) -> None:
    """Run from the server's maintenance database, outside any transaction; the names are our own."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def count_rows() -> None:
    """PostgreSQL plans by what it counted last. Of a transaction as long as a replay's it counts nothing by itself,
    and would have every act read all notices one by one.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
