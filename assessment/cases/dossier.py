"""What one person may know of one case, gathered once for its pages.

Marketing and auditors see all of it. From the notice on, the unit concerned sees what it was told, filed and has to do,
and nothing of the sheet (R40). The centre sees its own sheet and the case's progress. A panel member from elsewhere
sees the papers given to the panel. Every text is unsealed and masked here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet

from accountability.db.following import follow
from accountability.db.row_keys import Key, Keys, OneOf, may_be_key
from accountability.db.sql import Through, Together, by_key
from accountability.declarations.registry import listed
from accountability.documents.reading import papers_of
from accountability.gate.verbs import verbs_of
from accountability.models import NO_DUE, Deadline, Employee, LedgerEntry, Matter, Paper, PersonalData
from accountability.permissions import Actor
from accountability.security.masking import mask_text
from accountability.web.standing_statements import standing_rows
from assessment.declarations.limits import Kind
from assessment.models import Case, CaseComplaint, CaseState, Finding, LeadMark, Penalty, Report, Sheet
from assessment.permissions import is_contact_or_head
from complaints.dossier.customer import Customer, customer_of, texts_of
from complaints.models import Complaint, Round

OF_THE_CASE = (
    "matter__holder", "matter__holder_unit", "unit__head", "officer", "opened_by", "texts", "notice", "opinion",
    "opinion_by__unit", "decision", "decided_by", "approval_by", "approval_texts", "approver",
    "round__complaint__matter",
)  # fmt: skip
OF_A_CIRCULAR = ("drafted_by", "signer", "texts", "remarks", "returned_by")
OF_A_PANEL = ("appointed_by", "recorded_by", "texts")
OF_A_SEAT = ("member__unit", "texts", "reason")
"""What is read with a case, its circulars, its panels and their seats."""

READERS = ("unit", "head", "centre")
"""Who reads entries of a case apart from marketing and auditors (`Verb.read_by`): the unit concerned (its penalties
only its head, `Penalty.visible_to`), and the centre, the progress of a case that it opened. A notice tells the unit the
outcome of an approval.
"""

OF_THE_SYSTEM = {
    "deemed_violation": ("unit", "centre"), "miss": ("unit",), "chase_slip": ("unit",),
    "chase_refund": ("unit",),
    "publish_calendar": ("unit", "centre"),
}  # fmt: skip
"""The same for what is no verb of a case, by its word in the ledger: what the system writes, and that a calendar was
published which gave limits their due instants, by the system or whoever published it.
"""


def read_by(*readers: str) -> frozenset[str]:
    """The words of the ledger that one of these readers reads."""
    known = {entry.name: entry.read_by for entry in verbs_of(Case)} | OF_THE_SYSTEM
    return frozenset(name for name, who in known.items() if set(who) & set(readers))


@dataclass
class Dossier:
    """A case as `actor` may know it."""

    case: Case
    actor: Actor
    complaints: list[Complaint] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    leads: list[LeadMark] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    people: dict[int, str] = field(default_factory=dict)
    """The names of those to whom the entries refer."""
    employees: dict[int, Employee] = field(default_factory=dict)
    """Whom the page has read already."""
    beside: list[Case] = field(default_factory=list)
    """Other standing cases of the unit on one of these complaints, for marketing: nobody answers twice for one miss."""

    @property
    def units(self) -> dict[str, str]:
        """The units that entries name, by code: there is only one."""
        return {self.case.unit.code: self.case.unit.name}

    @property
    def knows_all(self) -> bool:
        return self.actor.reads_every_case

    @cached_property
    def is_of_the_unit(self) -> bool:
        return is_contact_or_head(self.case, self.actor)

    @cached_property
    def reads_as(self) -> str:
        """As whom this person reads the case, which decides what their page shows: `whole` (marketing and auditors),
        `unit` (who answers for the unit concerned), `centre` (which began it), `asked` (for one thing only).
        """
        if self.knows_all:
            return "whole"
        if not self.case.tells_present(self.actor):
            return "asked"
        return "unit" if self.is_of_the_unit else "centre"

    @property
    def knows_penalties(self) -> bool:
        """Who was penalised and how: marketing, auditors and the unit's head."""
        return self.knows_all or self.case.unit_id in self.actor.heads

    @property
    def knows_report(self) -> bool:
        """The unit's own papers: its people, marketing and auditors, and no agent of the centre."""
        return self.knows_all or self.is_of_the_unit

    @cached_property
    def sheet(self) -> Sheet | None:
        """The sheet; never for the unit concerned (R40)."""
        if not self.knows_all and (self.is_of_the_unit or not self.actor.is_agent):
            return None
        return next(iter(standing_rows(_sheet, self.actor, self.actor.at, Key(self.case.pk))), None)

    @property
    def determined(self) -> str:
        """Whether a violation was found, for those who may read the result."""
        if self.case.violated is None or not self.knows_report:
            return ""
        return Finding.VIOLATED if self.case.violated else Finding.NOT_VIOLATED

    def people_read(self, wanted: Collection[int]) -> dict[int, Employee]:
        """These people by primary key. Nobody is read twice: a page asks several times who owes a penalty."""
        self.employees |= by_key(Employee, set(wanted) - self.employees.keys())
        return {pk: self.employees[pk] for pk in wanted if pk in self.employees}

    @cached_property
    def papers(self) -> list[Paper]:
        """The official papers of the case that this person may read, newest first."""
        return papers_of([self.case.pk], self.actor)

    @property
    def notice_number(self) -> str:
        """The number of the notice, for those who read it."""
        found = next((paper.number for paper in self.papers if paper.kind == "notice"), "")
        return found or (self.case.document_number if self.knows_report else "")

    def mask(self, text: str) -> str:
        """Mask every number, and the names and numbers of the linked complaints' customers wherever they occur."""
        for customer in self.customers.values():
            text = customer.mask(text)
        return mask_text(text)

    @cached_property
    def customers(self) -> dict[int, Customer]:
        """The customers of all linked complaints, by primary key. Show only those this person may know of, and
        masked.
        """
        known = {complaint.pk: complaint for complaint in self.complaints}
        others = set(self.case.complaint_ids) - known.keys()
        known |= Complaint.objects.select_related("intake").in_bulk(others)
        return {pk: customer_of(complaint) for pk, complaint in known.items()}

    def words(self, row: PersonalData | None) -> dict[str, str]:
        """The texts of a sealed row, masked."""
        return {name: self.mask(text) for name, text in texts_of(row).items() if name not in ("customer", "phone")}

    def texts(self, entry: LedgerEntry) -> dict[str, str]:
        hidden = entry.verb == "give_opinion" and not self.reads_opinion_of(entry.actor_id)
        return {} if hidden else self.words(entry.texts)

    def reads_opinion_of(self, member_id: int) -> bool:
        """One's own at any time; other members' once all are in, for every reader (R48)."""
        panel = self.case.panel
        return member_id == self.actor.pk or (panel is not None and panel.all_spoken)

    @property
    def to_check(self) -> str:
        """What the unit was told to look into: from the notice, or the description of its contact's fault."""
        if self.case.is_fault:
            return self.words(self.case.texts).get("description", "")
        return self.words(self.case.notice).get("check", "")

    @property
    def alleged(self) -> list[str]:
        """What the panel judges, without the sheet (R40): marketing's own description, and what the unit had to
        check.
        """
        begun = "" if self.case.by_centre else self.words(self.case.texts).get("description", "")
        return [text for text in (begun, self.to_check) if text]


