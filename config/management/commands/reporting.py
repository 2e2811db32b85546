"""`manage.py reporting --role ROLE`: makes the views for business intelligence, which this role alone may read."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.reporting import schema
from config.reporting.views import SCHEMA, VIEWS


class Command(BaseCommand):
    """Run by the owner, after every migrate. Doing it twice is harmless."""

    help = "Make the schema `reporting` for business intelligence anew and let one role read it (docs/reporting.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_mutually_exclusive_group(required=True)
        asked.add_argument("--role", help="the database role of the program that reads; it is made by hand before")
        asked.add_argument("--remove", action="store_true", help="remove the schema and its views, as before a migrate")

    def handle(self, *args: Any, role: str | None = None, remove: bool = False, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Roles exist on PostgreSQL only; DATABASE_URL names another database.")
        try:
            if remove or role is None:
                self.stdout.write(f"{SCHEMA}: {'removed' if schema.remove() else 'not there'}")
                return
            schema.make(role)
        except schema.Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{role}: may read {', '.join(f'{SCHEMA}.{view.name}' for view in VIEWS)}, and nothing else")
