"""What the composers look up for many papers at once: what they ask of `Together` is read with one statement, however
many papers there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Model

from accountability.db.sql import Through, Together, rows
from accountability.gate.act import Order
from accountability.models import Category, Deadline, Employee, LedgerEntry, Matter, PersonalData, Unit
from complaints.dossier.customer import Customer, texts_of
from complaints.models import Complaint

Entries = dict[int, list[LedgerEntry]]


class Texts:
    """The sealed texts of acts and the customers they concern, each unsealed once."""

    def __init__(self, complaints: Iterable[Complaint], ids: Iterable[int | None], together: Together) -> None:
        self._intakes = {complaint.pk: complaint.intake_id for complaint in complaints}
        self._asked = together.rows(PersonalData, id={*self._intakes.values(), *ids} - {None})
        self._customers: dict[int, Customer] = {}

    @cached_property
    def _rows(self) -> dict[int, PersonalData]:
        return self._asked.by_key()

    def customer(self, complaint: Complaint) -> Customer:
        """The customer as taken in; empty for an erased one."""
        if complaint.pk not in self._customers:
            self._customers[complaint.pk] = Customer.of(texts_of(self._rows.get(self._intakes[complaint.pk] or 0)))
        return self._customers[complaint.pk]

    def masked(self, complaint: Complaint, key: int | None, name: str) -> str:
        """One text of an act, masked with what is known of the complaint's customer."""
        text = texts_of(self._rows.get(key or 0)).get(name, "")
        return self.customer(complaint).mask(text) if text else ""


def together_of(orders: Sequence[Order]) -> Together:
    """That of the acts that issue the papers; for a page its own."""
    act = orders[0].act
    return act.batch.together if act else Together()


def matter_of(order: Order) -> Matter:
    matter: Matter = order.act.matter if order.act else order.subject.matter
    return matter


def deadlines_of(order: Order) -> list[Deadline]:
    """The matter's deadlines: of the act that issues the paper, or as they are now, for a page."""
    return list(order.act.deadlines) if order.act else rows(Deadline, matter_id={order.subject.pk})


def entries_of(orders: Iterable[Order], parts: Collection[int], verbs: Collection[str]) -> Entries:
    """The entries of these rounds with these verbs by matter, oldest first: those in the database, then those of the
    present acts, which aren't saved yet.
    """
    acts = {order.subject.pk: order.act for order in orders}
    found: Entries = {pk: [] for pk in acts}
    for entry in rows(LedgerEntry, matter_id=acts if parts else (), part=parts, verb=verbs):
        found[entry.matter_id].append(entry)
    for pk, act in acts.items():
        found[pk] += [entry for entry in (act.entries if act else ()) if entry.verb in verbs]
    return found


def text_id(entry: LedgerEntry) -> int | None:
    """The key of the entry's texts. Those of the present acts are inserted before anything is composed."""
    return entry.texts.pk if entry.texts_id is None and entry.texts else entry.texts_id


def text_ids(entries: Entries) -> set[int | None]:
    return {text_id(entry) for each in entries.values() for entry in each}


class Paths:
    """The paths of the complaints' categories, by primary key."""

    def __init__(self, complaints: Iterable[Complaint], together: Together) -> None:
        wanted = {complaint.category_id for complaint in complaints} - {None}
        self._leaves = together.rows(Category, id=wanted)
        self._heads = together.rows(Category, id=Through(Category, "parent", "id", wanted))

    @cached_property
    def _known(self) -> dict[int, str]:
        leaves, heads = self._leaves(), self._heads.by_key()
        for leaf in leaves:
            leaf.parent = heads.get(leaf.parent_id)
        return {leaf.pk: leaf.path for leaf in leaves}

    def get(self, pk: int | None) -> str | None:
        return self._known.get(pk or 0)


def at_hand(thing: Model) -> Iterable[Any]:
    """The related objects that it has already loaded."""
    return [related for related in thing._state.fields_cache.values() if related is not None]


class Names:
    """Names of people and units, by primary key. Objects that an act has already loaded aren't queried again."""

    def __init__(
        self, people: Iterable[int | None], units: Iterable[int | None], together: Together, *,
        at_hand: Iterable[Any] = (), with_units: bool = False,
    ) -> None:  # fmt: skip
        at_hand = list(at_hand)
        self._people_at_hand = {thing.pk: thing for thing in at_hand if isinstance(thing, Employee)}
        self._units_at_hand = {thing.pk: thing for thing in at_hand if isinstance(thing, Unit)}
        strangers = set(people) - self._people_at_hand.keys() - {None}
        theirs = {person.unit_id for person in self._people_at_hand.values()} if with_units else set()
        self._strangers = together.rows(Employee, id=strangers)
        self._named = together.rows(Unit, id={*units, *theirs} - self._units_at_hand.keys() - {None})
        asked = strangers if with_units else ()
        self._theirs = together.rows(Unit, id=Through(Employee, "unit", "id", asked))

    @cached_property
    def _people(self) -> dict[int | None, Employee]:
        return self._people_at_hand | self._strangers.by_key()

    @cached_property
    def _units(self) -> dict[int | None, Unit]:
        return self._units_at_hand | self._named.by_key() | self._theirs.by_key()

    def person(self, pk: int | None) -> str | None:
        return str(self._people[pk]) if pk in self._people else None

    def unit_of(self, pk: int) -> int | None:
        """The key of the person's unit. Only for people looked up."""
        return self._people[pk].unit_id

    def with_unit(self, pk: int) -> str:
        """`张三（武汉分公司）`. Only for people looked up with their units."""
        unit = self.unit(self._people[pk].unit_id)
        return f"{self._people[pk]}（{unit}）" if unit else str(self._people[pk])

    def unit(self, pk: int | None) -> str | None:
        return self._units[pk].name if pk in self._units else None
