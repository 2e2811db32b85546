"""Leads: what points to a violation of the first-inquiry duty (R38), in the order in which the centre works on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case as Ranked
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from accountability.db.following import follow
from accountability.db.row_keys import Keys, OneOf
from accountability.db.sql import Together, fetched_again
from accountability.deadlines.limits import Workdays, WorkingCalendar, day_of, end_of_day
from accountability.models import Category, Deadline, Employee, TimeLimits, Unit, calendar_around
from accountability.permissions import Actor
from accountability.seed.categories import FOCUS_HEADS
from accountability.web.standing_statements import standing_statements
from assessment.models import Case, Ground, LeadMark, open_leads, people_of_task, standing_tasks, stands, task_of
from assessment.permissions import open_fault
from complaints.declarations.limits import Kind
from complaints.dossier.customer import customer_of, texts_of
from complaints.dossier.deadlines import label_of_name
from complaints.lists.worklists import Line
from complaints.models import Complaint, Cooperation, Round

FIRST, OTHER = 0, 1
ORDER = ("rank", "missed_at", "pk")
"""R38, the longest missed first; the key comes last, so that a page ends at one exact place."""

ASIDE_ORDER = ("-marked_at", "-pk")
COUNTED = 100
"""The desk counts no further."""

JUDGED_WITHIN = 5
"""Working days after which an unjudged lead raises an alarm to the centre's supervisors (R38)."""

MOST_DAYS = 400
"""Days to search back for the end of the working days: more than any holidays or unpublished year."""


def leads_against(unit: Unit) -> QuerySet[Deadline]:
    """The misses that count against the unit that owed the duty, and that no case took up."""
    return open_leads(unit=unit)


def is_first(of_complaint: str) -> Q:
    """Service attitude, business handling and escalations, for a query that reaches the complaint by this path."""
    focus = Category.objects.filter(Q(name__in=FOCUS_HEADS, parent=None) | Q(parent__name__in=FOCUS_HEADS))
    ids = list(focus.values_list("pk", flat=True))
    return Q(**{f"{of_complaint}__category__in": ids}) | Q(**{f"{of_complaint}__escalated": True})


def in_order(leads: QuerySet[Deadline]) -> QuerySet[Deadline]:
    """With `rank` to sort and page by, and joined with what a row shows."""
    rank = Ranked(
        When(is_first("matter__complaint"), then=Value(FIRST)), default=Value(OTHER), output_field=IntegerField()
    )
    return leads.annotate(rank=rank, since=since()).select_related("unit", "person", *_of_complaint("matter"))


def since() -> Coalesce:
    """From when a lead waits to be judged: the miss, or the instant at which it was last restored; never by a case that
    marketing opened on its own, of which the centre knows nothing.
    """
    known = LeadMark.objects.filter(Q(case=None) | Q(case__by_centre=True), deadline=OuterRef("pk"))
    restored = known.filter(restored_at__isnull=False).order_by("-restored_at")
    return Coalesce(Subquery(restored.values("restored_at")[:1]), "missed_at")


def put_aside() -> QuerySet[LeadMark]:
    """What supervisors set aside and nobody has restored."""
    marks = LeadMark.objects.filter(case=None, restored_at=None, deadline__missed_at__isnull=False)
    joined = _of_complaint("deadline__matter")
    return marks.select_related(
        "deadline__unit", "deadline__person", "marked_by", "texts", f"{joined[0]}__intake", *joined
    )


def _of_complaint(matter: str) -> tuple[str, ...]:
    complaint = f"{matter}__complaint"
    return complaint, f"{complaint}__category__parent", f"{complaint}__latest_round"


def leads_for(actor: Actor, **which: Any) -> QuerySet[Deadline]:
    """The open leads that this reader may know of."""
    return open_leads(to_centre=not actor.reads_every_case, **which)


def count_open() -> int:
    """How many wait for the centre, up to the desk's limit."""
    return open_leads(to_centre=True).order_by()[:COUNTED].count()