def whole(case: Case) -> Case:
    """The case, of which the matter is known, with everything that belongs to it: its own rows as an act reads them
    (`CaseIsRead`), and the people, units and texts that these name. A constant number of statements.
    """
    found = _with_its_rows(case)
    panels = found.panel_rows
    seats = [seat for panel in panels for seat in panel.seat_rows]
    follow(
        ([found], OF_THE_CASE), (found.circular_rows, OF_A_CIRCULAR), (panels, OF_A_PANEL), (seats, OF_A_SEAT),
    )  # fmt: skip
    return found


def _with_its_rows(case: Case) -> Case:
    found: Case = Case.of_matters({case.pk: case.matter})[case.pk]
    return found


def dossier_of(case: Case, actor: Actor) -> Dossier:
    """A constant number of statements, however long the story. The case must already be fetched for this person."""
    dossier, own = Dossier(case, actor), {case.pk}
    dossier.complaints = standing_rows(_complaints, actor, actor.at, Keys.of(case.complaint_ids))
    seen = Keys.of(complaint.pk for complaint in dossier.complaints)
    dossier.rounds = standing_rows(_rounds, actor, actor.at, seen)
    together = Together()
    marks, missed = together.rows(LeadMark, case_id=own), together.rows(Deadline, id=Through(*OF_THE_LEADS, own))
    deadlines, entries = together.rows(Deadline, matter_id=own), together.rows(LedgerEntry, matter_id=own)
    beside = _asked_beside(dossier, together)
    dossier.leads = _leads(marks(), missed.by_key())
    dossier.beside = beside()
    dossier.deadlines = _known_deadlines(deadlines(), case, actor)
    recorded = sorted(entries(), key=lambda entry: entry.seq)
    dossier.entries = _known_entries(recorded, dossier)
    named = _named(dossier.entries)
    people = together.rows(Employee, id=named | (case.people_with_a_part if dossier.knows_penalties else set()))
    follow(
        ([mark.deadline for mark in dossier.leads], ("matter", "unit", "limits")),
        (dossier.deadlines, ("unit", "person", "limits")), (dossier.entries, ("actor__unit", "texts")),
        together=together,
    )  # fmt: skip
    dossier.employees = people.by_key()
    dossier.people = {pk: one.name or one.username for pk, one in dossier.employees.items() if pk in named}
    return dossier


