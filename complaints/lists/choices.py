"""What the filters of a list offer to choose from. One statement reads the tables, each in an order of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accountability.db.sql import fetched_again, recurring
from accountability.models import Category, Employee, Region, Unit
from accountability.models.naming import in_readers_language
from accountability.permissions import Actor
from accountability.web.standing_statements import standing_statements

Choices = tuple[tuple[str, Any], ...]
Offered = dict[str, Choices]
"""By filter: values as an address writes them, and what they are called."""

MOST_KEPT = 16
"""Readings of the tables that are kept. Who reads everything is offered the same; a unit's people are another one."""


FILTERS = ("unit", "holder", "category", "region")


@dataclass
class Row:
    """`head`: the category above, by its number; 0 for none."""

    of: str
    place: int
    key: str
    name: str
    name_en: str
    head: int


def people_around(actor: Actor) -> QuerySet[Employee]:
    """Who may hold what this person sees: those of their units, and those they lead."""
    return Employee.objects.filter(Q(unit__in=actor.answers_for | actor.units) | Q(supervisor=actor.pk))


def offered(actor: Actor, at: datetime) -> Offered:
    tables = standing_statements(_tables, actor, at)
    texts = [sql for sql, _values in tables]
    every = recurring(" UNION ALL ".join(texts), texts)
    read = fetched_again((every, tuple(value for _sql, values in tables for value in values)))
    return _offered(frozenset(read), get_language())


@lru_cache(maxsize=MOST_KEPT)
def _offered(read: frozenset[tuple[Any, ...]], _language: str | None) -> Offered:
    """Of the same rows the same. They are read for each list: what is added is offered by the next one."""
    rows = sorted((Row(*row) for row in read), key=lambda row: row.place)
    heads = {row.key: row for row in rows if row.of == "category"}
    found: dict[str, list[tuple[str, Any]]] = {name: [("", _("不限"))] for name in FILTERS}
    for row in rows:
        path = [row] if not row.head else [heads[str(row.head)], row]
        found[row.of].append((row.key, "/".join(in_readers_language(each) or each.key for each in path)))
    return {name: tuple(each) for name, each in found.items()}


def _tables(actor: Actor, _at: datetime) -> list[QuerySet[Any]]:
    """The units, or for who doesn't read everything the people who may hold something; categories; regions."""
    units = _table("unit", Unit.objects.all(), "code", "name", "name_en", F("kind"), F("code"))
    people = _table("holder", people_around(actor), "username", "name", "", F("unit__code"), F("username"))
    heads_first = (F("parent_id").asc(nulls_first=True), F("pk"))
    return [
        units if actor.reads_every_complaint else people,
        _table("category", Category.objects.all(), "pk", "name", "name_en", *heads_first, head="parent_id"),
        _table("region", Region.objects.all(), "name", "name", "", F("name")),
    ]


def _table(
    of: str, rows: QuerySet[Any], key: str, name: str, name_en: str, *order: Any, head: str = ""
) -> QuerySet[Any]:
    text, number = CharField(), BigIntegerField()
    return rows.order_by().values_list(
        Value(of, text), Window(RowNumber(), order_by=order), Cast(key, text), F(name),
        F(name_en) if name_en else Value("", text), Coalesce(head, Value(0, number)) if head else Value(0, number),
    )  # fmt: skip
