"""Makes the schema `reporting` anew in the database, removes it, and lets one role read it.

The views run with their owner's rights behind a security barrier, so the role needs no right to any table.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from django.db import InternalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql
from psycopg2.errors import DependentObjectsStillExist

from accountability.security.encryption import digest
from config.reporting.views import KEY, SCHEMA, VIEWS, Column, View

MARK = "Made by `manage.py reporting`; it can be removed and made again at any time."
"""The schema's comment. A schema without it is somebody else's and is left alone."""

KEPT_TABLES = "'pg_catalog', 'information_schema', 'pg_toast'"

RIGHTS_ELSEWHERE = f"""
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT IN ({KEPT_TABLES}, %(schema)s)
  AND n.nspname !~ '^pg_(toast_)?temp'
  AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND (has_table_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    OR c.relkind <> 'S' AND has_any_column_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
UNION ALL
SELECT 'CREATE in ' || n.nspname FROM pg_namespace n
WHERE n.nspname !~ '^pg_(toast_)?temp' AND has_schema_privilege(%(role)s, n.oid, 'CREATE')
UNION ALL
SELECT 'CREATE in the database' WHERE has_database_privilege(%(role)s, current_database(), 'CREATE')
UNION ALL
SELECT n.nspname || '.' || p.proname || '()' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND has_schema_privilege(%(role)s, n.oid, 'USAGE') AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')
ORDER BY 1 LIMIT 5
"""  # noqa: S608  fixed words
"""What the role may read, write, make or run with another's rights, besides the schema's views. The tables and views of
an extension aren't the system's.
"""


class Refused(Exception):
    """Why nothing was done; `str()` is for whoever ran the command."""


def make(role: str) -> None:
    """Remove the schema, if it is there, and make it as it is declared now. All or nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        _refuse_role(cursor, role)
        _remove(cursor)
        for statement in _statements(role):
            cursor.execute(statement)
        _put_key(cursor)
        cursor.execute(RIGHTS_ELSEWHERE, {"schema": SCHEMA, "role": role})
        if others := [row[0] for row in cursor.fetchall()]:
            raise Refused(f"{role!r} may do something elsewhere too ({', '.join(others)}): give a role of its own.")


def _put_key(cursor: CursorWrapper) -> None:
    """Send the key as data and not in a statement: the server may write statements into its log."""
    cursor.copy_expert(_put("COPY {schema}.{key} FROM STDIN"), StringIO(f"\\\\x{digest('reporting', SCHEMA)}\n"))


def remove() -> bool:
    """Remove the schema with everything in it. False if it isn't there."""
    with transaction.atomic(), connection.cursor() as cursor:
        return _remove(cursor)


def _remove(cursor: CursorWrapper) -> bool:
    """Remove what this command made, and refuse where others built on it: theirs would go too."""
    cursor.execute("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", [SCHEMA])
    found = cursor.fetchone()
    if found is None:
        return False
    if found[0] != MARK:
        raise Refused(f"There is a schema {SCHEMA!r} that this command didn't make: it is left as it is.")
    cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = %s", [SCHEMA])
    views = [sql.Identifier(SCHEMA, name) for (name,) in cursor.fetchall()]
    try:
        if views:
            cursor.execute(sql.SQL("DROP VIEW {}").format(sql.SQL(", ").join(views)))
        cursor.execute(_put("DROP TABLE {schema}.{key}"))
        cursor.execute(_put("DROP SCHEMA {schema}"))
    except InternalError as error:
        if not isinstance(error.__cause__, DependentObjectsStillExist):
            raise
        raise Refused(f"Something of somebody else's needs the schema: {error.__cause__.diag.message_detail}") from None
    return True


def _refuse_role(cursor: CursorWrapper, role: str) -> None:
    """Refuse a role that no missing right would bind: a superuser, one that copies the whole server, a member of the
    owner's role or of another one.
    """
    cursor.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication,"
        " pg_has_role(oid, current_user, 'MEMBER'), EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)"
        " FROM pg_roles r WHERE rolname = %s",
        [role],
    )
    row = cursor.fetchone()
    if row is None:
        raise Refused(f"There is no database role {role!r}: create it first (docs/reporting.md).")
    if any(row):
        raise Refused(f"{role!r} is powerful or a member of another role: give a role of its own.")


def _statements(role: str) -> Iterator[sql.Composable]:
    yield _put("CREATE SCHEMA {schema}")
    yield _put("COMMENT ON SCHEMA {schema} IS {said}", said=MARK)
    yield _put("CREATE TABLE {schema}.{key} (key bytea NOT NULL)")
    for view in VIEWS:
        yield _created(view)
        yield _put("COMMENT ON VIEW {schema}.{view} IS {said}", view=view.name, said=view.says)
        for column in view.columns:
            yield _put(
                "COMMENT ON COLUMN {schema}.{view}.{column} IS {said}",
                view=view.name, column=column.name, said=column.says,
            )  # fmt: skip
    yield _put("REVOKE ALL ON SCHEMA {schema} FROM PUBLIC")
    yield _put("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}", role=role)
    yield _put("GRANT USAGE ON SCHEMA {schema} TO {role}", role=role)
    for view in VIEWS:
        yield _put("GRANT SELECT ON {schema}.{view} TO {role}", view=view.name, role=role)


def _created(view: View) -> sql.Composable:
    columns = sql.SQL(", ").join(_selected(column) for column in view.columns)
    made = _put("CREATE VIEW {schema}.{view} WITH (security_barrier = true) AS SELECT ", view=view.name)
    return made + columns + sql.SQL(f" FROM {view.source}")


def _selected(column: Column) -> sql.Composable:
    return sql.SQL(column.sql) + sql.SQL(" AS ") + sql.Identifier(column.name)


def _put(statement: str, *, said: str = "", **names: str) -> sql.Composable:
    """The statement with its names, and what a comment says, written into it."""
    quoted: dict[str, sql.Composable] = {
        name: sql.Identifier(value) for name, value in {"schema": SCHEMA, "key": KEY, **names}.items()
    }
    return sql.SQL(statement).format(**quoted, said=sql.Literal(said))
