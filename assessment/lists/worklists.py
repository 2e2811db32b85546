"""What cases ask of a person, and cases as lines of a list: a line shows only what its reader may know."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accountability.db.probes import Probe
from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import fetched_again
from accountability.models import NO_DUE, Deadline, Employee, Matter
from accountability.permissions import Actor
from accountability.web.combined_queries import in_order, keys_in_order
from accountability.web.desk import AT_MOST, Clock, Waiting, number
from accountability.web.standing_statements import standing_rows, standing_statements
from assessment.cases.dossier import CENTRE_CLOCKS, UNIT_CLOCKS, clocks_known
from assessment.cases.leads import fault_url
from assessment.cases.progress import duty_of, is_told
from assessment.declarations.limits import Kind
from assessment.models import OVER, Case, CaseQuerySet, CaseState, Circular, Report, Seat
from assessment.models.states import SLIPS
from assessment.permissions import is_contact_or_head
from complaints.declarations.limits import Kind as ComplaintKind
from complaints.dossier.deadlines import nearest
from complaints.dossier.dossier import Story
from complaints.lists.worklists import TOLD_OF_A_LIMIT
from complaints.models import Round

SHOWN = 10
"""Lines shown on the page of cases of what is asked."""

ORDER = ("is_over", "nearest", "-matter_id")
"""Open cases first, by nearest due instant; a page ends at one exact place."""


def by_nearest(cases: CaseQuerySet, actor: Actor) -> CaseQuerySet:
    """Annotated with what ORDER names, and the nearest instant of those that this person may know."""
    known = Deadline.objects.outstanding().filter(matter_id=OuterRef("pk"), due_at__isnull=False)
    kinds = _kinds(actor)
    if kinds is not None:
        known = known.filter(kind__in=kinds)
    first = Subquery(known.order_by("due_at").values("due_at")[:1])
    over = models.Case(models.When(state__in=OVER, then=1), default=0, output_field=models.IntegerField())
    return cases.annotate(is_over=over, nearest=Coalesce(first, NO_DUE, output_field=models.DateTimeField()))


def _kinds(actor: Actor) -> list[str] | None:
    if actor.reads_every_case:
        return None
    return [*(UNIT_CLOCKS if actor.answers_for else ()), *(CENTRE_CLOCKS if actor.is_agent else ())]


# Lines


@dataclass
class Line:
    """One case in a list. `is_seen`: its reader may see the case, and isn't only asked for one thing."""

    case: Case
    actor: Actor
    at: datetime
    is_seen: bool = True
    clock: Deadline | None = None
    pieces: Sequence[Any] = ()
    """The text around a search match."""

    @property
    def knows_all(self) -> bool:
        return self.actor.reads_every_case

    @property
    def source(self) -> Any:
        """How the case began; never shown to the unit concerned (R40)."""
        knows = self.knows_all or (self.is_seen and not is_contact_or_head(self.case, self.actor))
        return self.case.get_source_display() if knows else ""

    @property
    def duty(self) -> Any:
        return duty_of(self.case, self.case.matter.awaits, knows_all=self.knows_all)

    @property
    def holder(self) -> Any:
        """Who must act; if the reader may not know, only their department is shown."""
        told = is_told(self.case.matter.awaits, knows_all=self.knows_all)
        return self.case.matter.holder if told else None

    @property
    def stands(self) -> Clock:
        """By the nearest of the limits that this reader may know; without one, in time."""
        if self.clock is None or self.clock.due_at is None:
            return Clock.OK
        if self.clock.due_at < self.at:
            return Clock.LATE
        return Clock.WARN if self.clock.warned else Clock.OK

    @property
    def tone(self) -> str:
        return {Clock.LATE: "danger", Clock.WARN: "warn"}.get(self.stands, "")


def for_lines(cases: CaseQuerySet) -> CaseQuerySet:
    """Joined with what a line shows."""
    return cases.select_related("matter__holder", "matter__holder_unit", "unit__head", "sheet__person")


def lines(cases: Iterable[Case], actor: Actor, at: datetime, *, seen: set[int] | None = None) -> list[Line]:
    """The cases as lines, in one query. `seen`: which of them this person may see; None for all."""
    cases = list(cases)
    known = {case.pk: clocks_known(case, actor) for case in cases}
    presses = {case.pk: case.presses for case in cases}
    found: dict[int, list[Deadline]] = defaultdict(list)
    for deadline in standing_rows(_limits, actor, at, Keys.of(known)):
        kinds = known[deadline.matter_id]
        if (kinds is None or deadline.kind in kinds) and presses[deadline.matter_id](deadline):
            found[deadline.matter_id].append(deadline)
    return [
        Line(case, actor, at, seen is None or case.pk in seen, next(iter(nearest(found[case.pk], 1)), None))
        for case in cases
    ]


