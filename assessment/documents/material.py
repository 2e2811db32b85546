"""The material of the papers of cases: read once for all that are composed together, every text masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import cached_property

from accountability.deadlines.limits import SHANGHAI, day_of, end_of_day
from accountability.documents.content import Cell, Heading, Para, chinese_date
from accountability.documents.phrases import Wording, wording_at, wording_of
from accountability.gate.act import Order
from accountability.models import Employee, PersonalData
from accountability.security.masking import mask_text
from assessment.models import Case
from complaints.dossier.customer import Customer, customer_of, texts_of
from complaints.models import Complaint

OPEN = ""
"""A field of a form that is filled in later."""


class Material:
    """`texts` are the sealed rows that these papers quote, each as the object that refers to it and the name of its
    field; `people` are those they name, by primary key.

    It is read before the act is fully written, so a row made by the act itself is found through the object.
    """

    def __init__(
        self, orders: Sequence[Order], *, texts: Iterable[tuple[Any, str]] = (), people: Iterable[int | None] = ()
    ) -> None:  # fmt: skip
        self.orders = orders
        keys = {_key(thing, name) for thing, name in texts}
        wanted = {pk for pk in people if pk}
        self._rows = PersonalData.objects.in_bulk([pk for pk in keys if pk]) if keys - {None} else {}
        self.people = {
            person.pk: person for person in Employee.objects.filter(pk__in=wanted).select_related("unit")
        } if wanted else {}  # fmt: skip

    @cached_property
    def wording(self) -> Wording:
        first = self.orders[0]
        return wording_of(first.act.batch) if first.act else wording_at(first.at)

    @cached_property
    def complaints(self) -> dict[int, Complaint]:
        """The linked complaints of all these cases."""
        wanted = {pk for order in self.orders for pk in order.subject.complaint_ids}
        found = Complaint.objects.filter(pk__in=wanted).select_related("intake", "matter", "category__parent")
        return {complaint.pk: complaint for complaint in found}

    @cached_property
    def _customers(self) -> dict[int, Customer]:
        return {pk: customer_of(complaint) for pk, complaint in self.complaints.items()}

    def customers(self, case: Case) -> list[tuple[Complaint, Customer]]:
        """The linked complaints in the order in which they were named, each with its customer, to be shown masked."""
        return [(self.complaints[pk], self._customers[pk]) for pk in case.complaint_ids if pk in self.complaints]

    def mask(self, case: Case, text: str) -> str:
        """Mask every number, and the names and numbers of the case's customers wherever they occur."""
        for _complaint, customer in self.customers(case):
            text = customer.mask(text)
        return mask_text(text)

    def words(self, case: Case, thing: Any, name: str = "texts") -> dict[str, str]:
        """The texts of a sealed row, masked; the customer's own fields are left to the intake."""
        found = texts_of(self._rows.get(_key(thing, name) or 0))
        return {
            field: self.mask(case, text) for field, text in found.items() if field not in ("customer", "phone")
        }  # fmt: skip

    def name_of(self, person_id: int | None) -> str:
        """The name of an employee; "" for None."""
        person = self.people.get(person_id or 0)
        return str(person) if person else ""

    def office_of(self, person_id: int | None) -> str:
        person = self.people.get(person_id or 0)
        return person.unit.name if person and person.unit else ""


def _key(thing: Any, name: str) -> int | None:
    """The key of a related row, also of one that was only just inserted."""
    field: Any = thing._meta.get_field(name)
    row: models.Model | None = field.get_cached_value(thing, default=None)
    key: int | None = row.pk if row is not None else getattr(thing, field.attname)
    return key


def paragraphs(text: str) -> tuple[Para, ...]:
    """One per line."""
    return tuple(Para(line.strip()) for line in text.split("\n") if line.strip())


def part(title: str, *lines: str) -> tuple[Heading | Para, ...]:
    """A heading of the first level and the lines under it."""
    return (Heading(title), *(para for line in lines for para in paragraphs(line)))


def row(*texts: str) -> tuple[Cell, ...]:
    """Labels and values in turn."""
    return tuple(Cell(text, is_head=place % 2 == 0) for place, text in enumerate(texts))


def wide_row(name: str, text: str, columns: int = 4) -> tuple[Cell, ...]:
    return (Cell(name, is_head=True), Cell(text, span=columns - 1))


def instant_in_words(at: datetime) -> str:
    """2026年10月9日24时, 2026年11月24日9时5分: midnight is written as 24时 of the day that ends."""
    if at == end_of_day(day_of(at)):
        return f"{chinese_date(day_of(at))}24时"
    local = at.astimezone(SHANGHAI)
    minute = f"{local.minute}分" if local.minute else ""
    return f"{chinese_date(local.date())}{local.hour}时{minute}"
