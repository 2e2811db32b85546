"""`manage.py activation_codes --output FILE (USERNAME… | --unit CODE | --everybody)`: activation codes for many people,
in one file.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accountability.deadlines import clock
from accountability.deadlines.limits import show_instant
from accountability.models import SYSTEM_USERNAME, Employee
from accountability.signin import activation
from accountability.spreadsheets.cells import csv_line


class Command(BaseCommand):
    help = (
        "Issue activation codes: to the people named, or to everybody (of a unit) who has no password yet. Each is "
        "good once within 24 hours. The file is written for its owner alone; hand the codes out and destroy it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("usernames", nargs="*", metavar="USERNAME")
        parser.add_argument("--unit", metavar="CODE", help="everybody of this unit who has no password yet")
        parser.add_argument("--everybody", action="store_true", help="everybody who has no password yet")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="a CSV file, not yet there")
        parser.add_argument(
            "--also-second-factor", action="store_true",
            help="take their second factor away too: for the last security administrator, whom nobody else can help",
        )  # fmt: skip

    def handle(
        self, *args: Any, usernames: list[str], unit: str | None, everybody: bool, output: Path,
        also_second_factor: bool, **options: Any,
    ) -> None:  # fmt: skip
        if bool(usernames) + bool(unit) + everybody != 1:
            raise CommandError("Name people, or --unit CODE, or --everybody.")
        if also_second_factor and not usernames:
            raise CommandError("--also-second-factor is for people named one by one.")
        people = _named(usernames) if usernames else _without_password(unit)
        at = clock.read()
        try:
            file = os.fdopen(
                os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig", newline=""
            )
        except OSError as error:
            raise CommandError(f"{output} can't be written: {error.strerror}") from error
        with file:
            file.write(csv_line(["工号", "姓名", "单位", "激活码", "失效时间"]))
            for person, code in activation.issue_many(people, at, also_second_factor=also_second_factor):
                unit_name = person.unit.name if person.unit else ""
                until = show_instant(at + activation.GOOD_FOR)
                file.write(csv_line([person.username, person.name, unit_name, code, until]))
        self.stdout.write(f"{len(people)} codes in {output}")


def _active() -> Any:
    people = Employee.objects.filter(is_active=True).exclude(username=SYSTEM_USERNAME)
    return people.select_related("unit").order_by("username")


def _named(usernames: list[str]) -> list[Employee]:
    found = list(_active().filter(username__in=usernames))
    strangers = sorted(set(usernames) - {person.username for person in found})
    if strangers:
        raise CommandError(f"No active employee: {', '.join(strangers)}")
    return found


def _without_password(unit: str | None) -> list[Employee]:
    people = _active().filter(unit__code=unit) if unit else _active()
    return [person for person in people if not person.has_usable_password()]
