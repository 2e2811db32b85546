"""Tables of figures: the same numbers for the page (each linked to its complaints), for a file and for a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.deadlines.limits import WEEKDAYS
from assessment.charts.series import MISSING, per_cent
from assessment.figures.changes import Change
from assessment.figures.counting import Line
from assessment.figures.measures import MEASURES, WHY_NOT


@dataclass(frozen=True)
class Column:
    """A count, or a share of the measure that it is declared among."""

    measure: str
    share: Any = ""

    @property
    def label(self) -> Any:
        return self.share or MEASURES[self.measure].label

    @property
    def whole(self) -> str:
        return MEASURES[self.measure].among

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.measure, self.whole) if self.share else (self.measure,)


COLUMNS = (
    Column("received"),
    Column("resolved", gettext_lazy("解决率")),
    Column("in_time", gettext_lazy("按时处理率")),
    Column("within_30", gettext_lazy("交办及时率")),
    Column("overdue"),
    Column("returns_accepted"),
    Column("returns_rejected"),
    Column("repeat"),
    Column("escalated"),
    Column("satisfied", gettext_lazy("客户满意率")),
)
"""The rate of resolution is the one that ranks the units of a year (R53)."""

COMPARED = tuple(column for column in COLUMNS if column.measure in ("resolved", "in_time"))
"""What tells where it burns: the shares that are compared with the period before, unit by unit."""

OVER_TIME = (Column("received"), Column("overdue"), Column("repeat"), Column("satisfied"))


REASONS = (
    Column("unsatisfied", gettext_lazy("客户不满意率")),
    *(Column(measure.name) for measure in WHY_NOT if measure.name != "unsatisfied"),
)
"""How many weren't satisfied, and why (R37)."""


def names_of(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for column in columns for name in column.measures))


def behind(measure: str, first: date, last: date, where: Mapping[str, str]) -> str:
    """The address of the complaints behind a number."""
    asked = {"from": first.isoformat(), "to": last.isoformat()} | dict(where)
    return f"{reverse('figures_behind', args=[measure])}?{urlencode(asked)}"


@dataclass(frozen=True)
class Number:
    """One number of a cell, with the address of the list behind it; a zero has none."""

    value: int
    url: str = ""


@dataclass(frozen=True)
class Cell:
    """`label` is the column's, for a narrow screen. `words` is the text of a share; a count needs none."""

    label: Any
    numbers: tuple[Number, ...]
    words: str = ""
    change: Change | None = None


@dataclass(frozen=True)
class Row:
    """A line of figures and the filters for its addresses."""

    line: Line
    first: date
    last: date
    where: Mapping[str, str] = field(default_factory=dict)

    def cell(self, column: Column) -> Cell:
        numbers = tuple(self._number(name) for name in column.measures)
        if not column.share:
            return Cell(column.label, numbers)
        return Cell(column.label, numbers, self.share(column), self.change(column))

    def change(self, column: Column) -> Change | None:
        """None where the period before wasn't counted, or there is nothing to tell."""
        if column.measure not in self.line.before:
            return None
        return Change.between(self.line.share(column.measure), self.line.share_before(column.measure))

    def share(self, column: Column) -> str:
        share = self.line.share(column.measure)
        return MISSING if share is None else per_cent(share)

    def _number(self, name: str) -> Number:
        value = self.line.counts[name]
        return Number(value, behind(name, self.first, self.last, self.where) if value else "")


FEWEST = 3
"""A file doesn't break down fewer rounds than these by category or region: they might lead to a person."""


def told_in_file(number: int, *, is_narrowed: bool) -> str | int:
    """A number of one category or region at one time, for a file."""
    return f"<{FEWEST}" if is_narrowed and 0 < number < FEWEST else number


