"""The material of the papers of cases: read once for all that are composed together, every text masked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import cached_property

from accountability.db.sql import Through, Together
from accountability.deadlines.limits import SHANGHAI, day_of, end_of_day
from accountability.documents.content import Cell, Heading, Para, chinese_date
from accountability.documents.phrases import Wording, ask_wording, wording_with
from accountability.gate.act import Act, Order
from accountability.models import Employee, Matter, PersonalData, Unit
from accountability.security.masking import mask_text
from assessment.models import Case
from complaints.documents.known import together_of
from complaints.dossier.customer import Customer, customer_of, texts_of
from complaints.models import Complaint

OPEN = ""
"""A field of a form that is filled in later."""


class Linked:
    """The complaints that cases rest on, with their customers."""

    def __init__(self, ids: Collection[int], together: Together) -> None:
        self._asked = together.rows(Complaint, matter_id=ids)
        self._matters = together.rows(Matter, id=ids)
        self._intakes = together.rows(PersonalData, id=Through(Complaint, "intake", "matter_id", ids))

    @cached_property
    def complaints(self) -> dict[int, Complaint]:
        found = self._asked.by_key()
        matters, intakes = self._matters.by_key(), self._intakes.by_key()
        for pk, complaint in found.items():
            complaint.matter, complaint.intake = matters[pk], intakes.get(complaint.intake_id)
        return found

    @cached_property
    def customers(self) -> dict[int, Customer]:
        return {pk: customer_of(complaint) for pk, complaint in self.complaints.items()}


def linked_to(cases: Iterable[Case], act: Act | None) -> Linked:
    """The complaints of these cases, to be read with what the act asks for besides, and once in it."""
    ids = {pk for case in cases for pk in case.complaint_ids}
    if act is None:
        return Linked(ids, Together())
    batch = act.batch
    found: Linked = batch.once(f"complaints {sorted(ids)}", lambda _ids: Linked(ids, batch.together))
    return found


class Material:
    """`texts` are the sealed rows that these papers quote, each as the object that refers to it and the name of its
    field; `people` are those they name, by primary key.

    It is read before the act is fully written, so a row made by the act itself is found through the object. `unread`:
    the rows in "texts" or the "people" that rows lead to which are read by the same statement.
    """

    def __init__(
        self, orders: Sequence[Order], *, texts: Iterable[tuple[Any, str]] = (), people: Iterable[int | None] = (),
        unread: Iterable[tuple[str, Through]] = (),
    ) -> None:  # fmt: skip
        self.orders = orders
        together, wanted = together_of(orders), {pk for pk in people if pk}
        self._texts = [together.rows(PersonalData, id={_key(thing, name) for thing, name in texts} - {None})]
        self._people = [together.rows(Employee, id=wanted)]
        for what, keys in unread:
            if what == "texts":
                self._texts.append(together.rows(PersonalData, id=keys))
            else:
                self._people.append(together.rows(Employee, id=keys))
        self._units = together.rows(Unit, id=Through(Employee, "unit", "id", wanted))
        first = orders[0]
        self.linked = linked_to((order.subject for order in orders), first.act)
        self._wording = ask_wording(first.act.batch) if first.act else wording_with(together, first.at)

    @cached_property
    def _rows(self) -> dict[int, PersonalData]:
        return {row.pk: row for asked in self._texts for row in asked()}

    @cached_property
    def people(self) -> dict[int, Employee]:
        found, units = {row.pk: row for asked in self._people for row in asked()}, self._units.by_key()
        for person in found.values():
            if person.unit_id in units:
                person.unit = units[person.unit_id]
        return found

    @cached_property
    def wording(self) -> Wording:
        return self._wording()

    def customers(self, case: Case) -> list[tuple[Complaint, Customer]]:
        """The linked complaints in the order in which they were named, each with its customer, to be shown masked."""
        complaints, customers = self.linked.complaints, self.linked.customers
        return [(complaints[pk], customers[pk]) for pk in case.complaint_ids if pk in complaints]

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