def lines_of(ids: Keys, actor: Actor, at: datetime, *, seen: set[int] | None = None) -> list[Line]:
    """The same of those with these keys that are known to this person."""
    return lines(standing_rows(_known, actor, at, ids), actor, at, seen=seen)


def _limits(_actor: Actor, _at: datetime, ids: Keys) -> list[QuerySet[Deadline]]:
    return [Deadline.objects.outstanding().filter(OneOf("matter_id", ids)).only(*TOLD_OF_A_LIMIT)]


# What is asked of one person

OF_MARKETING = (
    ("notify_unit", _("待通知自查")), ("appoint_panel", _("待组织评判")), ("record_panel", _("待记录评判")),
    ("replace_member", _("待更换评判成员")),
    ("decide_fault", _("待决定接口人处理不当")),
    ("issue_circular", _("待拟制通报批评")), ("close_case", _("待结案")),
)  # fmt: skip
"""The steps of the department that determines, by what a case awaits."""


@dataclass
class Ask:
    """One kind of request, and the cases it is about (primary keys, up to a limit)."""

    name: str
    label: Any
    icon: str
    ids: list[int]
    lines: list[Line] = field(default_factory=list)

    @property
    def count(self) -> str:
        return number(len(self.ids))

    @property
    def url(self) -> str:
        return f"{reverse('cases')}?asked={self.name}"

    @property
    def waiting(self) -> Waiting:
        """Counted from its lines, so that each number matches the list it links to."""
        return Waiting(f"case-{self.name}", self.label, self.url, Counter(line.stands for line in self.lines))


def asks_of(actor: Actor) -> list[Ask]:
    """What waits for this person, each case once. One statement finds them all."""
    found = keys_in_order(standing_statements(_first_of_each, actor, actor.at, AT_MOST))
    taken: set[int] = set()
    asks = []
    for (name, label, icon, _where), keys in zip(_wanted(actor), found, strict=True):
        ids = [pk for pk in keys if pk not in taken]
        taken.update(ids)
        if ids:
            asks.append(Ask(name, label, icon, ids))
    return asks


def _first_of_each(actor: Actor, _at: datetime, at_most: int) -> list[QuerySet[Any]]:
    known = Case.objects.known_to(actor)
    return [in_order(known.filter(each[-1]()), ("matter__work_due_at", "pk"), at_most) for each in _wanted(actor)]


def _wanted(actor: Actor) -> Iterator[tuple[str, Any, str, Callable[[], Q | Exists]]]:
    """By name: the label, the icon, and what says the cases it is asked in. A page seldom needs the last: the text of
    its statement is kept.
    """
    units = actor.answers_for
    yield "opinions", _("待我发表评判意见"), "chat", partial(_to_speak, actor)
    yield "fault", _("待本单位提交处理意见"), "edit", partial(_owes_opinion, actor)
    yield "signatures", _("待我签发或批准"), "check", partial(_signatures, actor)
    if units:
        yield "reports", _("待提交自查报告"), "paper", partial(Q, unit_id__in=units, matter__awaits="file_report")
        yield "slips", _("待提交回执"), "paper", partial(_owe_slips, units)
    for verb, label in OF_MARKETING if actor.is_marketing else ():
        yield verb, label, "list", partial(_of_marketing, actor, verb)
    yield "penalise", _("待处理责任人"), "edit", partial(_owed_penalties, actor)
    yield "held", _("由我办理"), "list", partial(Q, matter__holder_id=actor.pk)


def _to_speak(actor: Actor) -> Q:
    return _of_case(Seat.objects.to_speak(), "panel__case", member=actor.pk) & ~Q(unit_id__in=actor.units)


def _owes_opinion(actor: Actor) -> Q:
    return Q(state=CaseState.FAULT_OPENED, opinion_lapsed_at=None) & ~_is_at_fault(actor) & _leads(actor)


def _owe_slips(units: Collection[int]) -> Q:
    return Q(unit_id__in=units) & _of_case(Deadline.objects.outstanding(), "matter", kind__in=SLIPS)