def _asked_beside(dossier: Dossier, together: Together) -> Callable[[], list[Case]]:
    """The other cases of the unit on one of these complaints that aren't declined or annulled, with their matters; for
    who reads every case.
    """
    case = dossier.case
    linked = Through(CaseComplaint, "case", "complaint_id", case.complaint_ids if dossier.knows_all else ())
    cases = together.rows(Case, matter_id=linked, unit_id={case.unit_id})
    matters = together.rows(Matter, id=linked)

    def found() -> list[Case]:
        numbered = matters.by_key()
        others = [other for other in cases() if other.pk != case.pk and other.state not in VOID]
        for other in others:
            other.matter = numbered[other.pk]
        return others

    return found


VOID = (CaseState.NEW, CaseState.DECLINED, CaseState.ANNULLED)
OF_THE_LEADS = (LeadMark, "deadline", "case_id")


def _complaints(actor: Actor, _at: datetime, linked: Keys) -> list[QuerySet[Complaint]]:
    """The linked complaints that this person may see anyway."""
    seen = Complaint.objects.visible_to(actor).filter(OneOf("pk", linked))
    return [seen.with_everything().select_related("intake").order_by("pk")]


def _rounds(actor: Actor, _at: datetime, complaints: Keys) -> list[QuerySet[Round]]:
    """Who held the linked complaints when: the rounds this person may see; for the unit its own rounds."""
    found = Round.objects.visible_to(actor).filter(OneOf("complaint", complaints))
    people = ("unit", "contact", "handler", "leader", "head", "complaint__matter")
    return [found.select_related(*people).order_by("complaint_id", "number")]


def _sheet(actor: Actor, _at: datetime, case: Key) -> list[QuerySet[Sheet]]:
    seen = Sheet.objects.visible_to(actor).filter(case=case)
    return [seen.select_related("person", "unit", "issued_by", "texts")]


def _leads(marks: Iterable[LeadMark], missed: Mapping[int, Deadline]) -> list[LeadMark]:
    """The misses that the case took up, the earliest first. They are the unit's own facts, recorded by the system and
    not by the sheet.
    """
    taken = list(marks)
    for mark in taken:
        mark.deadline = missed[mark.deadline_id]
    return sorted(taken, key=lambda mark: (mark.deadline.missed_at or NO_DUE, mark.pk))


