"""The sections of a dashboard: by unit, category, region, over time, by hour; each with its table and charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accountability.db import replica
from accountability.permissions import Actor
from assessment.charts import Series, bars, lines
from assessment.dashboards.asked import Asked, label_of, part_of
from assessment.dashboards.tables import (
    COLUMNS,
    COMPARED,
    OVER_TIME,
    REASONS,
    Cell,
    Column,
    Hours,
    Row,
    Table,
    names_of,
)
from assessment.figures import counting
from assessment.figures.counting import Line
from assessment.figures.measures import MEASURES
from assessment.figures.periods import Period


@dataclass(frozen=True)
class Section:
    """A table, with what is shown of it on the page: small charts, one a line of figures, or one chart."""

    table: Table | Hours
    charts: Sequence[SafeString] = field(default=())
    panes: Sequence[Pane] = field(default=())
    silent: Sequence[str] = field(default=())
    """The lines that count nothing, by name."""

    before: Period | None = None
    """The period that its small charts are compared with."""

    left_out: int = 0
    """So many lines more have no small chart on the page."""


def table_named(name: str, asked: Asked, actor: Actor) -> Table | Hours | None:
    """None if there is no such table."""
    build = TABLES.get(name)
    return replica.read(lambda: build(asked, actor)) if build else None


def sections(asked: Asked, actor: Actor) -> list[Section]:
    """All tables of the page."""
    return replica.read(lambda: _sections(asked, actor))


def _sections(asked: Asked, actor: Actor) -> list[Section]:
    """What tables have in common is counted once."""
    names: dict[str, set[str]] = defaultdict(set)
    for table in GROUPED:
        names[table.key(asked)] |= set(names_of(table.columns))
    found = _counted(asked, actor, names)
    tables: list[Table | Hours] = [table.of(found[table.key(asked)], asked) for table in GROUPED]
    made = [_section(table) for table in [*tables, _trend(asked, actor), _hours(asked, actor)]]
    return [replace(made[0], before=asked.before), *made[1:]]


def _section(table: Table | Hours) -> Section:
    if isinstance(table, Hours) or table.is_empty:
        return Section(table)
    if table.name == "trend":
        return Section(table, [_over_time(table)])
    if table.columns is REASONS:
        assert table.total is not None
        return Section(table, [_of_reasons(table)] if table.total.line.counts["unsatisfied"] else [])
    silent = [row.line.label for row in table.rows if not any(row.line.counts.values())]
    told = panes(table)
    shown = told if table.name == "units" else told[:MOST_PANES]
    return Section(table, panes=shown, silent=silent, left_out=len(told) - len(shown))


# Tables


def _counted(asked: Asked, actor: Actor, names: Mapping[str, Collection[str]]) -> dict[str, list[Line]]:
    """By how they are grouped. Units alone are compared with the period before: it costs as much again."""
    return counting.figures_by(
        names, asked.period, actor, units=asked.unit_codes, narrow=asked.narrow, before=asked.before,
        compared={"unit"},
    )  # fmt: skip


@dataclass(frozen=True)
class Grouped:
    """A table with a line for each value of what it is grouped `by`, and their sum."""

    name: str
    title: Any
    head: Any
    by: str
    columns: Sequence[Column] = COLUMNS

    def __call__(self, asked: Asked, actor: Actor) -> Table:
        by = self.key(asked)
        return self.of(_counted(asked, actor, {by: names_of(self.columns)})[by], asked)

    def key(self, asked: Asked) -> str:
        """Within one head of the catalogue, its leaves."""
        return "category" if self.by == "head" and asked.filters.keys() & {"head", "category"} else self.by

    def of(self, counted: Sequence[Line], asked: Asked) -> Table:
        by, filters, period = self.key(asked), asked.filters, asked.period
        lines = [_only(line, names_of(self.columns)) for line in counted]
        found = [line for line in lines if by == "unit" or any(line.counts.values())]
        days = (period.first_day, period.last_day)
        rows = [Row(line, *days, where=filters | {by: line.key}) for line in found]
        total = Row(summed(found, self.columns), *days, where=filters) if found else None
        narrowed = bool(asked.narrow)
        told = (self.name, f"{self.title}", f"{self.head}", self.columns, rows, total)
        return Table(*told, is_fine=narrowed or by != "unit", is_narrowed=narrowed)


def _only(line: Line, names: Collection[str]) -> Line:
    counts, before = ({name: told[name] for name in names if name in told} for told in (line.counts, line.before))
    return Line(line.key, line.label, counts, before)


def summed(found: Sequence[Line], columns: Sequence[Column] = COLUMNS) -> Line:
    counts = {name: sum(line.counts[name] for line in found) for name in names_of(columns)}
    before = {name: sum(line.before[name] for line in found) for name in (found[0].before if found else ())}
    return Line("", _("合计"), counts, before)


def _trend(asked: Asked, actor: Actor) -> Table:
    period, step = asked.period, asked.by_step
    found = counting.trends(
        period, names_of(OVER_TIME), step, actor, units=asked.unit_codes, narrow=asked.narrow
    )  # fmt: skip
    rows = [
        Row(Line("", label_of(part, step), counts), *part_of(part, period), where=asked.filters)
        for part, counts in found
    ]
    head = {"day": _("日期"), "week": _("周（自周一）"), "month": _("月份")}[step]
    return Table("trend", _("趋势"), head, OVER_TIME, rows, is_narrowed=bool(asked.narrow))


def _hours(asked: Asked, actor: Actor) -> Hours:
    found = counting.heat(asked.period, "received", actor, units=asked.unit_codes, narrow=asked.narrow)
    return Hours("hours", _("收到派单的时段"), found, is_narrowed=bool(asked.narrow))


GROUPED = (
    Grouped("units", gettext_lazy("按单位"), gettext_lazy("单位"), "unit"),
    Grouped("categories", gettext_lazy("按投诉类别"), gettext_lazy("投诉类别"), "head"),
    Grouped("regions", gettext_lazy("按地区"), gettext_lazy("地区"), "region"),
    Grouped("reasons", gettext_lazy("不满意原因（按单位）"), gettext_lazy("单位"), "unit", REASONS),
    Grouped("reasons_by_category", gettext_lazy("不满意原因（按投诉类别）"), gettext_lazy("投诉类别"), "head", REASONS),
)
"""Why customers weren't satisfied (R37) is shown by unit and by category as well."""

