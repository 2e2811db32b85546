"""`manage.py import_organisation FILE… --by USERNAME`: imports units, people, contacts and turns of duty from files."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accountability.deadlines import clock
from accountability.models import Employee
from accountability.organisation.importing.apply import apply
from accountability.organisation.importing.making import make_plan
from accountability.organisation.importing.plan import Line, Plan, Status
from accountability.organisation.importing.tables import BadFile, Table, read


class Command(BaseCommand):
    help = (
        "Compare CSV or XLSX files (units, employees, contacts, turns of duty; told by their headers) with the "
        "organisation, show what differs, and do it as the person named, a marketing officer. Bad rows are left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, metavar="USERNAME", help="who answers for it in the ledger")
        parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
        parser.add_argument(
            "--complete", action="store_true",
            help="the lists are complete: whoever of a listed unit isn't on them has left, or serves no longer",
        )  # fmt: skip

    def handle(self, *args: Any, files: list[Path], by: str, dry_run: bool, complete: bool, **options: Any) -> None:
        person = Employee.objects.filter(username=by, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active employee {by}.")
        at = clock.read()
        try:
            plan = make_plan(list(_tables(files)), by=person, at=at, complete=complete)
        except BadFile as bad:
            raise CommandError(str(bad)) from bad
        self._tell(plan)
        if dry_run:
            return
        failed = apply(plan, by=person, at=at, key=secrets.token_urlsafe(16))
        for line in failed:
            self.stderr.write(_place(line) + f" {line.error}")
        self.stdout.write(f"{len({id(line) for line, _step in plan.steps}) - len(failed)} done, {len(failed)} refused")

    def _tell(self, plan: Plan) -> None:
        for line in plan.shown:
            self.stdout.write(f"{line.status.label} {_place(line)} {_said(line)}".rstrip())
        self.stdout.write(", ".join(f"{status.label} {count}" for status, count in plan.counts))


def _tables(files: list[Path]) -> list[Table]:
    tables: list[Table] = []
    for file in files:
        try:
            tables += read(file.name, file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from error
        except BadFile as bad:
            raise CommandError(f"{file}: {bad}") from bad
    return tables


def _place(line: Line) -> str:
    return f"{line.kind.label} {line.row or '-'} {line.title}"


def _said(line: Line) -> str:
    if line.status == Status.ERROR:
        return line.error
    changes = [f"{change.label} {change.old or '—'} → {change.new}" for change in line.changes]
    work = [f"{one.number} {one.role}" for one in line.work]
    return "; ".join([*changes, *line.notes, *work])