def _known_deadlines(deadlines: list[Deadline], case: Case, actor: Actor) -> list[Deadline]:
    kinds = clocks_known(case, actor)
    return [deadline for deadline in deadlines if kinds is None or deadline.kind in kinds]


UNIT_CLOCKS = (Kind.REPORT, Kind.OPINION, Kind.DISCIPLINE, Kind.SLIP, Kind.REFUND)
"""What the unit concerned owes."""

CENTRE_CLOCKS = (Kind.NOTICE,)
"""What the centre waits for after issuing its sheet."""


def clocks_known(case: Case, actor: Actor) -> tuple[str, ...] | None:
    """The kinds of deadline of the case that this person may know; None for all."""
    if actor.reads_every_case:
        return None
    if is_contact_or_head(case, actor):
        return UNIT_CLOCKS
    return CENTRE_CLOCKS if actor.is_agent and case.by_centre else ()


def _known_entries(entries: list[LedgerEntry], dossier: Dossier) -> list[LedgerEntry]:
    if dossier.knows_all:
        return entries
    reads = read_by("unit", "head") if dossier.is_of_the_unit else read_by("centre")
    clocks = clocks_known(dossier.case, dossier.actor) or ()
    known = [entry for entry in entries if entry.verb in reads and _tells_of(entry, clocks)]
    return _without_penalties(known, dossier) if dossier.is_of_the_unit and not dossier.knows_penalties else known


def _without_penalties(entries: list[LedgerEntry], dossier: Dossier) -> list[LedgerEntry]:
    """Without decisions against people whose penalties need no more proof."""
    shown = Penalty.objects.visible_to(dossier.actor).filter(case=dossier.case).values_list("person", flat=True)
    of_penalties = read_by("head")
    people = set(shown) if any(entry.verb in of_penalties for entry in entries) else set()
    return [entry for entry in entries if entry.verb not in of_penalties or entry.facts.get("person") in people]


def _tells_of(entry: LedgerEntry, clocks: Collection[str]) -> bool:
    """An entry about limits is shown to whoever knows one of them: the unit doesn't read that marketing or a panel was
    late, but which calendar its own limit waited for.
    """
    if entry.verb not in ("miss", "publish_calendar"):
        return True
    limits = [entry.facts] if entry.verb == "miss" else listed(entry.facts, "limits")
    return any(isinstance(limit, dict) and limit.get("kind") in clocks for limit in limits)


NAMES_A_PERSON = ("person", "signer", "to", "approved_by", "signed_by", "member", "successor")
NAMES_PEOPLE = ("persons", "members")


def _named(entries: list[LedgerEntry]) -> set[int]:
    """The people whom the facts of these entries refer to."""
    single = [entry.facts.get(name) for entry in entries for name in NAMES_A_PERSON]
    several = [pk for entry in entries for name in NAMES_PEOPLE for pk in listed(entry.facts, name)]
    penalties = [row for entry in entries for row in listed(entry.facts, "penalties") if isinstance(row, dict)]
    penalised = [row.get("person") for row in penalties]
    return {pk for pk in [*single, *several, *penalised] if may_be_key(pk)}  # a forged entry may hold anything


def report_for(case: Case, actor: Actor) -> Report | None:
    """The report, for the unit's contacts and head, marketing, auditors, and the panel that judges it."""
    judges = any(seat.member_id == actor.pk for panel in case.panel_rows for seat in panel.sitting)
    sits = judges and case.unit_id not in actor.units
    knows = actor.reads_every_case or is_contact_or_head(case, actor) or sits
    return case.report or case.waiting_report if knows else None


def may_read_file(matter_id: int | None, actor: Actor) -> bool:
    """Evidence is for those who may read its report."""
    found = Case.objects.known_to(actor).filter(pk=matter_id).exclude(state=CaseState.NEW).select_related("matter")
    return any(report_for(_with_its_rows(case), actor) for case in found)