@dataclass(frozen=True)
class Patience:
    """Until when a lead may wait for a judgement (R38), counted in working days as limits are. In a year whose calendar
    isn't published the wait has no end, so no alarm is raised.
    """

    calendar: WorkingCalendar
    limit: Workdays

    @classmethod
    def at(cls, at: datetime) -> Patience:
        together = Together()
        in_force = together.in_force(TimeLimits, at)
        calendar = calendar_around(at, together)
        (limits,) = in_force()
        return cls(calendar, Workdays(JUDGED_WITHIN, limits.day_ends_at))

    def end(self, since: datetime) -> datetime | None:
        return self.limit.after(since, self.calendar)

    def ended_for(self, at: datetime) -> datetime | None:
        """The latest start whose wait has ended by now. Anything that started earlier has ended too, since later days
        have later ends.
        """
        day = day_of(at)
        for _back in range(MOST_DAYS):
            since = end_of_day(day)
            end = self.end(since)
            if end is not None and end < at:
                return since
            day -= timedelta(days=1)
        return None


@dataclass(frozen=True)
class Owing:
    """A person who owed the missed duty, and their part in it."""

    ground: Ground
    person: Employee

    @property
    def label(self) -> Any:
        return self.ground.label


@dataclass
class Lead:
    """A miss and its duty: the round, or for a cooperation the invited unit's part."""

    deadline: Deadline
    at: datetime
    duty: Round | Cooperation | None = None
    mark: LeadMark | None = None
    patience: Patience | None = None
    fault_url: str | None = None
    """The address to open the contact's fault, for those who may; a sheet may be issued as well for anything else."""

    @cached_property
    def complaint(self) -> Complaint:
        found: Complaint = self.deadline.matter.complaint
        return found

    @property
    def label(self) -> str:
        return label_of_name(self.deadline.name)

    @property
    def round_name(self) -> str:
        return f"{self.complaint.matter}#{self.deadline.part}"

    @property
    def late_by(self) -> timedelta:
        assert self.deadline.due_at is not None
        return (self.deadline.met_at or self.at) - self.deadline.due_at

    @property
    def since(self) -> datetime:
        """When its wait began: as the query says (`in_order`), else the miss."""
        found = getattr(self.deadline, "since", None) or self.deadline.missed_at
        assert found is not None
        return found

    @property
    def age(self) -> timedelta:
        return self.at - self.since

    @property
    def judged_by(self) -> datetime | None:
        """By when it must be judged; None while the calendar for that day isn't published."""
        return self.patience.end(self.since) if self.patience else None

    @property
    def has_waited_too_long(self) -> bool:
        until = self.judged_by
        return until is not None and until < self.at

    @property
    def is_of_the_contact(self) -> bool:
        """A late hand-over is the contact's fault (R22): it is proposed before any sheet."""
        return self.deadline.kind == Kind.HANDOFF

    @cached_property
    def owing(self) -> list[Owing]:
        """Who owed it, the likeliest to be named first; empty if the duty isn't known any more."""
        if self.duty is None:
            return []
        if isinstance(self.duty, Cooperation):
            found = _of_cooperation(self.duty)
        elif self.is_of_the_contact:
            found = [(Ground.CONTACT, self.deadline.person or self.duty.contact)]
        else:
            found = _of_handling(self.duty)
        return [Owing(ground, person) for ground, person in found if person is not None]

    @property
    def answers(self) -> Employee | None:
        """The person to be named in a sheet."""
        return self.owing[0].person if self.owing else None

    @property
    def category(self) -> str:
        return str(self.complaint.category) if self.complaint.category else ""

    @property
    def is_focus(self) -> bool:
        category = self.complaint.category
        return category is not None and (category.parent or category).name in FOCUS_HEADS

    @property
    def badges(self) -> Iterable[tuple[str, str, Any]]:
        """Urgency, state and flags of its complaint, as in every list of complaints."""
        return Line(self.complaint, self.at, knows_intake=True, knows_present=True).badges

    @cached_property
    def reason(self) -> str:
        """Why it was set aside, masked."""
        text = texts_of(self.mark.texts).get("reason", "") if self.mark else ""
        return customer_of(self.complaint).mask(text) if text else ""


def fault_url(actor: Actor, unit: Unit, round_name: str) -> str | None:
    """The address at which this person opens the fault of the round's contact, if they may against this unit (R22)."""
    own = unit.kind == Unit.Kind.MARKETING or (unit.kind == Unit.Kind.SERVICE_CENTRE and not actor.is_marketing)
    if own or not open_fault(Case(), actor):
        return None
    return f"{reverse('open_fault')}?{urlencode({'round': round_name})}"


