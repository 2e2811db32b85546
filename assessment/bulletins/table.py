"""A bulletin's figures as a table for a page: each number links to its rows for readers who may see all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accountability.models import Unit
from accountability.permissions import Actor
from assessment.bulletins.columns import COLUMNS, RANK, Column, percent
from assessment.bulletins.freezing import Figures, before_of, in_order, share_of
from assessment.bulletins.notes import notes
from assessment.figures.asking import address
from assessment.figures.changes import Change
from assessment.figures.periods import Period, month
from assessment.models import Bulletin

COMPARED = ("resolved", "in_time")
"""The shares that are told against those of the month before."""


@dataclass(frozen=True)
class Part:
    """A number, and the address of the list behind it; empty for a reader who would see only part of that list."""

    number: int
    url: str = ""


@dataclass(frozen=True)
class Cell:
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    change: Change | None = None


@dataclass(frozen=True)
class Row:
    unit: str
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    heads: list[Column]
    rows: list[Row]
    total: Row
    notes: list[str]


def table_of(bulletin: Bulletin, actor: Actor) -> Table:
    """The units by rank."""
    own = Unit.objects.filter(pk__in=actor.answers_for).values_list("code", flat=True)
    reader = Reader(actor, frozenset(own), month(bulletin.month.year, bulletin.month.month))
    figures: Figures = bulletin.figures
    lines = in_order(figures["lines"])
    rows = [_row(line, reader, before_of(figures, line)) for line in lines]
    total = _row(figures["total"], reader, before_of(figures, figures["total"]))
    return Table(list(COLUMNS), rows, total, [_(text) % values for text, values in notes(lines)])


@dataclass(frozen=True)
class Reader:
    """The reader, the units they answer for, and the month for the addresses."""

    actor: Actor
    own: frozenset[str]
    period: Period

    def url(self, measure: str, line: dict[str, Any], column: Column) -> str:
        """A zero leads nowhere."""
        if not line["counts"][measure] or not self.knows_all(line, column):
            return ""
        by = "unit" if line["unit"] else ""
        return address(measure, self.period, by, line["unit"])

    def knows_all(self, line: dict[str, Any], column: Column) -> bool:
        """Whether this person may see everything that a number counts; a unit's own people see all that is the
        unit's.
        """
        actor = self.actor
        everything = actor.is_marketing or actor.is_auditor if column.is_of_cases else actor.reads_every_complaint
        return everything or line["unit"] in self.own


def _row(line: dict[str, Any], reader: Reader, before: dict[str, Any] | None) -> Row:
    cells = [_cell(line, column, reader, before) for column in COLUMNS]
    return Row(line["unit"], line["name"], cells)


def _cell(line: dict[str, Any], column: Column, reader: Reader, before: dict[str, Any] | None) -> Cell:
    if column.name == RANK:
        return Cell("—" if line["rank"] is None else str(line["rank"]))
    parts = [Part(line["counts"][name], reader.url(name, line, column)) for name in column.measures]
    if not column.among:
        return Cell("", parts)
    share = share_of(line, column.name)
    change = Change.between(share, share_of(before, column.name)) if before and column.name in COMPARED else None
    return Cell(percent(share), parts, change)
