"""Which cases a person may know of, and how much of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accountability.models import Employee
from accountability.permissions import Actor
from assessment.models.panels import Seat
from assessment.models.states import HIDDEN_FROM_UNIT, OVER, CaseState, Source

if TYPE_CHECKING:
    from assessment.models.cases import Case  # noqa: F401  the queryset names its model

State = CaseState


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> CaseQuerySet:
        """Marketing and auditors: all. The centre's agents and supervisors: what the centre opened by sheet or fault.
        The contacts, deputies and head of the unit: theirs from the notice on, and a fault of its contact from the
        start, declined or not. Everybody else: none.
        """
        if actor.is_marketing or actor.is_auditor:
            return self
        mine = Q(pk=None)
        if actor.is_agent:
            mine |= Q(by_centre=True)
        units = actor.answers_for
        if units:
            told = Q(source=Source.FAULT) | ~Q(state__in=HIDDEN_FROM_UNIT)
            mine |= Q(unit_id__in=units) & told & ~Q(state=State.NEW)
        return self.filter(mine)

    def asked_of(self, actor: Actor) -> CaseQuerySet:
        """Cases in which this person is asked for one thing only, and may know only what that takes: an opinion on the
        panel (R48), or as a leader of the unit on a contact's fault (R22).
        """
        seats = Seat.objects.sitting().filter(member_id=actor.pk, panel__case_id=OuterRef("pk"))
        leads = Employee.objects.filter(supervisor_id=actor.pk, unit_id=OuterRef("unit_id"))
        return self.filter(Exists(seats) | Q(Exists(leads), source=Source.FAULT))

    def known_to(self, actor: Actor) -> CaseQuerySet:
        """Those whose page this person may open, however little of it they see."""
        everything = actor.is_marketing or actor.is_auditor
        return self if everything else self.visible_to(actor) | self.asked_of(actor)

    def with_everything(self) -> CaseQuerySet:
        """Joined with what a list row or an act needs, in a constant number of statements."""
        joined = self.select_related("matter", "unit__head", "officer", "opened_by", "approver")
        return joined.prefetch_related(
            "penalties__person", "circulars", "reports__persons", "panels__seats__member", "complaint_links"
        )

    def open(self) -> CaseQuerySet:
        return self.exclude(state__in=OVER)
