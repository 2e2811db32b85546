"""`manage.py company_accounts (--by USERNAME | --close-gone | --unlink USERNAME… | --unlink-all) [--dry-run]`: brings
units and roles from the company's accounts, closes the sign-ins of those who are gone from the directory, or undoes
links.
"""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accountability.deadlines import clock
from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import CompanyAccount, Employee
from accountability.signin import company_accounts, directory, leavers
from accountability.signin.provider import Unreachable


class Command(BaseCommand):
    help = (
        "Bring units and roles as the company's accounts said at the last sign-in, by the mapping table, as acts of "
        "the marketing officer named; or close the sign-ins of those who are gone from the directory, however many; or "
        "undo which account is whose, so that the next sign-in links anew."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--by", metavar="USERNAME", help="who answers for it in the ledger")
        what.add_argument("--close-gone", action="store_true", help="of those whom the directory has no more (LDAP)")
        what.add_argument("--unlink", nargs="+", default=[], metavar="USERNAME", help="of these people")
        what.add_argument("--unlink-all", action="store_true", help="of everybody, where the provider is another")
        parser.add_argument("--dry-run", action="store_true", help="only show what would be done")

    def handle(
        self, *args: Any, by: str | None, close_gone: bool, unlink: list[str], unlink_all: bool, dry_run: bool,
        **options: Any,
    ) -> None:  # fmt: skip
        if by is not None:
            self._bring(by, dry_run=dry_run)
        elif close_gone:
            self._close_gone(dry_run=dry_run)
        else:
            self._unlink(unlink, unlink_all, dry_run=dry_run)

    def _close_gone(self, *, dry_run: bool) -> None:
        if not settings.LDAP_URI:
            raise CommandError("LDAP_URI names no directory.")
        at = clock.read()
        try:
            people = leavers.gone(at)
        except Unreachable as fault:
            raise CommandError(f"The directory can't be used: {fault.why}") from fault
        for person in people:
            self.stdout.write(person.username)
        if not dry_run:
            leavers.close_all(people, at)
        self.stdout.write(f"{len(people)} {'would be ' if dry_run else ''}closed")

    def _unlink(self, unlink: list[str], unlink_all: bool, *, dry_run: bool) -> None:
        linked = CompanyAccount.objects.select_related("employee").order_by("pk")
        accounts = list(linked if unlink_all else linked.filter(employee__username__in=unlink))
        strangers = sorted(set(unlink) - {account.employee.username for account in accounts})
        if strangers:
            raise CommandError(f"No company account: {', '.join(strangers)}")
        if not dry_run:
            company_accounts.unlink(accounts, clock.read())
        self.stdout.write(f"{len(accounts)} unlinked" if not dry_run else f"{len(accounts)} would be unlinked")

    def _bring(self, by: str, *, dry_run: bool) -> None:
        person = Employee.objects.filter(username=by, is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active employee {by}.")
        at, key, refused = clock.read(), secrets.token_urlsafe(16), 0
        steps = list(directory.differences(at))
        for number, step in enumerate(steps):
            self.stdout.write(" ".join([step.verb, *(value for name, value in step.facts.items() if name != "reason")]))
            try:
                if not dry_run:
                    perform(Organisation.standing(), step.verb, by=person, at=at, key=f"{key}:{number}", **step.facts)
            except Refused as refusal:
                refused += 1
                self.stderr.write(f"{step.facts['employee']}: {' '.join([*refusal.fields.values()] or [str(refusal)])}")
        self.stdout.write(f"{len(steps) - refused} {'would be ' if dry_run else ''}done, {refused} refused")
