"""What is written in a case, as its pages show it: the unit's report, who paid and who owes; every text masked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from accountability.models import Attachment, Employee
from accountability.permissions import Actor
from assessment.dossier import Dossier, report_for
from assessment.models import Case, Ground, Penalty, Report, Seat


@dataclass
class ReportPaper:
    """The unit's report with its texts, the names it names, and its files by token and name."""

    report: Report
    texts: dict[str, str]
    persons: list[Employee]
    files: list[tuple[Attachment, str]]


def report_paper(dossier: Dossier, report: Report | None = None) -> ReportPaper | None:
    """The report that counts or waits (or the one given), for whoever may read it."""
    found = report_for(dossier.case, dossier.actor)
    report = report if report is not None and found is not None else found
    if report is None:
        return None
    whole = Report.objects.select_related("texts", "signer", "filed_by__unit").get(pk=report.pk)
    files = Attachment.objects.filter(pk__in=whole.evidence.values("file")).order_by("pk")
    return ReportPaper(
        whole, dossier.words(whole.texts),
        list(Employee.objects.filter(pk__in=report.named).select_related("unit").order_by("name", "username")),
        [(file, dossier.mask(file.name or "")) for file in files],
    )  # fmt: skip


@dataclass
class PenaltyLine:
    penalty: Penalty
    reason: str


def penalty_lines(dossier: Dossier) -> list[PenaltyLine]:
    people = ("person__unit", "recorded_by__unit", "slip_by", "texts")
    found = Penalty.objects.visible_to(dossier.actor).filter(case=dossier.case).select_related(*people).order_by("pk")
    return [PenaltyLine(penalty, dossier.words(penalty.texts).get("reason", "")) for penalty in found]


@dataclass
class Owing:
    """Somebody who still owes a penalty, by which grounds; `person` None: anybody of the unit."""

    person: Employee | None
    grounds: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[Any]:
        return [Ground(ground).label for ground in self.grounds if ground]

    @property
    def ground(self) -> str:
        """The first ground that isn't any."""
        return next((ground for ground in self.grounds if ground), "")


def owing_in(case: Case) -> list[Owing]:
    """What is still owed, a line a person; where any person of the unit can pay, a line a ground."""
    unpaid = case.unpaid
    named = _named({owed["person"] for owed in unpaid if owed["person"]})
    found: dict[Any, Owing] = {}
    for owed in unpaid:
        person = named.get(owed["person"] or 0)
        found.setdefault(person or owed["ground"], Owing(person)).grounds.append(owed["ground"])
    return list(found.values())


def _named(people: Collection[int]) -> dict[int, Employee]:
    return {person.pk: person for person in Employee.objects.filter(pk__in=people)} if people else {}


def seat_of(case: Case, actor: Actor) -> Seat | None:
    """This person's own seat on the panel as it now is."""
    if case.panel is None:
        return None
    return Seat.objects.visible_to(actor).select_related("texts").filter(panel=case.panel, member_id=actor.pk).first()
