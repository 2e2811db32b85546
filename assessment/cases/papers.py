"""The written parts of a case as its pages show them: the unit's report, who paid and who owes; every text masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accountability.db.row_keys import Key
from accountability.db.sql import by_key
from accountability.models import Attachment, Deadline, Employee
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from accountability.web.standing_statements import standing_rows
from assessment.cases.dossier import Dossier, report_for
from assessment.models import DETERMINED, Case, CaseState, Ground, Owed, Penalty, Report, Seat, payers
from complaints.dossier.customer import texts_of
from complaints.models import Round


@dataclass
class ReportPaper:
    """The unit's report with its texts, the names it names, and its files by token and name."""

    report: Report
    texts: dict[str, str]
    persons: list[Employee]
    files: list[tuple[Attachment, str]]


def report_paper(dossier: Dossier, report: Report | None = None) -> ReportPaper | None:
    """The report that counts or waits (or the one given), for those who may read it."""
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
    actor = dossier.actor
    found = standing_rows(_penalties, actor, actor.at, Key(dossier.case.pk))
    return [PenaltyLine(penalty, dossier.words(penalty.texts).get("reason", "")) for penalty in found]


def _penalties(actor: Actor, _at: datetime, case: Key) -> list[QuerySet[Penalty]]:
    people = ("person__unit", "recorded_by__unit", "slip_by", "refund_by", "texts")
    return [Penalty.objects.visible_to(actor).filter(case=case).select_related(*people).order_by("pk")]


def own_penalty(penalty: Penalty) -> PenaltyLine:
    """A person's own, without the case, which they may not know: every number in the reason is masked."""
    return PenaltyLine(penalty, mask_text(texts_of(penalty.texts).get("reason", "")))


ReadPeople = Callable[[Collection[int]], Mapping[int, Employee]]
"""Gives people by primary key."""

OF_THE_ROSTER: ReadPeople = partial(by_key, Employee)

SEVERAL = 3
"""If one of several people owes it, up to this many are named; more are shown as any person of the unit."""


@dataclass
class Owing:
    """A person who still owes a penalty, and the grounds. If `person` is None, one of `among` owes it; `leads` means
    the leader of that one.
    """

    person: Employee | None
    grounds: list[str] = field(default_factory=list)
    among: list[Employee] = field(default_factory=list)
    leads: bool = False

    @property
    def labels(self) -> list[Any]:
        return [Ground(ground).label for ground in self.grounds]

    @property
    def ground(self) -> str:
        return self.grounds[0]

    def is_only(self, pk: int) -> bool:
        """Whether only this person can pay it."""
        people = [self.person] if self.person else self.among
        return all(person.pk == pk for person in people)

    @property
    def who(self) -> str:
        if self.person is not None:
            return str(self.person)
        if self.leads:
            return _("该首问责任人的分管领导")
        if len(self.among) > SEVERAL:
            return _("该单位任一人员（负责人除外）")
        return _("%(names)s之一") % {"names": _("、").join(map(str, self.among))}


def owing_in(case: Case, owed: Sequence[Owed] | None = None, read: ReadPeople = OF_THE_ROSTER) -> list[Owing]:
    """What is still owed (or the rows given): a line per person; where one of several pays, a line per ground."""
    asked = case.unpaid if owed is None else owed
    named = read({pk for each in asked for pk in payers(each)})
    found: dict[Any, Owing] = {}
    for place, each in enumerate(asked):
        person = named.get(each["person"] or 0)
        among = [] if person else [named[pk] for pk in dict.fromkeys(payers(each)) if pk in named]
        line = found.setdefault(person or place, Owing(person, among=among, leads=bool(each["leads"])))
        line.grounds.append(each["ground"])
    return list(found.values())


def still_owing(dossier: Dossier) -> list[Owing]:
    """Who still owes a penalty; empty unless a violation is found and not annulled."""
    is_found = dossier.case.state in (*DETERMINED, CaseState.CLOSED)
    return owing_in(dossier.case, read=dossier.people_read) if is_found else []


def seat_of(case: Case, actor: Actor) -> Seat | None:
    """This person's own seat on the present panel."""
    if case.panel is None:
        return None
    mine = Seat.objects.visible_to(actor).sitting().filter(panel=case.panel, member_id=actor.pk)
    return mine.select_related("texts").first()


@dataclass
class SeatPaper:
    """A member's seat; the opinion is shown once all are in. `left` is the reason for which they were replaced."""

    row: Seat
    words: dict[str, str]
    is_shown: bool
    left: str


def seats_of(dossier: Dossier) -> list[SeatPaper]:
    """Every seat in the members' order, each with what this person may read of its opinion (R48)."""
    rows: list[Seat] = dossier.case.panel.seat_rows if dossier.case.panel else []
    return [_seat_paper(dossier, row) for row in rows]


def _seat_paper(dossier: Dossier, row: Seat) -> SeatPaper:
    is_shown = row.given_at is not None and dossier.reads_opinion_of(row.member_id)
    words = dossier.words(row.texts) if is_shown else {}
    return SeatPaper(row, words, is_shown, dossier.words(row.reason).get("reason", ""))


@dataclass
class JudgedRound:
    """A round of the unit concerned, with the limits that ran in it."""

    round: Round
    deadlines: list[Deadline] = field(default_factory=list)


def judged_rounds(case: Case) -> list[JudgedRound]:
    """What the panel judges by, even if a member may not see the complaints: the unit's rounds and their limits."""
    linked, unit = case.complaint_ids, case.unit_id
    people = ("contact", "handler", "leader", "head", "complaint__matter", "complaint__category")
    rounds = Round.objects.filter(complaint_id__in=linked, unit_id=unit).select_related(*people)
    clocks: dict[tuple[int, int], list[Deadline]] = defaultdict(list)
    for clock in Deadline.objects.filter(matter_id__in=linked, unit_id=unit, is_window=False).order_by("pk"):
        clocks[clock.matter_id, clock.part].append(clock)
    ordered = rounds.order_by("complaint_id", "number")
    return [JudgedRound(found, clocks[found.complaint_id, found.number]) for found in ordered]