@dataclass(frozen=True)
class Table:
    """`name` is its name in addresses, `head` the heading of its first column.

    `is_narrowed`: it counts one category or region; `is_fine`: besides, it may be broken down by them.
    """

    name: str
    title: str
    head: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    is_fine: bool = False
    is_narrowed: bool = False

    @property
    def every_row(self) -> Sequence[Row]:
        return [*self.rows, self.total] if self.total else self.rows

    @property
    def for_page(self) -> Iterator[tuple[Row, list[Cell]]]:
        for row in self.every_row:
            yield row, [row.cell(column) for column in self.columns]

    @property
    def is_empty(self) -> bool:
        return not any(any(row.line.counts.values()) for row in self.rows)

    def sheet(self) -> Iterator[list[str | int]]:
        """The table for a file: sums alone. A share follows its two counts, since only counts may be added up."""
        yield [self.head, *(label for column in self.columns for label in self._labels(column))]
        for row in self._rows_of_file():
            yield [row.line.label, *(value for column in self.columns for value in self._values(column, row))]

    def _rows_of_file(self) -> Iterator[Row]:
        """Rows that count too few are one, with the next larger ones until that counts enough: a single small row would
        be told by what is left of the sum. Nothing is left where all together are too few.
        """
        if self.total is None:
            yield from self.rows
        elif not (self.is_narrowed and _is_small(self.total)):
            together = self._too_small()
            yield from (row for row in self.rows if row not in together)
            if together:
                yield replace(self.total, line=Line("", _("其他（不足%d轮的不单列）") % FEWEST, _sums(together)))
            yield self.total

    def _too_small(self) -> list[Row]:
        """What a file tells only together; nothing where the table isn't broken down finely."""
        counted = sorted((row for row in self.rows if self.is_fine and _most(row)), key=_most)
        together = [row for row in counted if _is_small(row)]
        for row in counted[len(together) :]:
            if not together or max(_sums(together).values()) >= FEWEST:
                break
            together.append(row)
        return together

    @staticmethod
    def _labels(column: Column) -> list[str]:
        return [f"{MEASURES[name].label}" for name in column.measures] + ([f"{column.share}"] if column.share else [])

    def _values(self, column: Column, row: Row) -> list[str | int]:
        hides = self.is_narrowed and self.total is None
        counts = [told_in_file(row.line.counts[name], is_narrowed=hides) for name in column.measures]
        return [*counts, row.share(column)] if column.share else counts


def _most(row: Row) -> int:
    return max(row.line.counts.values())


def _is_small(row: Row) -> bool:
    return 0 < _most(row) < FEWEST


def _sums(rows: Sequence[Row]) -> dict[str, int]:
    return {name: sum(row.line.counts[name] for row in rows) for name in rows[0].line.counts}


@dataclass(frozen=True)
class Hours:
    """How many arrived by weekday and hour. An address can't ask for an hour of the week, so no number is a link."""

    name: str
    title: str
    counts: Mapping[tuple[int, int], int] = field(default_factory=dict)
    is_narrowed: bool = False

    @property
    def cells(self) -> list[list[int]]:
        return [[self.counts.get((weekday, hour), 0) for hour in range(24)] for weekday in range(1, 8)]

    @property
    def labelled(self) -> list[tuple[str, list[int]]]:
        return [(f"{weekday}", row) for weekday, row in zip(WEEKDAYS, self.cells, strict=True)]

    @property
    def shaded(self) -> list[tuple[str, list[tuple[int, int]]]]:
        """Each number with its shade: 0 for none, else which third of the largest it is in."""
        most = max(self.counts.values(), default=0) or 1
        return [(weekday, [(number, -(-number * 3 // most)) for number in row]) for weekday, row in self.labelled]

    @property
    def hours(self) -> list[str]:
        return [f"{hour}" for hour in range(24)]

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())

    def sheet(self) -> Iterator[list[str | int]]:
        yield [_("星期"), *(_("%d时") % hour for hour in range(24))]
        for weekday, row in self.labelled:
            yield [weekday, *(told_in_file(number, is_narrowed=self.is_narrowed) for number in row)]
