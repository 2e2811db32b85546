"""Leads: what points to a violation of the first-inquiry duty (R38), in the order in which the centre looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case as Ranked
from django.db.models import IntegerField, Q, QuerySet, Value, When
from django.utils.functional import cached_property

from accountability.categories import FOCUS_HEADS
from accountability.models import Category, Deadline, Employee, Unit
from accountability.permissions import Actor
from assessment.models import LeadMark, open_leads
from complaints.clocks import label_of_name
from complaints.models import Complaint, Cooperation, Round
from complaints.story import customer_of, texts_of
from complaints.worklists import Line

FIRST, OTHER = 0, 1
ORDER = ("rank", "missed_at", "pk")
"""R38, the longest missed first; with the key last, so that a page ends at exactly one place."""

ASIDE_ORDER = ("-marked_at", "-pk")
COUNTED = 100
"""A desk counts no further."""


def leads_against(unit: Unit) -> QuerySet[Deadline]:
    """The misses that count against the unit that owed the duty, and that no case took up."""
    return open_leads(unit=unit)


def is_first(of_complaint: str) -> Q:
    """Service attitude, business handling and escalations, for a query that reaches the complaint by this path."""
    focus = Category.objects.filter(Q(name__in=FOCUS_HEADS, parent=None) | Q(parent__name__in=FOCUS_HEADS))
    ids = list(focus.values_list("pk", flat=True))
    return Q(**{f"{of_complaint}__category__in": ids}) | Q(**{f"{of_complaint}__escalated": True})


def in_order(leads: QuerySet[Deadline]) -> QuerySet[Deadline]:
    """With `rank` to sort and page by, and joined with what a row tells."""
    rank = Ranked(
        When(is_first("matter__complaint"), then=Value(FIRST)), default=Value(OTHER), output_field=IntegerField()
    )
    return leads.annotate(rank=rank).select_related("unit", *_of_complaint("matter"))


def put_aside() -> QuerySet[LeadMark]:
    """What supervisors set aside and nobody has restored."""
    marks = LeadMark.objects.filter(case=None, restored_at=None)
    joined = _of_complaint("deadline__matter")
    return marks.select_related("deadline__unit", "marked_by", "texts", f"{joined[0]}__intake", *joined)


def _of_complaint(matter: str) -> tuple[str, ...]:
    complaint = f"{matter}__complaint"
    return complaint, f"{complaint}__category__parent", f"{complaint}__latest_round"


def leads_for(actor: Actor, **which: Any) -> QuerySet[Deadline]:
    """The open leads as this reader may know of them."""
    return open_leads(to_centre=not (actor.is_marketing or actor.is_auditor), **which)


def count_open() -> int:
    """How many wait for the centre, as far as a desk counts."""
    return open_leads(to_centre=True).order_by()[:COUNTED].count()


@dataclass
class Lead:
    """A miss with who was stamped for it: the round's people, of a cooperation the invited unit's."""

    deadline: Deadline
    at: datetime
    duty: Round | Cooperation | None = None
    mark: LeadMark | None = None

    @property
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
    def contact(self) -> Employee | None:
        return self.duty.contact if isinstance(self.duty, Round) else None

    @property
    def handler(self) -> Employee | None:
        return self.duty.handler if self.duty else None

    @property
    def leader(self) -> Employee | None:
        return self.duty.leader if self.duty else None

    @property
    def answers(self) -> Employee | None:
        """Who is to be named: the stamped handler; where nobody was named in time, the contact who owed it."""
        return self.handler or self.contact

    @property
    def category(self) -> str:
        return self.complaint.category.path if self.complaint.category else ""

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


def leads_of(deadlines: Sequence[Deadline], at: datetime) -> list[Lead]:
    """The misses as leads, with who was stamped; two queries, however many."""
    ids = {deadline.matter_id for deadline in deadlines}
    rounds, parts = _rounds(ids), _parts(ids)
    return [Lead(deadline, at, _duty(deadline, rounds, parts)) for deadline in deadlines]


def _rounds(complaints: set[int]) -> dict[tuple[int, int], Round]:
    found = Round.objects.filter(complaint_id__in=complaints).select_related("contact", "handler", "leader")
    return {(round.complaint_id, round.number): round for round in found}


def _parts(complaints: set[int]) -> list[Cooperation]:
    found = Cooperation.objects.filter(coordination__round__complaint_id__in=complaints).order_by("pk")
    return list(found.select_related("coordination__round", "handler", "leader"))


def _duty(
    deadline: Deadline, rounds: dict[tuple[int, int], Round], parts: list[Cooperation]
) -> Round | Cooperation | None:
    if deadline.kind != Deadline.Kind.COOPERATION:
        return rounds.get((deadline.matter_id, deadline.part))
    mine = [part for part in parts if part.unit_id == deadline.unit_id and _is_of(part, deadline)]
    agreed = [part for part in mine if part.due_at == deadline.due_at]
    return next(iter((agreed or mine)[-1:]), None)


def _is_of(part: Cooperation, deadline: Deadline) -> bool:
    table = part.coordination.round
    return (table.complaint_id, table.number) == (deadline.matter_id, deadline.part)


def leads_set_aside(marks: Sequence[LeadMark], at: datetime) -> list[Lead]:
    found = leads_of([mark.deadline for mark in marks], at)
    for lead, mark in zip(found, marks, strict=True):
        lead.mark = mark
    return found
