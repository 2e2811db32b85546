"""`manage.py create_administrator USERNAME`: the first security or audit administrator, or the first marketing officer.

Everybody else is appointed by somebody who already serves: administrators and auditors by the security administrator
with the audit administrator as the second person, the roles of the business by marketing. The first of each must come
from outside; once there is one, this command refuses. There is no superuser.
"""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accountability.deadlines import clock
from accountability.deadlines.limits import day_of
from accountability.gate.act import Act, Batch, Refused, refuse_unless
from accountability.gate.changes import flush, mark_rows
from accountability.gate.subjects import Organisation
from accountability.models import Appointment, Employee, SignInState, Unit
from accountability.organisation import administrators
from accountability.permissions import ADMINISTRATOR_ROLES, Role
from accountability.signin import passwords

VERBS = {
    Role.SECURITY_ADMIN: "appoint_administrator", Role.AUDIT_ADMIN: "appoint_administrator", Role.MARKETING: "appoint",
}  # fmt: skip
"""The roles whose first holder must come from outside, and the ledger's word for the appointment."""


class Command(BaseCommand):
    help = (
        "Make the first security administrator (or audit administrator, or marketing officer) of an empty system. "
        "The password is asked for without echo, or read from standard input; refused once somebody serves in the role."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=[*VERBS], default=Role.SECURITY_ADMIN.value)
        parser.add_argument("--name", default="", help="the person's name")

    def handle(self, *args: Any, username: str, role: str, name: str, **options: Any) -> None:
        at = clock.read()
        if not administrators.is_first(role, at):
            raise CommandError(f"Somebody serves as {role} already: they appoint whoever comes next.")
        person = Employee.objects.filter(username=username).first() or Employee(
            username=username, name=name or username
        )
        try:
            _check(person, Role(role), at)
            has_none = person.pk is None or not person.has_usable_password()
            _appoint(person, Role(role), make_password(_asked(person, at)) if has_none else person.password, at)
        except (Refused, ValidationError) as refused:
            raise CommandError("; ".join(getattr(refused, "messages", [str(refused)]))) from refused
        self.stdout.write(f"{username} serves as {role} from {day_of(at)} on.")


def _asked(person: Employee, at: datetime) -> str:
    """Read the new password: typed twice without echo, or one line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        typed = getpass.getpass("Password: ")
        if typed != getpass.getpass("Once more: "):
            raise CommandError("These are two different passwords.")
    else:
        typed = sys.stdin.readline().rstrip("\n")
    try:
        passwords.check(typed, person, at)
    except ValidationError as refused:
        raise CommandError(" ".join(refused.messages)) from refused
    return typed


def _appoint(person: Employee, role: Role, password: str, at: datetime) -> None:
    """Create the person and the appointment in one act of the system on the organisation's ledger. Raises Refused."""
    with transaction.atomic():
        batch = Batch(at)
        (act,) = batch.acts_for([Organisation.standing()])
        if person.pk is None:
            act.changes.new(person, first=True)
        else:
            act.changes.watch(person)
        person.password = password
        if role == Role.MARKETING:
            person.unit = _marketing(act)
        act.changes.new(Appointment(employee=person, role=role, starts_on=day_of(at)))
        act.entry = act.record(VERBS[role], batch.system, facts={"role": role, "starts_on": day_of(at).isoformat()})
        mark_rows(act.entry, [batch.system])  # made by the migration, which hasn't the ledger's key
        flush(batch)
        SignInState.objects.update_or_create(employee=person, defaults={"password_set_at": at, "closed_at": None})


def _check(person: Employee, role: Role, at: datetime) -> None:
    """Check that the username is valid, and that an existing person holds nothing that can't be combined with
    the role.
    """
    if person.pk is None:
        person.full_clean(exclude=["password"])
        return
    refuse_unless(person.is_active, _("没有这名在职员工。"))
    administrators.check_nothing_beside(person, role, day_of(at), None)
    if role in ADMINISTRATOR_ROLES:
        administrators.check_free(person, at)


def _marketing(act: Act) -> Unit:
    """The marketing department; where there is none yet, it is created as the system's first unit."""
    found = Unit.objects.filter(kind=Unit.Kind.MARKETING).order_by("code").first()
    if found is None:
        found = Unit(code="SC", name="市场部", kind=Unit.Kind.MARKETING)
        act.changes.new(found, first=True)
    return found
