"""`manage.py conformance`: what each clause requires of a complaint, what happened, and the verdict."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.conformance.clauses import Finding, Verdict, findings
from complaints.conformance.period import Period
from complaints.conformance.reading import evidence_of
from complaints.models import Complaint


class Command(BaseCommand):
    help = (
        "Check complaints against the notice, from the record: the flow and the clauses, each with what it requires, "
        "what happened and the verdict. It changes nothing and names nobody (docs/event-log.md)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--number", metavar="NUMBER", help="this complaint only")
        Period.add_to(parser)
        parser.add_argument("--broken", action="store_true", help="only what isn't kept")
        parser.add_argument("--json", action="store_true", help="one JSON object a complaint instead of lines")

    def handle(self, *args: Any, number: str | None, **options: Any) -> None:
        found = Period.asked(options["first"], options["last"]).of(Complaint.objects.all(), "matter__opened_at")
        if number:
            found = Complaint.objects.filter(matter__number=number)
            if not found.exists():
                raise CommandError(f"no complaint {number}")
        counted: Counter[str] = Counter()
        for known in evidence_of(found):
            told = findings(known)
            counted.update(str(one.verdict) for one in told)
            shown = [one for one in told if not options["broken"] or one.verdict == Verdict.BROKEN]
            if shown:
                self._tell(str(known.complaint.matter), shown, as_json=options["json"])
        if not options["json"]:
            self.stdout.write(", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict.values))

    def _tell(self, number: str, found: list[Finding], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(
                json.dumps({"complaint": number, "findings": list(map(asdict, found))}, ensure_ascii=False)
            )
            return
        self.stdout.write(number)
        for one in found:
            where = f"{one.rule or '-'}{f'#{one.part}' if one.part else ''}"
            self.stdout.write(f"  {one.verdict:<14} {where:<7} {one.required} | {one.happened}")