def _of_marketing(actor: Actor, verb: str) -> Q:
    return (Q(matter__holder_id=actor.pk) | Q(matter__holder=None)) & Q(matter__awaits=verb)


def _owed_penalties(actor: Actor) -> Q:
    """One list of keys: where any of two conditions would do, each case that there ever was is asked both."""
    held = Matter.objects.filter(holder_id=actor.pk, awaits="penalise")
    return Q(pk__in=held.order_by().values("pk").union(_to_penalise(actor).order_by().values("pk"), all=True))


def _to_penalise(actor: Actor) -> CaseQuerySet:
    """In a deemed violation the unit's head penalises even while its circular is in progress."""
    running = Probe(Deadline.objects.outstanding().filter(kind=Kind.DISCIPLINE, matter=OuterRef("pk")))
    deemed = Case.objects.filter(running, state=CaseState.DEEMED_VIOLATION, unit_id__in=actor.heads)
    return deemed.exclude(matter__awaits="penalise")


def labels_of(actor: Actor) -> list[tuple[str, Any]]:
    """What may be asked of this person, by name."""
    return [(name, label) for name, label, _icon, _where in _wanted(actor)]


def _of_case(rows: Any, to_case: str, **which: Any) -> Q:
    return Q(Exists(rows.filter(**which, **{to_case: OuterRef("pk")})))


def _leads(actor: Actor) -> Q:
    """Cases of the units that this person heads, or in which they lead somebody (R22)."""
    led = Employee.objects.filter(supervisor_id=actor.pk, is_active=True, unit_id=OuterRef("unit_id"))
    return Q(unit_id__in=actor.heads) | Q(Exists(led))


def _is_at_fault(actor: Actor) -> Q:
    """As `Case.at_fault`, for a query: nobody is asked for the opinion on their own fault."""
    of_round = {"matter_id": OuterRef("round__complaint_id"), "part": OuterRef("round__number")}
    known = Deadline.objects.binding().filter(**of_round, kind=ComplaintKind.HANDOFF, person__isnull=False)
    return Q(Exists(known.filter(person=actor.pk))) | Q(~Exists(known), round__contact=actor.pk)


def _signatures(actor: Actor) -> Q:
    asked = _of_case(Report.objects.filter(signed_at=None, replaced_at=None), "case", signer=actor.pk)
    if actor.leads_marketing:
        drafts = Circular.objects.filter(signed_at=None, withdrawn_at=None)
        asked |= Q(approver_id=actor.pk) | _of_case(drafts, "case", signer=actor.pk)
    return asked


def with_lines(asks: list[Ask], actor: Actor, at: datetime) -> list[Ask]:
    """Each with its lines; `AT_MOST` limits the ids and so the lines."""
    ids = Keys.of(pk for ask in asks for pk in ask.ids)
    if not ids:
        return asks
    (visible,) = standing_statements(_visible, actor, at, ids)
    seen = {pk for (pk,) in fetched_again(visible)}
    by_pk = {line.case.pk: line for line in lines_of(ids, actor, at, seen=seen)}
    for ask in asks:
        ask.lines = [by_pk[pk] for pk in ask.ids if pk in by_pk]
    return asks


def _known(actor: Actor, _at: datetime, ids: Keys) -> list[QuerySet[Case]]:
    return [for_lines(Case.objects.known_to(actor)).filter(OneOf("pk", ids))]


def _visible(actor: Actor, _at: datetime, ids: Keys) -> list[QuerySet[Any, Any]]:
    return [Case.objects.visible_to(actor).filter(OneOf("pk", ids)).order_by().values_list("pk")]


def narrowed(asks: list[Ask], name: str, clock: str) -> list[Ask]:
    """The kind that the address asks for, with only its lines in the given clock state; empty if there are none."""
    if name:
        asks = [ask for ask in asks if ask.name == name]
    if clock in Clock.values:
        for ask in asks:
            ask.lines = [line for line in ask.lines if line.stands == clock]
    elif not name:
        for ask in asks:
            ask.lines = ask.lines[:SHOWN]
    return asks


def fault_link(story: Story, found: Round) -> tuple[Any, str] | None:
    """Link from a round to the fault of its interface contact, for those who may open one against its unit (R22)."""
    url = fault_url(story.actor, found.unit, f"{story.complaint.matter.number}#{found.number}")
    return (_("提出接口人处理不当"), url) if url else None
