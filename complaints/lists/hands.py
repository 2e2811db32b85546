"""Who may be given a complaint, with what a contact weighs: open work, absence, who was last, who is a leader.

A constant number of statements, however many complaints and people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Subquery
from django.utils.translation import gettext as _

from accountability.deadlines.limits import show_second
from accountability.models import Absence, Employee, Matter
from accountability.permissions import Actor
from complaints.models import Complaint, Round

RECENT = timedelta(days=90)
"""How long ago a hand-over may be for the person to count as the last one."""

FEW = 12
"""Up to this many people are shown as buttons; of more, a list is shown."""


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
        found: list[Any] = list(people.annotate(open_work=open_work, leads=leads).order_by("name", "username"))
        self.people: list[Employee] = found
        self.open = {person.pk: person.open_work or 0 for person in found}
        self.leaders = {person.pk for person in found if person.leads}
        keys = [person.pk for person in found]
        self.away = dict(Absence.objects.at(self.at).filter(employee__in=keys).values_list("employee_id", "ends_at"))
        self.last_of_category = self._last("complaint__category_id", {c.category_id for c in self.complaints})
        digests = {digest for complaint in self.complaints for digest in _number(complaint)}
        self.last_of_customer = self._last("complaint__intake__phone_digest", digests)

    def _last(self, what: str, wanted: set[Any]) -> dict[tuple[int, Any], int]:
        """Who was given the last one, by unit and value."""
        handed = Round.objects.filter(
            unit__in=self.units, handed_off_at__gte=self.at - RECENT, handler__isnull=False, **{f"{what}__in": wanted}
        ).exclude(complaint__in=[complaint.pk for complaint in self.complaints])
        latest = handed.values_list("unit_id", what, "handler_id").annotate(last=Max("handed_off_at")).order_by("last")
        return {(unit, value): person for unit, value, person, _last in latest}

    def of(self, complaint: Complaint) -> list[Hand]:
        """The people for this complaint: who was last first, who is away last."""
        running = complaint.round
        if running is None:
            return []
        of_customer = {self.last_of_customer.get((running.unit_id, digest)) for digest in _number(complaint)}
        of_category = self.last_of_category.get((running.unit_id, complaint.category_id))
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
