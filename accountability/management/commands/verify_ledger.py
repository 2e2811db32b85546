"""`manage.py verify_ledger [--since N] [--seals DIR]`: checks that the record hasn't been changed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from accountability.audit import reconciliation
from accountability.audit.sealed_tables import sealed_models
from accountability.deadlines import clock
from accountability.declarations.proofs import PROVED
from accountability.models import LedgerEntry, PersonalData


class Command(BaseCommand):
    help = (
        "Read every entry of the ledger, every sealed row of logs and history, and every row that the ledger proves; "
        "name what was changed, deleted, put in, moved or cut off. Leaves with 1 if there is anything. Can run while "
        "people work."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=int, default=1, metavar="N", help="heed only seals from this number on")
        parser.add_argument("--seals", type=Path, metavar="DIR", help="where the seals are (default: SEALS_DIR)")

    def handle(self, *args: Any, since: int, seals: Path | None, **options: Any) -> None:
        begun = time.perf_counter()
        account = reconciliation.whole(clock.read(), folder=seals, since=since)
        taken = time.perf_counter() - begun
        for finding in account.findings:
            self.stdout.write(str(finding))
        self.stdout.write(str(account))
        if account.entries:
            bare = bare_read()
            self.stdout.write(f"{account.entries / taken:.0f} entries a second, {taken / bare:.1f} times a bare read")
        if account.findings:
            raise SystemExit(1)


def bare_read() -> float:
    """Seconds to read the rows that a verification reads and discard them, without any work on them: the ledger, the
    sealed tables, the rows that the ledger proves, and the sealed texts.
    """
    proved: list[Any] = [apps.get_model(proof.name) for proof in PROVED.values()]
    tables = {model._meta.db_table for model in (LedgerEntry, PersonalData, *proved)} | set(sealed_models())
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for table in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            while cursor.fetchmany(5000):
                pass
    return time.perf_counter() - begun