def propose_faults(leads: Sequence[Lead], actor: Actor) -> None:
    """For a late hand-over, propose the fault of the contact who owed it first; a sheet makes the contact answer for
    nothing else (R22, R50). Not if one was declined, as far as this person may know: it can be opened only once a
    round.
    """
    complaints = {lead.deadline.matter_id for lead in leads if lead.is_of_the_contact}
    asked = standing_statements(_accused, actor, actor.at, Keys.of(complaints)) if complaints else []
    accused = {each for faults in asked for each in fetched_again(faults)}
    for lead in leads:
        is_open = lead.is_of_the_contact and lead.mark is None
        is_first = (lead.deadline.matter_id, lead.deadline.part) not in accused
        if is_open and is_first and lead.deadline.unit is not None:
            lead.fault_url = fault_url(actor, lead.deadline.unit, lead.round_name)


def _accused(actor: Actor, _at: datetime, complaints: Keys) -> list[QuerySet[Any]]:
    faults = Case.objects.visible_to(actor).filter(OneOf("round__complaint", complaints))
    return [faults.order_by().values_list("round__complaint", "round__number")]


def _of_handling(duty: Round) -> list[tuple[Ground, Employee | None]]:
    """Handler and leader; if nobody handled it, the person it had reached: the leader reported to, else the contact."""
    if duty.handler:
        return [(Ground.HANDLER, duty.handler), (Ground.LEADER, duty.leader)]
    if duty.reported_to:
        return [(Ground.LEADER, duty.reported_to)]
    return [(Ground.CONTACT, duty.contact)]


def _of_cooperation(duty: Cooperation) -> list[tuple[Ground, Employee | None]]:
    """The people who confirmed and finished it for the invited unit; if there are none, its head."""
    people = (duty.confirmed_by, duty.handler, duty.finished_by, duty.unit.head)
    by_pk = {person.pk: person for person in people if person is not None}
    return [(Ground.COOPERATING, by_pk[pk]) for pk in people_of_task(duty)]


def leads_of(
    deadlines: Sequence[Deadline],
    at: datetime,
    rounds: Iterable[Round] | None = None,
    tasks: Iterable[Cooperation] | None = None,
) -> list[Lead]:
    """The misses as leads, each with the people who owed it; a constant number of queries, however many leads.

    `rounds`, `tasks`: all of these complaints, with their people, where they were read before; the tasks in the order
    of their keys, with their unit and coordination.
    """
    ids = {deadline.matter_id for deadline in deadlines}
    known = {(found.complaint_id, found.number): found for found in (_rounds(ids) if rounds is None else rounds)}
    of_tasks = {deadline.matter_id for deadline in deadlines if deadline.kind == Kind.COOPERATION}
    parts, patience = _parts(of_tasks, tasks) if of_tasks else [], Patience.at(at)
    return [Lead(deadline, at, _duty(deadline, known, parts), patience=patience) for deadline in deadlines]


def _rounds(complaints: set[int]) -> Iterable[Round]:
    found = Round.objects.filter(complaint_id__in=complaints)
    return found.select_related("contact", "handler", "leader", "reported_to")


def _parts(complaints: set[int], known: Iterable[Cooperation] | None) -> list[Cooperation]:
    if known is not None:
        standing = [task for task in known if stands(task.coordination)]
        follow((standing, ("unit__head",)))
        return standing
    people = ("confirmed_by", "handler", "finished_by")
    return list(standing_tasks(complaints).select_related("coordination__round", "unit__head", *people).order_by("pk"))


def _duty(
    deadline: Deadline, rounds: dict[tuple[int, int], Round], parts: list[Cooperation]
) -> Round | Cooperation | None:
    if deadline.kind != Kind.COOPERATION:
        return rounds.get((deadline.matter_id, deadline.part))
    return task_of(deadline, parts)


def leads_set_aside(marks: Sequence[LeadMark], at: datetime) -> list[Lead]:
    found = leads_of([mark.deadline for mark in marks], at)
    for lead, mark in zip(found, marks, strict=True):
        lead.mark = mark
    return found