TABLES: dict[str, Callable[[Asked, Actor], Table | Hours]] = {
    **{table.name: table for table in GROUPED}, "trend": _trend, "hours": _hours,
}  # fmt: skip


# Charts

MOST_PANES = 8
"""Small charts of categories or regions on the page, the worst; the table has all. Units are all shown."""


@dataclass(frozen=True)
class Share:
    """A share as a small chart: in per cent as an address of a drawing takes them, with its counts and its change."""

    cell: Cell
    now: str
    before: str


@dataclass(frozen=True)
class Pane:
    """One unit, category or region: what it received, how much was late, and its shares."""

    label: str
    received: Cell
    overdue: Cell
    shares: Sequence[Share]


def panes(table: Table) -> list[Pane]:
    """The worst first, by the lower of the compared shares; what has no share is last."""
    told = sorted((row for row in table.rows if any(row.line.counts.values())), key=_burns)
    return [
        Pane(
            row.line.label, row.cell(Column("received")), row.cell(Column("overdue")),
            [_share_of(row, column) for column in COMPARED],
        )
        for row in told
    ]  # fmt: skip


def _burns(row: Row) -> tuple[bool, Fraction, Fraction, int]:
    known = sorted(share for column in COMPARED if (share := row.line.share(column.measure)) is not None)
    lowest, highest = (known[0], known[-1]) if known else (Fraction(1), Fraction(1))
    return not known, lowest, highest, -row.line.counts["received"]


def _share_of(row: Row, column: Column) -> Share:
    now, before = row.line.share(column.measure), row.line.share_before(column.measure)
    return Share(row.cell(column), _length(now), _length(before))


def _length(share: Fraction | None) -> str:
    """Of a bar of 100; empty where there is no share."""
    return "" if share is None else f"{float(share) * 100:.1f}"


def _of_reasons(table: Table) -> SafeString:
    """The table's total, one bar per reason."""
    assert table.total is not None
    counts = [(f"{column.label}", table.total.line.counts[column.measure]) for column in REASONS if not column.share]
    labels, numbers = [label for label, _number in counts], [number for _label, number in counts]
    series = [Series(f"{MEASURES['unsatisfied'].label}", numbers)]
    return bars(f"{table.name}-counts", table.title, labels, series, desc=_("最长的条为其中最大的数。"))


def _over_time(table: Table) -> SafeString:
    """Days without the year, which the page shows."""
    labels = [row.line.label[5:] if len(row.line.label) > len("2026-11") else row.line.label for row in table.rows]
    series = [_counts(column, table.rows) for column in table.columns]
    return lines("trend-counts", _("%s：轮次数") % table.title, labels, series)


def _counts(column: Column, rows: Sequence[Row]) -> Series:
    return Series(f"{column.label}", [row.line.counts[column.measure] for row in rows])


# Tallies


def tallies(table: Table, late: dict[str, Any]) -> list[dict[str, Any]]:
    """The shares and counts of the whole period, for the top of the page; `late` is what is overdue now."""
    if table.total is None:
        return []
    row = table.total
    shares = {column.measure: column for column in COLUMNS if column.share}
    return [
        _share_tally(row, shares["resolved"], "check"),
        _share_tally(row, shares["in_time"], "clock"),
        _share_tally(row, shares["within_30"], "right"),
        late,
        _count_tally(row, "returns_accepted", "back", note=_("未获准 %d") % row.line.counts["returns_rejected"]),
        _count_tally(row, "repeat", "repeat"),
        _share_tally(row, shares["satisfied"], "chat"),
    ]


def _share_tally(row: Row, column: Column, icon: str) -> dict[str, Any]:
    part, whole = row.cell(column).numbers
    change = row.change(column)
    note = f"{part.value} / {whole.value}" + (f" · {change.words}" if change else "")
    return {"label": column.share, "count": row.share(column), "icon": icon, "url": whole.url, "note": note}


def _count_tally(row: Row, name: str, icon: str, note: str = "") -> dict[str, Any]:
    number = row.cell(Column(name)).numbers[0]
    return {"label": MEASURES[name].label, "count": number.value, "icon": icon, "url": number.url, "note": note}
