"""`manage.py rotate_keys`: seals everything again with the newest key, so that an old key may be removed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accountability.privacy.key_rotation import KEEPERS, index_anew, keys_known, opened_by, renew


class Command(BaseCommand):
    help = (
        "Seal all personal data anew with the first of PERSONAL_DATA_KEYS. Runs while people work, and may be broken "
        "off and begun again. --check changes nothing and tells how much each key still opens."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell how many rows and files each key opens")
        parser.add_argument(
            "--blind-index", action="store_true",
            help="also write the digests by which numbers and names are found, under the present BLIND_INDEX_KEY",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            return self._check()
        if options["blind_index"]:
            self.stdout.write("digests: {} of {} written anew".format(*index_anew()))
        lost: list[str] = []
        for name, keeper in KEEPERS.items():
            renewed, seen, closed = renew(keeper)
            self.stdout.write(f"{name}: {renewed} of {seen} sealed anew")
            lost += [f"{name} {pk}" for pk in closed]
        if lost:
            raise CommandError(f"No key opens: {', '.join(lost[:20])}; {len(lost)} in all")
        return None

    def _check(self) -> None:
        """Show how many sealed values each key opens; keys are numbered, 1 is the newest. Fails where no key opens a
        value.
        """
        needed: set[int] = set()
        closed = 0
        for name, keeper in KEEPERS.items():
            counts = opened_by(keeper)
            closed += counts.pop(None, 0)
            needed |= {place for place in counts if place is not None}
            told = ", ".join(f"key {place + 1}: {counts.get(place, 0)}" for place in range(keys_known()))
            self.stdout.write(f"{name}: {told}")
        idle = [str(place + 1) for place in range(1, keys_known()) if place not in needed]
        self.stdout.write(f"may be taken out: key {', '.join(idle)}" if idle else "no key may be taken out")
        if closed:
            raise CommandError(f"{closed} opened by none of the keys, or without their file")
