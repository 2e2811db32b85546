"""`manage.py database_roles --app ROLE`: grants the application's database role its rights, and protects the record."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

from accountability.db.insert_only import insert_only_tables
from accountability.declarations.proofs import PROVED, Proof

GRANTS = (
    # A temporary table named like one of ours would take what is meant for that.
    "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC, {role}",
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


class Command(BaseCommand):
    """Run by the owner after every migrate. The ledger proves something only while the app can't rewrite it."""

    help = (
        "Grant the application's role its rights; take UPDATE, DELETE and TRUNCATE on insert-only tables from it, and "
        "what nothing does to rows that the ledger proves."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--app", required=True, metavar="ROLE", help="the role that DATABASE_URL signs in with")

    def handle(self, *args: Any, app: str, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Roles exist on PostgreSQL only; DATABASE_URL names another database.")
        with transaction.atomic(), connection.cursor() as cursor:
            _refuse_powerful(cursor, app)
            for statement in GRANTS:
                _run(cursor, statement, app)
            for table in insert_only_tables():
                _run(cursor, "REVOKE UPDATE, DELETE, TRUNCATE ON TABLE {table} FROM {role}", app, table)
            for proof in PROVED.values():
                _bind(cursor, app, proof)
        self.stdout.write(f"{app}: may read and write; may only add to {', '.join(insert_only_tables())}")


def _bind(cursor: CursorWrapper, role: str, proof: Proof) -> None:
    """Take from the role what nothing does to rows that the ledger proves. Rights to columns that an earlier release
    gave go with the right to the table.
    """
    model = apps.get_model(proof.name)
    table = model._meta.db_table
    if not proof.is_deleted:
        _run(cursor, "REVOKE DELETE, TRUNCATE ON TABLE {table} FROM {role}", role, table)
    if proof.changes is not None:
        _run(cursor, "REVOKE UPDATE ON TABLE {table} FROM {role}", role, table)
        for column in proof.changes:
            _run(cursor, "GRANT UPDATE ({column}) ON TABLE {table} TO {role}", role, table, column)


def _run(cursor: CursorWrapper, statement: str, role: str, table: str = "", column: str = "") -> None:
    names = {"database": connection.settings_dict["NAME"], "role": role, "table": table, "column": column}
    quoted = {name: sql.Identifier(value) for name, value in names.items() if value}
    cursor.execute(sql.SQL(statement).format(**quoted))


def _refuse_powerful(cursor: CursorWrapper, role: str) -> None:
    """Refuse a superuser or a member of the owner's role: no grant restricts them, so the protection would be empty."""
    cursor.execute("SELECT rolsuper, pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles WHERE rolname = %s", [role])
    row = cursor.fetchone()
    if row is None:
        raise CommandError(f"There is no database role {role!r}: create it first (docs/deploy.md).")
    if any(row):
        raise CommandError(f"{role!r} is a superuser or has the owner's own rights: no grant would bind it.")
