"""Who may be given a complaint, with what a contact weighs: open work, absence, who was last, who is a leader.

A constant number of statements, however many complaints and people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_second
from accountability.models import Absence, Employee, Matter
from accountability.permissions import Actor
from complaints.models import Complaint, Round

RECENT = timedelta(days=90)
"""How long ago a hand-over may be for the person to count as the last one."""

FEW = 12
"""Up to this many people are shown as buttons; of more, a list is shown."""

OF_CATEGORY, OF_CUSTOMER = "complaint__category_id", "complaint__intake__phone_digest"
"""In what a former complaint may be like this one, as the paths that lead there from its rounds."""


@dataclass(frozen=True)
class Hand:
    """A person to choose, with what is told of them: words and tone."""

    username: str
    name: str
    notes: Sequence[tuple[str, str]]

    @property
    def in_words(self) -> str:
        return " · ".join([self.name, *(words for words, _tone in self.notes)])


class Hands:
    """The people of the units whose rounds these complaints are in; those with a leader on file, as R4 asks."""

    def __init__(self, complaints: Iterable[Complaint], actor: Actor) -> None:
        self.complaints = [complaint for complaint in complaints if complaint.round is not None]
        self.at = actor.at
        self.units = {complaint.round.unit_id for complaint in self.complaints if complaint.round} & actor.answers_for
        people = Employee.objects.in_business(self.at).filter(unit_id__in=self.units, supervisor__isnull=False)
        held = Matter.objects.filter(holder=OuterRef("pk"), holder_unit__in=self.units, closed_at=None)
        open_work = Subquery(held.order_by().values("holder").annotate(number=Count("pk")).values("number"))
        leads = Exists(Employee.objects.filter(supervisor=OuterRef("pk")))
        absences = Absence.objects.at(self.at).filter(employee=OuterRef("pk")).order_by("-starts_at", "-pk")
        away, until = Exists(absences), Subquery(absences.values("ends_at")[:1])
        told = people.annotate(open_work=open_work, leads=leads, away=away, until=until)
        found: list[Any] = list(told.order_by("name", "username"))
        self.people: list[Employee] = found
        self.open = {person.pk: person.open_work or 0 for person in found}
        self.leaders = {person.pk for person in found if person.leads}
        self.away = {person.pk: person.until for person in found if person.away}
        categories = {complaint.category_id for complaint in self.complaints}
        digests = {digest for complaint in self.complaints for digest in _number(complaint)}
        of_category, of_customer = self._handed(OF_CATEGORY, categories), self._handed(OF_CUSTOMER, digests)
        latest = of_category.union(of_customer, all=True).order_by("last")
        self.last = {(what, unit, value): person for what, unit, value, person, _last in latest}

    def _handed(self, what: str, wanted: set[Any]) -> QuerySet[Any, Any]:
        """When each person was given the last one, by unit and value. Both kinds of value are text here, so that one
        statement asks for both.
        """
        handed = Round.objects.filter(
            unit__in=self.units, handed_off_at__gte=self.at - RECENT, handler__isnull=False, **{f"{what}__in": wanted}
        ).exclude(complaint__in=[complaint.pk for complaint in self.complaints])
        named = handed.annotate(what=Value(what), value=Cast(what, TextField()))
        by = named.order_by().values_list("what", "unit_id", "value", "handler_id")
        return by.annotate(last=Max("handed_off_at"))

    def of(self, complaint: Complaint) -> list[Hand]:
        """The people for this complaint: who was last first, who is away last."""
        running = complaint.round
        if running is None:
            return []
        of_customer = {self.last.get((OF_CUSTOMER, running.unit_id, digest)) for digest in _number(complaint)}
        of_category = self.last.get((OF_CATEGORY, running.unit_id, str(complaint.category_id)))
        own = [person for person in self.people if person.unit_id == running.unit_id]

        def order(person: Employee) -> tuple[bool, bool, bool, bool]:
            last = person.pk not in of_customer, person.pk != of_category
            return person.pk in self.away, *last, person.pk in self.leaders

        return [
            Hand(person.username, person.name, self._notes(person, person.pk in of_customer, person.pk == of_category))
            for person in sorted(own, key=order)
        ]

    def _notes(self, person: Employee, of_customer: bool, of_category: bool) -> list[tuple[str, str]]:
        told = []
        if person.pk in self.away:
            told.append((_away(self.away[person.pk]), "warn"))
        if of_customer:
            told.append((_("上次办此客户"), "ok"))
        if of_category:
            told.append((_("上次办同类"), "ok"))
        if person.pk in self.leaders:
            told.append((_("领导"), "info"))
        told.append((_("在办 %d") % self.open[person.pk], "neutral"))
        return told


def _number(complaint: Complaint) -> tuple[str, ...]:
    return complaint.intake.phone_digests if complaint.intake is not None else ()


def _away(until: datetime | None) -> str:
    return _("离岗至 %s") % show_second(until)[5:16] if until else _("离岗")
